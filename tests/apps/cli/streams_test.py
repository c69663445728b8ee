# SPDX-License-Identifier: Apache-2.0
"""Standard input and output, folders and pairs: with known depth and with the model `constant`."""

import io
import os
import pty
import subprocess
import unittest

import numpy as np

from cli_case import PROGRAM, CliCase, read_ply, write_png

DEPTH = ("--depth", "depth.npy")
PLANE = ("--model", "constant:2")


class Streams(CliCase):
    def test_photo_or_depth_from_standard_input(self):
        expected = self.cloud()
        photo = (self.dir / "photo.png").read_bytes()
        depth = (self.dir / "depth.npy").read_bytes()
        for arguments, given in ((("-", *DEPTH), photo), (("photo.png", "--depth", "-"), depth)):
            self.piped("cloud", *arguments, "-o", "piped.ply", given=given)
            for a, b in zip(read_ply(self.dir / "piped.ply"), expected):
                np.testing.assert_array_equal(a, b)
        self.piped("depth", "-", *PLANE, "-o", "d.npy", given=photo)
        self.assertEqual(set(np.load(self.dir / "d.npy").ravel()), {2})

    def test_clouds_to_standard_output(self):
        for kind in ("ply", "pcd"):
            self.run_ok("cloud", "photo.png", *DEPTH, "-o", "out." + kind)
            done = self.piped("cloud", "photo.png", *DEPTH, "-o", "-", "--format", kind)
            self.assertEqual(done.stdout, (self.dir / f"out.{kind}").read_bytes())
            self.assertEqual(len(done.stderr.splitlines()), 2)  # what was made, and the camera
            quiet = self.piped("cloud", "photo.png", *DEPTH, "-o", "-", "--format", kind, "-q")
            self.assertEqual((quiet.stdout, quiet.stderr), (done.stdout, b""))
        done = self.piped("cloud", "photo.png", *DEPTH, "-o", "-", "--format", "msgpack")
        self.assertIn(b"num_points", done.stdout)
        self.assertNotIn("-", self.names())

    def test_depth_to_standard_output(self):
        done = self.piped("depth", "photo.png", *PLANE, "-o", "-", "--format", "npy")
        self.assertEqual(set(np.load(io.BytesIO(done.stdout)).ravel()), {2})
        done = self.piped("depth", "photo.png", *PLANE, "-o", "-", "--format", "png", "--png16")
        self.assertTrue(done.stdout.startswith(b"\x89PNG"))

    def test_what_a_pipe_cannot_do(self):
        for arguments in (("photo.png", *DEPTH, "-o", "-"), ("-", "--depth", "-", "-o", "out.ply"),
                          ("-", "-", *PLANE, "-o", "clouds", "--format", "ply"),
                          ("photo.png", "photo.png", *PLANE, "-o", "-", "--format", "ply")):
            self.run_fails(2, "cloud", *arguments)
        self.run_fails(2, "depth", "photo.png", *PLANE, "-o", "-")
        self.run_fails(2, "depth", "photo.png", *PLANE, "-o", "d.npy", "--json", "-")
        self.assertIn(b"depthcloud: -: decode:", self.piped("cloud", "-", *DEPTH, "-o", "out.ply",
                                                            code=1).stderr)


class DepthAlone(CliCase):
    def test_depth_colours_and_gray(self):
        self.run_ok("cloud", *DEPTH, "-o", "default.ply")
        self.run_ok("cloud", *DEPTH, "--color", "depth", "-o", "depth.ply")
        self.run_ok("cloud", *DEPTH, "--color", "gray", "-o", "gray.ply")
        positions = self.cloud()[0]
        for name in ("default", "depth", "gray"):
            np.testing.assert_array_equal(read_ply(self.dir / f"{name}.ply")[0], positions)
        colors = read_ply(self.dir / "depth.ply")[1]
        np.testing.assert_array_equal(read_ply(self.dir / "default.ply")[1], colors)
        near, far = colors[0], colors[7]
        self.assertGreater(near[0], near[2])  # warm
        self.assertGreater(near[0], 2 * far[0])
        gray = read_ply(self.dir / "gray.ply")[1]
        self.assertEqual(len(np.unique(gray)), 1)

    def test_colours_by_depth_with_a_photo(self):
        photo = self.cloud()[1]
        np.testing.assert_array_equal(self.cloud("--color", "photo")[1], photo)
        self.assertEqual(len(np.unique(self.cloud("--color", "gray")[1])), 1)
        self.run_ok("cloud", "photo.png", *PLANE, "--color", "depth", "-o", "out.ply")
        self.assertEqual(len(np.unique(read_ply(self.dir / "out.ply")[1], axis=0)), 1)

    def test_a_folder(self):
        (self.dir / "depths").mkdir()
        for name in ("a", "b"):
            np.save(self.dir / "depths" / f"{name}.npy", self.depth)
        self.run_ok("cloud", "--depth", "depths", "-o", "clouds", "--format", "ply")
        self.assertEqual(self.names("clouds"), ["a.ply", "b.ply"])

    def test_what_needs_a_photo(self):
        for flags in (("--color", "photo"), ("--full-size",)):
            self.run_fails(2, "cloud", *DEPTH, "-o", "out.ply", *flags)
        self.assertIn("no photo", self.run_fails(2, "cloud", "-o", "out.ply"))
        self.run_fails(2, "cloud", *DEPTH, "-o", "out.ply", "--color", "red")


class ManyPairs(CliCase):
    def setUp(self):
        super().setUp()
        for folder in ("photos", "depths"):
            (self.dir / folder).mkdir()
        for number, name in enumerate(("a", "b", "c")):
            self.write_photo(f"photos/{name}.png")
            np.save(self.dir / "depths" / f"{name}.npy", np.full((6, 8), 1.0 + number))

    def depth_in(self, name, folder="clouds"):
        return set(read_ply(self.dir / folder / name)[0][:, 2])

    def test_two_folders(self):
        out = self.run_ok("cloud", "photos", "--depth", "depths", "-o", "clouds", "--format", "ply")
        self.assertEqual(self.names("clouds"), ["a.ply", "b.ply", "c.ply"])
        self.assertEqual([self.depth_in(name) for name in self.names("clouds")], [{1}, {2}, {3}])
        self.assertEqual(len(out.splitlines()), 2 * 3)
        self.run_ok("cloud", "photos/b.png", "--depth", "depths", "-o", "b.ply", "-q")
        self.assertEqual(self.depth_in("b.ply", "."), {2})

    def test_files_that_are_left_over(self):
        os.remove(self.dir / "depths/b.npy")
        write_png(self.dir / "depths/c.png", np.full((6, 8), 1000))
        np.save(self.dir / "depths/z.npy", self.depth)
        done = self.run_program("cloud", "photos", "--depth", "depths", "-o", "clouds", "--format", "ply")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.names("clouds"), ["a.ply"])
        note, b, c = done.stderr.splitlines()
        self.assertRegex(note, r"note: depths: 1 of 4 depth files have no photo of their name, 'z\.npy'")
        self.assertEqual(b, "depthcloud: photos/b.png: 'depths' holds no depth file of that name")
        self.assertEqual(c, "depthcloud: photos/c.png: which depth is it, 'depths/c.npy' or 'depths/c.png'?")
        (self.dir / "none").mkdir()
        self.assertIn("holds no depth file", self.run_fails(1, "cloud", "photos", "--depth", "none", "-o",
                                                            "more", "--format", "ply"))

    def test_a_broken_pair_does_not_stop_the_rest(self):
        (self.dir / "depths/b.npy").write_text("broken")
        done = self.run_program("cloud", "photos", "--depth", "depths", "-o", "clouds", "--format", "ply")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.names("clouds"), ["a.ply", "c.ply"])
        self.assertRegex(done.stderr, r"^depthcloud: depths/b\.npy: file: ")

    def test_a_list(self):
        (self.dir / "depths/with space.npy").write_bytes((self.dir / "depths/c.npy").read_bytes())
        (self.dir / "list.txt").write_text("# photo depth\n\nphotos/a.png depths/b.npy\r\n"
                                           "photos/c.png\tdepths/with space.npy\n"
                                           "1.5 photos/b.png 1.6 depths/a.npy")
        self.run_ok("cloud", "--pairs", "list.txt", "-o", "clouds", "--format", "ply")
        self.assertEqual([self.depth_in(name) for name in self.names("clouds")], [{2}, {1}, {3}])

    def test_lists_as_windows_writes_them(self):
        text = "photos/a.png depths/b.npy\r\nphotos/c.png depths/c.npy\r\n"
        (self.dir / "list.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
        self.run_ok("cloud", "--pairs", "list.txt", "-o", "clouds", "--format", "ply")
        self.assertEqual([self.depth_in(name) for name in self.names("clouds")], [{2}, {3}])
        (self.dir / "list.txt").write_bytes(b"\xef\xbb\xbf# a remark\n" + text.encode())
        self.run_ok("cloud", "--pairs", "list.txt", "-o", "clouds", "--format", "ply")
        for encoding in ("utf-16-le", "utf-16-be"):
            (self.dir / "list.txt").write_bytes(("\ufeff" + text).encode(encoding))
            line = self.run_fails(1, "cloud", "--pairs", "list.txt", "-o", "clouds", "--format", "ply")
            self.assertEqual(line, "depthcloud: list.txt: it is text in UTF-16: save it as UTF-8\n")

    def test_a_list_of_one_pair_is_one_file(self):
        (self.dir / "list.txt").write_text("photos/a.png depths/b.npy\n")
        for flags in ((), ("--format", "ply")):
            self.run_ok("cloud", "--pairs", "list.txt", "-o", "one.ply", *flags)
            self.assertEqual(self.depth_in("one.ply", "."), {2})
            os.remove(self.dir / "one.ply")
        done = subprocess.run([PROGRAM, "cloud", "--pairs", "list.txt", "-o", "-", "--format", "ply", "-q"],
                              cwd=self.dir, capture_output=True, timeout=120, check=True)
        self.assertTrue(done.stdout.startswith(b"ply\n"))
        self.run_ok("cloud", "--pairs", "list.txt", "-o", "clouds", "--format", "ply")
        self.assertEqual(self.names("clouds"), ["a.ply"])
        (self.dir / "list.txt").write_text("photos/a.png depths/b.npy\nphotos/b.png depths/a.npy\n")
        for output in (("one.ply",), ("one.ply", "--format", "ply")):
            self.assertIn("needs --format", self.run_fails(2, "cloud", "--pairs", "list.txt", "-o", *output))
        self.assertIn("standard output", self.run_fails(2, "cloud", "--pairs", "list.txt", "-o", "-",
                                                        "--format", "ply"))

    def test_depth_that_is_not_there(self):
        for inputs in (("photos",), ("photos/a.png", "photos/b.png")):
            line = self.run_fails(1, "cloud", *inputs, "--depth", "none", "-o", "clouds", "--format", "ply")
            self.assertEqual(line, "depthcloud: none: No such file or directory\n")
            line = self.run_fails(2, "cloud", *inputs, *DEPTH, "-o", "clouds", "--format", "ply")
            self.assertIn("is the depth of one photo", line)

    def test_lists_that_cannot_be_read(self):
        for text in ("", "# nothing\n", "photos/a.png\n", "a b c\n", "a b c d e\n"):
            (self.dir / "list.txt").write_text(text)
            line = self.run_fails(1, "cloud", "--pairs", "list.txt", "-o", "clouds", "--format", "ply")
            self.assertTrue(line.startswith("depthcloud: list.txt: "), line)
        self.run_fails(1, "cloud", "--pairs", "none.txt", "-o", "clouds", "--format", "ply")
        self.run_fails(2, "cloud", "photo.png", "--pairs", "list.txt", "-o", "clouds", "--format", "ply")
        self.run_fails(2, "cloud", *DEPTH, "--pairs", "list.txt", "-o", "clouds", "--format", "ply")


class DepthOfFolders(CliCase):
    def setUp(self):
        super().setUp()
        (self.dir / "photos").mkdir()
        for name in ("a", "b"):
            self.write_photo(f"photos/{name}.png")

    def test_every_format(self):
        for kind in ("npy", "pfm", "png"):
            out = self.run_ok("depth", "photos", "photo.png", *PLANE, "-o", "out", "--format", kind)
            self.assertEqual(len(out.splitlines()), 2 * 3)
        self.assertEqual(self.names("out"), [f"{stem}.{kind}" for stem in ("a", "b", "photo")
                                             for kind in ("npy", "pfm", "png")])
        self.assertEqual((self.dir / "out/a.png").read_bytes()[24], 8)
        self.run_ok("depth", "photos", *PLANE, "-o", "out", "--format", "png", "--png16")
        self.assertEqual((self.dir / "out/a.png").read_bytes()[24], 16)

    def test_one_broken_photo_does_not_stop_the_rest(self):
        (self.dir / "photos/a.png").write_bytes(b"broken")
        done = self.run_program("depth", "photos", *PLANE, "-o", "out", "--format", "npy")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.names("out"), ["b.npy"])
        self.assertRegex(done.stderr, r"^depthcloud: photos/a\.png: decode: ")

    def test_usage(self):
        for flags in (("-o", "out"), ("-o", "out.npy"), ("-o", "out.npy", "--format", "npy"),
                      ("-o", "out", "--format", "obj"), ("-o", "out", "--format", "npy", "--png16"),
                      ("-o", "out", "--format", "npy", "--json", "c.json"),
                      ("-o", "out", "--format", "npy", "--confidence-out", "c.npy"),
                      ("-o", "photo.png", "--format", "npy")):
            with self.subTest(flags=flags):
                self.run_fails(2, "depth", "photos", *PLANE, *flags)
        line = self.run_fails(2, "depth", "photos", *PLANE, "-o", "photos", "--format", "png")
        self.assertIn("would be overwritten", line)

    def test_bar_on_a_terminal(self):
        screen, terminal = pty.openpty()
        subprocess.run([PROGRAM, "depth", "photos", "-o", "out", "--format", "npy", *PLANE], cwd=self.dir,
                       stdout=subprocess.PIPE, stderr=terminal, timeout=120, check=True)
        os.close(terminal)
        shown = ""
        try:
            while part := os.read(screen, 10000):
                shown += part.decode()
        except OSError:  # how Linux says that nobody has the terminal open any more
            pass
        os.close(screen)
        self.assertIn("] 0/2", shown)
        self.assertIn("] 2/2", shown)


if __name__ == "__main__":
    unittest.main()
