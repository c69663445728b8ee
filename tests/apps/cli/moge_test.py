# SPDX-License-Identifier: Apache-2.0
"""`depthcloud` with the micro checkpoints of MoGe-2 in tests/golden."""

import json
import os
import pathlib
import shutil
import unittest

import numpy as np

from cli_case import CliCase, needs_torch, read_ply, write_png

GOLDEN = pathlib.Path(os.environ["DEPTHCLOUD_GOLDEN"])


def golden(name):
    """The tensors of a file of safetensors."""
    data = (GOLDEN / name).read_bytes()
    size = int.from_bytes(data[:8], "little")
    kinds = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U8": "u1", "BOOL": "?"}
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {key: np.frombuffer(data[8 + size:][slice(*entry["data_offsets"])],
                               kinds[entry["dtype"]]).reshape(entry["shape"])
            for key, entry in header.items()}


@needs_torch
class Moge(CliCase):
    @classmethod
    def setUpClass(cls):
        cls.reference = golden("moge2_micro.io.safetensors")

    def setUp(self):
        super().setUp()
        for name in ("moge2_micro", "moge2_micro_nonormal"):
            folder = self.dir / name
            folder.mkdir()
            shutil.copy(GOLDEN / f"{name}.weights.safetensors", folder / "model.safetensors")
            shutil.copy(GOLDEN / f"{name}.config.json", folder / "config.json")
        write_png(self.dir / "land.png", self.reference["land_42x56/image_u8"])

    def expected(self, name):
        return self.reference["land_42x56/" + name]

    def test_depth_and_normals_of_the_reference(self):
        self.run_ok("depth", "land.png", "--model", "moge2_micro", "--tokens", "12", "-o", "d.npy",
                    "--normals-out", "n.npy", "--json", "d.json")
        depth, normals = np.load(self.dir / "d.npy"), np.load(self.dir / "n.npy")
        self.assertEqual((depth.shape, normals.shape), ((42, 56), (42, 56, 3)))
        self.assertEqual(normals.dtype, np.float32)
        mask = self.expected("auto.mask")
        np.testing.assert_array_equal(depth > 0, mask)
        np.testing.assert_allclose(depth[mask], self.expected("auto.depth")[mask], rtol=3e-4)
        cosine = (normals * self.expected("auto.normal")).sum(-1)[mask]
        self.assertLess(np.degrees(np.arccos(np.clip(cosine, -1, 1))).max(), 0.2)
        self.assertTrue((normals[~mask] == 0).all())
        report = json.loads((self.dir / "d.json").read_text())
        self.assertIs(report["is_metric"], True)
        self.assertEqual(report["intrinsics_source"], "model")
        self.assertAlmostEqual(report["fx"] / 56 / self.expected("auto.intrinsics")[0, 0], 1, delta=3e-4)
        self.assertEqual((report["cx"], report["cy"]), (27.5, 20.5))

    def test_a_cloud_with_normals(self):
        self.run_ok("cloud", "land.png", "--model", "moge2_micro", "--tokens", "12", "--normals", "--axes",
                    "opencv", "-o", "a.ply")
        header, body = (self.dir / "a.ply").read_bytes().split(b"end_header\n", 1)
        self.assertIn(b"property float nz\nproperty uchar red", header)
        points = np.frombuffer(body, [("xyz", "<f4", 3), ("n", "<f4", 3), ("rgb", "u1", 3)])
        mask = self.expected("auto.mask")
        np.testing.assert_allclose(points["xyz"], self.expected("auto.points")[mask], atol=1e-3)
        np.testing.assert_allclose(points["n"], self.expected("auto.normal")[mask], atol=1e-3)
        self.run_ok("cloud", "land.png", "--model", "moge2_micro", "--tokens", "12", "-o", "b.ply")
        plain, _ = read_ply(self.dir / "b.ply")
        np.testing.assert_array_equal(plain, points["xyz"])

    def test_a_known_field_of_view_steers_it(self):
        fov = float(self.expected("fov.fov_x"))
        mask = self.expected("fov.mask")
        self.run_ok("depth", "land.png", "--model", "moge2_micro", "--tokens", "12", "--fov", fov, "-o", "d.npy")
        depth = np.load(self.dir / "d.npy")
        np.testing.assert_allclose(depth[mask], self.expected("fov.depth")[mask], rtol=3e-4)

    def test_tokens_and_levels(self):
        def depth(*flags):
            self.run_ok("depth", "land.png", "--model", "moge2_micro", "-o", "d.npy", *flags)
            return np.load(self.dir / "d.npy")
        lowest = depth()
        np.testing.assert_array_equal(depth("--resolution-level", "0"), lowest)
        highest = depth("--resolution-level", "9")
        self.assertFalse((highest == lowest).all())
        np.testing.assert_array_equal(depth("--tokens", "15"), highest)
        for flags in (("--tokens", "8", "--resolution-level", "1"), ("--tokens", "8", "--process-res", "56")):
            self.assertIn("excludes", self.run_fails(2, "depth", "land.png", "-o", "d.npy", *flags))
        self.run_fails(2, "depth", "land.png", "-o", "d.npy", "--resolution-level", "10")
        self.assertEqual(self.run_noted("depth", "land.png", "-o", "d.npy", "--tokens", "8"),
                         ["--tokens has no effect: builtin is not MoGe"])

    def test_normals_of_a_model_that_has_none(self):
        for command in (("depth", "land.png", "--normals-out", "n.npy", "-o", "d.npy"),
                        ("cloud", "land.png", "--normals", "-o", "a.ply")):
            error = self.run_fails(1, *command, "--model", "moge2_micro_nonormal")
            self.assertIn("computes no normals", error)
        self.assertEqual(self.run_noted("cloud", "land.png", "--model", "moge2_micro", "--normals", "-o", "a.msgpack"),
                         ["--normals has no effect: a .msgpack has no normals"])
        self.assertIn("--normals are those of a network",
                      self.run_fails(2, "cloud", "--depth", "depth.npy", "--normals", "-o", "a.ply"))

    def test_info(self):
        info = json.loads(self.run_ok("info", "--model", "moge2_micro", "--json"))["model"]
        self.assertEqual((info["backend"], info["tokens"], info["normals"], info["metric"]),
                         ("moge", 8, True, True))
        self.assertIn("MoGe-2: ViT of 3 blocks x 32", info["architecture"])
        text = self.run_ok("info", "--model", "moge2_micro_nonormal")
        self.assertIn("tokens 9", text)
        self.assertRegex(text, r"normals +none")


if __name__ == "__main__":
    unittest.main()
