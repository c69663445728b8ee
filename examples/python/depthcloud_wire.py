# SPDX-License-Identifier: Apache-2.0
"""Reads depthcloud's wire messages in every encoding, as docs/wire-format.md describes them.

    message = depthcloud_wire.decode(packet)
    message.positions   # [N, 3] float32, x right, y up, z forward
    message.colors      # [N, 3] uint8; None where the client keeps them

Needs NumPy and msgpack; zstandard and Pillow for the encoding `depth`. As a program it prints what a
message holds: depthcloud_wire.py MESSAGE [--frame PHOTO] [--ply OUT]
"""

import argparse
import dataclasses
import io
import pathlib
import sys
from typing import Optional

import msgpack
import numpy as np

MAX_PIXELS = 16_000_000


class WireError(ValueError):
    """Bytes that are no message of this format, or one too large."""


@dataclasses.dataclass
class Grid:
    """The pixels of a message in the encoding `depth`."""

    width: int  # of the depth map
    height: int
    stride: int
    intrinsics: tuple  # fx, fy, cx, cy, pixels of the depth map
    depth: np.ndarray  # [rows, columns] float32; 0 where there is no point
    colors: Optional[np.ndarray]  # [rows, columns, 3] uint8

    def points(self):
        """[N, 3] float32 in axes v1, in raster order."""
        fx, fy, cx, cy = self.intrinsics
        v, u = np.nonzero(self.depth)
        z = self.depth[v, u].astype(np.float64)
        x = (u * self.stride - cx) / fx * z
        y = -(v * self.stride - cy) / fy * z
        return np.stack([x, y, z], axis=-1).astype(np.float32)

    def colors_from(self, frame):
        """[N, 3]: colours of the points from the frame that the client sent, [H, W, 3]."""
        v, u = np.nonzero(self.depth)
        row = (2 * v * self.stride + 1) * frame.shape[0] // (2 * self.height)
        column = (2 * u * self.stride + 1) * frame.shape[1] // (2 * self.width)
        return frame[row, column]


@dataclasses.dataclass
class Message:
    encoding: str
    timestamp: str
    positions: np.ndarray  # [N, 3] float32, axes v1
    colors: Optional[np.ndarray]  # [N, 3] uint8
    num_views: Optional[int] = None
    frame_id: Optional[int] = None
    capture_ts: Optional[float] = None
    stage_ms: Optional[dict] = None
    grid: Optional[Grid] = None


def require(condition, what):
    if not condition:
        raise WireError(what)


def get(fields, key, kinds):
    require(isinstance(fields.get(key), kinds) and not isinstance(fields[key], bool),
            f"'{key}' is missing or of another type")
    return fields[key]


def numbers(fields, key, count):
    values = get(fields, key, list)
    require(len(values) == count and all(isinstance(x, (int, float)) for x in values),
            f"'{key}' is not {count} numbers")
    return values


def plain_points(fields, kind):
    """points as [N, 3] of `kind`, and colors."""
    count = get(fields, "num_points", int)
    points, colors = get(fields, "points", bytes), get(fields, "colors", bytes)
    require(len(points) == 3 * np.dtype(kind).itemsize * count and len(colors) == 3 * count,
            "points, colors and num_points disagree")
    return (np.frombuffer(points, kind).reshape(-1, 3),
            np.frombuffer(colors, np.uint8).reshape(-1, 3))


def decompress(fields, key, least, most):
    """The contents of a zstd frame, whose size is looked at first."""
    import zstandard

    frame = get(fields, key, bytes)
    try:
        size = zstandard.frame_content_size(frame)
        require(least <= size <= most, f"'{key}' holds {size} bytes, not {least} to {most}")
        stream = zstandard.ZstdDecompressor().decompressobj()
        contents = stream.decompress(frame)
    except zstandard.ZstdError as error:
        raise WireError(f"'{key}': {error}") from error
    require(len(contents) == size and not stream.unused_data, f"'{key}' is not one zstd frame")
    return np.frombuffer(contents, np.uint8)


def levels(fields, rows, columns):
    """[rows, columns] uint16, from codes and escapes."""
    pixels = rows * columns
    packed = decompress(fields, "codes", -(-pixels // 4), -(-pixels // 4))
    codes = (packed[:, None] >> np.array([0, 2, 4, 6], np.uint8) & 3).reshape(-1)[:pixels]
    values = codes.astype(np.uint16)
    escaped = np.flatnonzero(codes == 3)
    escapes = decompress(fields, "escapes", len(escaped), 3 * len(escaped))
    short, wide = escapes[:len(escaped)], escapes[len(escaped):]
    is_wide = short == 255
    require(len(wide) == 2 * np.count_nonzero(is_wide), "'escapes' has a wrong size")
    values[escaped] = short.astype(np.uint16) + 3
    values[escaped[is_wide]] = wide.view("<u2")
    residuals = (values >> 1) ^ (-(values & 1).astype(np.int32)).astype(np.uint16)
    rows_summed = np.cumsum(residuals.reshape(rows, columns), axis=1, dtype=np.uint16)
    return np.cumsum(rows_summed, axis=0, dtype=np.uint16)


def jpeg_colors(jpeg, rows, columns):
    from PIL import Image

    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            require(image.size == (columns, rows), "'colors' has another size than the grid")
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise WireError(f"'colors': {error}") from error


def grid_of(fields):
    width, height, stride = (get(fields, key, int) for key in ("width", "height", "stride"))
    require(min(width, height, stride) >= 1, "a size below 1")
    columns, rows = (width - 1) // stride + 1, (height - 1) // stride + 1
    require(columns * rows <= MAX_PIXELS, f"a grid of {columns} x {rows} pixels")
    near, step = (float(get(fields, key, (int, float))) for key in ("near", "step"))
    require(0 < near < np.inf and 0 < step < np.inf, "a scale that is none")

    pixels = rows * columns
    level = levels(fields, rows, columns)
    has_point = np.ones((rows, columns), bool)
    if "mask" in fields:
        mask = decompress(fields, "mask", -(-pixels // 8), -(-pixels // 8))
        has_point = np.unpackbits(mask)[:pixels].reshape(rows, columns).astype(bool)
    require(np.count_nonzero(has_point) == get(fields, "num_points", int),
            "num_points and the grid disagree")
    require(not np.any(level[has_point] == 65535), "a level of 65535")
    with np.errstate(over="ignore"):
        table = (near * np.exp2(step * np.arange(65536))).astype(np.float32)
    depth = np.where(has_point, table[level], np.float32(0))
    require(np.all(np.isfinite(depth)) and np.all(depth[has_point] > 0), "a depth out of range")
    colors = None
    if "colors" in fields:
        colors = jpeg_colors(get(fields, "colors", bytes), rows, columns)
    return Grid(width, height, stride, tuple(numbers(fields, "intrinsics", 4)), depth, colors)


def decode(packet):
    """One message; bytes that are none are a WireError."""
    try:
        fields = msgpack.unpackb(packet, raw=False)
    except (ValueError, msgpack.UnpackException) as error:
        raise WireError(f"not msgpack: {error}") from error
    require(isinstance(fields, dict) and fields.get("type") == "pointcloud", "not a point cloud")
    encoding = fields.get("encoding", "f32")
    grid = None
    if encoding == "f32":
        positions, colors = plain_points(fields, "<f4")
    elif encoding == "q16":
        steps, colors = plain_points(fields, "<u2")
        origin, scale = numbers(fields, "origin", 3), get(fields, "scale", (int, float))
        positions = (np.array(origin) + scale * steps.astype(np.float64)).astype(np.float32)
    elif encoding == "depth":
        grid = grid_of(fields)
        positions = grid.points()
        colors = None if grid.colors is None else grid.colors[grid.depth > 0]
    else:
        raise WireError(f"a cloud in the encoding {encoding!r}")
    return Message(encoding, get(fields, "timestamp", str), positions, colors,
                   fields.get("num_views"), fields.get("frame_id"), fields.get("capture_ts"),
                   fields.get("stage_ms"), grid)


def write_ply(path, positions, colors):
    """Binary PLY of points in axes v1, in axes opengl: right-handed, as viewers of such files expect."""
    points = np.empty(len(positions), [("xyz", "<f4", 3), ("rgb", "u1", 3)])
    points["xyz"], points["rgb"] = positions * np.float32([1, 1, -1]), colors
    names = "".join(f"property float {c}\n" for c in "xyz")
    names += "".join(f"property uchar {c}\n" for c in ("red", "green", "blue"))
    header = ("ply\nformat binary_little_endian 1.0\n"
              f"comment axes opengl\nelement vertex {len(points)}\n{names}end_header\n")
    pathlib.Path(path).write_bytes(header.encode() + points.tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("message", type=pathlib.Path)
    parser.add_argument("--frame", help="the photo, where the message leaves colours to the client")
    parser.add_argument("--ply", help="write the points here")
    arguments = parser.parse_args()
    packet = arguments.message.read_bytes()
    message = decode(packet)
    colors = message.colors
    if colors is None and arguments.frame:
        from PIL import Image, ImageOps

        with Image.open(arguments.frame) as photo:
            upright = ImageOps.exif_transpose(photo).convert("RGB")
        colors = message.grid.colors_from(np.asarray(upright))
    count = len(message.positions)
    print(f"{count} points in {message.encoding}, {len(packet)} bytes"
          + (f", {len(packet) / count:.2f} a point" if count else ""))
    if arguments.ply:
        white = np.full((count, 3), 255, np.uint8)
        write_ply(arguments.ply, message.positions, white if colors is None else colors)


if __name__ == "__main__":
    try:
        main()
    except (OSError, WireError) as problem:
        sys.exit(f"depthcloud_wire: {problem}")
