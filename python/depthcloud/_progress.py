# SPDX-License-Identifier: Apache-2.0
"""A progress bar: tqdm's where it is installed, else one line on standard error."""

from __future__ import annotations

import sys
from typing import Iterator, Optional, Sequence, TypeVar

_T = TypeVar("_T")


def _lines(items: Sequence[_T]) -> Iterator[_T]:
    total, width = len(items), 0
    try:
        for done, item in enumerate(items):
            line = f"{done}/{total} {item}"[:78]
            sys.stderr.write(f"\r{line:<{width}}")
            sys.stderr.flush()
            width = len(line)
            yield item
    finally:
        sys.stderr.write("\r" + " " * width + "\r")
        sys.stderr.flush()


def tracked(items: Sequence[_T], wanted: Optional[bool]) -> Iterator[_T]:
    """The items, with a bar that shows how many are done; None: if standard error is a terminal."""
    if not (sys.stderr.isatty() if wanted is None else wanted):
        return iter(items)
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _lines(items)
    return iter(tqdm(items, unit="photo"))
