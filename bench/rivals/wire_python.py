# SPDX-License-Identifier: Apache-2.0
"""Packing and unpacking a cloud with Python's msgpack, as the Python server does: one JSON line a
contender. wire_python.py [--repetitions N]"""

import argparse
import datetime
import json
import time

import msgpack
import numpy as np

POINTS = 47628


def message(points, colors):
    return {
        "type": "pointcloud",
        "timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "num_points": POINTS,
        "points": points,
        "colors": colors,
    }


def measure(workload, contender, work, repetitions):
    samples = []
    work()
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        samples.append(1e3 * (time.perf_counter() - start))
    print(json.dumps({"workload": workload, "contender": contender, "ms": samples}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=9)
    repetitions = parser.parse_args().repetitions
    random = np.random.default_rng(1)
    xyz = random.standard_normal((POINTS, 3), dtype=np.float32)
    rgb = random.integers(0, 256, (POINTS, 3), dtype=np.uint8)

    def pack_bytes():
        return msgpack.packb(message(xyz.tobytes(), rgb.tobytes()), use_bin_type=True)

    def pack_lists():
        return msgpack.packb(message(xyz.tolist(), rgb.tolist()), use_bin_type=True)

    def unpack_bytes(packed):
        read = msgpack.unpackb(packed, raw=False)
        return (np.frombuffer(read["points"], np.float32).reshape(-1, 3).copy(),
                np.frombuffer(read["colors"], np.uint8).reshape(-1, 3).copy())

    def unpack_lists(packed):
        read = msgpack.unpackb(packed, raw=False)
        return np.array(read["points"], np.float32), np.array(read["colors"], np.uint8)

    as_bytes = pack_bytes()
    as_lists = pack_lists()
    measure("wire/pack_47628", "python_msgpack_tobytes", pack_bytes, repetitions)
    measure("wire/pack_47628", "python_msgpack_tolist", pack_lists, repetitions)
    measure("wire/unpack_47628", "python_msgpack_tobytes", lambda: unpack_bytes(as_bytes),
            repetitions)
    measure("wire/unpack_47628", "python_msgpack_tolist", lambda: unpack_lists(as_lists),
            repetitions)


if __name__ == "__main__":
    main()
