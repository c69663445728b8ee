# SPDX-License-Identifier: Apache-2.0
"""Runs the program `depthcloud` (environment: DEPTHCLOUD_PROGRAM) and reads what it writes."""

import os
import pathlib
import struct
import subprocess
import tempfile
import unittest
import zlib

import msgpack
import numpy as np

PROGRAM = os.environ["DEPTHCLOUD_PROGRAM"]
HAS_TORCH = os.environ["DEPTHCLOUD_TORCH"] == "1"
SAMPLE = pathlib.Path(os.environ["DEPTHCLOUD_SAMPLE_PHOTO"])

needs_torch = unittest.skipUnless(HAS_TORCH, "this build has no LibTorch")


def write_png(path, pixels):
    """An 8-bit RGB or 16-bit gray PNG."""
    height, width = pixels.shape[:2]
    color = pixels.ndim == 3

    def chunk(kind, data):
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    header = (width.to_bytes(4, "big") + height.to_bytes(4, "big")
              + bytes([8 if color else 16, 2 if color else 0, 0, 0, 0]))
    rows = b"".join(b"\0" + row.astype(">u1" if color else ">u2").tobytes() for row in pixels)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def tiff(*pages):
    """A TIFF file with these pictures: float32 of one channel, or 8-bit RGB."""
    data, place = b"II*\0", 4
    for page in pages:
        is_depth = page.ndim == 2
        pixels = page.astype("<f4" if is_depth else "u1").tobytes()
        height, width = page.shape[:2]
        at = place + 4  # where the pixels are
        bits_at = at + len(pixels)
        directory = bits_at + 6
        bits = 32 if is_depth else bits_at
        fields = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1 if is_depth else 3, bits), (259, 3, 1, 1),
                  (262, 3, 1, 1 if is_depth else 2), (273, 4, 1, at), (277, 3, 1, 1 if is_depth else 3),
                  (278, 4, 1, height), (279, 4, 1, len(pixels)), (339, 3, 1, 3 if is_depth else 1)]
        data += directory.to_bytes(4, "little") + pixels + b"\x08\0" * 3 + len(fields).to_bytes(2, "little")
        for tag, kind, count, value in fields:
            data += (tag.to_bytes(2, "little") + kind.to_bytes(2, "little") + count.to_bytes(4, "little")
                     + value.to_bytes(4, "little"))
        place = len(data)
    return data + bytes(4)


def with_focal_length(jpeg, focal_35mm):
    """The JPEG with an EXIF record that says its focal length as if on 35 mm film."""
    def entry(tag, kind, value):
        return tag.to_bytes(2, "big") + kind + (1).to_bytes(4, "big") + value

    first = b"\0\1" + entry(0x8769, b"\0\4", (26).to_bytes(4, "big")) + bytes(4)  # to the next
    second = b"\0\1" + entry(0xA405, b"\0\3", focal_35mm.to_bytes(2, "big") + b"\0\0") + bytes(4)
    exif = b"Exif\0\0MM\0*" + (8).to_bytes(4, "big") + first + second
    return jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:]


def with_orientation(png, orientation):
    """The PNG with an EXIF record that says how it is to be turned."""
    exif = (b"MM\0*" + (8).to_bytes(4, "big") + b"\0\1" + (0x112).to_bytes(2, "big") + b"\0\3"
            + (1).to_bytes(4, "big") + orientation.to_bytes(2, "big") + bytes(6))
    body = b"eXIf" + exif
    chunk = len(exif).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    after_header = 8 + 25
    return png[:after_header] + chunk + png[after_header:]


def read_ply_as_written(path):
    """(positions [N, 3], colours [N, 3], name of the axes) of a binary PLY."""
    header, body = path.read_bytes().split(b"end_header\n", 1)
    assert header.startswith(b"ply\nformat binary_little_endian 1.0\n"), header
    count = int(header.split(b"element vertex ")[1].split()[0])
    points = np.frombuffer(body, dtype=[("xyz", "<f4", 3), ("rgb", "u1", 3)])
    assert len(points) == count
    return points["xyz"], points["rgb"], header.split(b"comment axes ")[1].split()[0].decode()


def read_ply(path):
    """(positions [N, 3] in axes opencv, colours [N, 3]) of a binary PLY."""
    positions, colors, axes = read_ply_as_written(path)
    signs = {"opencv": [1, 1, 1], "opengl": [1, -1, -1], "v1": [1, -1, 1]}[axes]
    return positions * np.float32(signs), colors


def read_msgpack(path):
    message = msgpack.unpackb(path.read_bytes())
    positions = np.frombuffer(message["points"], "<f4").reshape(-1, 3)
    return positions, np.frombuffer(message["colors"], np.uint8).reshape(-1, 3)


RECORDING_HEADER = b"\x89DCR\r\n\x1a\n" + struct.pack("<IIq", 1, 0, 1_790_000_000_000_000)


def record(microseconds, client, message):
    """A record of a recording, see docs/recording.md."""
    head = struct.pack("<QQI", microseconds, client, len(message))
    return head + zlib.crc32(head + message).to_bytes(4, "little") + message


END_OF_RECORDING = record(0, 2**64 - 1, b"")


class CliCase(unittest.TestCase):
    """A test in an empty folder that holds photo.png (8 x 6) and depth.npy (8 x 6)."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.dir = pathlib.Path(temporary.name)
        self.photo = self.write_photo("photo.png")
        # 1 m on the left, 3 m on the right
        self.depth = np.where(np.arange(8) < 4, 1.0, 3.0) * np.ones((6, 1))
        np.save(self.dir / "depth.npy", self.depth.astype(np.float32))

    def write_photo(self, name, width=8, height=6):
        v, u = np.mgrid[:height, :width]
        path = self.dir / name
        write_png(path, np.stack([u * 10, v * 10, np.full_like(u, 200)], axis=-1))
        return path

    def run_program(self, *arguments):
        """Runs in the test's folder; the finished process."""
        return subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.dir, text=True, timeout=120,
                              capture_output=True, check=False)

    def run_ok(self, *arguments):
        done = self.run_program(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def piped(self, *arguments, given=b"", code=0):
        """The finished process, which gets these bytes on standard input; its streams are bytes."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.dir, input=given,
                              capture_output=True, timeout=120, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def run_noted(self, *arguments):
        """The notes on standard error of a command that succeeds, without what they begin with."""
        done = self.run_program(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        prefix = "depthcloud: note: "
        lines = done.stderr.splitlines()
        for line in lines:
            self.assertTrue(line.startswith(prefix), line)
        return [line[len(prefix):] for line in lines]

    def run_fails(self, code, *arguments):
        """The one line on standard error of a command that fails."""
        done = self.run_program(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("depthcloud: "), done.stderr)
        return done.stderr

    def cloud(self, *flags, output="out.ply"):
        """Positions and colours of photo.png with depth.npy."""
        self.run_ok("cloud", "photo.png", "--depth", "depth.npy", "-o", output, *flags)
        return read_ply(self.dir / output)

    def names(self, folder="."):
        return sorted(path.name for path in (self.dir / folder).iterdir())
