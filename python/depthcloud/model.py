# SPDX-License-Identifier: Apache-2.0
"""Networks, and the depth that they estimate."""

from __future__ import annotations

import ctypes as c
import dataclasses
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from . import _show
from . import _structs as structs
from ._inputs import Pixels, PixelFormat, PathLike, pixels
from ._inputs import source as source_of
from ._native import ABI_VERSION, Handle, call, network_is_loaded, require_no_fork
from .camera import IntrinsicsLike, as_extrinsics, as_intrinsics
from .depth import DepthMap
from .options import (CloudOptions, DecodeOptions, GateOptions, ModelOptions, Precision, ReferenceView,
                      ReferenceViewLike, WireFormat, given)

if TYPE_CHECKING:
    from .frame import Frame
    from .pipeline import Pipeline
    from .stream import Stream


@dataclasses.dataclass(frozen=True)
class Device:
    """A device that a network can run on here: what ModelOptions.device takes, and what it is."""

    name: str
    description: str


def devices() -> List[Device]:
    """Returns the devices of this machine, the preferred one first. Looking for GPUs loads LibTorch."""
    count, found = c.c_size_t(), []
    call("dcl_device_get_count", c.byref(count))
    for index in range(count.value):
        info = structs.DeviceInfo()
        call("dcl_device_get_info", c.c_size_t(index), c.byref(info))
        found.append(Device(info.name.decode(), info.description.decode(errors="replace")))
    return found


@dataclasses.dataclass(frozen=True)
class ModelInfo:
    """Properties of a loaded model; empty strings and zeros: not known.

    `precision` is the one in use, `license` that of the weights, `process_res` the longer side of the grid in pixels,
    `tokens` the patches that the network sees of any image (0: it goes by process_res), `has_normals` whether it can
    compute normals, `is_metric` whether depth is in metres, `is_multi_view` whether Model.estimate_views() works. `confidence` is the
    range of its confidence, whose ends may be infinite, None where it gives none, and (nan, nan) where it is not known;
    `edge_threshold` one for CloudOptions that suits its depth; `has_sky` whether DepthMap.sky is given; `metric_model`
    the name of the second network that gives its metres.
    """

    name: str
    backend: str
    device: str
    precision: Precision
    license: str
    parameters: int
    memory_bytes: int
    process_res: int
    tokens: int
    is_metric: bool
    is_multi_view: bool
    has_normals: bool
    architecture: str
    input: str
    confidence: Optional[Tuple[float, float]]
    edge_threshold: float
    has_sky: bool
    metric_model: str


class Model(Handle):
    """A network on a device. Threads may share it; their frames are processed one after the other. Pipelines and
    streams that use it stay valid when it is closed."""

    _free = "dcl_model_free"
    _instead = "another process loads its own, and threads share one"

    def __init__(self, source: PathLike = "builtin", options: Optional[ModelOptions] = None) -> None:
        """Loads a model.

        source   "builtin"; a folder or file with a checkpoint of Depth Anything or MoGe-2; a TorchScript .pt file,
                 which is executable code: load trusted files only; or "constant[:METRES[,DELAY_MS]]", a plane
                 for tests.
        options  device, precision, camera: see ModelOptions.

        Raises RuntimeError in a fork of a process that has loaded one, and DepthcloudError: not_found, bad_model, unavailable (no networks, no such device or precision here).
        """
        struct, handle = given(ModelOptions, options, "options")._struct(), c.c_void_p()
        name = source_of("source", source)
        is_network = not name.startswith(b"constant")
        if is_network:
            require_no_fork()
        call("dcl_model_load", ABI_VERSION, name, c.byref(struct), c.byref(handle))
        super().__init__(self._own(handle))
        if is_network:
            network_is_loaded()

    @property
    def info(self) -> ModelInfo:
        """What the model is."""
        owner, found = self._use(), structs.ModelInfo()
        call("dcl_model_get_info", owner, c.byref(found))
        texts = {name: getattr(found, name).decode(errors="replace")
                 for name in ("name", "backend", "device", "license", "architecture", "input", "metric_model")}
        del owner  # the strings were its own
        return ModelInfo(**texts, precision=Precision(found.precision), parameters=found.parameters,
                         memory_bytes=found.memory_bytes, process_res=found.process_res, tokens=found.tokens,
                         is_metric=bool(found.is_metric), is_multi_view=bool(found.is_multi_view),
                         has_normals=bool(found.has_normals),
                         confidence=None if found.confidence_low == found.confidence_high else
                         (found.confidence_low, found.confidence_high),
                         edge_threshold=round(found.edge_threshold, 6),  # a float32
                         has_sky=bool(found.has_sky))

    def warm_up(self, width: int, height: int) -> None:
        """Runs the network on a gray image of this size until it has reached full speed."""
        call("dcl_model_warm_up", self._use(), c.c_int32(structs.integer("width", width)),
             c.c_int32(structs.integer("height", height)))

    def cancel(self) -> None:
        """Ends the pass that runs, and every later call that needs this model, with a DepthcloudError of code
        "cancelled". Call it from any thread."""
        call("dcl_model_cancel", self._use())

    def estimate(self, images: Sequence[Pixels], *, format: Optional[PixelFormat] = None) -> List[DepthMap]:
        """Returns the depth of each image, in as few passes of the network as their sizes allow. An image is pixels as
        Pipeline.process() takes them; decode() makes pixels of a photo."""
        return self._estimate("dcl_model_estimate_batch", images, format)

    def estimate_views(self, images: Sequence[Pixels], *, format: Optional[PixelFormat] = None,
                       intrinsics: Optional[Sequence[IntrinsicsLike]] = None,
                       extrinsics: Optional[Sequence[npt.ArrayLike]] = None,
                       reference_view: ReferenceViewLike = ReferenceView.SADDLE_BALANCED) -> List[DepthMap]:
        """Returns the depth of several views of one scene, in one scale, with extrinsics in one world frame. Needs a
        multi-view network.

        intrinsics, extrinsics  of known cameras, one each for every view: fx, fy, cx, cy in pixels of the photo, and
                                a (3, 4) or (4, 4) pose, world to camera, axes opencv. Both or neither.
        reference_view          the view that the others are seen from, where cameras are not known.
        """
        images = self._list(images)
        options = structs.ViewsOptions(reference_view=ReferenceView.of(reference_view, "reference_view"))
        if (intrinsics is None) != (extrinsics is None):
            raise ValueError("intrinsics and extrinsics are given both or neither")
        if intrinsics is not None and extrinsics is not None:
            if len(intrinsics) != len(images):
                raise ValueError(f"intrinsics has {len(intrinsics)} cameras, must have {len(images)}")
            cameras = np.array([as_intrinsics(camera, f"intrinsics[{i}]") for i, camera in enumerate(intrinsics)],
                               np.float64)
            poses = as_extrinsics(extrinsics, "extrinsics", len(images))
            options.intrinsics, options.extrinsics = cameras.ctypes.data, poses.ctypes.data
        return self._estimate("dcl_model_estimate_views", images, format, c.byref(options))

    @staticmethod
    def _list(images: Sequence[Pixels]) -> Sequence[Pixels]:
        if isinstance(images, np.ndarray) and images.ndim < 4:
            raise TypeError(f"images is one array of shape {images.shape}, must be a list of images, or (N, H, W, C)")
        return list(images)

    def _estimate(self, function: str, images: Sequence[Pixels], format: Optional[str],
                  *extra: Any) -> List[DepthMap]:
        kept = [pixels(image, format, f"images[{i}]") for i, image in enumerate(self._list(images))]
        pointers = (c.POINTER(structs.Image) * len(kept))(*(c.pointer(image.struct) for image in kept))
        handles = (c.c_void_p * max(1, len(kept)))()
        call(function, self._use(), pointers, c.c_size_t(len(kept)), *extra, handles)
        owners = [DepthMap._own(c.c_void_p(handle)) for handle in handles[:len(kept)]]
        return [DepthMap(owner) for owner in owners]

    def pipeline(self, *, cloud: Optional[CloudOptions] = None, wire: Optional[WireFormat] = None,
                 decode: Optional[DecodeOptions] = None, fast_decode: bool = False,
                 packet: bool = True) -> Pipeline:
        """Returns a Pipeline with this model; the options are explained there."""
        from .pipeline import Pipeline
        return Pipeline(self, cloud=cloud, wire=wire, decode=decode, fast_decode=fast_decode, packet=packet)

    def stream(self, on_frame: Optional[Callable[[Frame], object]] = None, *,
               on_failure: Optional[Callable[[Exception], object]] = None,
               gate: Optional[GateOptions] = None, cloud: Optional[CloudOptions] = None,
               wire: Optional[WireFormat] = None, decode: Optional[DecodeOptions] = None, fast_decode: bool = False,
               packet: bool = True) -> Stream:
        """Returns a Stream with this model; the options are explained there and in Pipeline."""
        from .stream import Stream
        return Stream(self, on_frame, on_failure=on_failure, gate=gate, cloud=cloud, wire=wire, decode=decode,
                      fast_decode=fast_decode, packet=packet)

    def __repr__(self) -> str:
        if self.closed:
            return "<depthcloud.Model, closed>"
        info = self.info
        return f"<depthcloud.Model {info.name} on {info.device}, {info.precision.name.lower()}>"

    def _repr_html_(self) -> str:
        if self.closed:
            return _show.table("depthcloud.Model, closed", {})
        rows = {name: getattr(value, "name", str(value)) for name, value in dataclasses.asdict(self.info).items()
                if value not in ("", 0) or name.startswith("is_")}
        return _show.table("depthcloud.Model", rows)
