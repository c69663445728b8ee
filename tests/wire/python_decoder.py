# SPDX-License-Identifier: Apache-2.0
"""The decoder in Python against unpack(), on the same messages in every encoding:
python_decoder.py WIRE_TOOL FOLDER_OF_THE_DECODER"""

import itertools
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL, FOLDER = sys.argv.pop(1), sys.argv.pop(1)
sys.path.insert(0, FOLDER)

try:
    import msgpack
    import numpy as np
    import PIL.Image
    import zstandard

    import depthcloud_wire
except ImportError as error:
    print(f"skipped: {error} (apt-get install python3-msgpack python3-numpy python3-pil "
          "python3-zstandard)")
    sys.exit(77)


def run(arguments, data, check=True):
    return subprocess.run([TOOL, *map(str, arguments)], input=data, capture_output=True,
                          check=check, timeout=60)


def scene(width, height, noise, holes):
    """Depth and photo: a wave with a step in it, noise, pixels without depth."""
    random = np.random.default_rng(width * height)
    v, u = np.mgrid[:height, :width]
    depth = (3 + np.sin(0.1 * (u + 2 * v))) * np.where(u > width // 2, 1, 0.4)
    depth *= 1 + noise * random.standard_normal(depth.shape)
    depth[random.random(depth.shape) < holes] = np.nan
    photo = np.stack([u * 255 // width, v * 255 // height, np.full_like(u, 90)], -1)
    return depth.astype("<f4"), photo.astype(np.uint8)


def pack(depth, photo, stride=1, encoding="depth", error=0.001, colors="jpeg"):
    height, width = depth.shape
    return run(["grid", width, height, stride, encoding, error, colors],
               depth.tobytes() + photo.tobytes()).stdout


def unpacked(packet):
    """Positions and colours of the C++ decoder."""
    out = run(["unpack"], packet).stdout
    count = msgpack.unpackb(packet)["num_points"]
    return (np.frombuffer(out, "<f4", 3 * count).reshape(-1, 3),
            np.frombuffer(out, np.uint8, 3 * count, 12 * count).reshape(-1, 3))


class PythonDecoder(unittest.TestCase):
    def check(self, packet, encoding):
        message = depthcloud_wire.decode(packet)
        positions, colors = unpacked(packet)
        self.assertEqual(message.encoding, encoding)
        self.assertEqual(message.timestamp, "1970-01-01T00:00:00.000000+00:00")
        self.assertEqual(message.frame_id, 7)
        np.testing.assert_allclose(message.positions, positions, rtol=1e-6, atol=1e-6)
        if message.colors is not None:
            np.testing.assert_array_equal(message.colors, colors)
        return message

    def test_every_encoding(self):
        sizes = [(1, 1), (1, 7), (7, 1), (2, 2), (63, 41), (160, 120)]
        for size, stride, holes in itertools.product(sizes, (1, 3), (0, 0.1, 1)):
            depth, photo = scene(*size, 0.002, holes)
            for encoding in ("f32", "q16", "depth"):
                with self.subTest(size=size, stride=stride, holes=holes, encoding=encoding):
                    message = self.check(pack(depth, photo, stride, encoding), encoding)
                    valid = depth[::stride, ::stride]
                    valid = valid[np.isfinite(valid)]
                    np.testing.assert_allclose(message.positions[:, 2], valid, rtol=0.001)

    def test_escapes_of_one_byte_and_two(self):
        for noise, error in ((0.02, 0.001), (0.3, 0.0002)):
            depth, photo = scene(90, 70, noise, 0.02)
            depth = np.abs(depth) + np.float32(0.01)
            message = self.check(pack(depth, photo, error=error), "depth")
            fields = msgpack.unpackb(pack(depth, photo, error=error))
            escapes = zstandard.ZstdDecompressor().decompress(fields["escapes"])
            self.assertGreater(len(escapes), 300)
            z = depth[np.isfinite(depth)]
            np.testing.assert_allclose(message.positions[:, 2], z, rtol=error)

    def test_colors_of_the_client(self):
        depth, photo = scene(63, 41, 0.001, 0.1)
        for stride in (1, 2):
            message = self.check(pack(depth, photo, stride, colors="client"), "depth")
            self.assertIsNone(message.colors)
            plain = depthcloud_wire.decode(pack(depth, photo, stride, "f32"))
            np.testing.assert_array_equal(message.grid.colors_from(photo), plain.colors)
            twice = photo.repeat(2, axis=0).repeat(2, axis=1)
            np.testing.assert_array_equal(message.grid.colors_from(twice), plain.colors)

    def test_broken_messages_are_refused_by_both(self):
        depth, photo = scene(63, 41, 0.01, 0.1)
        whole = msgpack.unpackb(pack(depth, photo))
        squeeze = zstandard.ZstdCompressor().compress
        changes = {
            "codes": (None, b"", b"\0" * 40, squeeze(b"\0"), squeeze(b"\0" * 100_000),
                      whole["codes"][:-1], whole["codes"] + b"\0"),
            "escapes": (None, squeeze(b""), squeeze(b"\xff" * 9)),
            "mask": (squeeze(b"\xff" * 323), squeeze(b""), 5),
            "colors": (b"", photo.tobytes(), whole["colors"][:300], 1),
            "width": (None, 0, 62, 70, 2**40, "63"),
            "height": (0, 40, 2**40),
            "stride": (0, 2, 1.5),
            "near": (None, 0, -1.0, float("nan"), float("inf"), 1e39),
            "step": (None, 0, -1.0, float("nan"), 1.0),
            "intrinsics": (None, [1.0, 1.0, 1.0], [1, 1, 1, "1"]),
            "num_points": (None, 0, 63 * 41),
            "encoding": ("q16", "f32", "q9"),
        }
        for key, values in changes.items():
            for value in values:
                fields = {**whole, key: value}
                if value is None:
                    del fields[key]
                packet = msgpack.packb(fields, use_bin_type=True)
                with self.subTest(key=key, value=value if not isinstance(value, bytes) else "bytes"):
                    self.assertEqual(run(["unpack"], packet, check=False).returncode, 1)
                    with self.assertRaises(depthcloud_wire.WireError):
                        depthcloud_wire.decode(packet)

    def test_as_a_program(self):
        depth, photo = scene(63, 41, 0.001, 0)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "m.msgpack").write_bytes(pack(depth, photo, colors="client"))
            PIL.Image.fromarray(photo).save(folder / "frame.png")
            program = [sys.executable, pathlib.Path(FOLDER) / "depthcloud_wire.py"]
            out = subprocess.run([*program, folder / "m.msgpack", "--frame", folder / "frame.png",
                                  "--ply", folder / "m.ply"], capture_output=True, text=True,
                                 check=True, timeout=60).stdout
            self.assertIn("2583 points in depth", out)
            points = (folder / "m.ply").read_bytes().split(b"end_header\n", 1)[1]
            self.assertEqual(points[12:15], photo[0, 0].tobytes())
            (folder / "bad").write_bytes(b"\xc1")
            bad = subprocess.run([*program, folder / "bad"], capture_output=True, text=True,
                                 check=False, timeout=60)
            self.assertEqual(bad.returncode, 1)
            self.assertTrue(bad.stderr.startswith("depthcloud_wire: not msgpack"), bad.stderr)


if __name__ == "__main__":
    unittest.main()
