# SPDX-License-Identifier: Apache-2.0
"""clip.py OUT.y4m PHOTO...: ten seconds of a camera at 640x480 and 30 frames a second, for
transports.mjs. It pans and zooms over each photo in turn; each frame has noise of its own (sigma 2 of 255 levels, seeded).
The strip at the bottom holds the number of the frame, from the lowest bit on the left: a bar for each of ten bits,
light for 1. Pixels are I420 of BT.601, limited range."""

import pathlib
import sys

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 640, 480
FRAMES = 300
BITS = 10
STRIP = 48  # rows
SIGMA = 2.0
SEED = 20240229


def window(photo, share):
    """The picture of a camera at `share` (0 to 1) of its way over the photo."""
    scale = min(photo.width / WIDTH, photo.height / HEIGHT)
    zoom = scale * (0.95 - 0.35 * np.sin(np.pi * share) ** 2)
    room = np.array([photo.width - WIDTH * zoom, photo.height - HEIGHT * zoom])
    left, top = room * (0.5 + 0.5 * np.array([np.cos(2 * np.pi * share), np.sin(4 * np.pi * share)]))
    return photo.transform((WIDTH, HEIGHT), Image.Transform.AFFINE, (zoom, 0, left, 0, zoom, top),
                           Image.Resampling.BICUBIC)


def i420(rgb):
    """The three planes; chroma is the mean of four pixels."""
    red, green, blue = np.moveaxis(rgb, -1, 0)
    luma = 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255
    chroma = [128 + (-37.797 * red - 74.203 * green + 112 * blue) / 255,
              128 + (112 * red - 93.786 * green - 18.214 * blue) / 255]
    halves = [plane.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3)) for plane in chroma]
    return [np.clip(np.rint(plane), 0, 255).astype(np.uint8) for plane in (luma, *halves)]


def main():
    out, *names = sys.argv[1:]
    photos = [Image.open(name).convert("RGB") for name in names]
    random = np.random.default_rng(SEED)
    with pathlib.Path(out).open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F30:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES):
            at = number * len(photos) / FRAMES
            picture = np.asarray(window(photos[int(at)], at % 1), dtype=np.float64)
            noisy = np.clip(picture + random.normal(0, SIGMA, picture.shape), 0, 255)
            for bit in range(BITS):
                left, right = WIDTH * bit // BITS, WIDTH * (bit + 1) // BITS
                noisy[HEIGHT - STRIP:, left:right] = 235 if number >> bit & 1 else 20
            file.write(b"FRAME\n")
            for plane in i420(noisy):
                file.write(plane.tobytes())


if __name__ == "__main__":
    main()
