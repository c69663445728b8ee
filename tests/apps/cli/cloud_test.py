# SPDX-License-Identifier: Apache-2.0
"""`depthcloud cloud --depth`: what works in every build."""

import os
import pty
import subprocess
import unittest

import msgpack
import numpy as np

from cli_case import (PROGRAM, SAMPLE, CliCase, read_msgpack, read_ply, read_ply_as_written,
                      with_focal_length, write_png)

CAMERA = ("--intrinsics", "10,20,4,3")


class Cloud(CliCase):
    def test_points_follow_the_pinhole_camera(self):
        positions, colors = self.cloud(*CAMERA)
        v, u = np.mgrid[:6, :8]
        expected = np.stack([(u - 4) / 10 * self.depth, (v - 3) / 20 * self.depth, self.depth], -1)
        np.testing.assert_allclose(positions, expected.reshape(-1, 3), rtol=1e-5)
        np.testing.assert_array_equal(
            colors, np.stack([u * 10, v * 10, np.full_like(u, 200)], -1).reshape(-1, 3))

    def test_summary_is_one_line_and_the_camera_another(self):
        out = self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", "out.ply")
        self.assertRegex(out, r"^photo\.png: 48 points from 8x6 depth, decode [0-9.]+ "
                              r"(cloud [0-9.]+ )?ms, write [0-9.]+ ms -> out\.ply\n"
                              r"photo\.png: camera [^\n]+\n$")

    def test_quiet(self):
        for flag in ("-q", "--quiet"):
            self.assertEqual(self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o",
                                         "out.ply", flag), "")

    def test_formats(self):
        positions, colors = self.cloud(*CAMERA)
        self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", "OUT.MSGPACK", *CAMERA)
        packed_positions, packed_colors = read_msgpack(self.dir / "OUT.MSGPACK")
        np.testing.assert_allclose(packed_positions, positions * [1, -1, 1], rtol=1e-6)
        np.testing.assert_array_equal(packed_colors, colors)
        self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", "out.pcd")
        self.assertIn(b"POINTS 48\n", (self.dir / "out.pcd").read_bytes())

    def packed(self, *flags):
        """The bytes of OUT.msgpack."""
        self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", "out.msgpack", *flags)
        return (self.dir / "out.msgpack").read_bytes()

    def test_encodings(self):
        plain = msgpack.unpackb(self.packed())
        self.assertNotIn("encoding", plain)
        self.assertNotIn("encoding", msgpack.unpackb(self.packed("--encoding", "f32")))
        q16 = msgpack.unpackb(self.packed("--encoding", "q16"))
        steps = np.frombuffer(q16["points"], "<u2").reshape(-1, 3)
        np.testing.assert_allclose(q16["origin"] + q16["scale"] * steps,
                                   np.frombuffer(plain["points"], "<f4").reshape(-1, 3),
                                   atol=q16["scale"] * 0.51)
        depth = msgpack.unpackb(self.packed("--encoding", "depth"))
        self.assertEqual((depth["width"], depth["height"], depth["num_points"]), (8, 6, 48))
        self.assertTrue(depth["colors"].startswith(b"\xff\xd8"))
        out = self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", "out.msgpack",
                          "--encoding", "depth", "--stride", 2)
        self.assertIn("12 points", out)

    def test_stage_times_mean_the_same_in_every_encoding(self):
        for encoding in "f32", "q16", "depth":
            stages = msgpack.unpackb(self.packed("--encoding", encoding))["stage_ms"]
            self.assertGreater(stages["decode"], 0, encoding)
            self.assertGreater(stages["cloud"], 0, encoding)
            self.assertGreater(stages["pack"], 0, encoding)
            self.assertEqual(stages["infer"], 0, encoding)

    def test_options_of_the_depth_encoding(self):
        depth = ("--encoding", "depth")
        self.assertNotIn("colors", msgpack.unpackb(self.packed(*depth, "--colors", "client")))
        self.assertIn("colors", msgpack.unpackb(self.packed(*depth, "--colors", "jpeg")))
        self.assertLess(len(self.packed(*depth, "--jpeg-quality", 5)),
                        len(self.packed(*depth, "--jpeg-quality", 95)))
        steps = [msgpack.unpackb(self.packed(*depth, "--relative-error", error))["step"]
                 for error in (0.001, 0.01)]
        np.testing.assert_allclose(steps, 2 * np.log2([1.001, 1.01]), rtol=0.01)

    def test_stride(self):
        self.assertEqual(len(self.cloud("--stride", 3)[0]), 2 * 3)

    def test_min_depth_and_max_depth(self):
        self.assertEqual(set(self.cloud("--min-depth", 2)[0][:, 2]), {3})
        self.assertEqual(set(self.cloud("--max-depth", 2)[0][:, 2]), {1})
        self.assertEqual(len(self.cloud("--max-depth", "inf")[0]), 48)

    def test_max_points(self):
        self.assertEqual(len(self.cloud("--max-points", 10)[0]), 10)
        self.assertEqual(len(self.cloud("--max-points", 0)[0]), 48)

    def test_voxel_size(self):
        def written(*flags):
            self.cloud(*CAMERA, *flags)
            return read_ply_as_written(self.dir / "out.ply")[0]

        every = written()
        first = {}
        for point in every:
            first.setdefault(tuple(np.floor(point.astype(np.float64) / 0.5)), point)
        kept = written("--voxel-size", 0.5)
        np.testing.assert_array_equal(kept, np.array(list(first.values())))
        self.assertLess(len(kept), len(every))
        self.assertEqual(len(self.cloud(*CAMERA, "--voxel-size", 0)[0]), 48)
        self.assertEqual(len(self.cloud(*CAMERA, "--voxel-size", 0.5, "--max-points", 3)[0]), 3)
        self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", "out.msgpack", *CAMERA,
                    "--voxel-size", 0.5, "--encoding", "depth")
        packed = msgpack.unpackb((self.dir / "out.msgpack").read_bytes())
        self.assertEqual(packed["num_points"], len(kept))
        line = self.run_fails(1, "cloud", "photo.png", "--depth", "depth.npy", "-o", "out.ply",
                              "--voxel-size", 1e-12)
        self.assertIn("voxel_size 1e-12 is too small", line)

    def test_edge_filter_removes_both_sides_of_a_jump(self):
        kept = self.cloud("--edge-threshold", 0.5)[0]
        self.assertEqual(len(kept), 48 - 2 * 6)
        self.assertEqual(len(self.cloud("--edge-threshold", 2.5)[0]), 48)

    def test_axes(self):
        opencv = self.cloud(*CAMERA)[0]
        expected = {"opencv": opencv, "opengl": opencv * [1, -1, -1], "v1": opencv * [1, -1, 1],
                    "ros": opencv[:, [2, 0, 1]] * [1, -1, -1]}
        for axes, points in expected.items():
            self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", "out.ply", *CAMERA,
                        "--axes", axes)
            written = read_ply_as_written(self.dir / "out.ply")
            np.testing.assert_array_equal(written[0], points)
            self.assertEqual(written[2], axes)

    def test_files_are_right_handed_unless_told_otherwise(self):
        for suffix in ("ply", "pcd"):
            self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", "out." + suffix)
            self.assertIn(b" axes opengl\n", (self.dir / f"out.{suffix}").read_bytes())

    def test_fov(self):
        # 90 degrees: the focal length is half the width.
        np.testing.assert_allclose(self.cloud("--fov", 90)[0],
                                   self.cloud("--intrinsics", "4,4,4,3")[0], rtol=1e-5)

    def test_default_camera_is_sixty_degrees(self):
        np.testing.assert_array_equal(self.cloud()[0], self.cloud("--fov", 60)[0])

    def test_camera_of_the_photo_comes_before_the_default(self):
        # 36 mm film is as wide as this focal length is long: 2 atan(1 / 2) degrees
        (self.dir / "photo.png").write_bytes(with_focal_length(SAMPLE.read_bytes(), 36))
        np.save(self.dir / "depth.npy", np.ones((4, 6), np.float32))
        positions = self.cloud()[0]
        np.testing.assert_allclose(positions[0], [-3 / 6, -2 / 6, 1], rtol=1e-5)  # 600x400 to 6x4
        self.assertGreater(np.abs(self.cloud("--fov", 90)[0] - positions).max(), 0.1)

    def test_photo_of_another_size(self):
        self.write_photo("photo.png", 16, 12)
        positions, colors = self.cloud(*CAMERA)
        self.assertEqual(len(positions), 48)
        self.assertLess(int(colors[0, 0]), 20)
        self.assertGreaterEqual(int(colors[-1, 0]), 140)

    def test_full_size(self):
        self.write_photo("photo.png", 16, 12)
        self.assertEqual(len(self.cloud("--full-size")[0]), 16 * 12)

    def test_jpeg_photo(self):
        np.save(self.dir / "depth.npy", np.ones((40, 60), np.float32))
        self.run_ok("cloud", SAMPLE, "--depth", "depth.npy", "-o", "out.ply")
        self.assertEqual(len(read_ply(self.dir / "out.ply")[0]), 2400)


class DepthFile(CliCase):
    def depths(self, name, *flags):
        self.run_ok("cloud", "photo.png", "--depth", name, "-o", "out.ply", *flags)
        return read_ply(self.dir / "out.ply")[0][:, 2].reshape(6, 8)

    def test_floats_are_metres_and_integers_millimetres_in_npy(self):
        for kind in ("<f2", "<f4", ">f4", "<f8"):
            np.save(self.dir / "d.npy", self.depth.astype(kind))
            np.testing.assert_allclose(self.depths("d.npy"), self.depth)
        for kind in ("<u2", ">u2", "<i2", "<i4", "<u4", "<i8"):
            np.save(self.dir / "d.npy", (1000 * self.depth).astype(kind))
            np.testing.assert_allclose(self.depths("d.npy"), self.depth, rtol=1e-6)

    def test_integers_are_millimetres_in_pictures(self):
        write_png(self.dir / "d.png", self.depth * 1000)
        (self.dir / "d.pgm").write_bytes(b"P5 8 6 9999\n" + (self.depth * 1000).astype(">u2").tobytes())
        for name in ("d.png", "d.pgm"):
            np.testing.assert_allclose(self.depths(name), self.depth, rtol=1e-6)

    def test_pfm(self):
        for order, scale in (("<", b"-1.0"), (">", b"1.0")):
            (self.dir / "d.pfm").write_bytes(b"Pf\n8 6\n" + scale + b"\n"
                                             + self.depth[::-1].astype(order + "f4").tobytes())
            np.testing.assert_array_equal(self.depths("d.pfm"), self.depth)

    def test_npz(self):
        np.savez_compressed(self.dir / "one.npz", self.depth)
        np.savez(self.dir / "two.npz", conf=7 * self.depth, z=self.depth[None].astype("f2"))
        np.testing.assert_array_equal(self.depths("one.npz"), self.depth)
        np.testing.assert_array_equal(self.depths("two.npz", "--depth-array", "z"), self.depth)
        self.assertIn("'conf', 'z'", self.run_fails(1, "cloud", "photo.png", "--depth", "two.npz",
                                                    "-o", "out.ply"))
        self.assertIn(".npz and .exr", self.run_fails(1, "cloud", "photo.png", "--depth", "depth.npy",
                                                      "--depth-array", "z", "-o", "out.ply"))

    def test_the_limit_of_pixels(self):
        (self.dir / "d.pfm").write_bytes(b"Pf\n16000 16000\n-1.0\n" + bytes(64))
        line = self.run_fails(1, "cloud", "photo.png", "--depth", "d.pfm", "-o", "out.ply")
        self.assertIn("above the limit of 250000000", line)
        (self.dir / "d.pfm").write_bytes(b"Pf\n8064 6048\n-1.0\n" + bytes(64))
        self.assertIn("64 bytes of data", self.run_fails(1, "cloud", "photo.png", "--depth", "d.pfm", "-o",
                                                         "out.ply"))

    def test_eight_bits_need_a_scale(self):
        np.save(self.dir / "d.npy", (50 * self.depth).astype("u1"))
        line = self.run_fails(1, "cloud", "photo.png", "--depth", "d.npy", "-o", "out.ply")
        self.assertIn("depth of 8 bits", line)
        np.testing.assert_allclose(self.depths("d.npy", "--depth-scale", 0.02), self.depth)

    def test_depth_scale(self):
        write_png(self.dir / "d.png", self.depth * 5000)
        np.testing.assert_allclose(self.depths("d.png", "--depth-scale", 0.0002), self.depth,
                                   rtol=1e-6)
        np.testing.assert_allclose(self.depths("depth.npy", "--depth-scale", 2), self.depth * 2)

    def test_pixels_without_depth_give_no_point(self):
        self.depth[0] = [0, -1, np.nan, np.inf, 1, 1, 1, 1]
        np.save(self.dir / "d.npy", self.depth)
        self.run_ok("cloud", "photo.png", "--depth", "d.npy", "-o", "out.ply")
        self.assertEqual(len(read_ply(self.dir / "out.ply")[0]), 44)

    def test_broken_depth_is_an_error(self):
        (self.dir / "d.npy").write_bytes(b"\x93NUMPY\x01\x00")
        line = self.run_fails(1, "cloud", "photo.png", "--depth", "d.npy", "-o", "out.ply")
        self.assertIn("d.npy: ", line)
        self.assertNotIn("photo.png", line)
        self.assertIn("no-such.npy", self.run_fails(1, "cloud", "photo.png", "--depth",
                                                    "no-such.npy", "-o", "out.ply"))
        self.assertNotIn("out.ply", self.names())


class Output(CliCase):
    def test_format_makes_a_file_in_a_folder(self):
        (self.dir / "clouds").mkdir()
        for folder in ("clouds", "new"):
            for kind in ("ply", "pcd", "msgpack"):
                self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", folder, "--format",
                            kind)
                self.assertIn(f"photo.{kind}", self.names(folder))

    def test_format_agrees_with_a_file(self):
        self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", "a.pcd", "--format", "pcd")
        self.assertTrue((self.dir / "a.pcd").is_file())

    def test_a_failure_leaves_what_was_there(self):
        (self.dir / "out.ply").write_text("older")
        (self.dir / "photo.png").write_bytes((self.dir / "photo.png").read_bytes()[:60])
        before = self.names()
        self.run_fails(1, "cloud", "photo.png", "--depth", "depth.npy", "-o", "out.ply")
        self.assertEqual((self.dir / "out.ply").read_text(), "older")
        self.assertEqual(self.names(), before)

    def test_missing_folder(self):
        line = self.run_fails(1, "cloud", "photo.png", "--depth", "depth.npy", "-o", "no/out.ply")
        self.assertIn("there is no folder 'no'", line)
        line = self.run_fails(1, "cloud", "photo.png", "--depth", "depth.npy", "-o", "no/deep",
                              "--format", "ply")
        self.assertIn("no/deep", line)

    def test_missing_photo(self):
        self.assertIn("no-such.png", self.run_fails(1, "cloud", "no-such.png", "--depth",
                                                    "depth.npy", "-o", "out.ply"))

    def test_empty_folder(self):
        (self.dir / "photos").mkdir()
        for name in (".hidden.png", "notes.txt"):
            (self.dir / "photos" / name).write_bytes(b"x")
        line = self.run_fails(1, "cloud", "photos", "-o", "clouds", "--format", "ply")
        self.assertIn("'photos' holds no photos, only notes.txt", line)
        self.assertNotIn("clouds", self.names())

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_folder_that_cannot_be_written(self):
        (self.dir / "locked").mkdir(mode=0o500)
        self.assertIn("locked/out.ply", self.run_fails(1, "cloud", "photo.png", "--depth",
                                                       "depth.npy", "-o", "locked/out.ply"))


class Usage(CliCase):
    def refused(self, *flags, output="out.ply", inputs=("photo.png",)):
        """The message of a usage error; nothing may have been written."""
        before = self.names()
        line = self.run_fails(2, "cloud", *inputs, "-o", output, *flags)
        self.assertEqual(self.names(), before)
        return line

    def test_numbers_out_of_range(self):
        for flag, values in {
                "--stride": ("0", "-1", "nan", "1.5", "x"),
                "--min-confidence": ("-1", "nan", "inf", "x"),
                "--confidence-percentile": ("-1", "100", "nan"),
                "--min-depth": ("-0.1", "nan", "inf"),
                "--max-depth": ("0", "-1", "nan"),
                "--max-points": ("-1", "nan", "1.5"),
                "--voxel-size": ("-1", "nan", "inf", "x"),
                "--edge-threshold": ("-0.1", "nan", "inf"),
                "--fov": ("0", "180", "-5", "nan"),
                "--intrinsics": ("1,2,3", "1,2,3,4,5", "0,1,1,1", "1,-1,1,1", "nan,1,1,1", "a,1,1,1"),
                "--process-res": ("-1", "x"),
                "--tokens": ("0", "40001", "x"),
                "--resolution-level": ("-1", "10", "x"),
                "--threads": ("-1", "x"),
                "--precision": ("f64",),
                "--axes": ("up",),
                "--encoding": ("q8",),
                "--relative-error": ("0", "0.2", "nan", "x"),
                "--colors": ("png",),
                "--jpeg-quality": ("0", "101", "x"),
                "--device": ("gpu", "cuda:x"),
                "--format": ("obj",),
        }.items():
            for value in values:
                with self.subTest(flag=flag, value=value):
                    self.refused(flag, value)

    def test_depth_scale_out_of_range(self):
        for value in ("0", "-1", "nan", "inf"):
            self.refused("--depth", "depth.npy", "--depth-scale", value)

    def test_combinations(self):
        depth = ("--depth", "depth.npy")
        self.refused(*depth, "--fov", "60", "--intrinsics", "1,1,1,1")
        self.refused(*depth, "--model", "builtin")
        self.refused("--depth-scale", "2")
        self.refused("--full-size", "--fast-decode")
        self.assertIn("of one photo", self.refused(*depth, "--format", "ply", output="clouds",
                                                   inputs=("photo.png", "photo.png")))
        self.assertIn("of one photo", self.refused(*depth, "--format", "ply", output="clouds",
                                                   inputs=(".",)))

    def test_an_encoding_is_of_msgpack_only(self):
        for encoding in ("q16", "depth"):
            self.assertIn("is only for a .msgpack", self.refused("--encoding", encoding))

    def test_output(self):
        (self.dir / "folder").mkdir()
        (self.dir / "folder.ply").mkdir()
        (self.dir / "file").write_text("")
        many = ("photo.png", "other.png")
        self.assertIn("'out.obj' is not .ply, .pcd or .msgpack", self.refused(output="out.obj"))
        self.assertIn("give --format", self.refused(output="folder"))
        self.assertIn("give --format", self.refused(output="folder.ply"))
        self.assertIn("contradicts", self.refused("--format", "pcd"))
        self.assertIn("not a folder", self.refused("--format", "pcd", output="file"))
        self.assertIn("needs --format", self.refused(output="folder", inputs=many))
        self.assertIn("one file", self.refused("--format", "ply", inputs=many))

    def test_two_photos_of_one_name(self):
        (self.dir / "a").mkdir()
        line = self.refused("--format", "ply", output="clouds", inputs=("photo.png", "a/photo.jpg"))
        self.assertIn("'photo.png' and 'a/photo.jpg' would both become 'clouds/photo.ply'", line)

    def test_command_line(self):
        for arguments in ((), ("cloud",), ("cloud", "photo.png"), ("fly", "photo.png"),
                          ("cloud", "photo.png", "-o", "out.ply", "--no-such-flag"),
                          ("info", "depth", "more")):
            with self.subTest(arguments=arguments):
                self.run_fails(2, *arguments)

    def test_a_flag_that_was_renamed(self):
        line = self.run_fails(2, "cloud", "photo.png", "-o", "out.ply", "--edge-filter", "0.1")
        self.assertTrue(line.endswith(": --edge-filter is called --edge-threshold now\n"), line)

    def test_help_and_version(self):
        self.assertIn("cloud", self.run_ok("--help"))
        self.assertIn("--edge-threshold", self.run_ok("cloud", "--help"))
        self.assertRegex(self.run_ok("--version"), r"^depthcloud \d+\.\d+\.\d+\n$")


class Terminal(CliCase):
    def test_no_bar_for_one_photo(self):
        screen, terminal = pty.openpty()
        subprocess.run([PROGRAM, "cloud", "photo.png", "--depth", "depth.npy", "-o", "out.ply",
                        "--quiet"], cwd=self.dir, check=True, stderr=terminal, timeout=60)
        os.close(terminal)
        with self.assertRaises(OSError):  # nothing was written before the other end closed
            os.read(screen, 100)
        os.close(screen)


if __name__ == "__main__":
    unittest.main()
