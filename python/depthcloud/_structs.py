# SPDX-License-Identifier: Apache-2.0
"""The structs of depthcloud.h."""

import ctypes as c
from typing import Any


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


class ModelOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("precision", c.c_int32), ("device", c.c_char_p),
                ("process_res", c.c_int32), ("resize_method", c.c_int32), ("threads", c.c_int32),
                ("reserved", c.c_int32), ("fov_degrees", c.c_double),
                ("intrinsics", c.c_double * 4)]


class CloudOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("stride", c.c_int32), ("min_confidence", c.c_float),
                ("confidence_percentile", c.c_float), ("min_depth", c.c_float),
                ("max_depth", c.c_float), ("edge_threshold", c.c_float), ("axes", c.c_int32),
                ("max_points", c.c_uint64), ("intrinsics", c.c_double * 4),
                ("keep_transparent", c.c_int32), ("reserved", c.c_int32)]


class WireFormat(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("encoding", c.c_int32),
                ("relative_error", c.c_double), ("grid_colors", c.c_int32),
                ("jpeg_quality", c.c_int32)]


class StageTimes(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_uint32), ("decode", c.c_double),
                ("preprocess", c.c_double), ("infer", c.c_double), ("cloud", c.c_double),
                ("pack", c.c_double)]


class MergeOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("axes", c.c_int32), ("max_points", c.c_uint64)]


class PipelineOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("fast_decode", c.c_int32),
                ("cloud", c.POINTER(CloudOptions)), ("wire", c.POINTER(WireFormat)),
                ("max_pixels", c.c_int64), ("max_scans", c.c_int32),
                ("ignore_orientation", c.c_int32), ("no_packet", c.c_int32),
                ("reserved", c.c_int32)]
