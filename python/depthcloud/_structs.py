# SPDX-License-Identifier: Apache-2.0
"""The structs of depthcloud.h."""

from __future__ import annotations

import ctypes as c
import functools
import operator
from typing import Any, Dict

_INTEGERS = {c.c_int32: (-2**31, 2**31 - 1), c.c_uint32: (0, 2**32 - 1), c.c_int64: (-2**63, 2**63 - 1),
             c.c_uint64: (0, 2**64 - 1)}


def kind_of(value: Any) -> str:
    """What a value is, for messages."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0].lower() in 'aeio' else 'a'} {name}"


def integer(name: str, value: Any, kind: Any = c.c_int32) -> int:
    """The value as an integer that fits the C type; ctypes would cut it off in silence."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}, must be an integer") from None
    low, high = _INTEGERS[kind]
    if not low <= number <= high:
        raise ValueError(f"{name} is {number}, must be from {low} to {high}")
    return number


def real(name: str, value: Any) -> float:
    """The value as a float. float() would also read texts."""
    try:
        if isinstance(value, (str, bytes, bytearray)):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} is {value!r}, must be a number") from None


@functools.lru_cache(maxsize=None)
def _kinds(struct: Any) -> Dict[str, Any]:
    return {field[0]: field[1] for field in struct._fields_}


class Struct(c.Structure):
    """A struct of depthcloud.h, which begins with its own size."""

    def __init__(self, **fields: Any) -> None:
        kinds = _kinds(type(self)) if fields else {}
        for name, value in fields.items():
            if kinds[name] in _INTEGERS:
                fields[name] = integer(name, value, kinds[name])
            elif kinds[name] in (c.c_double, c.c_float):
                fields[name] = real(name, value)
        super().__init__(struct_size=c.sizeof(self), **fields)


class Error(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("status", c.c_int32), ("stage", c.c_int32), ("message", c.c_char * 500)]


class DeviceInfo(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("name", c.c_char * 16), ("description", c.c_char * 108)]


class Image(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("format", c.c_int32), ("data", c.c_void_p), ("width", c.c_int32),
                ("height", c.c_int32), ("stride", c.c_int64), ("photo_width", c.c_int32),
                ("photo_height", c.c_int32), ("focal_px", c.c_double), ("chroma", c.c_void_p),
                ("chroma_stride", c.c_int64), ("yuv_matrix", c.c_int32), ("yuv_range", c.c_int32)]


class Depth(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("width", c.c_int32), ("height", c.c_int32), ("is_metric", c.c_int32),
                ("depth", c.c_void_p), ("confidence", c.c_void_p), ("sky", c.c_void_p),
                ("intrinsics", c.c_double * 4), ("intrinsics_source", c.c_int32), ("has_extrinsics", c.c_int32),
                ("extrinsics", c.c_double * 12), ("region", c.c_double * 4), ("depth16", c.c_void_p),
                ("depth_scale", c.c_double), ("metres_source", c.c_int32), ("reserved", c.c_int32),
                ("normals", c.c_void_p)]


class AlignmentTarget(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("width", c.c_int32), ("height", c.c_int32), ("no_splat", c.c_int32),
                ("intrinsics", c.c_double * 4), ("extrinsics", c.c_double * 12)]


class ScaleOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("model", c.c_int32), ("inlier_error", c.c_double)]


class ScaleFit(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("model", c.c_int32), ("scale", c.c_double), ("shift", c.c_double),
                ("points", c.c_uint64), ("inliers", c.c_uint64), ("error", c.c_double)]


class CloudView(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("axes", c.c_int32), ("positions", c.c_void_p), ("colors", c.c_void_p),
                ("size", c.c_size_t), ("num_views", c.c_int32), ("reserved", c.c_int32), ("normals", c.c_void_p)]


class Tag(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("fields", c.c_uint32), ("frame_id", c.c_uint64),
                ("capture_ts", c.c_double)]


class StageTimes(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_uint32), ("decode", c.c_double),
                ("preprocess", c.c_double), ("infer", c.c_double), ("cloud", c.c_double), ("pack", c.c_double),
                ("metric", c.c_double)]


class LatencySummary(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_uint32), ("count", c.c_uint64), ("p50", c.c_double),
                ("p95", c.c_double), ("p99", c.c_double), ("max", c.c_double)]


class DecodeOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("format", c.c_int32), ("min_width", c.c_int32),
                ("min_height", c.c_int32), ("max_pixels", c.c_int64), ("max_scans", c.c_int32),
                ("ignore_orientation", c.c_int32), ("salvage", c.c_int32), ("alpha", c.c_int32),
                ("formats", c.c_uint32), ("ignore_color_profile", c.c_int32)]


class ModelOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("precision", c.c_int32), ("device", c.c_char_p),
                ("process_res", c.c_int32), ("resize_method", c.c_int32), ("threads", c.c_int32),
                ("reserved", c.c_int32), ("fov_degrees", c.c_double), ("intrinsics", c.c_double * 4),
                ("metric_model", c.c_char_p), ("metric_interval", c.c_int32), ("tokens", c.c_int32),
                ("resolution_level", c.c_int32), ("normals", c.c_int32)]


class ModelInfo(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("precision", c.c_int32), ("name", c.c_char_p), ("backend", c.c_char_p),
                ("device", c.c_char_p), ("license", c.c_char_p), ("parameters", c.c_int64),
                ("process_res", c.c_int32), ("is_metric", c.c_int32), ("is_multi_view", c.c_int32),
                ("reserved", c.c_int32), ("architecture", c.c_char_p), ("input", c.c_char_p),
                ("memory_bytes", c.c_int64), ("confidence_low", c.c_float), ("confidence_high", c.c_float),
                ("edge_threshold", c.c_float), ("has_sky", c.c_int32), ("metric_model", c.c_char_p),
                ("tokens", c.c_int32), ("has_normals", c.c_int32)]


class ViewsOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("reference_view", c.c_int32), ("intrinsics", c.c_void_p),
                ("extrinsics", c.c_void_p)]


class CloudOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("stride", c.c_int32), ("min_confidence", c.c_float),
                ("confidence_percentile", c.c_float), ("min_depth", c.c_float), ("max_depth", c.c_float),
                ("edge_threshold", c.c_float), ("axes", c.c_int32), ("max_points", c.c_uint64),
                ("intrinsics", c.c_double * 4), ("keep_transparent", c.c_int32), ("reserved", c.c_int32),
                ("voxel_size", c.c_float), ("reserved2", c.c_int32), ("normals", c.c_int32),
                ("reserved3", c.c_int32)]


class WireFormat(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("encoding", c.c_int32), ("relative_error", c.c_double),
                ("grid_colors", c.c_int32), ("jpeg_quality", c.c_int32)]


class PipelineOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("fast_decode", c.c_int32), ("cloud", c.POINTER(CloudOptions)),
                ("wire", c.POINTER(WireFormat)), ("max_pixels", c.c_int64), ("max_scans", c.c_int32),
                ("ignore_orientation", c.c_int32), ("no_packet", c.c_int32), ("reserved", c.c_int32),
                ("salvage", c.c_int32), ("formats", c.c_uint32), ("ignore_color_profile", c.c_int32),
                ("reserved2", c.c_int32)]


class MergeOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("axes", c.c_int32), ("max_points", c.c_uint64),
                ("voxel_size", c.c_float), ("reserved", c.c_int32)]


class CloudFileOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("format", c.c_int32), ("axes", c.c_int32)]


class UnpackLimits(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_uint32), ("max_bytes", c.c_uint64),
                ("max_points", c.c_uint64), ("max_keys", c.c_uint64), ("max_depth", c.c_uint64),
                ("max_string", c.c_uint64)]


class PacketInfo(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("encoding", c.c_int32), ("fields", c.c_uint32),
                ("reserved", c.c_uint32), ("frame_id", c.c_uint64), ("capture_ts", c.c_double),
                ("timestamp", c.c_char * 64), ("width", c.c_int32), ("height", c.c_int32),
                ("intrinsics", c.c_double * 4), ("is_metric", c.c_int32), ("reserved2", c.c_int32)]


class GateOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("policy", c.c_int32), ("max_in_flight", c.c_int32),
                ("reserved", c.c_int32), ("max_fps", c.c_double), ("max_age_s", c.c_double)]


class GateCounters(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_uint32), ("offered", c.c_uint64),
                ("admitted", c.c_uint64), ("skipped", c.c_uint64), ("replaced", c.c_uint64),
                ("expired", c.c_uint64), ("waiting", c.c_uint64), ("in_flight", c.c_uint64)]


class StreamOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("no_decode_ahead", c.c_int32), ("gate", c.POINTER(GateOptions))]


class VideoOptions(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("loop", c.c_int32), ("real_time", c.c_int32), ("reserved", c.c_int32),
                ("max_fps", c.c_double), ("start_s", c.c_double), ("end_s", c.c_double), ("timeout_s", c.c_double),
                ("max_pixels", c.c_int64)]


class VideoInfo(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("width", c.c_int32), ("height", c.c_int32), ("is_live", c.c_int32),
                ("fps", c.c_double), ("duration_s", c.c_double), ("codec", c.c_char * 64)]


class VideoPicture(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_uint32), ("index", c.c_uint64), ("time_s", c.c_double)]


class VideoCounters(Struct):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_uint32), ("decoded", c.c_uint64), ("read", c.c_uint64),
                ("skipped", c.c_uint64), ("dropped", c.c_uint64), ("waiting", c.c_uint64), ("corrupt", c.c_uint64)]
