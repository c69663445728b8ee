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


class Plane(unittest.TestCase):
    depth = np.full((3, 4), 2, np.float32)
    rgb = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)

    def cloud(self, **options):
        return depthcloud.cloud_from_depth(self.depth, self.rgb, (4, 4, 2, 1), **options)


class FromDepth(Plane):

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


class Photos(unittest.TestCase):
    def test_decode(self):
        pixels = depthcloud.decode(PHOTO)
        self.assertEqual((pixels.ndim, pixels.shape[2], pixels.dtype), (3, 3, np.uint8))
        self.assertGreater(pixels.std(), 10)
        with self.assertRaises(depthcloud.DepthcloudError):
            depthcloud.decode(b"no photo")


class Views(Plane):
    def test_merge(self):
        moved = np.eye(3, 4)
        moved[0, 3] = -1  # a camera one unit to the right of the world
        cloud = self.cloud()
        both = depthcloud.merge([cloud, cloud], [np.eye(3, 4), moved])
        np.testing.assert_allclose(both.positions[:12], cloud.positions)
        np.testing.assert_allclose(both.positions[12:], cloud.positions + [1, 0, 0])
        self.assertEqual(len(depthcloud.merge([cloud, cloud], [moved, moved], max_points=6).positions), 6)


@unittest.skipUnless(NETWORKS, "a build without LibTorch")
class FromPhoto(unittest.TestCase):
    def test_frame(self):
        frame = depthcloud.Model("constant:2").pipeline(stride=1).process(PHOTO)
        self.assertEqual(len(frame.positions), frame.depth.size)
        self.assertEqual(frame.colors.shape, frame.positions.shape)
        np.testing.assert_array_equal(frame.positions[:, 2], 2)
        self.assertIn(b"pointcloud", frame.packet.tobytes())
        self.assertEqual(set(frame.stage_ms), {"decode", "preprocess", "infer", "cloud", "pack"})
        self.assertGreater(frame.stage_ms["decode"], 0)

    def test_precisions(self):
        for precision in depthcloud.Precision:
            depthcloud.Model("constant:2", device="cpu", precision=precision)
        with self.assertRaises(depthcloud.DepthcloudError):
            depthcloud.Model("constant:2", device="cpu", precision=len(depthcloud.Precision))

    def test_pixels(self):
        pixels = np.zeros((48, 64, 3), np.uint8)
        frame = depthcloud.Model("constant:3").pipeline().process_image(pixels)
        self.assertEqual(frame.depth[0, 0], 3)

    def test_each_encoding_keeps_its_bound(self):
        model = depthcloud.Model("constant:2")
        sizes = []
        for encoding, bound in (("F32", 0), ("Q16", 1e-4), ("DEPTH", 0.01)):
            wire = {"encoding": depthcloud.Encoding[encoding], "relative_error": 0.01}
            frame = model.pipeline(wire=wire, axes=2).process(PHOTO)
            cloud = depthcloud.unpack(frame.packet.tobytes())
            off = np.abs(cloud.positions - frame.positions)
            self.assertLessEqual(off.max(), bound * 2)
            sizes.append(len(frame.packet))
        self.assertGreater(sizes[0], sizes[1])
        self.assertGreater(sizes[1], sizes[2])

    def test_depth_of_several_images(self):
        model = depthcloud.Model("constant:3", device="cpu", fov_degrees=90.0)
        photo = depthcloud.decode(PHOTO)
        maps = model.estimate([photo, photo[:100, :300]])
        self.assertEqual([depth.depth[0, 0] for depth in maps], [3, 3])
        self.assertNotEqual(maps[0].depth.shape, maps[1].depth.shape)
        fx, _, cx, _ = maps[0].intrinsics
        self.assertAlmostEqual(fx, maps[0].depth.shape[1] / 2)
        self.assertTrue(maps[0].is_metric and maps[0].extrinsics is None)
        self.assertEqual(maps[1].resized(300, 100).depth.shape, (100, 300))
        cloud = maps[0].cloud(photo, stride=2)
        self.assertTrue(np.all(cloud.positions[:, 2] == 3))
        self.assertEqual(model.estimate([]), [])
        with self.assertRaises(depthcloud.DepthcloudError):
            model.estimate_views([photo])

    def test_bad_photo(self):
        with self.assertRaises(depthcloud.DepthcloudError):
            depthcloud.Model("constant").pipeline().process(b"no photo")


class Library(unittest.TestCase):
    def test_version(self):
        self.assertRegex(depthcloud.version(), r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
