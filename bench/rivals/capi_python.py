# SPDX-License-Identifier: Apache-2.0
"""The frame of bench/capi/frame.cpp through Python's ctypes: one JSON line for the whole call and one for
what Python and C add, which is the call without the time that the library spent in its stages.
capi_python.py [--repetitions N]; the library is the one of build/."""

import argparse
import json
import os
import pathlib
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("DEPTHCLOUD_LIBRARY", str(PROJECT / "build/capi/libdepthcloud_c.so"))

import sys  # noqa: E402

sys.path.insert(0, str(PROJECT / "python"))

import numpy as np  # noqa: E402

import depthcloud  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=9)
    count = 100 * parser.parse_args().repetitions
    rgb = np.full((48, 64, 3), 128, np.uint8)
    pipeline = depthcloud.Model("constant:2").pipeline()
    whole, added = [], []
    for _ in range(count):
        start = time.perf_counter()
        frame = pipeline.process(rgb)
        arrays = frame.positions, frame.colors, frame.packet
        elapsed = 1e3 * (time.perf_counter() - start)
        whole.append(elapsed)
        added.append(elapsed - sum(frame.stage_ms.values()))
        del arrays
    print(json.dumps({"workload": "capi/frame_64x48", "contender": "python_ctypes", "ms": whole}))
    print(json.dumps({"workload": "capi/frame_64x48_added", "contender": "python_ctypes", "ms": added}))


if __name__ == "__main__":
    main()
