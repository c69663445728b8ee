# SPDX-License-Identifier: Apache-2.0
"""`depthcloud` and the photos that people have: flaws, sizes, formats, cameras."""

import pathlib
import unittest
import zlib

import numpy as np

from cli_case import SAMPLE, CliCase, read_ply

PLANE = ("--model", "constant:2")


def chunk(kind, data):
    body = kind + data
    return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


def gray_png(width, height, rows=None):
    """A black PNG of one bit a pixel, or as many of its rows."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\1\0\0\0\0"
    row = bytes(1 + min((width + 7) // 8, 1 << 16))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(row * (rows or height))) + chunk(b"IEND", b""))


def rgba_png(pixels):
    """A PNG with alpha."""
    height, width, _ = pixels.shape
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\6\0\0\0"
    rows = b"".join(b"\0" + row.astype("u1").tobytes() for row in pixels)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


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


class Size(PhotoCase):
    def test_phones_of_48_megapixels(self):
        self.write("large.png", gray_png(8064, 6048))
        self.assertGreater(len(self.cloud_of("large.png")[0]), 0)
        self.assertGreater(len(self.cloud_of("large.png", flags=("--max-pixels", 48771072))[0]), 0)
        line = self.run_fails(1, "cloud", "large.png", "-o", "o.ply", *PLANE, "--max-pixels", 48771071)
        self.assertIn("PNG of 8064 x 6048 pixels is larger than the limit of 48771071 pixels", line)
        line = self.run_fails(1, "depth", "large.png", "-o", "o.npy", *PLANE, "--max-pixels", 1)
        self.assertIn("limit of 1 pixels", line)

    def test_a_bomb_meets_the_memory(self):
        bomb = gray_png(2**31 - 1, 2**31 - 1, rows=1)
        self.write("bomb.png", bomb)
        line = self.run_fails(1, "cloud", "bomb.png", "-o", "out.ply", *PLANE)
        self.assertRegex(line, r"decode: PNG of 2147483647 x 2147483647 pixels needs [0-9.]+ GB of "
                               r"memory, [0-9.]+ GB are available")

    def test_a_limit_that_is_none_is_refused(self):
        for value in ("-1", "x", "nan"):
            self.run_fails(2, "cloud", "photo.png", "-o", "out.ply", *PLANE, "--max-pixels", value)


class Kinds(PhotoCase):
    def test_what_is_no_photo_is_named(self):
        for name, start, expected in (
                ("drawing.bmp", b"BM\x36\x10\0\0\0\0\0\0\x36", "a BMP picture: convert it to"),
                ("html.jpg", b"<!doctype html><title>404</title>", "a web page (HTML): "),
                ("lfs.jpg", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a",
                 "run 'git lfs pull'"),
                ("error.png", b'{"message": "Not Found"}', "a JSON file: "),
                ("clip.jpg", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a video (MP4 or MOV): "),
                ("photos.jpg", b"PK\3\4\x14\0\0\0", "a ZIP archive: unpack it"),
                ("depth.jpg", b"\x93NUMPY\1\0v\0", "a NumPy array (.npy)")):
            with self.subTest(name):
                line = self.run_fails(1, "cloud", self.write(name, start), "-o", "o.ply", *PLANE)
                self.assertIn(f"{name}: decode: this is ", line)
                self.assertIn(expected, line)


class Transparent(PhotoCase):
    def test_what_is_cut_out_gives_no_points(self):
        v, u = np.mgrid[:6, :8]
        pixels = np.stack([u * 10, v * 10, np.full_like(u, 200), np.where(u < 3, 0, 255)], -1)
        self.write("cut.png", rgba_png(pixels))
        for flags in ((), ("--full-size",)):
            colors = self.cloud_of("cut.png", flags=flags)[1]
            self.assertEqual(len(colors), 5 * 6)
            self.assertEqual(colors[:, 0].min(), 30)
        self.assertEqual(len(self.cloud_of("cut.png", flags=("--keep-transparent",))[0]), 8 * 6)
        self.run_ok("cloud", "cut.png", "-o", "out.ply", "--depth", "depth.npy")
        self.assertEqual(len(read_ply(self.dir / "out.ply")[0]), 5 * 6)
        out = self.run_ok("cloud", "cut.png", "-o", "out.msgpack", *PLANE, "--encoding", "depth")
        self.assertIn("30 points", out)


class Folder(PhotoCase):
    def setUp(self):
        super().setUp()
        (self.dir / "photos").mkdir()

    def fill(self, **files):
        for name, data in files.items():
            (self.dir / "photos" / name.replace("_", ".")).write_bytes(data)

    def run_folder(self, *flags):
        done = self.run_program("cloud", "photos", "-o", "out", "--format", "ply", *PLANE, *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_every_suffix_of_jpeg(self):
        jpeg = SAMPLE.read_bytes()
        self.fill(a_jfif=jpeg, b_JPE=jpeg, c_MPO=jpeg, d_jpeg=jpeg, e_jif=jpeg)
        self.assertNotIn("passed over", self.run_folder())
        self.assertEqual(self.names("out"), [f"{stem}.ply" for stem in "abcde"])

    def test_what_is_passed_over_is_named(self):
        self.fill(a_jpg=SAMPLE.read_bytes(), notes_txt=b"", thumbs_db=b"")
        (self.dir / "photos" / ".hidden").write_bytes(b"")
        self.assertIn("passed over 2 files that are no photos: notes.txt, thumbs.db\n",
                      self.run_folder())
        self.assertEqual(self.run_folder("--quiet"), "")
        self.fill(**{f"{i}_txt": b"" for i in range(6)})
        self.assertIn("passed over 8 files that are no photos: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt "
                      "and 3 more\n", self.run_folder())

    def test_one_file_is_passed_over(self):
        self.fill(a_jpg=SAMPLE.read_bytes(), notes_txt=b"")
        self.assertIn("passed over 1 file that is no photo: notes.txt\n", self.run_folder())

    def test_a_photo_that_cannot_be_read_is_an_error_and_named(self):
        self.fill(a_jpg=SAMPLE.read_bytes(), b_jxl=b"\xff\x0a\xfa\x7f", c_bmp=b"BM")
        done = self.run_program("cloud", "photos", "-o", "out", "--format", "ply", *PLANE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("photos/b.jxl: decode: this is a JPEG XL photo: convert it", done.stderr)
        self.assertIn("photos/c.bmp: ", done.stderr)
        self.assertEqual(self.names("out"), ["a.ply"])


IMAGES = pathlib.Path(__file__).parent.parent.parent / "image" / "data"


class Formats(PhotoCase):
    def test_each_is_read_or_says_what_to_install(self):
        for name in ("photo.webp", "photo.heic", "photo.avif", "photo.tiff"):
            with self.subTest(name):
                done = self.run_program("cloud", IMAGES / name, "-o", "out.ply", *PLANE)
                if done.returncode == 0:
                    self.assertEqual(len(read_ply(self.dir / "out.ply")[0]), 48 * 32)
                else:
                    self.assertIn("install ", done.stderr)

    def test_a_suffix_does_not_tell_the_format(self):
        self.write("really_webp.jpg", (IMAGES / "photo.webp").read_bytes())
        done = self.run_program("cloud", "really_webp.jpg", "-o", "out.ply", *PLANE)
        self.assertTrue(done.returncode == 0 or "a WebP photo" in done.stderr, done.stderr)


if __name__ == "__main__":
    unittest.main()
