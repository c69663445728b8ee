#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Depth Anything 3 small on one view of 504 x 378 in PyTorch, as its authors compute it, with random
weights: tests/depth/depth_anything/reference.py on all cores, and how long it takes to load.

depth_anything_python.py [--repetitions N]

Prints one JSON line for each workload; a package that is missing is named on stderr.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/depth/depth_anything"))


def timed(work, repetitions):
    work()
    milliseconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        milliseconds.append((time.perf_counter() - start) * 1e3)
    return milliseconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=9)
    repetitions = parser.parse_args().repetitions
    try:
        import torch

        import reference
        import make_checkpoint
    except ImportError as missing:
        print(f"left out: {missing}", file=sys.stderr)
        return
    torch.set_num_threads(os.cpu_count())
    with tempfile.TemporaryDirectory() as folder:
        make_checkpoint.write_checkpoint("da3-small", pathlib.Path(folder))
        weights = pathlib.Path(folder) / "model.safetensors"
        load = timed(lambda: reference.Network(weights), repetitions)
        network = reference.Network(weights)
    image = torch.rand(1, 3, 378, 504) * 4 - 2
    forward = timed(lambda: network(image), repetitions)
    for workload, ms in (("da3_small_load", load), ("da3_small_504x378", forward)):
        print(json.dumps({"workload": f"depth_anything/{workload}", "contender": "pytorch", "ms": ms}))


if __name__ == "__main__":
    main()
