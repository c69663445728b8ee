#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails unless every include of a private header goes up the list of docs/architecture.md: a folder of
src may include itself and what stands before it. What is built on the library sees only public headers,
but for the trainer, which shares the built-in network."""

import pathlib
import re
import sys

# Folders of one line do not include each other.
ORDER = [["core"], ["image"], ["io"], ["depth"], ["depth/backend"], ["depth/nn"],
         ["depth/builtin", "depth/depth_anything", "depth/moge", "depth/torchscript"], ["fetch"], ["fetch/curl"], ["cloud"],
         ["wire"],
         ["video"], ["video/gstreamer"], ["pipeline"]]
RANK = {folder: rank for rank, folders in enumerate(ORDER) for folder in folders}
MAY_SEE = {"capi": [], "apps": [], "examples": [],
           "training": ["core", "io", "image", "depth", "depth/backend", "depth/nn", "depth/builtin"]}
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def includes(project, folder):
    """(file, header) of each include of a header that is not beside the file."""
    for path in sorted((project / folder).rglob("*")):
        if path.suffix in (".cpp", ".hpp", ".c", ".h") and "node_modules" not in path.parts:
            for header in INCLUDE.findall(path.read_text()):
                if not (path.parent / header).exists():
                    yield path, header


def main():
    project = pathlib.Path(sys.argv[1])
    failures = []
    for path, header in includes(project, "src"):
        user = str(path.parent.relative_to(project / "src"))
        used = str(pathlib.PurePosixPath(header).parent)
        if user not in RANK or used not in RANK:
            failures.append(f"{path}: {user if user not in RANK else used} has no place in ORDER")
        elif used != user and RANK[used] >= RANK[user]:
            failures.append(f"{path}: {user} may not include {header}")
    for folder, allowed in MAY_SEE.items():
        for path, header in includes(project, folder):
            if str(pathlib.PurePosixPath(header).parent) not in allowed:
                failures.append(f"{path}: {folder} may not include {header}")
    print("\n".join(failures) or "every include goes up the list")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
