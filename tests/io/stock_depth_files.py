# SPDX-License-Identifier: Apache-2.0
"""Depth files against NumPy, Pillow, tifffile and OpenCV, both ways: stock_depth_files.py DEPTH_FILE_TOOL"""

import os
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

try:
    import tifffile
except ImportError:
    tifffile = None
try:
    os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"
    import cv2
except ImportError:
    cv2 = None

TOOL = sys.argv.pop(1)
WIDTH, HEIGHT = 37, 23


def read(path, scale=1.0, array=""):
    done = subprocess.run([TOOL, "read", path, str(scale), array], stdout=subprocess.PIPE,
                          check=False, timeout=60)
    if done.returncode == 3:
        raise unittest.SkipTest("this build lacks the library")
    assert done.returncode == 0
    out = done.stdout
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
        for dtype in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<u2", ">u2", "<i2", ">i2", "<u4", ">i4",
                      "<u8", "<i8"]:
            for order in "CF":
                with self.subTest(dtype=dtype, order=order):
                    np.save(path, np.array(self.depth, dtype=dtype, order=order))
                    np.testing.assert_array_equal(read(path), self.depth)
        for version in [(1, 0), (2, 0), (3, 0)]:
            with self.subTest(version=version), open(path, "wb") as file:
                np.lib.format.write_array(file, self.depth.astype("<f4"), version=version)
                file.flush()
                np.testing.assert_array_equal(read(path, 2.0), 2 * self.depth)

    def test_reads_archives_of_numpy(self):
        path = self.folder / "depth.npz"
        for save in (np.savez, np.savez_compressed):
            with self.subTest(save=save.__name__):
                save(path, self.depth.astype("<f4"))
                np.testing.assert_array_equal(read(path), self.depth)
                save(path, depth=self.depth.astype("<f2")[None], intrinsics=np.eye(3),
                     other=-self.depth)
                np.testing.assert_array_equal(read(path), self.depth)
                np.testing.assert_array_equal(read(path, 1, "other"), -self.depth)

    def test_reads_what_pillow_writes(self):
        depth = (self.depth * 75).astype("<u2")
        path = self.folder / "depth.png"
        Image.fromarray(depth).save(path)
        np.testing.assert_array_equal(read(path), depth)
        gray = (self.depth % 256).astype("u1")
        for name in ("gray.png", "gray.pgm", "gray.tiff"):
            with self.subTest(name=name):
                Image.fromarray(gray).save(self.folder / name)
                np.testing.assert_array_equal(read(self.folder / name), gray)

    def test_reads_tiff_of_pillow(self):
        path = self.folder / "depth.tiff"
        for dtype in ("<u2", "<i4", "<f4"):
            for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
                with self.subTest(dtype=dtype, compression=compression):
                    depth = (self.depth * 3).astype(dtype)
                    Image.fromarray(depth).save(path, compression=compression)
                    np.testing.assert_array_equal(read(path), depth)

    def test_says_what_is_wrong_with_a_tiff(self):
        path = self.folder / "depth.tiff"
        Image.fromarray(self.depth.astype("<f4")).save(path)
        data = path.read_bytes()
        if b"II*\0" != data[:4] or int.from_bytes(data[4:8], "little") != 8:
            self.skipTest("Pillow writes the directory elsewhere")
        sample_format = data.index((339).to_bytes(2, "little")) + 8
        for damaged, words in ((data[:-200], "TIFF: 'truncated"),
                               (data[:sample_format] + b"\x09" + data[sample_format + 1:], "TIFF: 'Bad value 9")):
            path.write_bytes(damaged)
            done = subprocess.run([TOOL, "read", path, "1"], capture_output=True, text=True, check=False,
                                  timeout=60)
            if done.returncode == 3:
                self.skipTest("this build lacks the library")
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
            self.assertNotIn("scanline", done.stderr)

    @unittest.skipIf(tifffile is None, "apt-get install python3-tifffile")
    def test_reads_tiff_of_tifffile(self):
        path = self.folder / "depth.tiff"
        for dtype in ("u1", "u2", "u4", "i2", "i4", "i8", "f2", "f4", "f8"):
            for order in "<>":
                for options in ({}, {"bigtiff": True}, {"tile": (16, 32)}):
                    with self.subTest(dtype=dtype, order=order, options=options):
                        depth = (self.depth % 250).astype(dtype)
                        tifffile.imwrite(path, depth, byteorder=order, **options)
                        np.testing.assert_array_equal(read(path), depth)

    @unittest.skipIf(cv2 is None, "apt-get install python3-opencv")
    def test_reads_exr_of_opencv(self):
        path = self.folder / "depth.exr"
        depth = (0.125 * self.depth).astype("f4")
        for kind in (cv2.IMWRITE_EXR_TYPE_FLOAT, cv2.IMWRITE_EXR_TYPE_HALF):
            with self.subTest(kind=kind):
                cv2.imwrite(str(path), depth, [cv2.IMWRITE_EXR_TYPE, kind])
                np.testing.assert_array_equal(read(path), depth)
        cv2.imwrite(str(path), np.dstack([depth, 2 * depth, 3 * depth]))
        np.testing.assert_array_equal(read(path, 1, "R"), 3 * depth)

    @unittest.skipIf(cv2 is None, "apt-get install python3-opencv")
    def test_exr_is_read_in_its_display_window(self):
        path = self.folder / "depth.exr"
        depth = (1 + self.depth).astype("f4")
        cv2.imwrite(str(path), depth)
        data = path.read_bytes()
        at = data.index(b"displayWindow\0box2i\0") + len(b"displayWindow\0box2i\0") + 4
        for left, top, right, bottom in ((-3, -2, WIDTH, HEIGHT), (2, 1, WIDTH - 4, HEIGHT - 3),
                                         (-5, 4, 9, HEIGHT + 6), (WIDTH, 0, WIDTH + 3, 3)):
            with self.subTest(display=(left, top, right, bottom)):
                window = np.array([left, top, right, bottom], "<i4").tobytes()
                path.write_bytes(data[:at] + window + data[at + 16:])
                v, u = np.mgrid[top:bottom + 1, left:right + 1]
                inside = (v >= 0) & (v < HEIGHT) & (u >= 0) & (u < WIDTH)
                expected = np.where(inside, depth[v.clip(0, HEIGHT - 1), u.clip(0, WIDTH - 1)], 0)
                np.testing.assert_array_equal(read(path), expected)

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
