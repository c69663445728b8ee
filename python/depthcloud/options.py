# SPDX-License-Identifier: Apache-2.0
"""Options: keyword-only dataclasses with the library's defaults. Each goes into the call it is for; a name that
does not exist is a TypeError of Python's own, and a type checker sees it."""

from __future__ import annotations

import ctypes as c
import dataclasses
import enum
import math
import os
from typing import Any, Literal, Optional, Type, TypeVar, Union

from . import _structs as structs
from .camera import IntrinsicsLike, as_intrinsics

PathLike = Union[str, "os.PathLike[str]"]
_T = TypeVar("_T")
_N = TypeVar("_N", bound="_Named")


class _Named(enum.IntEnum):
    """Numbers of depthcloud.h with their names; every option takes either the member or its name in lower case."""

    @classmethod
    def of(cls: Type[_N], value: Union[_N, str], name: str) -> _N:
        if isinstance(value, cls):
            return value
        if isinstance(value, str) and value.upper() in cls.__members__:
            return cls[value.upper()]
        names = ", ".join(repr(member.lower()) for member in cls.__members__)
        error = ValueError if isinstance(value, str) else TypeError
        raise error(f"{name} is {value!r}, must be of {cls.__name__}, or one of {names}")


class Encoding(_Named):
    """How the points of a packet are written: F32 (15 bytes a point, every viewer reads it), Q16 (9 bytes a
    point), DEPTH (the quantised depth grid, compressed; the reader unprojects it)."""

    F32, Q16, DEPTH = range(3)


class GridColors(_Named):
    """Source of the colours for a reader of Encoding.DEPTH: a JPEG in the packet, or the frame that the reader
    (client) sent and kept."""

    JPEG, CLIENT = range(2)


class Precision(_Named):
    """Number format of the network; INT8 is for Depth Anything and MoGe on the CPU. AUTO takes the faster of F32 and
    BF16."""

    F32, BF16, F16, INT8, AUTO = range(5)


class ResizeMethod(_Named):
    """How Depth Anything 3 scales a photo to its grid: process_res is the longer (UPPER) or the shorter (LOWER)
    side; then both sides become multiples of 14, by a resize or a crop."""

    UPPER_BOUND_RESIZE, UPPER_BOUND_CROP, LOWER_BOUND_RESIZE, LOWER_BOUND_CROP = range(4)


class ReferenceView(_Named):
    """Which view the others are seen from, where cameras are not known."""

    SADDLE_BALANCED, SADDLE_SIM_RANGE, FIRST, MIDDLE = range(4)


class Axes(_Named):
    """Directions of the axes: OPENCV x right, y down, z forward; OPENGL x right, y up, z backward; V1 x right, y up,
    z forward, the (left-handed) axes of packets; ROS x forward, y left, z up."""

    OPENCV, OPENGL, V1, ROS = range(4)


class ScaleModel(_Named):
    """How depth of an unknown unit becomes metres: SCALE metres = scale * depth; DEPTH metres = scale * depth + shift;
    INVERSE_DEPTH 1 / metres = scale / depth + shift."""

    SCALE, DEPTH, INVERSE_DEPTH = range(3)


class GatePolicy(_Named):
    """What happens to a frame that is offered while another is being processed: it waits and a newer one replaces it
    (LATEST_WINS), or it is skipped."""

    LATEST_WINS, SKIP_WHILE_BUSY = range(2)


class PhotoFormat(enum.IntFlag):
    """File formats of photos, combined with |. Those behind PNG are not in every build of the library."""

    JPEG, PNG, WEBP, HEIC, AVIF, TIFF = 1, 2, 4, 8, 16, 32


EncodingLike = Union[Encoding, Literal["f32", "q16", "depth"]]
GridColorsLike = Union[GridColors, Literal["jpeg", "client"]]
PrecisionLike = Union[Precision, Literal["f32", "bf16", "f16", "int8", "auto"]]
ResizeMethodLike = Union[ResizeMethod, Literal["upper_bound_resize", "upper_bound_crop", "lower_bound_resize",
                                               "lower_bound_crop"]]
ReferenceViewLike = Union[ReferenceView, Literal["saddle_balanced", "saddle_sim_range", "first", "middle"]]
AxesLike = Union[Axes, Literal["opencv", "opengl", "v1", "ros"]]
ScaleModelLike = Union[ScaleModel, Literal["scale", "depth", "inverse_depth"]]
GatePolicyLike = Union[GatePolicy, Literal["latest_wins", "skip_while_busy"]]


def given(kind: Type[_T], value: Optional[_T], name: str) -> _T:
    """The options, or the defaults for None."""
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {structs.kind_of(value)}, must be a depthcloud.{kind.__name__}")
    return value


def flag(name: str, value: Any) -> int:
    if not isinstance(value, (bool, int)) or value not in (0, 1):
        raise TypeError(f"{name} is {value!r}, must be True or False")
    return int(value)


def number(name: str, value: Optional[Any]) -> Any:
    """A number where C takes zero for the default: None there, and zero an error here."""
    if value is None:
        return 0
    if structs.real(name, value) == 0:
        raise ValueError(f"{name} is 0, must be positive, or left out for the default")
    return value


def camera(name: str, value: Optional[IntrinsicsLike]) -> Any:
    return (c.c_double * 4)(*(as_intrinsics(value, name) if value is not None else (0, 0, 0, 0)))


def _level(name: str, value: Optional[int]) -> int:
    """A level as C takes it: from 1, and 0 for the default."""
    if value is None:
        return 0
    if not 0 <= structs.integer(name, value) <= 9:
        raise ValueError(f"{name} is {value!r}, must be from 0 to 9")
    return value + 1


def _field_of_view(degrees: Optional[float]) -> Any:
    if degrees is not None and not 0 < structs.real("fov_degrees", degrees) < 180:
        raise ValueError(f"fov_degrees is {degrees:g}, must be above 0 and below 180")
    return degrees or 0


class _Options:
    """Values are checked as soon as the options are made; what depends on other things, when they are used."""

    def __post_init__(self) -> None:
        if (intrinsics := getattr(self, "intrinsics", None)) is not None:
            object.__setattr__(self, "intrinsics", as_intrinsics(intrinsics, "intrinsics"))
        self._struct()

    def _struct(self) -> Any:
        raise NotImplementedError


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModelOptions(_Options):
    """How a model is loaded.

    device          "auto", "cpu", "cuda", "cuda:N" or "mps"; devices() lists what is here.
    precision       number format of the network, a Precision or its name.
    process_res     longer side of the network's grid, pixels; None: the model's own.
    tokens          of MoGe: patches that it sees of any image, at most 40000. Set at most one of process_res, tokens
                    and resolution_level.
    resolution_level  of MoGe: 0 to 9; None: 0 on the CPU, 9 on other devices.
    normals         computes normals too, if the model can (ModelInfo.has_normals).
    resize_method   of Depth Anything 3, a ResizeMethod or its name.
    threads         of CPU arithmetic, for the whole process; None: as set by the process, else all.
    fov_degrees     horizontal field of view of the camera, above 0 and below 180. Set this or intrinsics, not both.
    intrinsics      of the camera, in pixels of the upright photo: fx, fy, cx, cy or a 3 x 3 matrix. They precede
                    all other sources (the model, EXIF, a default field of view).
    metric_model    a second network that gives metres and sees the sky, such as DA3METRIC-LARGE, beside a multi-view
                    one, such as DA3-SMALL: it scales its depth and poses to metres.
    metric_interval the metric network sees every n-th frame of a camera; the scale of those between follows from the
                    frame before where both agree.
    """

    device: str = "auto"
    precision: PrecisionLike = Precision.F32
    process_res: Optional[int] = None
    tokens: Optional[int] = None
    resolution_level: Optional[int] = None
    normals: bool = False
    resize_method: ResizeMethodLike = ResizeMethod.UPPER_BOUND_RESIZE
    threads: Optional[int] = None
    fov_degrees: Optional[float] = None
    intrinsics: Optional[IntrinsicsLike] = None
    metric_model: Optional[PathLike] = None
    metric_interval: int = 1

    def _struct(self) -> structs.ModelOptions:
        from ._inputs import source, text
        if self.fov_degrees is not None and self.intrinsics is not None:
            raise ValueError("fov_degrees and intrinsics are both given: set one of them")
        return structs.ModelOptions(
            device=text("device", self.device), precision=Precision.of(self.precision, "precision"),
            process_res=number("process_res", self.process_res), tokens=number("tokens", self.tokens),
            resolution_level=_level("resolution_level", self.resolution_level), normals=flag("normals", self.normals),
            resize_method=ResizeMethod.of(self.resize_method, "resize_method"),
            threads=number("threads", self.threads), fov_degrees=_field_of_view(self.fov_degrees),
            intrinsics=camera("intrinsics", self.intrinsics),
            metric_model=None if self.metric_model is None else source("metric_model", self.metric_model),
            metric_interval=number("metric_interval", self.metric_interval))


@dataclasses.dataclass(frozen=True, kw_only=True)
class CloudOptions(_Options):
    """Which pixels become points. Every filter is off by default.

    stride                 every n-th row and column; None: 2 in pipelines and streams, 1 elsewhere.
    min_confidence         least confidence, in the model's own units: ModelInfo.confidence is their range.
    confidence_percentile  drops this percentage of the pixels, those of lowest confidence; below 100.
    min_depth, max_depth   range, in the unit of the depth.
    edge_threshold         drops flying pixels: a depth step above this fraction (0.03: 3 %); ModelInfo.edge_threshold
                           is one that suits the model.
    max_points             keeps at most this many, spread evenly; None: no limit.
    axes                   of the cloud, an Axes or its name.
    intrinsics             fx, fy, cx, cy or a 3 x 3 matrix, in pixels of the depth's grid; replace its own.
    keep_transparent       keeps pixels of alpha 0, which give no point otherwise.
    voxel_size             keeps the first point in each cube of this side, before max_points; 0: off.
    normals                gives points the normals of their pixels; the depth must have them (ModelOptions.normals).
    """

    stride: Optional[int] = None
    min_confidence: float = 0.0
    confidence_percentile: float = 0.0
    min_depth: float = 0.0
    max_depth: float = math.inf
    edge_threshold: float = 0.0
    max_points: Optional[int] = None
    axes: AxesLike = Axes.OPENCV
    intrinsics: Optional[IntrinsicsLike] = None
    keep_transparent: bool = False
    voxel_size: float = 0.0
    normals: bool = False

    def _struct(self) -> structs.CloudOptions:
        return structs.CloudOptions(
            stride=number("stride", self.stride), min_confidence=self.min_confidence,
            confidence_percentile=self.confidence_percentile, min_depth=self.min_depth,
            max_depth=number("max_depth", self.max_depth), edge_threshold=self.edge_threshold,
            axes=Axes.of(self.axes, "axes"), max_points=number("max_points", self.max_points),
            intrinsics=camera("intrinsics", self.intrinsics),
            keep_transparent=flag("keep_transparent", self.keep_transparent), voxel_size=self.voxel_size,
            normals=flag("normals", self.normals))


@dataclasses.dataclass(frozen=True, kw_only=True)
class WireFormat(_Options):
    """How a packet is written; docs/wire-format.md is the specification.

    encoding        an Encoding or its name.
    relative_error  largest relative error of a depth in Encoding.DEPTH: 0.0001 to 0.1.
    grid_colors     source of the colours for a reader of Encoding.DEPTH, a GridColors or its name.
    jpeg_quality    of GridColors.JPEG: 1 to 100.
    """

    encoding: EncodingLike = Encoding.F32
    relative_error: float = 0.001
    grid_colors: GridColorsLike = GridColors.JPEG
    jpeg_quality: int = 80

    def _struct(self) -> structs.WireFormat:
        return structs.WireFormat(
            encoding=Encoding.of(self.encoding, "encoding"),
            relative_error=number("relative_error", self.relative_error),
            grid_colors=GridColors.of(self.grid_colors, "grid_colors"),
            jpeg_quality=number("jpeg_quality", self.jpeg_quality))


@dataclasses.dataclass(frozen=True, kw_only=True)
class DecodeOptions(_Options):
    """How encoded photos are read.

    max_pixels           checked before anything is allocated; None: as memory allows.
    max_scans            of a progressive JPEG.
    apply_orientation    turns the photo upright as EXIF says.
    salvage              takes what is there of a photo that is cut short or corrupt.
    formats              that are read, PhotoFormat members joined by |; None: all of this build.
    apply_color_profile  brings the colours of an ICC profile to sRGB.
    """

    max_pixels: Optional[int] = None
    max_scans: int = 100
    apply_orientation: bool = True
    salvage: bool = False
    formats: Optional[PhotoFormat] = None
    apply_color_profile: bool = True

    def _fields(self) -> dict[str, Any]:
        """The fields that dcl_decode_options and dcl_pipeline_options share."""
        if self.formats is not None and not isinstance(self.formats, PhotoFormat):
            raise TypeError(f"formats is {self.formats!r}, must be of depthcloud.PhotoFormat")
        return {"max_pixels": number("max_pixels", self.max_pixels),
                "max_scans": number("max_scans", self.max_scans),
                "ignore_orientation": 1 - flag("apply_orientation", self.apply_orientation),
                "salvage": flag("salvage", self.salvage), "formats": number("formats", self.formats),
                "ignore_color_profile": 1 - flag("apply_color_profile", self.apply_color_profile)}

    def _struct(self) -> structs.DecodeOptions:
        return structs.DecodeOptions(**self._fields())


@dataclasses.dataclass(frozen=True, kw_only=True)
class UnpackLimits(_Options):
    """Limits for messages of strangers.

    max_bytes   of the whole message.
    max_points  of its cloud.
    max_keys    of any map.
    max_depth   of nested maps and arrays.
    max_string  bytes of any string.
    """

    max_bytes: int = 256 << 20
    max_points: int = 16_000_000
    max_keys: int = 64
    max_depth: int = 8
    max_string: int = 4096

    def _struct(self) -> structs.UnpackLimits:
        return structs.UnpackLimits(**{field.name: number(field.name, getattr(self, field.name))
                                       for field in dataclasses.fields(self)})


@dataclasses.dataclass(frozen=True, kw_only=True)
class GateOptions(_Options):
    """Which frames enter a stream.

    policy         a GatePolicy or its name.
    max_in_flight  frames that are processed at a time.
    max_fps        skips a frame that comes sooner after the last accepted one; None: no limit.
    max_age_s      drops a frame captured longer ago, in seconds; None: no limit.
    decode_ahead   decodes the waiting frame while another is in the network.
    """

    policy: GatePolicyLike = GatePolicy.LATEST_WINS
    max_in_flight: int = 1
    max_fps: Optional[float] = None
    max_age_s: Optional[float] = None
    decode_ahead: bool = True

    def _struct(self) -> structs.StreamOptions:
        gate = structs.GateOptions(
            policy=GatePolicy.of(self.policy, "policy"), max_in_flight=number("max_in_flight", self.max_in_flight),
            max_fps=number("max_fps", self.max_fps), max_age_s=number("max_age_s", self.max_age_s))
        return structs.StreamOptions(no_decode_ahead=1 - flag("decode_ahead", self.decode_ahead),
                                     gate=c.pointer(gate))


def pipeline_struct(cloud: Optional[CloudOptions], wire: Optional[WireFormat], decode: Optional[DecodeOptions],
                    fast_decode: bool, packet: bool) -> structs.PipelineOptions:
    """What Model.pipeline() and Model.stream() are given."""
    return structs.PipelineOptions(
        fast_decode=flag("fast_decode", fast_decode), no_packet=1 - flag("packet", packet),
        cloud=c.pointer(given(CloudOptions, cloud, "cloud")._struct()),
        wire=c.pointer(given(WireFormat, wire, "wire")._struct()),
        **given(DecodeOptions, decode, "decode")._fields())
