#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""MoGe-2 small on one photo of 640 x 480 in PyTorch, as its authors compute it, with random weights:
tests/depth/moge/moge_reference.py on all cores, without normals.

moge_python.py [--repetitions N]

Prints one JSON line for each workload; a package that is missing is named on stderr.
"""

import argparse
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/depth/moge"))

TOKENS = (1200, 3600)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=9, help="at most 2: a pass takes seconds")
    parser.add_argument("--tokens", type=int, nargs="*", default=TOKENS)
    arguments = parser.parse_args()
    try:
        import numpy as np
        import torch

        import make_moge
        import moge_reference
    except ImportError as missing:
        print(f"left out: {missing}", file=sys.stderr)
        return
    torch.set_num_threads(os.cpu_count())
    network = moge_reference.Network(*make_moge.make_tensors("moge2-vits-normal"))
    photo = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    for tokens in arguments.tokens:
        network(photo, tokens, with_normals=False)
        milliseconds = []
        for _ in range(min(arguments.repetitions, 2)):
            start = time.perf_counter()
            network(photo, tokens, with_normals=False)
            milliseconds.append((time.perf_counter() - start) * 1e3)
        print(json.dumps({"workload": f"moge/vits_640x480_{tokens}_tokens", "contender": "pytorch_eager",
                          "ms": milliseconds}))


if __name__ == "__main__":
    main()
