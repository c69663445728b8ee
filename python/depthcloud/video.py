# SPDX-License-Identifier: Apache-2.0
"""The pictures of videos, cameras and streams."""

from __future__ import annotations

import ctypes as c
import dataclasses
import os
import re
from typing import Iterator, Optional

import numpy as np
import numpy.typing as npt

from . import _structs as structs
from ._inputs import PathLike
from ._inputs import path as path_of
from ._native import DepthcloudError, Handle, Owner, call, require_readable, view
from .options import flag, number

_EMPTY = 3  # DCL_EMPTY
_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|camera:|test:")


def _without_password(uri: str) -> str:
    return re.sub(r"^([^/]*://)[^/@]*@", r"\1...@", uri)


@dataclasses.dataclass(frozen=True)
class VideoCounters:
    """Pictures of a video: decoded = read + skipped + dropped + waiting; `corrupt` parts were passed over."""

    decoded: int
    read: int
    skipped: int
    dropped: int
    waiting: int
    corrupt: int


@dataclasses.dataclass(frozen=True, eq=False)
class VideoFrame:
    """One picture: `image`, (H, W, 3) uint8 RGB, a read-only view of the library's memory; `time`, seconds since the
    start of the video; `index`, its number among all that were decoded."""

    image: npt.NDArray[np.uint8]
    time: float
    index: int


class VideoSource(Handle):
    """Pictures of a video, an iterator of VideoFrame.

        with depthcloud.VideoSource("clip.mp4", max_fps=5) as video:
            for frame in video:
                pipeline.process(frame.image)

    uri         a file, "http(s)://...", "rtsp(s)://...", "camera:0", "/dev/video0" or "test:640x480@30".
    max_fps     largest number of pictures a second; None: all.
    start, end  presentation times of the first and the last picture, seconds; None: from the beginning, to the end.
    loop        begins anew at its end; a file only.
    real_time   gives each picture of a file when it is due, and drops those that are too late.
    timeout     longest wait for a picture, seconds; None: no limit.
    max_pixels  of a picture; None: 64 million.

    One thread at a time reads; stop() and counters may be used by any. A file that cannot be opened is an OSError, for
    instance FileNotFoundError. A DepthcloudError with the code "unavailable"
    says what to install. No message holds the password of a URI.
    """

    _free = "dcl_video_source_free"
    _instead = "another process opens its own"

    def __init__(self, uri: PathLike, *, max_fps: Optional[float] = None, start: Optional[float] = None,
                 end: Optional[float] = None, loop: bool = False, real_time: bool = False,
                 timeout: Optional[float] = 10, max_pixels: Optional[int] = None) -> None:
        for name, value in (("start", start), ("end", end), ("timeout", timeout)):
            if value is not None and not structs.real(name, value) >= 0:
                raise ValueError(f"{name} is {value!r}, must not be negative")
        if end == 0:
            raise ValueError("end is 0: only a picture at the very beginning would be read")
        options = structs.VideoOptions(
            loop=flag("loop", loop), real_time=flag("real_time", real_time), max_fps=number("max_fps", max_fps),
            start_s=start or 0.0, end_s=end or 0.0, timeout_s=timeout or -1.0,
            max_pixels=number("max_pixels", max_pixels))
        handle = c.c_void_p()
        encoded, name = path_of(uri, "uri"), os.fsdecode(uri)
        is_address = _HAS_SCHEME.match(name) is not None
        try:
            call("dcl_video_source_open", encoded, c.byref(options), c.byref(handle), about="" if is_address else name)
        except DepthcloudError as error:
            if error.code == "unavailable" or is_address:
                raise
            require_readable(name, error)
        self._uri = _without_password(name)
        super().__init__(self._own(handle))
        info = structs.VideoInfo()
        call("dcl_video_source_get_info", self._use(), c.byref(info))
        self.width = int(info.width)
        self.height = int(info.height)
        self.fps: Optional[float] = float(info.fps) or None
        self.duration: Optional[float] = float(info.duration_s) or None
        self.is_live = bool(info.is_live)
        self.codec = str(info.codec.decode(errors="replace"))

    def __iter__(self) -> Iterator[VideoFrame]:
        return self

    def __next__(self) -> VideoFrame:
        frame = self.read()
        if frame is None:
            raise StopIteration
        return frame

    def read(self) -> Optional[VideoFrame]:
        """Waits for the next picture; None at the end of the video and after stop()."""
        handle, which = c.c_void_p(), structs.VideoPicture()
        if call("dcl_video_source_read", self._use(), c.byref(handle), c.byref(which)) == _EMPTY:
            return None
        owner, image = Owner(handle, "dcl_photo_free"), structs.Image()
        call("dcl_photo_get_view", owner, c.byref(image))
        pixels = view(owner, image.data, (image.height, image.width, 3), "|u1")
        return VideoFrame(pixels, float(which.time_s), int(which.index))

    def __repr__(self) -> str:
        if self.closed:
            return "<depthcloud.VideoSource, closed>"
        rate = f" at {self.fps:g}/s" if self.fps else ""
        length = f", {self.duration:g} s" if self.duration else ", live" if self.is_live else ""
        return f"<depthcloud.VideoSource {self._uri!r}, {self.width} x {self.height}{rate}{length}>"

    def stop(self) -> None:
        """Ends a read() that waits, and all that follow."""
        call("dcl_video_source_stop", self._use())

    @property
    def counters(self) -> VideoCounters:
        """How many pictures went where so far."""
        counters = structs.VideoCounters()
        call("dcl_video_source_get_counters", self._use(), c.byref(counters))
        return VideoCounters(**{field.name: int(getattr(counters, field.name))
                                for field in dataclasses.fields(VideoCounters)})
