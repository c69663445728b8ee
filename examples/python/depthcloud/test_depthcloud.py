# SPDX-License-Identifier: Apache-2.0
"""The Python package against the library of DEPTHCLOUD_LIBRARY; 77: NumPy is missing.
test_depthcloud.py PHOTO.jpg [--networks]"""

import gc
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
try:
    import numpy as np
except ImportError:
    print("skipped: python3-numpy is missing")
    sys.exit(77)
import depthcloud

PHOTO = pathlib.Path(sys.argv[1]).read_bytes()
NETWORKS = "--networks" in sys.argv


class FromDepth(unittest.TestCase):
    depth = np.full((3, 4), 2, np.float32)
    rgb = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)

    def cloud(self, **options):
        return depthcloud.cloud_from_depth(self.depth, self.rgb, (4, 4, 2, 1), **options)

    def test_points(self):
        cloud = self.cloud()
        np.testing.assert_allclose(cloud.positions[0], [-1, -0.5, 2])
        np.testing.assert_array_equal(cloud.colors, self.rgb.reshape(-1, 3))

    def test_options(self):
        self.assertEqual(self.cloud(stride=2).positions.shape, (4, 3))
        self.assertEqual(self.cloud(min_depth=3.0).positions.shape, (0, 3))

    def test_views_are_the_same_memory_and_outlive_their_cloud(self):
        cloud = self.cloud()
        positions, again = cloud.positions, cloud.positions
        self.assertTrue(np.shares_memory(positions, again))
        self.assertFalse(positions.flags.owndata or positions.flags.writeable)
        del cloud, again
        gc.collect()
        np.testing.assert_allclose(positions[:, 2], 2)

    def test_strided_rows(self):
        wide = np.zeros((3, 8, 3), np.uint8)
        wide[:, :4] = self.rgb
        cloud = depthcloud.cloud_from_depth(self.depth, wide[:, :4], (4, 4, 2, 1))
        np.testing.assert_array_equal(cloud.colors, self.rgb.reshape(-1, 3))

    def test_errors(self):
        with self.assertRaises(ValueError):
            depthcloud.cloud_from_depth(self.depth, self.rgb.astype(np.float32), (4, 4, 2, 1))
        with self.assertRaisesRegex(depthcloud.DepthcloudError, "stride") as caught:
            self.cloud(stride=-1)
        self.assertEqual(caught.exception.status, -1)

    def test_ply(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "cloud.ply")
            self.cloud().write_ply(path)
            self.assertIn(b"element vertex 12", path.read_bytes())


@unittest.skipUnless(NETWORKS, "a build without LibTorch")
class FromPhoto(unittest.TestCase):
    def test_frame(self):
        frame = depthcloud.Model("constant:2").pipeline(stride=1).process(PHOTO)
        self.assertEqual(len(frame.positions), frame.depth.size)
        self.assertEqual(frame.colors.shape, frame.positions.shape)
        np.testing.assert_array_equal(frame.positions[:, 2], 2)
        self.assertIn(b"pointcloud", frame.packet.tobytes())

    def test_pixels(self):
        pixels = np.zeros((48, 64, 3), np.uint8)
        frame = depthcloud.Model("constant:3").pipeline().process_image(pixels)
        self.assertEqual(frame.depth[0, 0], 3)

    def test_bad_photo(self):
        with self.assertRaises(depthcloud.DepthcloudError):
            depthcloud.Model("constant").pipeline().process(b"no photo")


class Library(unittest.TestCase):
    def test_version(self):
        self.assertRegex(depthcloud.version(), r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
