# SPDX-License-Identifier: Apache-2.0
"""Clouds and frames: arrays over what the library made."""

import ctypes as c
import os
from typing import Any, Dict, Tuple

import numpy as np

from ._native import call, library, view
from ._structs import CloudOptions, CloudView, Depth, Image, StageTimes


class Handle:
    """Owns one handle of the library."""

    _free: str

    def __init__(self, handle: c.c_void_p) -> None:
        self._handle = handle

    def __del__(self) -> None:
        if handle := getattr(self, "_handle", None):
            getattr(library, self._free)(handle)


class Cloud(Handle):
    """A coloured cloud. Arrays are views without a copy; they keep the cloud alive."""

    _free, _get = "dcl_cloud_free", "dcl_cloud_get_view"

    def __init__(self, handle: c.c_void_p) -> None:
        super().__init__(handle)
        self._view = CloudView()
        call(self._get, handle, c.byref(self._view))
        shape = (self._view.size, 3)
        self._arrays = (self._view.positions, shape, "<f4"), (self._view.colors, shape, "|u1")

    @property
    def positions(self) -> np.ndarray:
        """(N, 3) float32: x, y, z in the axes of the options and the depth's unit."""
        return view(self, *self._arrays[0])

    @property
    def colors(self) -> np.ndarray:
        """(N, 3) uint8: red, green, blue."""
        return view(self, *self._arrays[1])

    def write_ply(self, path: "str | os.PathLike[str]") -> None:
        """Writes a binary PLY file."""
        call("dcl_cloud_write_ply", os.fsencode(path), c.byref(self._view))


class Frame(Cloud):
    """One finished frame: its cloud, its depth and its packet."""

    _free, _get = "dcl_frame_free", "dcl_frame_get_cloud"

    @property
    def depth(self) -> np.ndarray:
        """(H, W) float32, on the network's grid: z along the optical axis."""
        depth = Depth()
        call("dcl_frame_get_depth", self._handle, c.byref(depth))
        return view(self, depth.depth, (depth.height, depth.width), "<f4")

    @property
    def packet(self) -> np.ndarray:
        """The msgpack message, uint8."""
        size = c.c_size_t()
        return view(self, library.dcl_frame_get_packet(self._handle, c.byref(size)), (size.value,), "|u1")

    @property
    def stage_ms(self) -> Dict[str, float]:
        """Milliseconds that it spent in each stage."""
        times = StageTimes()
        call("dcl_frame_get_times", self._handle, c.byref(times))
        return {stage: getattr(times, stage)
                for stage in ("decode", "preprocess", "infer", "cloud", "pack")}


def image_of(rgb: np.ndarray) -> Image:
    """Pixels for the library, which only reads them."""
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.strides[1:] != (3, 1):
        raise ValueError("an image is (H, W, 3) uint8 with packed rows")
    return Image(data=rgb.ctypes.data, width=rgb.shape[1], height=rgb.shape[0], stride=rgb.strides[0])


def build_cloud(depth: Depth, rgb: np.ndarray, **options: Any) -> Cloud:
    builder, cloud = c.c_void_p(), c.c_void_p()
    call("dcl_cloud_builder_create", c.byref(CloudOptions(**options)), c.byref(builder))
    try:
        call("dcl_cloud_builder_build", builder, c.byref(depth), c.byref(image_of(rgb)), c.byref(cloud))
    finally:
        library.dcl_cloud_builder_free(builder)
    return Cloud(cloud)


def cloud_from_depth(depth: np.ndarray, rgb: np.ndarray,
                     intrinsics: Tuple[float, float, float, float], **options: Any) -> Cloud:
    """The cloud of an RGB-D camera: (H, W) float32 depth, its colours, and fx, fy, cx, cy."""
    depth = np.ascontiguousarray(depth, np.float32)
    plane = Depth(depth=depth.ctypes.data, width=depth.shape[1], height=depth.shape[0],
                  intrinsics=(c.c_double * 4)(*intrinsics))
    return build_cloud(plane, rgb, **options)
