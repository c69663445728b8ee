#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Photos beside their depth and their cloud seen from the side, as one JPEG.

    show.py OUT.jpg PHOTO... [--depthcloud build/bin/depthcloud]

Needs python3-opencv.
"""
import argparse
import os
import pathlib
import subprocess
import tempfile

import cv2
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
TILE = 240  # pixels, the height of a row


def run(program, *arguments):
    subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL)


def read_ply(path):
    """Positions and colours of a binary PLY as `depthcloud cloud` writes it."""
    data = pathlib.Path(path).read_bytes()
    end = data.index(b"end_header\n") + len(b"end_header\n")
    rows = np.frombuffer(data[end:], np.dtype([("xyz", "<f4", 3), ("rgb", "u1", 3)]))
    return rows["xyz"], rows["rgb"]


def seen_from_the_side(points, colors, width, height, degrees=15):
    """Splats the cloud, turned about its middle and seen from a little above."""
    middle = np.median(points, axis=0)
    yaw, pitch = np.radians(degrees), np.radians(-10)
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)],
                     [0, np.sin(pitch), np.cos(pitch)]])
    seen = (points - middle) @ (tilt @ turn).T + [0, 0, 1.1 * middle[2]]
    ahead = seen[:, 2] > 0.05 * middle[2]
    seen, colors = seen[ahead], colors[ahead]
    focal = 0.85 * width
    u = (width / 2 + focal * seen[:, 0] / seen[:, 2]).astype(int)
    v = (height / 2 + focal * seen[:, 1] / seen[:, 2]).astype(int)
    canvas = np.full((height, width, 3), 255, np.uint8)
    for i in np.argsort(-seen[:, 2]):  # far to near
        if 0 <= u[i] < width - 1 and 0 <= v[i] < height - 1:
            canvas[v[i]:v[i] + 2, u[i]:u[i] + 2] = colors[i, ::-1]
    return canvas


def row(program, photo, folder):
    depth, cloud = os.path.join(folder, "depth.npy"), os.path.join(folder, "cloud.ply")
    run(program, "depth", photo, "-o", depth)
    run(program, "cloud", photo, "-o", cloud, "--axes", "opencv", "--edge-threshold", "0.08")
    picture = cv2.imread(photo)
    width = round(TILE * picture.shape[1] / picture.shape[0])
    inverse = np.load(depth)
    inverse = np.where(inverse > 0, 1 / np.maximum(inverse, 1e-9), 0)
    low, high = np.quantile(inverse, [0.02, 0.98])
    shade = np.clip((inverse - low) / max(high - low, 1e-6), 0, 1)
    colored = cv2.applyColorMap((shade * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    return np.hstack([cv2.resize(picture, (width, TILE), interpolation=cv2.INTER_AREA),
                      cv2.resize(colored, (width, TILE), interpolation=cv2.INTER_CUBIC),
                      seen_from_the_side(*read_ply(cloud), width, TILE)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("photos", nargs="+")
    parser.add_argument("--depthcloud", default=ROOT / "build/bin/depthcloud", metavar="PROGRAM")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(arguments.depthcloud, photo, folder) for photo in arguments.photos]
    widest = max(r.shape[1] for r in rows)
    rows = [np.pad(r, ((0, 6), (0, widest - r.shape[1]), (0, 0)), constant_values=255)
            for r in rows]
    cv2.imwrite(arguments.out, np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
