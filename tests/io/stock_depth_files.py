# SPDX-License-Identifier: Apache-2.0
"""Depth files against NumPy and Pillow, both ways: stock_depth_files.py DEPTH_FILE_TOOL"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy as np
    from PIL import Image
except ImportError as error:
    print(f"skipped: {error} (apt-get install python3-numpy python3-pil)")
    sys.exit(77)

TOOL = sys.argv.pop(1)
WIDTH, HEIGHT = 37, 23


def read(path, scale=1.0):
    out = subprocess.run([TOOL, "read", path, str(scale)], stdout=subprocess.PIPE, check=True,
                         timeout=60).stdout
    height, width = np.frombuffer(out, "<i4", 2)
    return np.frombuffer(out, "<f4", offset=8).reshape(height, width)


class StockDepthFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.depth = np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)

    def test_reads_what_numpy_writes(self):
        path = self.folder / "depth.npy"
        for dtype in ["<f4", ">f4", "<f8", ">f8", "<u2", ">u2"]:
            for order in "CF":
                with self.subTest(dtype=dtype, order=order):
                    np.save(path, np.array(self.depth, dtype=dtype, order=order))
                    np.testing.assert_array_equal(read(path), self.depth)
        for version in [(1, 0), (2, 0), (3, 0)]:
            with self.subTest(version=version), open(path, "wb") as file:
                np.lib.format.write_array(file, self.depth.astype("<f4"), version=version)
                file.flush()
                np.testing.assert_array_equal(read(path, 2.0), 2 * self.depth)

    def test_reads_what_pillow_writes(self):
        path = self.folder / "depth.png"
        Image.fromarray((self.depth * 75).astype("<u2")).save(path)
        np.testing.assert_array_equal(read(path), (self.depth * 75).astype("<u2"))

    def test_others_read_what_it_writes(self):
        out = self.folder / "out"
        subprocess.run([TOOL, "write", out], check=True, timeout=60)
        np.testing.assert_array_equal(np.load(f"{out}.npy"), 0.125 * self.depth)
        self.assertEqual(np.load(f"{out}.npy").dtype, np.dtype("<f4"))

        kind, size, scale, data = pathlib.Path(f"{out}.pfm").read_bytes().split(b"\n", 3)
        self.assertEqual((kind, size, scale), (b"Pf", b"37 23", b"-1.0"))
        rows = np.frombuffer(data, "<f4").reshape(HEIGHT, WIDTH)[::-1]
        np.testing.assert_array_equal(rows, 0.125 * self.depth)

        millimetres = np.minimum(125 * self.depth, 65535)
        np.testing.assert_array_equal(np.array(Image.open(f"{out}.16.png")), millimetres)

        rows = (np.arange((4 * WIDTH + 5) * HEIGHT) * 7 % 256).reshape(HEIGHT, -1)
        for name, channels in {"rgb": 3, "bgr": 3, "rgba": 4, "bgra": 4, "gray": 1}.items():
            with self.subTest(format=name):
                expected = rows[:, :WIDTH * channels].reshape(HEIGHT, WIDTH, channels)
                if name.startswith("bgr"):
                    expected = expected[:, :, [2, 1, 0, 3][:channels]]
                image = np.array(Image.open(f"{out}.{name}.png"))
                np.testing.assert_array_equal(image.reshape(expected.shape), expected)


if __name__ == "__main__":
    unittest.main()
