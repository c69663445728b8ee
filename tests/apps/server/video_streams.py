# SPDX-License-Identifier: Apache-2.0
"""Video for the tests, encoded by ffmpeg: access units one by one, or a file."""

import functools
import shutil
import struct
import subprocess

import numpy as np

CODEC_STRINGS = {"h264": "avc1.42E01F", "vp8": "vp8", "vp9": "vp09.00.31.08", "av1": "av01.0.05M.08"}
ENCODERS = {
    "h264": ["libx264", "-preset", "veryfast", "-tune", "zerolatency", "-sc_threshold", "0",
             "-bsf:v", "h264_metadata=aud=insert", "-f", "h264"],
    "vp8": ["libvpx", "-deadline", "realtime", "-lag-in-frames", "0", "-auto-alt-ref", "0", "-f", "ivf"],
    "vp9": ["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-f", "ivf"],
    "av1": ["libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-f", "ivf"],
}
GOP = 10  # pictures from one key frame to the next
RED, GREEN, BLUE = (200, 40, 40), (40, 180, 60), (50, 60, 190)

HAS_FFMPEG = shutil.which("ffmpeg") is not None


def run_ffmpeg(*words, pictures, matrix="bt709"):
    """What ffmpeg writes of pictures, arrays of one shape (rows, columns, 3), at 10 a second."""
    rows, columns, _ = pictures[0].shape
    colors = {"bt709": "bt709", "bt601": "smpte170m"}[matrix]
    return subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{columns}x{rows}", "-r", "10",
         "-i", "-", "-vf", f"scale=out_color_matrix={matrix}:out_range=tv", "-pix_fmt", "yuv420p", "-colorspace", colors,
         "-color_primaries", colors, "-color_trc", colors, "-color_range", "tv", *words],
        input=b"".join(np.ascontiguousarray(picture).tobytes() for picture in pictures),
        stdout=subprocess.PIPE, check=True).stdout


@functools.cache
def has_encoder(codec):
    known = subprocess.run(["ffmpeg", "-hide_banner", "-encoders"], capture_output=True, text=True, check=True)
    return f" {ENCODERS[codec][0]} " in known.stdout


def plain(color, size):
    """A picture of one colour; size: (columns, rows)."""
    return np.full((size[1], size[0], 3), color, np.uint8)


@functools.cache
def units_of(codec, colors, size=(128, 96)):
    """[(bytes, is it a key frame)] of a video with one picture of each colour."""
    stream = run_ffmpeg("-c:v", *ENCODERS[codec], "-b:v", "1M", "-g", str(GOP), "-keyint_min", str(GOP), "-",
                        pictures=[plain(color, size) for color in colors],
                        matrix="bt601" if codec == "vp8" else "bt709")  # VP8 knows no other
    parts = by_delimiter(stream) if codec == "h264" else by_ivf(stream)
    assert len(parts) == len(colors), (codec, len(parts), len(colors))
    return [(part, i % GOP == 0) for i, part in enumerate(parts)]


def by_delimiter(stream):
    """Access units of H.264, each of which begins with a delimiter (NAL unit of type 9)."""
    delimiter = b"\0\0\0\1\x09"
    return [delimiter + part for part in stream.split(delimiter)[1:]]


def by_ivf(stream):
    at, parts = struct.unpack_from("<H", stream, 6)[0], []
    while at < len(stream):
        size = struct.unpack_from("<I", stream, at)[0]
        parts.append(stream[at + 12:at + 12 + size])
        at += 12 + size
    return parts


def make_file(path, colors, size=(128, 96)):
    """A file in which each colour lasts for a tenth of a second."""
    run_ffmpeg("-c:v", "libx264", "-g", str(GOP), "-y", str(path), pictures=[plain(color, size) for color in colors])


def message_of(data, is_key, time=0):
    """The message of an access unit; time in microseconds."""
    return b"DCVU" + struct.pack("<BBHQ", 1, int(is_key), 0, time) + data
