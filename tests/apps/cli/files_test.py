# SPDX-License-Identifier: Apache-2.0
"""`depthcloud info FILE` and `depthcloud convert`, with clouds of photo.png and depth.npy."""

import json
import os
import unittest

import msgpack
import numpy as np

from cli_case import (END_OF_RECORDING, RECORDING_HEADER, SAMPLE, CliCase, read_msgpack,
                      read_ply_as_written, record, write_png)

DEPTH = ("photo.png", "--depth", "depth.npy", "--intrinsics", "8,8,4,3")
FLIP = np.float32([1, -1, -1])


class FilesCase(CliCase):
    def make(self, name, *flags):
        """The path of a cloud of 48 points."""
        self.run_ok("cloud", *DEPTH, "-q", "-o", name, *flags)
        return self.dir / name

    def info(self, name, *flags):
        return json.loads(self.run_ok("info", name, "--json", *flags))

    def convert(self, *arguments):
        self.run_ok("convert", *arguments, "-q")


class Info(FilesCase):
    def test_clouds(self):
        bounds = {"min": [-0.5, -0.75, -3.0], "max": [1.125, 1.125, -1.0]}
        for kind in ("ply", "pcd"):
            report = self.info(self.make("a." + kind))
            self.assertEqual((report["format"], report["points"], report["axes"]), (kind, 48, "opengl"))
            self.assertEqual(report["bounds"], bounds)
            self.assertEqual(report["bytes"], (self.dir / f"a.{kind}").stat().st_size)
        self.make("ros.ply", "--axes", "ros")
        self.assertEqual(self.info("ros.ply")["axes"], "ros")
        text = (self.dir / "a.ply").read_bytes().replace(b"comment axes opengl\n", b"")
        (self.dir / "plain.ply").write_bytes(text)
        self.assertEqual(self.info("plain.ply")["axes"], "opengl")

    def test_messages(self):
        for encoding in ("f32", "q16", "depth"):
            report = self.info(self.make("a.msgpack", "--encoding", encoding))
            self.assertEqual((report["format"], report["encoding"], report["axes"], report["points"]),
                             ("msgpack", encoding, "v1", 48))
            self.assertEqual(report["camera"], {"width": 8, "height": 6, "fx": 8, "fy": 8, "cx": 4, "cy": 3})
            self.assertEqual(set(report["stage_ms"]), {"decode", "preprocess", "infer", "cloud", "pack"})
            self.assertIn("is_metric", report)
            self.assertAlmostEqual(report["bounds"]["max"][2], 3, places=2)
            self.assertEqual("grid" in report, encoding == "depth")
        message = {"type": "pointcloud", "timestamp": "then\x1b[2J", "num_points": 0, "points": b"",
                   "colors": b"", "frame_id": 7, "capture_ts": 1.5, "num_views": 2}
        (self.dir / "b.msgpack").write_bytes(msgpack.packb(message))
        report = self.info("b.msgpack")
        self.assertEqual((report["frame_id"], report["capture_ts"], report["num_views"], report["bounds"]),
                         (7, 1.5, 2, None))
        text = self.run_ok("info", "b.msgpack")
        self.assertRegex(text, r"(?m)^frame_id +7$")
        self.assertRegex(text, r"(?m)^timestamp +then\?\[2J$")
        self.assertNotIn("bounds", text)

    def test_text(self):
        text = self.run_ok("info", self.make("a.msgpack"))
        self.assertRegex(text, r"(?m)^bounds +min -0\.5, -0\.75, 1, max 1\.125, 1\.125, 3$")
        self.assertRegex(text, r"(?m)^camera +width 8, height 6, fx 8, fy 8, cx 4, cy 3$")

    def test_recordings(self):
        message = self.make("a.msgpack").read_bytes()
        whole = (RECORDING_HEADER + record(1_000_000, 1, message) + record(2_500_000, 3, message)
                 + END_OF_RECORDING)
        (self.dir / "a.dcr").write_bytes(whole)
        report = self.info("a.dcr")
        self.assertEqual({key: report[key] for key in ("format", "messages", "seconds", "end", "started")},
                         {"format": "recording", "messages": 2, "seconds": 2.5, "end": "whole",
                          "started": "2026-09-21T14:13:20Z"})
        self.assertEqual(report["streams"], [{"stream": 1, "messages": 1}, {"stream": 3, "messages": 1}])
        self.assertEqual(report["message_bytes"], 2 * len(message))
        self.assertEqual(report["first"]["points"], 48)
        self.assertNotIn("problem", report)
        (self.dir / "b.dcr").write_bytes(RECORDING_HEADER + record(0, 1, b"no message") + END_OF_RECORDING)
        report = self.info("b.dcr")
        self.assertEqual(report["messages"], 1)
        self.assertEqual(report["first"]["problem"], "the message is not a map")
        (self.dir / "a.dcr").write_bytes(whole[:-30])
        report = self.info("a.dcr")
        self.assertEqual((report["end"], report["messages"]), ("cut_off", 1))
        self.assertIn("cut off after 1 message", report["problem"])
        text = self.run_ok("info", "a.dcr")
        self.assertIn("first message\n  encoding ", text)
        self.assertEqual(json.loads(self.piped("info", "-", "--json", given=whole).stdout)["messages"], 2)

    def test_depth_and_photos(self):
        depth = self.depth.astype(np.float32)
        depth[0, 0] = np.nan
        np.save(self.dir / "depth.npy", depth)
        report = self.info("depth.npy")
        self.assertEqual({key: report[key] for key in ("format", "width", "height", "pixels_with_depth",
                                                       "range")},
                         {"format": "depth", "width": 8, "height": 6, "pixels_with_depth": 47,
                          "range": [1, 3]})
        write_png(self.dir / "depth.png", np.full((6, 8), 1500))
        self.assertEqual(self.info("depth.png")["range"], [1.5, 1.5])
        report = self.info("photo.png")
        self.assertEqual((report["format"], report["width"], report["height"]), ("photo", 8, 6))
        self.assertEqual(self.info(SAMPLE)["format"], "photo")
        self.assertEqual(json.loads(self.piped("info", "-", "--json", given=self.photo.read_bytes()).stdout)
                         ["file"], "-")

    def test_what_cannot_be_described(self):
        (self.dir / "notes.txt").write_text("notes")
        (self.dir / "empty").write_bytes(b"")
        cut = self.make("a.ply").read_bytes()[:-1]
        (self.dir / "cut.ply").write_bytes(cut)
        for name, part in (("notes.txt", "text"), ("empty", ""), ("none", "No such file"), (".", ""),
                           ("cut.ply", "48 elements 'vertex' do not fit")):
            line = self.run_fails(1, "info", name)
            self.assertTrue(line.startswith(f"depthcloud: {name}: "), line)
            self.assertIn(part, line)

    def test_flags_without_effect(self):
        self.make("a.ply")
        done = self.run_program("info", "a.ply", "--model", "constant:1", "--device", "cpu")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr, "depthcloud: note: --model has no effect: a file is described\n"
                                      "depthcloud: note: --device has no effect: a file is described\n")


class Convert(FilesCase):
    def test_between_files(self):
        expected = read_ply_as_written(self.make("a.ply"))
        self.make("a.msgpack")
        self.convert("a.ply", "-o", "b.pcd")
        self.convert("b.pcd", "-o", "c.msgpack", "--encoding", "q16")
        self.convert("c.msgpack", "-o", "d.msgpack")
        self.assertEqual(self.info("c.msgpack")["encoding"], "q16")
        self.assertEqual(self.info("d.msgpack")["encoding"], "f32")
        for name, tolerance in (("b.pcd", 0), ("d.msgpack", 1e-4), ("a.msgpack", 0)):
            self.convert(name, "-o", "out.ply")
            positions, colors, axes = read_ply_as_written(self.dir / "out.ply")
            np.testing.assert_allclose(positions, expected[0], atol=tolerance)
            np.testing.assert_array_equal(colors, expected[1])
            self.assertEqual(axes, "opengl")

    def test_axes(self):
        expected = read_ply_as_written(self.make("a.ply", "--axes", "opencv"))[0]
        for axes, of_opencv in (("opencv", expected), ("opengl", expected * FLIP),
                                ("ros", expected[:, [2, 0, 1]] * np.float32([1, -1, -1])),
                                ("v1", expected * np.float32([1, -1, 1]))):
            self.convert("a.ply", "-o", "out.ply", "--axes", axes)
            found = read_ply_as_written(self.dir / "out.ply")
            np.testing.assert_array_equal(found[0], of_opencv)
            self.assertEqual(found[2], axes)
        self.convert("a.ply", "-o", "out.msgpack")
        np.testing.assert_array_equal(read_msgpack(self.dir / "out.msgpack")[0],
                                      expected * np.float32([1, -1, 1]))
        self.assertEqual(self.run_noted("convert", "a.ply", "-o", "out.msgpack", "--axes", "ros"),
                         ["--axes has no effect: the axes of a .msgpack are always v1"])

    def test_what_a_message_says_is_kept(self):
        message = {"type": "pointcloud", "timestamp": "2026-01-31T12:34:56.789012+00:00", "num_points": 1,
                   "points": np.float32([1, 2, 3]).tobytes(), "colors": b"abc", "num_views": 2,
                   "frame_id": 7, "capture_ts": 1.5,
                   "stage_ms": {"decode": 1.0, "preprocess": 2.0, "infer": 3.0, "cloud": 4.0, "pack": 5.0},
                   "is_metric": True, "width": 8, "height": 6, "intrinsics": [8.0, 8.0, 4.0, 3.0]}
        (self.dir / "a.msgpack").write_bytes(msgpack.packb(message))
        self.convert("a.msgpack", "-o", "b.msgpack")
        self.assertEqual(msgpack.unpackb((self.dir / "b.msgpack").read_bytes()), message)
        for text in ("yesterday", "2026-02-31T12:34:56.789012+00:00", "2026-01-31T12:34:56.789012+01:00"):
            (self.dir / "a.msgpack").write_bytes(msgpack.packb({**message, "timestamp": text}))
            self.convert("a.msgpack", "-o", "b.msgpack")
            self.assertRegex(msgpack.unpackb((self.dir / "b.msgpack").read_bytes())["timestamp"],
                             r"^20\d\d-\d\d-\d\dT.*\+00:00$")

    def test_a_cloud_without_colours(self):
        (self.dir / "a.ply").write_text("ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\n"
                                        "property float z\nend_header\n1 2 3\n4 5 6\n")
        self.convert("a.ply", "-o", "b.pcd")
        self.assertNotIn(b"rgb", (self.dir / "b.pcd").read_bytes())
        self.convert("b.pcd", "-o", "c.ply")
        self.assertNotIn(b"red", (self.dir / "c.ply").read_bytes())
        for name in "a.ply", "b.pcd", "c.ply":
            self.assertFalse(self.info(name)["colors"])
        self.assertEqual(self.run_noted("convert", "a.ply", "-o", "d.msgpack"),
                         ["a.ply: it has no colours: the points of the message are white"])
        np.testing.assert_array_equal(read_msgpack(self.dir / "d.msgpack")[1], np.full((2, 3), 255))

    def test_max_points(self):
        positions = read_ply_as_written(self.make("a.ply"))[0]
        self.convert("a.ply", "-o", "b.ply", "--max-points", 12)
        np.testing.assert_array_equal(read_ply_as_written(self.dir / "b.ply")[0], positions[3::4])
        self.convert("a.ply", "-o", "b.ply", "--max-points", 0)
        self.assertEqual(self.info("b.ply")["points"], 48)

    def test_stride(self):
        self.make("a.msgpack", "--encoding", "depth", "--relative-error", "0.0001")
        whole = self.info("a.msgpack")
        self.make("expected.ply", "--stride", "3")
        self.convert("a.msgpack", "-o", "b.ply", "--stride", 3)
        found = read_ply_as_written(self.dir / "b.ply")
        expected = read_ply_as_written(self.dir / "expected.ply")
        np.testing.assert_allclose(found[0], expected[0], rtol=2e-4)
        self.assertEqual(len(found[0]), 3 * 2)
        self.convert("a.msgpack", "-o", "b.msgpack", "--stride", 2, "--encoding", "depth")
        strided = self.info("b.msgpack")
        self.assertEqual(strided["grid"], {"columns": 4, "rows": 3, "stride": 2, "colors": "jpeg"})
        self.assertEqual((strided["points"], strided["camera"]), (12, whole["camera"]))
        self.convert("a.msgpack", "-o", "c.ply", "--stride", 2147483647)
        self.assertEqual(self.info("c.ply")["points"], 1)
        self.make("a.ply")
        self.assertEqual(self.run_noted("convert", "a.ply", "-o", "b.ply", "--stride", 2),
                         ["a.ply: --stride has no effect: points alone have no rows and columns"])

    def test_a_grid(self):
        self.make("a.msgpack", "--encoding", "depth", "--colors", "client")
        self.convert("a.msgpack", "-o", "b.ply")
        self.assertFalse(self.info("b.ply")["colors"])
        self.convert("a.msgpack", "-o", "b.msgpack", "--encoding", "depth")
        self.assertEqual(self.info("b.msgpack")["grid"]["colors"], "client")
        line, = self.run_noted("convert", "a.msgpack", "-o", "b.msgpack", "--encoding", "depth",
                               "--max-points", 5)
        self.assertIn("--max-points has no effect", line)
        self.make("a.ply")
        self.assertEqual(self.run_fails(1, "convert", "a.ply", "-o", "c.msgpack", "--encoding", "depth"),
                         "depthcloud: a.ply: --encoding depth needs the grid of a camera, which only a "
                         ".msgpack in that encoding has\n")
        self.assertNotIn("c.msgpack", self.names())

    def test_streams(self):
        ply = self.make("a.ply").read_bytes()
        self.convert("a.ply", "-o", "a.pcd")
        done = self.piped("convert", "-", "-o", "-", "--format", "pcd", given=ply)
        self.assertEqual(done.stdout, (self.dir / "a.pcd").read_bytes())
        self.assertEqual(done.stderr, b"-: 48 points of a .ply -> -\n")
        done = self.piped("convert", "a.ply", "-o", "-", "--format", "msgpack", "-q")
        self.assertEqual((msgpack.unpackb(done.stdout)["num_points"], done.stderr), (48, b""))
        self.assertIn(b"needs --format", self.piped("convert", "-", "-o", "-", given=ply, code=2).stderr)
        self.piped("convert", "-", "-", "-o", "out", "--format", "ply", given=ply, code=2)

    def test_folders(self):
        (self.dir / "clouds").mkdir()
        for name in ("clouds/a.ply", "clouds/b.msgpack"):
            self.make(name)
        (self.dir / "clouds/notes.txt").write_text("notes")
        done = self.run_program("convert", "clouds", self.make("c.pcd"), "-o", "out", "--format", "ply")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr,
                         "depthcloud: note: passed over 1 file that is no cloud: notes.txt\n")
        self.assertEqual(self.names("out"), ["a.ply", "b.ply", "c.ply"])
        (self.dir / "clouds/d.ply").write_text("ply\n")
        done = self.run_program("convert", "clouds", "-o", "more", "--format", "pcd")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.names("more"), ["a.pcd", "b.pcd"])
        self.assertIn("depthcloud: clouds/d.ply: file: PLY: the file ends in its header", done.stderr)
        (self.dir / "none").mkdir()
        self.assertIn("holds no clouds", self.run_fails(1, "convert", "none", "-o", "x", "--format", "ply"))

    def test_what_is_refused(self):
        ply = self.make("a.ply")
        before = ply.read_bytes()
        os.link(ply, self.dir / "link.ply")
        for arguments in (("a.ply", "-o", "a.ply"), ("a.ply", "-o", "link.ply"), ("a.ply", "-o", "b.jpg"),
                          ("a.ply", "-o", "b.pcd", "--format", "ply"), ("a.ply",), ("-o", "b.ply"),
                          ("a.ply", "-o", "b.ply", "--encoding", "q16"), ("a.ply", "-o", "b.ply", "--stride", 0),
                          ("a.ply", "a.ply", "-o", "b.ply"), (".", "-o", ".", "--format", "ply")):
            self.run_fails(2, "convert", *arguments)
        self.assertEqual(ply.read_bytes(), before)
        (self.dir / "a.dcr").write_bytes(RECORDING_HEADER + END_OF_RECORDING)
        (self.dir / "empty.ply").write_bytes(b"")
        for name, part in (("photo.png", "neither a .ply, a .pcd nor a .msgpack; 'depthcloud cloud' makes"), ("none.ply", "No such file"),
                           ("a.dcr", "depthcloud replay"), ("empty.ply", "no bytes")):
            line = self.run_fails(1, "convert", name, "-o", "b.pcd")
            self.assertTrue(line.startswith(f"depthcloud: {name}: "), line)
            self.assertIn(part, line)
        (self.dir / "nothing.ply").write_bytes(before.replace(b"vertex 48", b"vertex 0"))
        self.assertIn("there is no point", self.run_fails(1, "convert", "nothing.ply", "-o", "b.pcd"))
        self.assertNotIn("b.pcd", self.names())


if __name__ == "__main__":
    unittest.main()
