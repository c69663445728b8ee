#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How often a network tells the nearer of two points, on the photos of pairs.json.

    evaluate_pairs.py [--depthcloud build/bin/depthcloud] [-v] [-- --process-res 256 ...]

Each pair is [x, y, x, y] in shares of width and height, the nearer point first, marked by hand. The
photos are those of Debian packages (pairs.json names them). What follows `--` goes to
`depthcloud depth`. "not the lower one" counts the pairs whose nearer point is not lower in the
picture: who only knows that what is lower is nearer gets none of them.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def photo_path(entry):
    path = entry["photo"]
    if path.startswith("skimage:"):
        import skimage
        path = os.path.join(os.path.dirname(skimage.__file__), "data", path.removeprefix("skimage:"))
    if not os.path.exists(path):
        sys.exit(f"{path} is missing: apt-get install {entry['package']}")
    return path


def inverse_depth(program, photo, more):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "depth.npy")
        subprocess.run([program, "depth", photo, "-o", out, *more], check=True,
                       stdout=subprocess.DEVNULL)
        depth = np.load(out)
    # No depth (0) is sky: infinitely far.
    return np.where(depth > 0, 1 / np.maximum(depth, 1e-9), 0)


def at(plane, x, y):
    height, width = plane.shape
    return plane[min(int(y * height), height - 1), min(int(x * width), width - 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--depthcloud", default=ROOT / "build/bin/depthcloud", metavar="PROGRAM")
    parser.add_argument("-v", "--verbose", action="store_true", help="name what was ordered wrong")
    parser.add_argument("options", nargs="*", help="for `depthcloud depth`, after --")
    arguments = parser.parse_args()

    right, low_right, not_lower = [], [], []
    for entry in json.loads((HERE / "pairs.json").read_text()):
        photo = photo_path(entry)
        inverse = inverse_depth(arguments.depthcloud, photo, arguments.options)
        for near_x, near_y, far_x, far_y in entry["pairs"]:
            right.append(at(inverse, near_x, near_y) > at(inverse, far_x, far_y))
            low_right.append(near_y > far_y)
            if near_y <= far_y:
                not_lower.append(right[-1])
            if arguments.verbose and not right[-1]:
                print(f"wrong: {os.path.basename(photo)}: ({near_x}, {near_y}) is nearer than "
                      f"({far_x}, {far_y})")

    def share(values):
        return f"{np.mean(values):.3f} ({np.sum(values)} of {len(values)})"

    print(f"pairs in the right order       {share(right)}")
    print(f"nearer is not the lower one    {share(not_lower)}")
    print(f"by height in the picture alone {share(low_right)}")


if __name__ == "__main__":
    main()
