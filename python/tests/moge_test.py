# SPDX-License-Identifier: Apache-2.0
"""MoGe-2 with normals: a small checkpoint of tests/golden. moge_test.py [--networks]; 77: there are none."""

import shutil
import sys

from case import PROJECT, Case, main, np

import depthcloud
from depthcloud import CloudOptions, ModelOptions

if "--networks" not in sys.argv:
    print("skipped: this build has no networks")
    sys.exit(77)
sys.argv.remove("--networks")


class Moge(Case):
    def setUp(self):
        self.model = self.folder()
        golden = PROJECT / "tests/golden"
        shutil.copy(golden / "moge2_micro.weights.safetensors", self.model / "model.safetensors")
        shutil.copy(golden / "moge2_micro.config.json", self.model / "config.json")
        v, u = np.mgrid[:42, :56]
        self.image = np.dstack([4 * u, 5 * v, 2 * (u + v)]).astype(np.uint8)

    def load(self, **options):
        return depthcloud.Model(str(self.model), ModelOptions(device="cpu", **options))

    def test_normals(self):
        model = self.load(tokens=12, normals=True)
        self.assertEqual((model.info.tokens, model.info.has_normals, model.info.is_metric), (12, True, True))
        depth, = model.estimate([self.image])
        self.assertEqual((depth.normals.shape, depth.normals.dtype), ((42, 56, 3), np.float32))
        valid = depth.depth > 0
        np.testing.assert_allclose(np.linalg.norm(depth.normals, axis=-1)[valid], 1, atol=1e-5)
        self.assertTrue((depth.normals[~valid] == 0).all())
        self.assertIsNone(self.load(tokens=12).estimate([self.image])[0].normals)

        cloud = depth.cloud(self.image, CloudOptions(normals=True, axes="opengl"))
        np.testing.assert_array_equal(cloud.normals, depth.normals[valid] * np.float32([1, -1, -1]))
        self.assertIsNone(depth.cloud(self.image).normals)
        cloud.write(self.model / "a.ply")
        np.testing.assert_array_equal(depthcloud.read_cloud(self.model / "a.ply").normals, cloud.normals)

    def test_resolution(self):
        self.assertEqual(self.load().info.tokens, 8)  # the CPU's default, level 0
        self.assertEqual(self.load(resolution_level=0).info.tokens, 8)
        self.assertEqual(self.load(resolution_level=9).info.tokens, 15)


if __name__ == "__main__":
    main()
