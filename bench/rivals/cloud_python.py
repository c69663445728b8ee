#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Depth, confidence and RGB to a coloured cloud in Python: NumPy, PyTorch and Open3D.

cloud_python.py [--repetitions N]

The workloads and the scene are those of bench/cloud/cloud.hpp. Prints one JSON line for each
workload and contender; a package that is missing is named on stderr and left out. One thread.
"""

import argparse
import json
import sys
import time

import numpy as np

MIN_CONFIDENCE = 0.2
WORKLOADS = {
    "cloud/378x504_s2": (378, 504, 2),
    "cloud/378x504_s1": (378, 504, 1),
    "cloud/1080x1920_s1": (1080, 1920, 1),
}


def make_scene(height, width):
    """A sawtooth of depths, and confidences of which MIN_CONFIDENCE keeps 80 %."""
    v, u = np.mgrid[0:height, 0:width]
    depth = (1 + (3 * u + 5 * v) % 997 / 256).astype(np.float32)
    hash_ = np.arange(height * width, dtype=np.uint32) * np.uint32(2654435761)
    hash_ ^= hash_ >> 15
    hash_ *= np.uint32(2246822519)
    hash_ ^= hash_ >> 13
    confidence = ((hash_ >> 8) / 16777216).astype(np.float32).reshape(height, width)
    rgb = np.stack([u + v, 2 * u + v, 3 * u + v], axis=-1).astype(np.uint8)
    intrinsics = (0.8 * width, 0.8 * width, width / 2, height / 2)
    return depth, confidence, rgb, intrinsics


def numpy_cloud(scene, stride):
    """What the CPU path of the Python server did for each frame."""
    depth, confidence, rgb, (fx, fy, cx, cy) = scene
    height, width = depth.shape

    def run():
        u, v = np.meshgrid(np.arange(0, width, stride), np.arange(0, height, stride))
        z = depth[::stride, ::stride]
        mask = (confidence[::stride, ::stride] >= MIN_CONFIDENCE) & np.isfinite(z) & (z > 0)
        z = z[mask]
        x = (u[mask] - cx) * z / fx
        y = (v[mask] - cy) * z / fy
        points = np.stack([x, y, z], axis=-1).astype(np.float32)
        colors = rgb[::stride, ::stride][mask]
        return points, colors

    return run


def torch_cloud(scene, stride):
    """What its GPU path did, on the CPU: linear indices and index_select, grids kept."""
    import torch

    torch.set_num_threads(1)
    depth, confidence, rgb, (fx, fy, cx, cy) = scene
    height, width = depth.shape
    depth, confidence, rgb = map(torch.from_numpy, (depth, confidence, rgb))
    rows, columns = torch.meshgrid(torch.arange(0, height, stride),
                                   torch.arange(0, width, stride), indexing="ij")
    index = (rows * width + columns).flatten()
    ray_x = (columns.flatten() - cx) / fx
    ray_y = (rows.flatten() - cy) / fy

    def run():
        z = depth.flatten().index_select(0, index)
        score = confidence.flatten().index_select(0, index)
        kept = ((score >= MIN_CONFIDENCE) & torch.isfinite(z) & (z > 0)).nonzero().flatten()
        z = z.index_select(0, kept)
        points = torch.stack([ray_x.index_select(0, kept) * z, ray_y.index_select(0, kept) * z, z],
                             dim=1)
        colors = rgb.view(-1, 3).index_select(0, index.index_select(0, kept))
        return points.numpy(), colors.numpy()

    return run


def open3d_cloud(scene, stride):
    """Open3D knows no confidence: pixels below the limit lose their depth beforehand."""
    import open3d as o3d

    depth, confidence, rgb, (fx, fy, cx, cy) = scene
    kept = np.where(confidence >= MIN_CONFIDENCE, depth, 0).astype(np.float32)
    image = o3d.t.geometry.RGBDImage(o3d.t.geometry.Image(o3d.core.Tensor(rgb)),
                                     o3d.t.geometry.Image(o3d.core.Tensor(kept)))
    matrix = o3d.core.Tensor([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])

    def run():
        cloud = o3d.t.geometry.PointCloud.create_from_rgbd_image(
            image, matrix, depth_scale=1.0, depth_max=1e6, stride=stride)
        return cloud.point["positions"].numpy(), cloud.point["colors"].numpy()

    return run


CONTENDERS = {"numpy": numpy_cloud, "pytorch": torch_cloud, "open3d_python": open3d_cloud}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=9)
    repetitions = parser.parse_args().repetitions
    for workload, (height, width, stride) in WORKLOADS.items():
        scene = make_scene(height, width)
        runs = {}
        for name, make in CONTENDERS.items():
            try:
                runs[name] = make(scene, stride)
            except ImportError as error:
                print(f"left out {name}: {error}", file=sys.stderr)
        sizes = {name: len(run()[0]) for name, run in runs.items()}  # warm-up, too
        if len(set(sizes.values())) != 1:
            sys.exit(f"{workload}: the contenders disagree on the number of points: {sizes}")
        times = {name: [] for name in runs}
        for _ in range(repetitions):
            for name, run in runs.items():
                start = time.perf_counter()
                run()
                times[name].append((time.perf_counter() - start) * 1e3)
        for name, ms in times.items():
            print(json.dumps({"workload": workload, "contender": name, "ms": ms}))


if __name__ == "__main__":
    main()
