# SPDX-License-Identifier: Apache-2.0
"""Idle threads of OpenMP, before NumPy or anything else loads it. Imports nothing that does."""

from __future__ import annotations

import ctypes
import os


def _is_loaded(library: str) -> bool:
    try:
        ctypes.CDLL(library, mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
    except (AttributeError, OSError):  # AttributeError: a system without RTLD_NOLOAD
        return False
    return True


def let_idle_threads_sleep(openmp: str = "libgomp.so.1") -> None:
    """Sets what the library sets (src/core/idle_threads.cpp), unless the user did, or it comes too late: OpenMP reads
    it when it is loaded, and NumPy loads it on many systems."""
    if "GOMP_SPINCOUNT" not in os.environ and "OMP_WAIT_POLICY" not in os.environ and not _is_loaded(openmp):
        os.environ["GOMP_SPINCOUNT"] = "10000"


let_idle_threads_sleep()
