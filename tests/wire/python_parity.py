# SPDX-License-Identifier: Apache-2.0
"""pack() and unpack() against the stock msgpack package: python_parity.py WIRE_TOOL"""

import struct
import subprocess
import sys
import unittest

try:
    import msgpack
except ImportError:
    print("skipped: no msgpack package for this Python (apt-get install python3-msgpack)")
    sys.exit(77)

TOOL = sys.argv.pop(1)
STAGES = ["decode", "preprocess", "infer", "cloud", "pack"]


def run(arguments, data):
    return subprocess.run([TOOL, *map(str, arguments)], input=data, stdout=subprocess.PIPE,
                          check=True, timeout=60).stdout


def cloud(count):
    xyz = [0.25 * i - 100.0 for i in range(3 * count)]
    rgb = bytes(i * 7 % 256 for i in range(3 * count))
    return xyz, rgb


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


def message(xyz, rgb, **more):
    return {"type": "pointcloud", "timestamp": "2026-11-05T03:00:00.000042+00:00",
            "num_points": len(rgb) // 3, "points": floats(xyz), "colors": rgb, **more}


class PythonParity(unittest.TestCase):
    def check(self, count, axes="v1", num_views=0, frame_id="-", capture_ts="-", stages="-"):
        xyz, rgb = cloud(count)
        more = {}
        if num_views > 0:
            more["num_views"] = num_views
        if frame_id != "-":
            more["frame_id"] = frame_id
        if capture_ts != "-":
            more["capture_ts"] = capture_ts
        if stages != "-":
            more["stage_ms"] = {name: stages * i for i, name in enumerate(STAGES)}
        packed = run(["pack", axes, num_views, frame_id, capture_ts, stages], floats(xyz) + rgb)
        flips = {"v1": (1, 1, 1), "opencv": (1, -1, 1), "opengl": (1, 1, -1)}[axes]
        turned = [value * flips[i % 3] for i, value in enumerate(xyz)]
        expected = message(turned, rgb, **more)
        self.assertEqual(packed, msgpack.packb(expected, use_bin_type=True))
        read = msgpack.unpackb(packed, raw=False)
        self.assertEqual(read, expected)
        self.assertEqual(list(read), list(expected))

    def test_sizes_on_both_sides_of_each_msgpack_header(self):
        for count in [0, 1, 21, 22, 85, 86, 127, 128, 255, 256, 5461, 5462, 21845, 21846, 65536]:
            with self.subTest(count=count):
                self.check(count)

    def test_axes(self):
        for axes in ["opencv", "opengl"]:
            with self.subTest(axes=axes):
                self.check(1000, axes=axes)

    def test_optional_keys(self):
        for frame_id in [0, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**64 - 1]:
            self.check(1, frame_id=frame_id)
        for capture_ts in [0.0, 2.0, -3.0, 1769860800.125, 1e300]:
            self.check(1, capture_ts=capture_ts)
        for num_views in [1, 127, 128, 70000]:
            self.check(1, num_views=num_views)
        self.check(1, stages=1.0)
        self.check(2, num_views=2, frame_id=9, capture_ts=1.5, stages=0.1)

    def test_unpack_reads_what_python_writes(self):
        xyz, rgb = cloud(300)
        more = {"unknown": [1, {"a": None}], "num_views": 4, "frame_id": 2**40, "capture_ts": 3,
                "stage_ms": {"infer": 12.5, "later": "x"}}
        packed = msgpack.packb(message(xyz, rgb, **more), use_bin_type=True)
        expected = floats(xyz) + rgb + b"2026-11-05T03:00:00.000042+00:00 4 1099511627776 3 12.5"
        self.assertEqual(run(["unpack"], packed), expected)


if __name__ == "__main__":
    unittest.main()
