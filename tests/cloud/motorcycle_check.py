#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An RGB-D user's path on real data: the Middlebury 2014 motorcycle in python3-skimage.

motorcycle_check.py --cli PATH --work DIR

Makes a depth map of the measured disparities, lets `depthcloud cloud` turn it and the photo into a
PLY, and compares that with the formula and with Open3D. Exit code 77: a package is missing.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

SKIP = 77

try:
    import numpy as np
    import open3d as o3d
    import skimage
    import skimage.io
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(SKIP)

# The calibration of skimage.data.stereo_motorcycle(): pixels, and metres.
FOCAL, CENTER_X, CENTER_Y = 994.978, 311.193, 254.877
BASELINE, DISPARITY_OFFSET = 0.193001, 31.086
TOLERANCE = 1e-5


def read_ply(path):
    """Positions and colours of a binary PLY of float x y z, uchar red green blue."""
    data = path.read_bytes()
    end = data.index(b"end_header\n") + len(b"end_header\n")
    header = data[:end].decode("ascii").splitlines()
    assert "format binary_little_endian 1.0" in header, header
    count = next(int(line.split()[2]) for line in header if line.startswith("element vertex"))
    properties = [tuple(line.split()[1:]) for line in header if line.startswith("property")]
    formats = {"float": "<f4", "uchar": "u1"}
    points = np.frombuffer(data, dtype=[(name, formats[kind]) for kind, name in properties],
                           count=count, offset=end)
    return (np.stack([points[name] for name in ("x", "y", "z")], axis=-1),
            np.stack([points[name] for name in ("red", "green", "blue")], axis=-1))


def by_formula(depth, photo, stride, max_depth):
    v, u = np.mgrid[0:depth.shape[0]:stride, 0:depth.shape[1]:stride]
    z = depth[::stride, ::stride].astype(np.float64)
    kept = np.isfinite(z) & (z > 0) & (z <= max_depth)
    u, v, z = u[kept], v[kept], z[kept]
    points = np.stack([(u - CENTER_X) * z / FOCAL, (v - CENTER_Y) * z / FOCAL, z], axis=-1)
    return points, photo[::stride, ::stride][kept]


def by_open3d(depth, photo):
    valid = np.where(np.isfinite(depth) & (depth > 0), depth, 0).astype(np.float32)
    height, width = depth.shape
    rgbd = o3d.geometry.RGBDImage.create_from_color_and_depth(
        o3d.geometry.Image(photo), o3d.geometry.Image(valid), depth_scale=1.0, depth_trunc=1e9,
        convert_rgb_to_intensity=False)
    camera = o3d.camera.PinholeCameraIntrinsic(width, height, FOCAL, FOCAL, CENTER_X, CENTER_Y)
    cloud = o3d.geometry.PointCloud.create_from_rgbd_image(rgbd, camera)
    return np.asarray(cloud.points), np.rint(np.asarray(cloud.colors) * 255).astype(np.uint8)


def compare(what, actual, expected):
    (points, colors), (expected_points, expected_colors) = actual, expected
    assert len(points) == len(expected_points), \
        f"{what}: {len(points)} points in place of {len(expected_points)}"
    error = np.abs(points - expected_points) / np.maximum(np.abs(expected_points), 1e-30)
    assert error.max() <= TOLERANCE, f"{what}: coordinates are off by {error.max():.2e}"
    assert np.array_equal(colors, expected_colors), f"{what}: colours differ"
    print(f"{what}: {len(points)} points, greatest relative error {error.max():.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    args = parser.parse_args()

    data = pathlib.Path(skimage.__file__).parent / "data"
    left, disparities = data / "motorcycle_left.png", data / "motorcycle_disp.npz"
    for file in (left, disparities):
        if not file.exists():
            print(f"skipped: no {file}")
            sys.exit(SKIP)

    args.work.mkdir(parents=True, exist_ok=True)
    photo_path = args.work / "motorcycle.png"
    shutil.copyfile(left, photo_path)
    photo = skimage.io.imread(photo_path)[..., :3].copy()
    with np.load(disparities) as arrays:
        disparity = arrays[arrays.files[0]].astype(np.float64)
    # A pixel that was not measured has infinite disparity, hence depth 0, which is none.
    depth = (FOCAL * BASELINE / (disparity + DISPARITY_OFFSET)).astype(np.float32)
    depth_path = args.work / "motorcycle.npy"
    np.save(depth_path, depth)
    kept = np.count_nonzero(np.isfinite(depth) & (depth > 0))
    assert 0 < kept < depth.size, "the scene has measured pixels and others"

    def cloud(name, *options):
        out = args.work / name
        subprocess.run([args.cli, "cloud", photo_path, "--depth", depth_path, "--intrinsics",
                        f"{FOCAL},{FOCAL},{CENTER_X},{CENTER_Y}", "--axes", "opencv", "-o", out, *options], check=True)
        return read_ply(out)

    full = cloud("full.ply")
    compare("formula", full, by_formula(depth, photo, 1, np.inf))
    compare("Open3D", full, by_open3d(depth, photo))
    compare("formula, every 2nd, up to 3 m",
            cloud("near.ply", "--stride", "2", "--max-depth", "3"),
            by_formula(depth, photo, 2, 3.0))


if __name__ == "__main__":
    main()
