# SPDX-License-Identifier: Apache-2.0
"""The whole chain: photos in, frames out."""

from __future__ import annotations

import ctypes as c
import dataclasses
import functools
import os
import pathlib
import threading
from typing import Callable, Iterable, Iterator, Optional, Tuple

from . import _structs as structs
from ._empty import warn_empty
from ._inputs import Encoded, PathLike, Photo, PixelFormat
from ._inputs import photo as photo_of
from ._inputs import photos as photos_of
from ._native import DepthcloudError, Handle, call
from ._progress import tracked
from .cloud import pointer_to, tag_of
from .frame import STAGES, Frame
from .model import Model
from .options import CloudOptions, DecodeOptions, ModelOptions, WireFormat, given, pipeline_struct

PHOTO_SUFFIXES = frozenset(".jpg .jpeg .jpe .jfif .mpo .png .webp .heic .heif .avif .tif .tiff".split())


@dataclasses.dataclass(frozen=True)
class Latency:
    """Exact percentiles of one stage over the last 1024 frames, milliseconds; `count` frames since the start."""

    count: int
    p50: float
    p95: float
    p99: float
    max: float


def stage_number(stage: str) -> int:
    """The dcl_stage of a name."""
    if stage == "total":
        return 100
    if stage not in STAGES:
        raise ValueError(f"stage is {stage!r}, must be 'total' or one of {', '.join(map(repr, STAGES))}")
    return STAGES[stage]


def latency_of(get: Callable[..., int], stage: str) -> Latency:
    """The latency that dcl_pipeline_get_latency or dcl_stream_get_latency finds."""
    found = structs.LatencySummary()
    get(c.c_int32(stage_number(stage)), c.byref(found))
    return Latency(found.count, found.p50, found.p95, found.p99, found.max)


class Pipeline(Handle):
    """The chain with its scratch memory, which is reused from frame to frame. Threads may share it: their frames are
    processed one after the other. For more, make a pipeline for each thread; they share the model."""

    _free = "dcl_pipeline_free"
    _instead = "threads share it, and another process makes its own"

    def __init__(self, model: Model, *, cloud: Optional[CloudOptions] = None, wire: Optional[WireFormat] = None,
                 decode: Optional[DecodeOptions] = None, fast_decode: bool = False, packet: bool = True) -> None:
        """
        cloud        which pixels become points; the stride is 2 unless set.
        wire         how the packet is written.
        decode       how encoded photos are read.
        fast_decode  decodes large JPEGs at a reduced scale for any network, which changes the pixels slightly.
        packet       False: makes no packet, and frame.packet is empty.
        """
        if not isinstance(model, Model):
            raise TypeError(f"model is {structs.kind_of(model)}, must be a Model")
        options, handle = pipeline_struct(cloud, wire, decode, fast_decode, packet), c.c_void_p()
        call("dcl_pipeline_create", model._use(), c.byref(options), c.byref(handle))
        super().__init__(self._own(handle))
        self._cloud = cloud
        self._lock = threading.RLock()  # a signal handler may process a frame too

    def process(self, photo: Photo, *, format: Optional[PixelFormat] = None, frame_id: Optional[int] = None,
                capture_ts: Optional[float] = None) -> Frame:
        """Returns the frame of one photo.

        photo       a path; the bytes of a JPEG, PNG, ... (bytes, bytearray, memoryview, a row of uint8); an array of
                    uint8 pixels, (H, W) gray or (H, W, C); or a PIL.Image, which EXIF turns upright. Arrays of
                    any order of memory are taken: those with packed pixels in place, others as a copy. Only encoded
                    photos bring their EXIF focal length; for pixels, ModelOptions has fov_degrees and intrinsics.
        format      order of an array's samples: "rgb", "bgr" (OpenCV), "rgba", "bgra" or "gray". None: gray, RGB or
                    RGBA by the number of channels. A camera's YUV: "yuyv", (H, W, 2), or "nv12", (3 / 2 H, W), in
                    BT.601 and limited range unless ":bt709" and ":full" follow, in this order ("nv12:bt709:full").
        frame_id    a number for the frame, which it and its packet then have.
        capture_ts  time of capture by your clock, seconds, likewise.

        Raises DepthcloudError with the stage that failed, OSError if a file cannot be read, and TypeError or
        ValueError, which name the argument, for what is no photo. The pipeline can then process the next one. Warns if
        the filters leave no point.
        """
        found, tag, frame = photo_of(photo, format), tag_of(frame_id, capture_ts), c.c_void_p()
        owner = self._use()
        with self._lock:
            if isinstance(found, Encoded):
                call("dcl_pipeline_process", owner, found.address, found.size, pointer_to(tag), c.byref(frame),
                     about=found.about)
            else:
                call("dcl_pipeline_process_image", owner, c.byref(found.struct), pointer_to(tag), c.byref(frame))
        made = Frame(Frame._own(frame))
        if not len(made):
            warn_empty(made.depth, made.confidence, self._cloud)
        return made

    def process_all(self, photos: Iterable[Photo], *, format: Optional[PixelFormat] = None) -> Iterator[Frame]:
        """Returns an iterator over the frames of all photos, in their order, each numbered by its position; none is
        skipped. `photos` may be a generator, for instance of a camera's images. The first error ends it: a program that
        wants the others calls process() for each photo."""
        return (self.process(photo, format=format, frame_id=frame_id)
                for frame_id, photo in enumerate(photos_of(photos)))

    def process_folder(self, folder: PathLike, *, progress: Optional[bool] = None,
                       on_failure: Optional[Callable[[pathlib.Path, Exception], None]] = None
                       ) -> Iterator[Tuple[pathlib.Path, Frame]]:
        """Yields the path and the frame of each photo in a folder, by name. Files of other suffixes are ignored.

        progress    a progress bar on standard error (tqdm's where it is installed); None: if that is a terminal.
        on_failure  called with the path and the error of a photo that fails, and the next one follows; None: the
                    error is raised.
        """
        paths = sorted(entry for entry in pathlib.Path(os.fspath(folder)).iterdir()
                       if entry.suffix.lower() in PHOTO_SUFFIXES and entry.is_file())
        if not paths:
            raise FileNotFoundError(f"no photo in the folder {os.fspath(folder)!r}")
        return self._process_paths(tracked(paths, progress), on_failure)

    def _process_paths(self, paths: Iterator[pathlib.Path],
                       on_failure: Optional[Callable[[pathlib.Path, Exception], None]]
                       ) -> Iterator[Tuple[pathlib.Path, Frame]]:
        for path in paths:
            try:
                frame = self.process(path)
            except (DepthcloudError, OSError) as error:
                if on_failure is None:
                    raise
                on_failure(path, error)
                continue
            yield path, frame

    def set_cloud_options(self, cloud: Optional[CloudOptions] = None) -> None:
        """Replaces the cloud options from the next frame on; on an error nothing changes."""
        with self._lock:
            call("dcl_pipeline_set_cloud_options", self._use(),
                 c.byref(given(CloudOptions, cloud, "cloud")._struct()))
            self._cloud = cloud

    def set_wire_format(self, wire: Optional[WireFormat] = None) -> None:
        """Replaces the encoding of packets from the next frame on; on an error nothing changes."""
        with self._lock:
            call("dcl_pipeline_set_wire_format", self._use(), c.byref(given(WireFormat, wire, "wire")._struct()))

    def latency(self, stage: str = "total") -> Latency:
        """Returns the latency of "decode", "preprocess", "infer", "cloud", "pack" or "total"."""
        with self._lock:
            return latency_of(functools.partial(call, "dcl_pipeline_get_latency", self._use()), stage)

    def __repr__(self) -> str:
        return "<depthcloud.Pipeline, closed>" if self.closed else "<depthcloud.Pipeline>"


@functools.lru_cache(maxsize=1)
def _model(source: str, options: ModelOptions) -> Model:
    return Model(source, options)


def pipe(photo: Photo, model: PathLike = "builtin", *, options: Optional[ModelOptions] = None,
         cloud: Optional[CloudOptions] = None, format: Optional[PixelFormat] = None) -> Frame:
    """Returns the frame of one photo, in one call. `photo` and `format` are as in Pipeline.process(), `model` and
    `options` as in Model, `cloud` as in Pipeline. The model of the last call stays loaded for the next one. A program
    with many frames makes a Pipeline."""
    loaded = _model(os.fspath(model) if isinstance(model, os.PathLike) else model, given(ModelOptions, options, "options"))
    return loaded.pipeline(cloud=cloud).process(photo, format=format)
