# SPDX-License-Identifier: Apache-2.0
"""depth_change.py CLIP.y4m UNITS.h264: how much the depth of the built-in network changes when the frames of a clip
(clip.py) are coded: as H.264, as the page sent them, and as JPEG. Mean of |changed depth / depth - 1| over the
pixels, and over the frames their mean and the largest. A table as Markdown."""

import io
import pathlib
import subprocess
import sys
import tempfile

import depthcloud
import numpy as np
from PIL import Image

from clip import BITS, FRAMES, STRIP

EVERY = 3  # of the frames, one is looked at
QUALITIES = 70, 80
SKIPPED = 60  # units at the beginning, in which the encoder finds its rate


def number_of(image):
    row = image[-STRIP // 2, :, 1]
    bars = [row[round((bit + 0.5) * len(row) / BITS)] for bit in range(BITS)]
    return sum(int(bar > 128) << bit for bit, bar in enumerate(bars))


def in_jpeg(image, quality):
    """The frame after coding, and the bytes that it took."""
    coded = io.BytesIO()
    Image.fromarray(image).save(coded, "JPEG", quality=quality)
    return np.asarray(Image.open(coded)), len(coded.getvalue())


def pictures(video):
    with depthcloud.VideoSource(video) as source:
        for frame in source:
            yield np.array(frame.image)


def change(expected, depth):
    """Over the pixels that have a depth in both."""
    has_depth = (expected > 0) & (depth > 0)
    return np.abs(depth[has_depth] / expected[has_depth] - 1).mean()


def main():
    clip, units = sys.argv[1:]
    model = depthcloud.Model("builtin")

    def depth(image):
        return np.array(model.estimate([image])[0].depth)

    originals = {number_of(image): image for image in pictures(clip)}
    assert len(originals) == FRAMES, f"{len(originals)} of {FRAMES} frames have a number of their own"
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "units.mp4")
        subprocess.run(["ffmpeg", "-v", "error", "-r", "30", "-i", units, "-c", "copy", file], check=True)
        sent = list(pictures(file))
    changes = {f"JPEG q{quality}": [] for quality in QUALITIES} | {"H.264": []}
    sizes = {name: [] for name in changes}
    for image in sent[SKIPPED::EVERY]:
        original = originals[number_of(image)]
        expected = depth(original)
        coded = {f"JPEG q{quality}": in_jpeg(original, quality) for quality in QUALITIES}
        coded["H.264"] = image, pathlib.Path(units).stat().st_size / len(sent)
        for name, (changed, size) in coded.items():
            changes[name].append(change(expected, depth(changed)))
            sizes[name].append(size)
    print(f"| built-in network, {len(changes['H.264'])} frames | mean change of depth | of the frame that changes most "
          "| Mbit/s at 30 frames a second |\n|---|---:|---:|---:|")
    for name, values in changes.items():
        print(f"| {name} | {100 * np.mean(values):.2f} % | {100 * np.max(values):.2f} % "
              f"| {np.mean(sizes[name]) * 8 * 30 / 1e6:.2f} |")


if __name__ == "__main__":
    main()
