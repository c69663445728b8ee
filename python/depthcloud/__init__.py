# SPDX-License-Identifier: Apache-2.0
"""A photo in, a coloured point cloud out.

    import depthcloud

    frame = depthcloud.pipe("photo.jpg")
    frame.write_ply("photo.ply")

pipe() is a network, a pipeline and a photo in one call. A program with many photos makes each once:

    model = depthcloud.Model("DA3-SMALL", depthcloud.ModelOptions(device="cpu"))
    pipeline = model.pipeline(cloud=depthcloud.CloudOptions(stride=1))
    frame = pipeline.process("photo.jpg")      # or bytes, an array of uint8 pixels (format="bgr"), a PIL.Image

A Frame has `positions` (N, 3) float32 and `colors` (N, 3) uint8; `depth` and `confidence` (H, W) float32;
`intrinsics`, `extrinsics`, `is_metric`; `packet`, the bytes for a viewer; and `stage_ms`. Points are in the camera
frame: x right, y down, z forward, in metres if `is_metric`. Arrays are read-only views of the library's memory: nothing
is copied, and an array keeps what it needs alive. frame.positions.copy() is yours to change.

    for path, frame in pipeline.process_folder("holiday"): ...      # with a progress bar
    for frame in model.stream().feed(camera): ...                   # live: frames are skipped, no queue builds up
    for frame in depthcloud.VideoSource("clip.mp4"): pipeline.process(frame.image)   # a video, camera or stream
    maps = model.estimate([depthcloud.decode(path) for path in paths])      # depth of several photos at once
    cloud = depthcloud.cloud_from_depth(depth, image, (fx, fy, cx, cy))     # an RGB-D camera, no network
    depth = depthcloud.align_depth(depth, (640, 480), (fx, fy, cx, cy), pose, intrinsics=...)   # to a colour camera
    cloud = depthcloud.merge(clouds, extrinsics)                    # several views in one world frame
    cloud = depthcloud.unpack(message)                              # a packet that was received, or its file
    cloud = depthcloud.read_cloud("cloud.ply")                      # or .pcd

cloud.write_ply(), write_pcd(), write(), to_open3d(), plot(); plot_depth(). numpy.asarray(cloud) and
torch.from_dlpack(cloud) are its positions. Files are written in the axes opengl (y up), which viewers show upright;
positions of frames, and so print(frame) and to_open3d(), are in opencv (y down). A cloud in which a filter left no
point is a warning that names the filter, and is not written.

Options are keyword-only dataclasses with defaults: ModelOptions, CloudOptions, WireFormat, DecodeOptions,
GateOptions, UnpackLimits. Bad arguments are a TypeError or ValueError that names them, a file that cannot be read an
OSError, and whatever the library refuses a DepthcloudError. Objects have close() and `with`; they cannot be copied or
pickled. Threads may share all of them. In a process that was forked, models, pipelines, streams and videos of the one before are
a RuntimeError, and so is loading a network where that one has: load models after fork(), or use "spawn".
"""

from . import _threads  # noqa: F401: first, before anything imports NumPy
from ._native import DepthcloudError, version
from .camera import Intrinsics
from .cloud import Cloud, Packet, cloud_from_depth, merge, read_cloud
from .depth import DepthMap, ScaleFit, align_depth
from .frame import Frame
from .message import Message, unpack
from .model import Device, Model, ModelInfo, devices
from .options import (Axes, CloudOptions, DecodeOptions, Encoding, GateOptions, GatePolicy, GridColors, ModelOptions,
                      PhotoFormat, Precision, ReferenceView, ResizeMethod, ScaleModel, UnpackLimits, WireFormat)
from .photo import decode
from .pipeline import Latency, Pipeline, pipe
from .stream import Counters, Stream
from .video import VideoCounters, VideoFrame, VideoSource

__version__ = version()

__all__ = ["Axes", "Cloud", "CloudOptions", "Counters", "DecodeOptions", "DepthMap", "DepthcloudError", "Device",
           "Encoding", "Frame", "GateOptions", "GatePolicy", "GridColors", "Intrinsics", "Latency", "Message", "Model",
           "ModelInfo", "ModelOptions", "Packet", "PhotoFormat", "Pipeline", "Precision", "ReferenceView",
           "ResizeMethod", "ScaleFit", "ScaleModel", "Stream", "UnpackLimits", "VideoCounters", "VideoFrame",
           "VideoSource", "WireFormat", "align_depth", "cloud_from_depth", "decode", "devices", "merge", "pipe", "read_cloud",
           "unpack", "version"]
