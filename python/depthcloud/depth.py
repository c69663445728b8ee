# SPDX-License-Identifier: Apache-2.0
"""Photos as pixels, depth maps, one cloud of several views, and clouds off the wire."""

import ctypes as c
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np

from ._native import call, view
from ._structs import CloudView, Depth, Image, MergeOptions
from .cloud import Cloud, Handle, build_cloud, image_of


class _Photo(Handle):
    _free = "dcl_photo_free"


def decode(encoded: bytes) -> np.ndarray:
    """The upright (H, W, 3) uint8 pixels of JPEG or PNG bytes, a view of the library's memory."""
    handle, image = c.c_void_p(), Image()
    call("dcl_photo_decode", encoded, c.c_size_t(len(encoded)), None, c.byref(handle))
    photo = _Photo(handle)
    call("dcl_photo_get_view", handle, c.byref(image))
    return view(photo, image.data, (image.height, image.width, 3), "|u1")


class DepthMap(Handle):
    """Depth on the network's grid. Arrays are views without a copy; they keep the map alive."""

    _free = "dcl_depth_map_free"

    def __init__(self, handle: c.c_void_p) -> None:
        super().__init__(handle)
        self._depth = Depth()
        call("dcl_depth_map_get_view", handle, c.byref(self._depth))

    @property
    def depth(self) -> np.ndarray:
        """(H, W) float32: z along the optical axis; not positive or not finite: none."""
        return view(self, self._depth.depth, (self._depth.height, self._depth.width), "<f4")

    @property
    def confidence(self) -> np.ndarray:
        """(H, W) float32, in the model's own units."""
        return view(self, self._depth.confidence, (self._depth.height, self._depth.width), "<f4")

    @property
    def intrinsics(self) -> Tuple[float, float, float, float]:
        """fx, fy, cx, cy in pixels of the map."""
        return tuple(self._depth.intrinsics)

    @property
    def extrinsics(self) -> Optional[np.ndarray]:
        """(3, 4): world to camera; None where the model gives no pose."""
        if not self._depth.has_extrinsics:
            return None
        return np.array(self._depth.extrinsics).reshape(3, 4)

    @property
    def is_metric(self) -> bool:
        """True when the unit is known to be metres."""
        return bool(self._depth.is_metric)

    def resized(self, width: int, height: int) -> "DepthMap":
        """The same depth at another size, for instance the photo's."""
        handle = c.c_void_p()
        call("dcl_depth_map_resize", self._handle, c.c_int32(width), c.c_int32(height), c.byref(handle))
        return DepthMap(handle)

    def cloud(self, rgb: np.ndarray, **options: Any) -> Cloud:
        """The cloud of this depth with the colours of its image; fields of dcl_cloud_options."""
        return build_cloud(self._depth, rgb, **options)


def merge(clouds: Sequence[Cloud], extrinsics: Sequence[np.ndarray], **options: Any) -> Cloud:
    """Clouds of several views as one in the world frame of their (3, 4) extrinsics."""
    views = (c.POINTER(CloudView) * len(clouds))(*(c.pointer(cloud._view) for cloud in clouds))
    poses = np.ascontiguousarray(extrinsics, np.float64).reshape(len(clouds), 12)
    handle = c.c_void_p()
    call("dcl_cloud_merge", views, c.c_void_p(poses.ctypes.data), c.c_size_t(len(clouds)),
         c.byref(MergeOptions(**options)), c.byref(handle))
    return Cloud(handle)


def estimate(function: str, model: c.c_void_p, images: Sequence[np.ndarray], *extra: Any) -> List[DepthMap]:
    """Calls dcl_model_estimate_batch or _views: a depth map for each (H, W, 3) uint8 image."""
    kept = [image_of(rgb) for rgb in images]
    pointers = (c.POINTER(Image) * len(kept))(*map(c.pointer, kept))
    handles = (c.c_void_p * max(1, len(kept)))()
    call(function, model, pointers, c.c_size_t(len(kept)), *extra, handles)
    return [DepthMap(c.c_void_p(handle)) for handle in handles[:len(kept)]]


def unpack(message: bytes) -> Cloud:
    """The cloud of a msgpack message in any encoding, axes v1."""
    cloud = c.c_void_p()
    call("dcl_packet_unpack", message, c.c_size_t(len(message)), None, None, c.byref(cloud), None)
    return Cloud(cloud)
