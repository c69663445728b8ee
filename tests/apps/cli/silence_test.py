# SPDX-License-Identifier: Apache-2.0
"""What `depthcloud` says of what it did not do, with known depth and with the model `constant`."""

import os
import unittest

import numpy as np

from cli_case import SAMPLE, CliCase, read_ply, tiff

DEPTH = ("--depth", "depth.npy")
PLANE = ("--model", "constant:2")


class InertFlags(CliCase):
    def notes(self, *flags, output="out.ply"):
        return self.run_noted("cloud", "photo.png", "-o", output, *flags)

    def test_a_depth_file_has_no_confidence_and_runs_no_network(self):
        for flags in (("--min-confidence", 1.5), ("--confidence-percentile", 50)):
            self.assertEqual(self.notes(*DEPTH, *flags),
                             [f"{flags[0]} has no effect: a depth file has no confidence"])
            self.assertEqual(len(read_ply(self.dir / "out.ply")[0]), 48)
        for flags in (("--device", "cpu"), ("--precision", "f16"), ("--process-res", 70),
                      ("--threads", 2), ("--resize-method", "lower_bound_crop"), ("--fast-decode",)):
            self.assertEqual(self.notes(*DEPTH, *flags),
                             [f"{flags[0]} has no effect: no network runs with --depth"])
        (self.dir / "list.txt").write_text("photo.png depth.npy\n")
        self.assertEqual(self.run_noted("cloud", "--pairs", "list.txt", "-o", "out.ply", "--threads", 1),
                         ["--threads has no effect: no network runs with --pairs"])

    def test_flags_of_a_photo_without_one(self):
        for flags in (("--salvage",), ("--keep-transparent",), ("--stretch",),
                      ("--depth-orientation", "stored"), ("--depth-orientation", "upright")):
            self.assertEqual(self.run_noted("cloud", *DEPTH, "-o", "out.ply", *flags),
                             [f"{flags[0]} has no effect: there is no photo"])
        (note,) = self.run_noted("cloud", *DEPTH, "-o", "out.msgpack", "--encoding", "depth", "--colors",
                                 "client")
        self.assertEqual(note, "--colors client leaves the points without colours: there is no photo that "
                               "a client could keep")

    def test_colours_that_are_not_sent(self):
        wire = ("--encoding", "depth", "--colors", "client")
        for color in ("gray", "depth", "photo"):
            self.assertEqual(self.notes(*DEPTH, *wire, "--color", color, output="out.msgpack"),
                             ["--color has no effect: --colors client sends no colours"])
        self.assertEqual(self.notes(*DEPTH, *wire[:2], "--color", "gray", output="out.msgpack"), [])

    def test_transparency_counts_with_the_colours_of_the_photo(self):
        for color in ("gray", "depth"):
            (note,) = self.notes(*DEPTH, "--color", color, "--keep-transparent")
            self.assertIn("--keep-transparent has no effect: only with the colours of a photo", note)
        self.assertEqual(self.notes(*DEPTH, "--color", "photo", "--keep-transparent"), [])

    def test_reduced_decoding_is_of_jpeg(self):
        for command, output in (("cloud", "out.ply"), ("depth", "out.npy")):
            self.assertEqual(self.run_noted(command, "photo.png", "-o", output, *PLANE, "--fast-decode"),
                             ["photo.png: --fast-decode has no effect: only a JPEG is decoded at a reduced "
                              "scale"])
            self.assertEqual(self.run_noted(command, SAMPLE, "-o", output, *PLANE, "--fast-decode"), [])

    def test_flags_of_another_format(self):
        wire = (("--relative-error", 0.01), ("--colors", "client"), ("--jpeg-quality", 90))
        for flags in wire:
            for output in ("out.ply", "out.pcd", "out.msgpack"):
                self.assertEqual(self.notes(*DEPTH, *flags, output=output),
                                 [f"{flags[0]} has no effect: it is of a .msgpack with --encoding depth"])
            self.assertEqual(self.notes(*DEPTH, *flags, "--encoding", "depth", output="out.msgpack"), [])
        self.assertEqual(self.notes(*DEPTH, "--encoding", "depth", "--colors", "client", "--jpeg-quality",
                                    5, output="out.msgpack"),
                         ["--jpeg-quality has no effect: --colors client sends no JPEG"])
        self.assertEqual(self.notes(*DEPTH, "--axes", "opengl", output="out.msgpack"),
                         ["--axes has no effect: the axes of a .msgpack are always v1"])
        self.assertEqual(self.notes(*DEPTH, "--axes", "v1", output="out.msgpack"), [])
        self.assertEqual(self.notes(*DEPTH, "--axes", "opengl"), [])

    def test_flags_that_the_model_makes_inert(self):
        for command, output in (("cloud", "out.ply"), ("depth", "out.npy")):
            for flags in (("--resize-method", "lower_bound_crop"), ("--threads", 1),
                          ("--precision", "bf16"), ("--device", "cpu")):
                self.assertEqual(self.run_noted(command, "photo.png", "-o", output, *PLANE, *flags),
                                 [f"{flags[0]} has no effect: constant depth runs no network"])

    def test_a_model_without_confidence(self):
        notes = self.notes(*PLANE, "--min-confidence", 1.5)
        self.assertEqual(notes, ["--min-confidence has no effect: constant gives no confidence"])
        self.assertEqual(len(read_ply(self.dir / "out.ply")[0]), 48)

    def test_an_orientation_of_depth_is_of_turned_photos(self):
        self.assertEqual(self.notes(*DEPTH, "--depth-orientation", "stored"),
                         ["photo.png: --depth-orientation has no effect: EXIF does not turn the photo"])

    def test_what_is_not_given_is_not_noted(self):
        self.assertEqual(self.notes(*DEPTH), [])
        self.assertEqual(self.notes(*PLANE), [])

    def test_quiet_prints_errors_only(self):
        self.assertEqual(self.notes(*DEPTH, "--min-confidence", 2, "-q"), [])


class SeveralPictures(CliCase):
    """Of a TIFF file with several pictures the first is taken, and a remark says so."""

    REMARK = "TIFF: of several pictures in the file the first was taken"

    def run_or_skip(self, *arguments):
        done = self.run_program(*arguments)
        if "libtiff-dev" in done.stderr:
            self.skipTest("this build has no libtiff")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_of_a_photo(self):
        pages = [np.full((6, 8, 3), gray) for gray in (50, 100, 200)]
        for count, remark in ((1, ""), (2, f"depthcloud: p.tiff: {self.REMARK}\n"),
                              (3, f"depthcloud: p.tiff: {self.REMARK}\n")):
            (self.dir / "p.tiff").write_bytes(tiff(*pages[:count]))
            for arguments in (("depth", "p.tiff", *PLANE, "-o", "out.npy"),
                              ("cloud", "p.tiff", *DEPTH, "-o", "out.ply")):
                self.assertEqual(self.run_or_skip(*arguments), remark)
            self.assertEqual(set(read_ply(self.dir / "out.ply")[1].ravel()), {50})

    def test_of_depth(self):
        for count in (1, 2):
            (self.dir / "d.tiff").write_bytes(tiff(*[np.full((6, 8), 1.0 + i) for i in range(count)]))
            for photo in ((), ("photo.png",)):
                said = self.run_or_skip("cloud", *photo, "--depth", "d.tiff", "-o", "out.ply")
                self.assertEqual(said, f"depthcloud: d.tiff: {self.REMARK}\n" if count > 1 else "")
                self.assertEqual(set(read_ply(self.dir / "out.ply")[0][:, 2]), {1})
        self.assertEqual(self.run_or_skip("cloud", *DEPTH[:1], "d.tiff", "-o", "out.ply", "-q"), "")


class Depth(CliCase):
    def notes(self, *flags, metres=2, output="mm.png"):
        return self.run_noted("depth", "photo.png", "-o", output, "--model", f"constant:{metres}", *flags)

    def test_depth_beyond_16_bits_is_counted(self):
        self.assertEqual(self.notes("--png16"), [])
        self.assertEqual(self.notes("--png16", metres=65.535), [])
        (note,) = self.notes("--png16", metres=70)
        self.assertRegex(note, r"^mm\.png: (\d+) of \1 pixels are beyond 65\.535 and were written as 65\.535$")
        (note,) = self.notes("--png16", metres=0.0004)
        self.assertRegex(note, r"^mm\.png: (\d+) of \1 pixels are nearer than 0\.0005 and were written as 0")
        self.assertEqual(self.notes(metres=70), [])
        self.assertEqual(self.notes(metres=70, output="d.npy"), [])

    def test_confidence_of_a_model_that_has_none(self):
        self.assertEqual(self.notes("--confidence-out", "c.npy"),
                         ["c.npy: constant gives no confidence, so that it is 1 everywhere"])
        self.assertEqual(set(np.load(self.dir / "c.npy").ravel()), {1})


class Nothing(CliCase):
    """Nothing at all as a result is a failure."""

    def nothing(self, *flags, depth="depth.npy"):
        for output in ("out.ply", "out.pcd", "out.msgpack"):
            line = self.run_fails(1, "cloud", "photo.png", "--depth", depth, "-o", output, *flags)
            self.assertIn("nothing was written", line)
            self.assertNotIn(output, self.names())
        line = self.run_fails(1, "cloud", "photo.png", "--depth", depth, "-o", "out.msgpack",
                              "--encoding", "depth", *flags)
        return line

    def test_depth_without_depth(self):
        for value in (0, -1, np.nan, np.inf):
            np.save(self.dir / "none.npy", np.full((6, 8), value, np.float32))
            self.assertRegex(self.nothing(depth="none.npy"),
                             r"^depthcloud: none\.npy: nothing was written: no pixel has a depth")

    def test_filters_that_leave_nothing(self):
        line = self.nothing("--min-depth", 10)
        self.assertRegex(line, r"^depthcloud: photo\.png: nothing was written: of 48 pixels with depth "
                               r"the filters left no point \(depth goes from \S+ to \S+\)$")
        np.save(self.dir / "slope.npy", np.linspace(1, 2, 48, dtype=np.float32).reshape(6, 8))
        line = self.nothing("--edge-threshold", 1e-7, depth="slope.npy")
        self.assertRegex(line, r"the filters left no point$")


class Overwriting(CliCase):
    def refused(self, *arguments):
        before = {path.name: path.read_bytes() for path in self.dir.iterdir() if path.is_file()}
        line = self.run_fails(2, *arguments)
        self.assertIn("would be overwritten", line)
        after = {path.name: path.read_bytes() for path in self.dir.iterdir() if path.is_file()}
        self.assertEqual(after, before)

    def test_a_photo_by_any_name(self):
        (self.dir / "photo.ply").write_bytes((self.dir / "photo.png").read_bytes())
        os.link(self.dir / "photo.ply", self.dir / "hard.ply")
        (self.dir / "soft.ply").symlink_to("photo.ply")
        (self.dir / "folder").mkdir()
        for name in ("photo.ply", "./photo.ply", "folder/../photo.ply", "hard.ply", "soft.ply"):
            self.refused("cloud", "photo.ply", *DEPTH, "-o", name)
            self.refused("cloud", name, *PLANE, "-o", "photo.ply")

    def test_a_depth_file(self):
        (self.dir / "depth.ply").write_bytes((self.dir / "depth.npy").read_bytes())
        self.refused("cloud", "photo.png", "--depth", "depth.ply", "-o", "depth.ply")

    def test_photos_in_a_folder(self):
        (self.dir / "photo.ply").write_bytes((self.dir / "photo.png").read_bytes())
        self.refused("cloud", "photo.ply", *PLANE, "-o", ".", "--format", "ply")

    def test_depth(self):
        (self.dir / "photo.npy").write_bytes((self.dir / "photo.png").read_bytes())
        os.link(self.dir / "photo.npy", self.dir / "hard.npy")
        (self.dir / "soft.npy").symlink_to("photo.npy")
        for name in ("photo.npy", "hard.npy", "soft.npy"):
            self.refused("depth", "photo.npy", *PLANE, "-o", name)
            self.refused("depth", "photo.npy", *PLANE, "-o", "d.npy", "--confidence-out", name)
            self.refused("depth", "photo.npy", *PLANE, "-o", "d.npy", "--json", name)

    def test_the_files_of_a_model(self):
        model = self.dir / "model"
        (model / "blobs").mkdir(parents=True)
        for name in ("config.json", "preprocessor_config.json", "pytorch_model.bin", "blobs/1234"):
            (model / name).write_text("{}")
        (model / "model.safetensors").symlink_to("blobs/1234")
        os.link(model / "config.json", self.dir / "hard.json")
        (self.dir / "soft.npy").symlink_to("model/model.safetensors")
        (self.dir / "same").symlink_to("model")
        for source in ("model", "model/", "same", "./model/model.safetensors"):
            use = ("--model", source)
            for name in ("model/config.json", "same/preprocessor_config.json", "model/pytorch_model.bin",
                         "model/model.safetensors", "model/blobs/1234", "hard.json"):
                self.refused("depth", "photo.png", *use, "-o", "d.npy", "--json", name)
                self.refused("cloud", "photo.png", "photo.png", *use, "--multi-view", "-o", "o.ply",
                             "--json", name)
            self.refused("depth", "photo.png", *use, "-o", "soft.npy")
            self.refused("depth", "photo.png", *use, "-o", "d.npy", "--confidence-out", "soft.npy")
        self.refused("depth", "photo.png", "--model", "hard.json", "-o", "d.npy", "--json", "model/config.json")

    def test_results_beside_a_model_are_no_part_of_it(self):
        (self.dir / "model").mkdir()
        for name in ("config.json", "model.safetensors"):
            (self.dir / "model" / name).write_text("{}")
        (self.dir / "model/camera.json").write_text("of the run before")
        line = self.run_program("depth", "photo.png", "--model", "model", "-o", "d.npy", "--json",
                                "model/camera.json").stderr
        self.assertNotIn("overwritten", line)

    def test_outputs_of_one_another(self):
        (self.dir / "d.npy").write_bytes(b"old")
        os.link(self.dir / "d.npy", self.dir / "hard.npy")
        self.refused("depth", "photo.png", *PLANE, "-o", "d.npy", "--confidence-out", "hard.npy")


class Dashes(CliCase):
    def test_names_that_begin_with_a_dash(self):
        self.write_photo("-dash.png")
        line = self.run_fails(2, "cloud", "-dash.png", *DEPTH, "-o", "out.ply")
        self.assertIn("stands behind '--', or as './-dash.png'", line)
        line = self.run_fails(2, "depth", "-dash.png", *PLANE, "-o", "out.npy")
        self.assertIn("'--'", line)
        self.run_ok("cloud", *DEPTH, "-o", "out.ply", "--", "-dash.png")
        self.run_ok("cloud", "./-dash.png", *DEPTH, "-o", "out.ply")
        self.run_ok("depth", *PLANE, "-o", "out.npy", "--", "-dash.png")
        self.run_ok("cloud", *PLANE, "-o", "clouds", "--format", "ply", "--", "-dash.png", "photo.png")
        self.assertEqual(self.names("clouds"), ["-dash.ply", "photo.ply"])

    def test_other_errors_do_not_speak_of_names(self):
        for flags in (("--min-depth", "-0.1"), ("--no-such-flag",), ()):
            self.assertNotIn("'--'", self.run_fails(2, "cloud", "photo.png", *flags))


if __name__ == "__main__":
    unittest.main()
