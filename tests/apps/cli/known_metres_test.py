# SPDX-License-Identifier: Apache-2.0
"""`--known-depth`: metres from a few known depths."""

import json

import numpy as np

from cli_case import CliCase, read_ply, write_png


class KnownMetres(CliCase):
    def setUp(self):
        super().setUp()
        # Depth of a network without a unit, and what it should be: 2.5 times as far.
        self.relative = 1 + np.arange(48).reshape(6, 8) / 20
        np.save(self.dir / "depth.npy", self.relative.astype(np.float32))

    def text(self, text, name="known.csv"):
        (self.dir / name).write_text(text)
        return name

    def points(self, metres):
        """Every third pixel of the photo with its metres."""
        return "".join(f"{u},{v},{metres[v, u]}\n" for v in range(6) for u in range(0, 8, 3))

    def z(self, known, *flags):
        """Depth of the cloud, and what was said."""
        out = self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "--known-depth", known, "-o", "out.ply", *flags)
        return read_ply(self.dir / "out.ply")[0][:, 2], out

    def report(self, known, *flags):
        """JSON of `depth` of a plane at 2 m."""
        self.run_ok("depth", "photo.png", "--model", "constant:2", "--known-depth", known, "-o", "out.npy",
                    "--json", "out.json", *flags)
        return json.loads((self.dir / "out.json").read_text())

    def refused(self, code, *flags):
        line = self.run_fails(code, "depth", "photo.png", "--model", "constant:2", "-o", "out.npy", *flags)
        self.assertNotIn("out.npy", self.names())
        return line

    def test_points_scale_the_cloud(self):
        z, out = self.z(self.text("x,y,metres\n# a comment\n\n" + self.points(2.5 * self.relative)))
        np.testing.assert_allclose(z, 2.5 * self.relative.ravel(), rtol=1e-5)
        self.assertRegex(out, r"photo.png: metres by scale 2\.5, 18 of 18 known depths agree")

    def test_words_stand_between_anything(self):
        for line in ("0 0 2.5", "0;0;2.5", "\t0\t0\t2.5\r", "  0 ,  0 , 2.5  ", "\ufeff0,0,25e-1"):
            z, _ = self.z(self.text(line + "\n"))
            np.testing.assert_allclose(z[0], 2.5, rtol=1e-6)

    def test_each_model(self):
        truth = 2 * self.relative + 1
        z, _ = self.z(self.text(self.points(truth)), "--scale-model", "depth")
        np.testing.assert_allclose(z, truth.ravel(), rtol=1e-5)
        truth = 1 / (0.5 / self.relative + 0.1)
        z, _ = self.z(self.text(self.points(truth)), "--scale-model", "inverse-depth")
        np.testing.assert_allclose(z, truth.ravel(), rtol=1e-5)

    def test_a_depth_image_of_any_size(self):
        sparse = np.zeros((12, 16))
        sparse[::4, ::4] = np.repeat(np.repeat(2.5 * self.relative, 2, 0), 2, 1)[::4, ::4]
        np.save(self.dir / "sparse.npy", sparse.astype(np.float32))
        z, _ = self.z("sparse.npy")
        np.testing.assert_allclose(z, 2.5 * self.relative.ravel(), rtol=1e-5)
        write_png(self.dir / "sparse.png", np.round(1000 * sparse))
        np.testing.assert_allclose(self.z("sparse.png")[0], 2.5 * self.relative.ravel(), rtol=1e-3)
        write_png(self.dir / "sparse.png", np.round(256 * sparse))
        np.testing.assert_allclose(self.z("sparse.png", "--known-depth-scale", 1 / 256)[0],
                                   2.5 * self.relative.ravel(), rtol=1e-2)
        np.save(self.dir / "other.npy", np.ones((4, 20), np.float32))
        self.assertRegex(self.refused(1, "--known-depth", "other.npy"), "other.npy: .* differ in shape")

    def test_json_says_where_metres_are_from(self):
        report = self.report(self.text("0,0,5\n7,5,5.1\n3,3,77\n"))
        self.assertEqual((report["is_metric"], report["metres_from"]), (True, "known_depth"))
        fit = report["scale_fit"]
        self.assertEqual((fit["model"], fit["shift"], fit["points"], fit["inliers"]), ("scale", 0, 3, 2))
        self.assertAlmostEqual(fit["scale"], 2.525, places=2)
        np.testing.assert_allclose(np.load(self.dir / "out.npy"), 2 * fit["scale"], rtol=1e-6)
        self.run_ok("depth", "photo.png", "--model", "constant:2", "-o", "out.npy", "--json", "out.json")
        report = json.loads((self.dir / "out.json").read_text())
        self.assertEqual((report["metres_from"], report["scale_fit"]), ("model", None))

    def test_inlier_error(self):
        known = self.text("0,0,4\n7,5,4.3\n")
        self.assertEqual(self.report(known)["scale_fit"]["inliers"], 2)
        self.assertEqual(self.report(known, "--inlier-error", 0.02)["scale_fit"]["inliers"], 1)

    def test_pixels_are_those_of_the_photo_whatever_the_grid(self):
        self.write_photo("large.png", 80, 60)
        depth = np.full((6, 8), 9.0)
        depth[5, 7] = 1
        np.save(self.dir / "depth.npy", depth.astype(np.float32))
        known = self.text("75,55,3")
        self.run_ok("cloud", "large.png", "--depth", "depth.npy", "--known-depth", known, "-o", "out.ply")
        np.testing.assert_allclose(read_ply(self.dir / "out.ply")[0][-1, 2], 3, rtol=1e-6)

    def test_standard_input_and_many_photos(self):
        self.write_photo("b.png")
        self.piped("depth", "photo.png", "b.png", "--model", "constant:2", "--known-depth", "-", "-o", "out",
                   "--format", "npy", given=b"1 1 3\n")
        for name in ("photo.npy", "b.npy"):
            np.testing.assert_allclose(np.load(self.dir / "out" / name), 3, rtol=1e-6)

    def test_what_is_wrong_is_named(self):
        self.assertRegex(self.refused(1, "--known-depth", "none.csv"), "none.csv")
        for text, words in (("", "lists no point"), ("x,y,metres\n", "lists no point"), ("1,2\n", "line 1 is not x, y"),
                            ("1,2,3\nx,y,z\n", "line 2"), ("1,2,nan\n", "line 1"), ("1,2,3,4\n", "line 1"),
                            ("900,900,3\n", "known.csv: .*0 known points lie at pixels with depth")):
            self.assertRegex(self.refused(1, "--known-depth", self.text(text)), words)
        (self.dir / "known.csv").write_bytes("1,2,3".encode("utf-16"))
        self.assertRegex(self.refused(1, "--known-depth", "known.csv"), "known.csv: ")
        known = self.text("1,2,3\n")
        self.assertRegex(self.refused(1, "--known-depth", known, "--known-depth-scale", 2), "this is text")
        self.assertRegex(self.refused(1, "--known-depth", known, "--scale-model", "depth"), "'depth' needs 2")
        self.assertRegex(self.refused(2, "--known-depth", "."), "is a folder")
        self.assertRegex(self.refused(2, "--inlier-error", 0.2), "known-depth")
        self.assertRegex(self.refused(2, "--known-depth", known, "--inlier-error", 1), "below 1")
        self.assertRegex(self.refused(2, "--known-depth", known, "--scale-model", "shift"), "scale-model")
        self.assertRegex(self.run_fails(2, "cloud", "photo.png", "-o", "o.ply", "--multi-view", "--known-depth", known,
                                        "--scale-model", "depth"), "shifts depth")
        self.assertRegex(self.run_fails(2, "cloud", "photo.png", "-o", "o.ply", "--multi-view", "--known-depth", known,
                                        "--cameras", "c.json"), "both set the unit")

    def test_it_is_not_replaced(self):
        known = self.text("1,2,3\n", "known.npy")
        self.assertIn("would be overwritten", self.run_fails(2, "depth", "photo.png", "--model", "constant:2",
                                                             "--known-depth", known, "-o", known))


if __name__ == "__main__":
    import unittest
    unittest.main(verbosity=2)
