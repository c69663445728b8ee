# SPDX-License-Identifier: Apache-2.0
"""Camera frame in, coloured point cloud out.

>>> pipeline = depthcloud.Model("builtin").pipeline(stride=1)
>>> frame = pipeline.process(open("photo.jpg", "rb").read())
>>> frame.positions, frame.colors    # (N, 3) float32 and (N, 3) uint8, views of the frame's memory
"""

import ctypes as c
import enum
from typing import Any, Dict, List, Optional, Sequence

import numpy as np

from ._native import ABI_VERSION, DepthcloudError, call, library
from ._structs import CloudOptions, ModelOptions, PipelineOptions, WireFormat
from .cloud import Cloud, Frame, Handle, cloud_from_depth, image_of
from .depth import DepthMap, decode, estimate, merge, unpack

__all__ = ["Cloud", "DepthMap", "DepthcloudError", "Encoding", "Frame", "Model", "Pipeline",
           "Precision", "cloud_from_depth", "decode", "merge", "unpack", "version"]


class Encoding(enum.IntEnum):
    """How the points of a packet are written: dcl_wire_format.encoding."""

    F32, Q16, DEPTH = range(3)


class Precision(enum.IntEnum):
    """Number format of the network: dcl_model_options.precision. AUTO chooses among F32 and BF16."""

    F32, BF16, F16, INT8, AUTO = range(5)


class Model(Handle):
    """A network on a device; `source` as in dcl_model_load, options by the names of
    dcl_model_options. Threads may share it."""

    _free = "dcl_model_free"

    def __init__(self, source: str = "builtin", device: str = "auto", **options: Any) -> None:
        super().__init__(c.c_void_p())
        options = ModelOptions(device=device.encode(), **options)
        call("dcl_model_load", ABI_VERSION, source.encode(), c.byref(options), c.byref(self._handle))

    def estimate(self, images: Sequence[np.ndarray]) -> List[DepthMap]:
        """Depth of (H, W, 3) uint8 images, in as few passes of the network as their sizes allow."""
        return estimate("dcl_model_estimate_batch", self._handle, images)

    def estimate_views(self, images: Sequence[np.ndarray]) -> List[DepthMap]:
        """Depth of several views of one scene, in one scale, with extrinsics in one frame."""
        return estimate("dcl_model_estimate_views", self._handle, images, None)

    def pipeline(self, wire: Optional[Dict[str, Any]] = None, **cloud_options: Any) -> "Pipeline":
        """A pipeline with these fields of dcl_cloud_options, and of dcl_wire_format for its packets,
        for one thread at a time."""
        options = PipelineOptions(cloud=c.pointer(CloudOptions(**cloud_options)),
                                  wire=c.pointer(WireFormat(**(wire or {}))))
        handle = c.c_void_p()
        call("dcl_pipeline_create", self._handle, c.byref(options), c.byref(handle))
        return Pipeline(handle)


class Pipeline(Handle):
    """The chain with its scratch memory."""

    _free = "dcl_pipeline_free"

    def process(self, encoded: bytes) -> Frame:
        """One frame from JPEG or PNG bytes."""
        frame = c.c_void_p()
        call("dcl_pipeline_process", self._handle, encoded, c.c_size_t(len(encoded)), None,
             c.byref(frame))
        return Frame(frame)

    def process_image(self, rgb: np.ndarray) -> Frame:
        """One frame from (H, W, 3) uint8 pixels, which are only read; rows may be strided."""
        frame = c.c_void_p()
        call("dcl_pipeline_process_image", self._handle, c.byref(image_of(rgb)), None, c.byref(frame))
        return Frame(frame)


def version() -> str:
    """The release of the library that is loaded."""
    library.dcl_version.restype = c.c_char_p
    return library.dcl_version().decode()
