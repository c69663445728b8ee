# SPDX-License-Identifier: Apache-2.0
"""The structs of depthcloud.h, the library, and views of its memory."""

import ctypes as c
import os
from typing import Any, Sequence

import numpy as np

ABI_VERSION = 1


class Struct(c.Structure):
    """A struct of depthcloud.h, which begins with its own size."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(struct_size=c.sizeof(self), **fields)


class Error(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("status", c.c_int32), ("stage", c.c_int32),
                ("message", c.c_char * 500)]


class Image(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("format", c.c_int32), ("data", c.c_void_p),
                ("width", c.c_int32), ("height", c.c_int32), ("stride", c.c_int64),
                ("photo_width", c.c_int32), ("photo_height", c.c_int32), ("focal_px", c.c_double)]


class Depth(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("width", c.c_int32), ("height", c.c_int32),
                ("is_metric", c.c_int32), ("depth", c.c_void_p), ("confidence", c.c_void_p),
                ("sky", c.c_void_p), ("intrinsics", c.c_double * 4),
                ("intrinsics_source", c.c_int32), ("has_extrinsics", c.c_int32),
                ("extrinsics", c.c_double * 12), ("region", c.c_double * 4)]


class CloudView(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("axes", c.c_int32), ("positions", c.c_void_p),
                ("colors", c.c_void_p), ("size", c.c_size_t), ("num_views", c.c_int32),
                ("reserved", c.c_int32)]


class CloudOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("stride", c.c_int32), ("min_confidence", c.c_float),
                ("confidence_percentile", c.c_float), ("min_depth", c.c_float),
                ("max_depth", c.c_float), ("edge_threshold", c.c_float), ("axes", c.c_int32),
                ("max_points", c.c_uint64), ("intrinsics", c.c_double * 4)]


class PipelineOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("fast_decode", c.c_int32),
                ("cloud", c.POINTER(CloudOptions)), ("wire", c.c_void_p),
                ("max_pixels", c.c_int64), ("max_scans", c.c_int32),
                ("ignore_orientation", c.c_int32), ("no_packet", c.c_int32),
                ("reserved", c.c_int32)]


library = c.CDLL(os.environ.get("DEPTHCLOUD_LIBRARY", f"libdepthcloud_c.so.{ABI_VERSION}"))
library.dcl_frame_packet.restype = c.c_void_p


class DepthcloudError(RuntimeError):
    """A call failed; `status` is the number of depthcloud.h."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def call(function: str, *arguments: Any) -> int:
    """Calls a dcl_ function whose last parameter is the error; a failure is raised."""
    error = Error()
    status = getattr(library, function)(*arguments, c.byref(error))
    if status < 0:
        raise DepthcloudError(status, error.message.decode(errors="replace"))
    return status


class _Borrowed:
    """Memory of `owner` for NumPy, which keeps this object and so the owner."""

    def __init__(self, owner: Any, address: int, shape: Sequence[int], kind: str) -> None:
        self.owner = owner
        self.__array_interface__ = {"data": (address, True), "shape": tuple(shape),
                                    "typestr": kind, "version": 3}


def view(owner: Any, address: "int | None", shape: Sequence[int], kind: str) -> np.ndarray:
    """A read-only array over memory that lives as long as `owner`; nothing is copied."""
    if not address:
        return np.empty((0, *shape[1:]), kind)
    return np.asarray(_Borrowed(owner, address, shape, kind))
