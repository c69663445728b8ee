#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy of a depth map of the Middlebury 2014 "Motorcycle" photo that scikit-image ships.

    depthcloud depth .../skimage/data/motorcycle_left.png -o depth.npy
    evaluate_motorcycle.py depth.npy

Relative depth is aligned first: the scale and shift of inverse depth with the least squared error
(Ranftl et al., MiDaS, 2020). `--photo` prints the photo's path.
"""
import argparse
import os
import sys

import numpy as np
import skimage
from skimage.transform import resize

# calib.txt of the data set, at the size that scikit-image ships.
FOCAL_PIXELS = 994.978
PRINCIPAL_POINT_DIFFERENCE = 31.086
BASELINE_METRES = 0.193001

DATA = os.path.join(os.path.dirname(skimage.__file__), "data")


def true_inverse_depth():
    disparity = np.load(os.path.join(DATA, "motorcycle_disp.npz"))["arr_0"].astype(np.float64)
    return (disparity + PRINCIPAL_POINT_DIFFERENCE) / (FOCAL_PIXELS * BASELINE_METRES)


def aligned(inverse, truth, known):
    """The least-squares scale * inverse + shift, kept positive."""
    columns = np.stack([inverse[known], np.ones(known.sum())], axis=1)
    (scale, shift), *_ = np.linalg.lstsq(columns, truth[known], rcond=None)
    return np.maximum(scale * inverse + shift, 1e-3)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("depth", nargs="?", help=".npy, height x width, of motorcycle_left.png")
    parser.add_argument("--photo", action="store_true", help="print the photo's path and stop")
    arguments = parser.parse_args()
    if arguments.photo:
        print(os.path.join(DATA, "motorcycle_left.png"))
        return
    if arguments.depth is None:
        parser.error("the depth map is missing")

    depth = np.load(arguments.depth).astype(np.float64)
    if depth.ndim != 2:
        sys.exit(f"{arguments.depth}: shape {depth.shape}, height x width expected")
    truth = true_inverse_depth()
    known = np.isfinite(truth)
    # No depth (0, or not finite) means infinitely far.
    inverse = np.where(np.isfinite(depth) & (depth > 0), 1 / np.maximum(depth, 1e-9), 0)
    inverse = resize(inverse, truth.shape, order=1, mode="edge")

    predicted = aligned(inverse, truth, known)
    error = np.abs(truth / predicted - 1)[known]
    ratio = np.maximum(truth / predicted, predicted / truth)[known]
    print(f"AbsRel {error.mean():.4f}  delta1 {(ratio < 1.25).mean():.4f}")


if __name__ == "__main__":
    main()
