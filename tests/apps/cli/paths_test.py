# SPDX-License-Identifier: Apache-2.0
"""Names that lead nowhere, and files that a run may not touch: with the model `constant`."""

import os
import subprocess
import unittest

import numpy as np

from cli_case import PROGRAM, CliCase

PLANE = ("--model", "constant:2")
LONG = "a" * 300


class PathCase(CliCase):
    def setUp(self):
        super().setUp()
        (self.dir / "photos").mkdir()
        self.write_photo("photos/a.png")
        (self.dir / "loop").symlink_to("loop")

    def check_plain(self, text):
        for phrase in ("filesystem error", "filesystem_error", "[", "status:"):
            self.assertNotIn(phrase, text)


class Inputs(PathCase):
    def test_a_loop_does_not_stop_the_rest(self):
        (self.dir / "photos/loop.png").symlink_to("loop.png")
        for command, kind in (("cloud", "ply"), ("depth", "npy")):
            for inputs in (("photos",), ("photos/loop.png", "photos/a.png")):
                done = self.run_program(command, *inputs, "-o", f"out_{kind}", "--format", kind, *PLANE)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(self.names(f"out_{kind}"), ["a." + kind])
                self.assertEqual(done.stderr, "depthcloud: photos/loop.png: file: cannot read "
                                              "'photos/loop.png': Too many levels of symbolic links\n")

    def test_a_loop_among_depth_files_is_an_error_of_its_pair(self):
        self.write_photo("photos/b.png")
        (self.dir / "depths").mkdir()
        np.save(self.dir / "depths/a.npy", self.depth)
        (self.dir / "depths/b.npy").symlink_to("b.npy")
        done = self.run_program("cloud", "photos", "--depth", "depths", "-o", "out", "--format", "ply")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.names("out"), ["a.ply"])
        self.assertRegex(done.stderr, r"^depthcloud: depths/b\.npy: file: cannot read ")

    def test_names_that_no_file_can_have(self):
        for name, reason in ((LONG + ".png", "File name too long"),
                             ("loop", "Too many levels of symbolic links")):
            for arguments in (("depth", name, *PLANE, "-o", "d.npy"), ("cloud", name, *PLANE, "-o", "o.ply"),
                              ("cloud", "photo.png", "--depth", name, "-o", "o.ply"),
                              ("cloud", "--pairs", name, "-o", "out", "--format", "ply")):
                line = self.run_fails(1, *arguments)
                self.assertTrue(line.startswith(f"depthcloud: {name}: file: cannot read '{name}': "), line)
                self.assertIn(reason, line)
                self.check_plain(line)

    def test_flags_may_be_of_any_length(self):
        self.check_plain(self.run_fails(2, "cloud", "photo.png", "--" + LONG, "-o", "o.ply"))

    def test_a_folder_that_cannot_be_read(self):
        os.chmod(self.dir, 0o755)
        os.chmod(self.dir / "photos", 0)
        self.addCleanup(os.chmod, self.dir / "photos", 0o755)
        nobody = {"user": 65534} if os.getuid() == 0 else {}
        try:
            done = subprocess.run([PROGRAM, "cloud", "photos", "-o", "o", "--format", "ply", *PLANE],
                                  cwd=self.dir, text=True, capture_output=True, timeout=120, check=False, **nobody)
        except PermissionError:  # the checkout is of root alone
            self.skipTest("another user may not run this program")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr,
                         "depthcloud: file: cannot read the folder 'photos': Permission denied\n")


class Outputs(PathCase):
    def test_outputs_that_no_file_can_have(self):
        (self.dir / "loop.ply").symlink_to("loop.ply")
        (self.dir / "loop.npy").symlink_to("loop.npy")
        for arguments in (("cloud", "-o", "loop", "--format", "ply"), ("cloud", "-o", "loop.ply"),
                          ("cloud", "-o", LONG + ".ply"), ("depth", "-o", "loop.npy"),
                          ("depth", "-o", "d.npy", "--json", "loop"),
                          ("depth", "-o", "d.npy", "--confidence-out", "loop.npy")):
            command, *flags = arguments
            line = self.run_fails(1, command, "photo.png", *PLANE, *flags)
            self.assertRegex(line, r"^depthcloud: file: cannot write '(loop|a{300})[a-z.]*': ")
            self.check_plain(line)
        self.assertNotIn("d.npy", self.names())

    def test_a_link_to_nothing_is_no_folder(self):
        (self.dir / "gone").symlink_to("nothing")
        line = self.run_fails(1, "cloud", "photo.png", "-o", "gone", "--format", "ply", *PLANE)
        self.assertIn("cannot make the folder 'gone': it is a link to nothing", line)


class PassedOver(PathCase):
    def setUp(self):
        super().setUp()
        os.mkfifo(self.dir / "photos/pipe.png")
        (self.dir / "photos/gone.png").symlink_to("nothing")
        (self.dir / "photos/folder.png").mkdir()

    def test_pipes_and_links_to_nothing_are_named(self):
        for command, kind in (("cloud", "ply"), ("depth", "npy")):
            (note,) = self.run_noted(command, "photos", "-o", "out", "--format", kind, *PLANE)
            self.assertEqual(note, "passed over 2 files that are no photos: gone.png (a link to nothing), "
                                   "pipe.png (a pipe)")

    def test_they_are_named_where_there_is_nothing_else(self):
        os.remove(self.dir / "photos/a.png")
        line = self.run_fails(1, "cloud", "photos", "-o", "out", "--format", "ply", *PLANE)
        self.assertIn("'photos' holds no photos, only gone.png (a link to nothing), pipe.png (a pipe)", line)

    def test_in_a_folder_of_depth(self):
        (self.dir / "depths").mkdir()
        np.save(self.dir / "depths/a.npy", self.depth)
        (self.dir / "depths/b.npy").symlink_to("nothing")
        (self.dir / "depths/notes.txt").write_text("")
        (note,) = self.run_noted("cloud", "--depth", "depths", "-o", "out", "--format", "ply")
        self.assertEqual(note, "depths: passed over 2 files that are no depth: b.npy (a link to nothing), "
                               "notes.txt")
        notes = self.run_noted("cloud", "photos", "--depth", "depths", "-o", "out", "--format", "ply")
        self.assertEqual(notes[1], "depths: passed over 1 file that is no depth: b.npy (a link to nothing)")


if __name__ == "__main__":
    unittest.main()
