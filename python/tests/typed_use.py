# SPDX-License-Identifier: Apache-2.0
"""What a type checker says of programs that use the package. It is never run: an `ignore` that is not needed is an
error, so each one proves that the mistake beside it is seen."""

from __future__ import annotations

import pathlib

import depthcloud
import numpy as np
import numpy.typing as npt

model = depthcloud.Model("builtin", depthcloud.ModelOptions(device="cpu", precision="bf16", fov_degrees=65))
pipeline = model.pipeline(cloud=depthcloud.CloudOptions(stride=1, axes="opengl"),
                          wire=depthcloud.WireFormat(encoding=depthcloud.Encoding.DEPTH))
frame = pipeline.process("photo.jpg", frame_id=1)
positions: npt.NDArray[np.float32] = frame.positions
times: dict[str, float] = frame.stage_ms
pose: npt.NDArray[np.float64] | None = frame.extrinsics
pipeline.process(b"")
pipeline.process(bytearray())
pipeline.process(memoryview(b""))
pipeline.process(pathlib.Path("photo.jpg"))
pipeline.process(np.zeros((4, 4, 3), np.uint8), format="bgr")
cloud: depthcloud.Cloud = depthcloud.cloud_from_depth(positions, np.zeros((4, 4, 3), np.uint8), (4, 4, 2, 2))
for received in model.stream().feed(["a.jpg", b""]):
    received.write_ply("a.ply")
received.write("a.pcd", axes="ros", allow_empty=True)
depthcloud.unpack("a.msgpack")
depthcloud.cloud_from_depth(np.ones((4, 4), np.uint16), np.zeros((4, 4, 3), np.uint8), (4, 4, 2, 2), depth_scale=0.001)
read: npt.NDArray[np.uint8] = depthcloud.read_cloud("a.ply").colors
confidence: tuple[float, float] | None = model.info.confidence
for path, finished in pipeline.process_folder("holiday", on_failure=lambda path, error: print(path.name, error)):
    print(path.stem, finished.intrinsics.fx)

depthcloud.CloudOptions(min_confidance=99)  # type: ignore[call-arg]
depthcloud.CloudOptions(1)  # type: ignore
depthcloud.CloudOptions(axes="opencl")  # type: ignore[arg-type]
depthcloud.Model("builtin", fov=90)  # type: ignore[call-arg]
model.pipeline(min_confidance=99)  # type: ignore[call-arg]
model.pipeline(wire={"encodng": 2})  # type: ignore[arg-type]
depthcloud.WireFormat(encodng=2)  # type: ignore[call-arg]
depthcloud.WireFormat().encoding = "q16"  # type: ignore
pipeline.process("photo.jpg", format="yuv")  # type: ignore[arg-type]
frame.stage_sm  # type: ignore[attr-defined]
model.stream(on_frame=5)  # type: ignore[arg-type]
