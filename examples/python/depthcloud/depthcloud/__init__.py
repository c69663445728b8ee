# SPDX-License-Identifier: Apache-2.0
"""Camera frame in, coloured point cloud out.

>>> pipeline = depthcloud.Model("builtin").pipeline(stride=1)
>>> frame = pipeline.process(open("photo.jpg", "rb").read())
>>> frame.positions, frame.colors    # (N, 3) float32 and (N, 3) uint8, views of the frame's memory
"""

import ctypes as c
from typing import Any

import numpy as np

from ._native import ABI_VERSION, CloudOptions, DepthcloudError, PipelineOptions, call, library
from .cloud import Cloud, Frame, Handle, cloud_from_depth, image_of

__all__ = ["Cloud", "DepthcloudError", "Frame", "Model", "Pipeline", "cloud_from_depth", "version"]


class Model(Handle):
    """A network on a device; `source` as in dcl_model_open. Threads may share it."""

    _free = "dcl_model_free"

    def __init__(self, source: str = "builtin") -> None:
        super().__init__(c.c_void_p())
        call("dcl_model_open", ABI_VERSION, source.encode(), None, c.byref(self._handle))

    def pipeline(self, **cloud_options: Any) -> "Pipeline":
        """A pipeline with these fields of dcl_cloud_options, for one thread at a time."""
        options = PipelineOptions(cloud=c.pointer(CloudOptions(**cloud_options)))
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
