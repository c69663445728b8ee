# SPDX-License-Identifier: Apache-2.0
"""`depthcloud` and the photos that people have: flaws, sizes, formats, cameras."""

import json
import unittest

from cli_case import SAMPLE, CliCase, read_ply

PLANE = ("--model", "constant:2")


class PhotoCase(CliCase):
    def cloud_of(self, *photos, flags=()):
        """Positions and colours of the cloud of one photo, a plane at 2."""
        self.run_ok("cloud", *photos, "-o", "out.ply", *PLANE, *flags)
        return read_ply(self.dir / "out.ply")

    def write(self, name, data):
        (self.dir / name).write_bytes(data)
        return name


class Damaged(PhotoCase):
    def test_salvage(self):
        cut = self.write("cut.jpg", SAMPLE.read_bytes()[:-2000])
        self.assertIn("cut.jpg: decode: ", self.run_fails(1, "cloud", cut, "-o", "out.ply", *PLANE))
        done = self.run_program("cloud", cut, "-o", "out.ply", *PLANE, "--salvage")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "depthcloud: cut.jpg: the photo is damaged, what is there was "
                                      "taken: Premature end of JPEG file\n")
        whole = self.cloud_of(SAMPLE)
        self.assertEqual(len(read_ply(self.dir / "out.ply")[0]), len(whole[0]))
        self.run_ok("cloud", cut, "-o", "out.ply", *PLANE, "--salvage", "--quiet")
        for flags in (("--full-size",), ("--depth", "depth.npy")):
            model = () if "--depth" in flags else PLANE
            self.run_ok("cloud", cut, "-o", "out.ply", "--salvage", "-q", *model, *flags)
        self.run_ok("depth", cut, "-o", "out.npy", *PLANE, "--salvage", "-q")


if __name__ == "__main__":
    unittest.main()
