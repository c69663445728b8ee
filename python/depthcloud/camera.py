# SPDX-License-Identifier: Apache-2.0
"""Cameras: intrinsics and extrinsics."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt


class Intrinsics(NamedTuple):
    """Pinhole intrinsics in pixels of one image size: the ray of pixel (u, v) is x = (u - cx) / fx,
    y = (v - cy) / fy, z = 1, without a half-pixel shift."""

    fx: float
    fy: float
    cx: float
    cy: float

    @property
    def matrix(self) -> npt.NDArray[np.float64]:
        """(3, 3): the camera matrix K."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)


IntrinsicsLike = Union[Intrinsics, Tuple[float, float, float, float], Sequence[float], npt.NDArray[Any]]


def numbers(value: Any, name: str, needs: str) -> npt.NDArray[np.float64]:
    """The value as float64; what is no array of real numbers is a TypeError that says what it must be."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise ValueError(f"{name} must be {needs}") from None
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} is {array.dtype if array.size else 'empty'}, must be {needs}")
    return np.ascontiguousarray(array, np.float64).reshape(array.shape)


def as_intrinsics(value: Any, name: str) -> Intrinsics:
    """fx, fy, cx, cy of four numbers or of a 3 x 3 matrix."""
    needs = "fx, fy, cx, cy or a 3 x 3 matrix"
    array = numbers(value, name, needs)
    if array.shape == (3, 3):
        if array[0, 1] != 0 or array[1, 0] != 0 or tuple(array[2]) != (0, 0, 1):
            raise ValueError(f"{name} has skew or a last row that is not 0, 0, 1; it must be {needs}")
        array = array[[0, 1, 0, 1], [0, 1, 2, 2]]
    if array.shape != (4,):
        raise ValueError(f"{name} has shape {array.shape}, must be {needs}")
    camera = Intrinsics(*(float(value) for value in array))
    if not all(map(math.isfinite, camera)):
        raise ValueError(f"{name} is {tuple(camera)}, must be finite")
    if not (camera.fx > 0 and camera.fy > 0):
        raise ValueError(f"{name} has the focal lengths {camera.fx:g} and {camera.fy:g}, which must be above 0: fx, fy, "
                         "cx, cy in pixels")
    return camera


def require_within(camera: Intrinsics, shape: Tuple[int, ...], name: str) -> None:
    """The principal point must lie in a picture of (height, width)."""
    height, width = shape
    if not (0 <= camera.cx <= width and 0 <= camera.cy <= height):
        raise ValueError(f"{name} has its principal point at {camera.cx:g}, {camera.cy:g}, which is not within the "
                         f"{width} x {height} pixels of the depth: do they count in pixels of another size?")


def as_extrinsics(value: Any, name: str, count: int) -> npt.NDArray[np.float64]:
    """(count, 3, 4) of as many poses, each 3 x 4, or 4 x 4 with 0, 0, 0, 1 below."""
    needs = f"{count} poses of 3 x 4 or 4 x 4: world to camera"
    array = numbers(value, name, needs) if count else np.empty((0, 3, 4))
    if array.shape == (count, 4, 4):
        if not (array[:, 3] == (0, 0, 0, 1)).all():
            raise ValueError(f"{name} has a last row that is not 0, 0, 0, 1; it must be {needs}")
        array = np.ascontiguousarray(array[:, :3])
    if array.shape != (count, 3, 4) or len(value) != count:
        raise ValueError(f"{name} has shape {array.shape}, must be {needs}")
    return array
