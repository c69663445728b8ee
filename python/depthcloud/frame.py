# SPDX-License-Identifier: Apache-2.0
"""Finished frames."""

from __future__ import annotations

import ctypes as c
from typing import Any, Dict, Optional

import numpy as np
import numpy.typing as npt

from . import _show
from . import _structs as structs
from ._native import call, library, view
from .cloud import Cloud
from .depth import Planes

STAGES = {"decode": 0, "preprocess": 1, "infer": 2, "metric": 8, "cloud": 3, "pack": 4}  # dcl_stage, as they run


class Frame(Cloud, Planes):
    """What became of one photo: the cloud (`positions`, `colors`, write_ply(), ...), the depth that it was made of
    (`depth`, `confidence`, `intrinsics`, ...), the packet for a viewer, and the time of each stage. It never changes,
    and threads may share it."""

    _free, _get, _get_depth = "dcl_frame_free", "dcl_frame_get_cloud", "dcl_frame_get_depth"

    @property
    def packet(self) -> npt.NDArray[np.uint8]:
        """(N,) uint8: the msgpack message, a read-only view. Empty if the pipeline makes none."""
        owner, size = self._use(), c.c_size_t()
        address = library.dcl_frame_get_packet(owner, c.byref(size))
        array: npt.NDArray[np.uint8] = view(owner, address, (size.value,), "|u1")
        return array

    @property
    def stage_ms(self) -> Dict[str, float]:
        """Milliseconds that the frame spent in each stage: decode, preprocess, infer, cloud, pack; and metric, of
        ModelOptions.metric_model, where there is one."""
        times = structs.StageTimes()
        call("dcl_frame_get_times", self._use(), c.byref(times))
        return {stage: getattr(times, stage) for stage in STAGES if stage != "metric" or times.metric}

    def _tag(self) -> structs.Tag:
        tag = structs.Tag()
        call("dcl_frame_get_tag", self._use(), c.byref(tag))
        return tag

    @property
    def frame_id(self) -> Optional[int]:
        """The caller's number of the frame; None if it was given none."""
        tag = self._tag()
        return int(tag.frame_id) if tag.fields & 1 else None

    @property
    def capture_ts(self) -> Optional[float]:
        """The caller's time of capture, seconds; None if it was given none."""
        tag = self._tag()
        return float(tag.capture_ts) if tag.fields & 2 else None

    def _repr_html_(self) -> str:
        if self.closed:
            return _show.table("depthcloud.Frame, closed", {})
        rows: Dict[str, Any] = {**self._summary(), **self._depth_summary()}
        rows["packet"] = f"{len(self.packet):,} bytes"
        rows["ms"] = ", ".join(f"{stage} {ms:.1f}" for stage, ms in self.stage_ms.items())
        return _show.table("depthcloud.Frame", rows, self.depth)
