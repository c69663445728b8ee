# SPDX-License-Identifier: Apache-2.0
"""Coloured clouds."""

from __future__ import annotations

import ctypes as c
from typing import Any, Dict, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from . import _show
from . import _structs as structs
from ._inputs import Pixels, PathLike, path, pixels, plane
from ._native import Handle, Owner, call, exported, library, view
from .camera import IntrinsicsLike, as_extrinsics, as_intrinsics
from .options import Axes, AxesLike, CloudOptions, WireFormat, given, number

_PLY, _PCD = range(2)  # dcl_cloud_format


def pointer_to(struct: Optional[structs.Struct]) -> Any:
    """What C takes for a struct that may be missing."""
    return None if struct is None else c.byref(struct)


class Packet(Handle):
    """One msgpack message, for Message or any client of the wire format. bytes(packet) copies it,
    memoryview(packet.data) does not."""

    _free = "dcl_packet_free"

    @property
    def data(self) -> npt.NDArray[np.uint8]:
        """(N,) uint8: a read-only view of the message."""
        owner, size = self._use(), c.c_size_t()
        address = library.dcl_packet_get_data(owner, c.byref(size))
        array: npt.NDArray[np.uint8] = view(owner, address, (size.value,), "|u1")
        return array

    def __bytes__(self) -> bytes:
        return self.data.tobytes()

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return "<depthcloud.Packet, closed>" if self.closed else f"<depthcloud.Packet of {len(self)} bytes>"


def tag_of(frame_id: Optional[int], capture_ts: Optional[float]) -> Optional[structs.Tag]:
    """The caller's identification of a frame; None: there is none."""
    if frame_id is None and capture_ts is None:
        return None
    return structs.Tag(fields=(frame_id is not None) | (capture_ts is not None) << 1,
                       frame_id=frame_id if frame_id is not None else 0,
                       capture_ts=capture_ts if capture_ts is not None else 0.0)


class Cloud(Handle):
    """A coloured point cloud.

    len(cloud) is the number of points. `positions` and `colors` are read-only arrays over the library's
    memory: nothing is copied, and they stay valid after the cloud is closed or gone. numpy.asarray(cloud) and
    torch.from_dlpack(cloud) are the positions, without a copy either; do not write to that tensor. Threads may
    share a cloud.
    """

    _free, _get = "dcl_cloud_free", "dcl_cloud_get_view"

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner)
        self._view = structs.CloudView()
        call(self._get, owner, c.byref(self._view))

    @property
    def positions(self) -> npt.NDArray[np.float32]:
        """(N, 3) float32: x, y, z in `axes` and the unit of the depth."""
        array: npt.NDArray[np.float32] = view(self._use(), self._view.positions, (self._view.size, 3), "<f4")
        return array

    @property
    def colors(self) -> npt.NDArray[np.uint8]:
        """(N, 3) uint8: red, green, blue."""
        array: npt.NDArray[np.uint8] = view(self._use(), self._view.colors, (self._view.size, 3), "|u1")
        return array

    @property
    def axes(self) -> Axes:
        """Directions of the axes of `positions`."""
        self._use()
        return Axes(self._view.axes)

    @property
    def num_views(self) -> int:
        """Number of cameras that were merged; 0: not merged."""
        self._use()
        return int(self._view.num_views)

    def __len__(self) -> int:
        self._use()
        return int(self._view.size)

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> npt.NDArray[Any]:
        positions = self.positions
        if dtype is None or np.dtype(dtype) == positions.dtype:
            return positions.copy() if copy else positions
        if copy is False:
            raise ValueError(f"positions are float32; as {np.dtype(dtype)} they would be a copy")
        return positions.astype(dtype)

    def __dlpack__(self, **options: Any) -> Any:
        return exported(self.positions).__dlpack__(**options)

    def __dlpack_device__(self) -> Tuple[int, int]:
        return 1, 0  # the CPU

    def write_ply(self, path: PathLike, *, axes: AxesLike = Axes.OPENGL) -> None:
        """Writes a binary little-endian PLY file, complete or not at all.

        The points are converted to `axes`: viewers of such files show OPENGL upright, and V1 mirrored.
        """
        self._write(_PLY, path, axes)

    def write_pcd(self, path: PathLike, *, axes: AxesLike = Axes.OPENGL) -> None:
        """Writes a binary PCD 0.7 file, otherwise as write_ply()."""
        self._write(_PCD, path, axes)

    def _write(self, format: int, to: PathLike, axes: AxesLike) -> None:
        owner = self._use()
        options = structs.CloudFileOptions(format=format, axes=Axes.of(axes, "axes"))
        call("dcl_cloud_write_file", path(to), c.byref(self._view), c.byref(options))
        del owner  # it was needed until here

    def pack(self, wire: Optional[WireFormat] = None, *, frame_id: Optional[int] = None,
             capture_ts: Optional[float] = None) -> Packet:
        """Makes the message of the cloud, in the encoding F32 or Q16, with the current time."""
        owner, packet = self._use(), c.c_void_p()
        call("dcl_cloud_pack", c.byref(self._view), c.byref(given(WireFormat, wire, "wire")._struct()),
             pointer_to(tag_of(frame_id, capture_ts)), c.byref(packet))
        del owner
        return Packet(Packet._own(packet))

    def to_open3d(self) -> Any:
        """Returns an open3d.geometry.PointCloud: a copy, in float64, as Open3D keeps points."""
        try:
            import open3d
        except ImportError as missing:
            raise ImportError("to_open3d() needs Open3D: install python3-open3d (Debian), or 'pip install "
                              "open3d'") from missing
        made = open3d.geometry.PointCloud()
        made.points = open3d.utility.Vector3dVector(self.positions.astype(np.float64))
        made.colors = open3d.utility.Vector3dVector(self.colors / 255.0)
        return made

    def plot(self, ax: Any = None, *, max_points: int = 20_000) -> Any:
        """Draws at most `max_points` points with Matplotlib, seen from the camera, in `ax` (of projection "3d") or
        in a new figure. Returns the axes."""
        return _show.plot_cloud(self.positions, self.colors, self.axes.name.lower(), ax, max_points)

    def _summary(self) -> Dict[str, str]:
        rows = {"points": f"{len(self):,}", "axes": self.axes.name.lower()}
        if len(self):
            rows.update((axis, f"{low:.4g} to {high:.4g}") for axis, low, high in
                        zip("xyz", self.positions.min(0), self.positions.max(0)))
        return rows

    def __repr__(self) -> str:
        name = f"depthcloud.{type(self).__name__}"
        return f"<{name}, closed>" if self.closed else f"<{name} of {len(self)} points, {self.axes.name.lower()}>"

    def _repr_html_(self) -> str:
        return _show.table(repr(self)[1:-1], {} if self.closed else self._summary())


def build_cloud(depth: structs.Depth, image: Any, options: Optional[CloudOptions], format: Optional[str],
                name: str) -> Cloud:
    """The cloud of a plane; the caller keeps the plane's memory."""
    chosen, colors = given(CloudOptions, options, "options")._struct(), pixels(image, format, name)
    builder, cloud = c.c_void_p(), c.c_void_p()
    call("dcl_cloud_builder_create", c.byref(chosen), c.byref(builder))
    owner = Owner(builder, "dcl_cloud_builder_free")
    call("dcl_cloud_builder_build", owner, c.byref(depth), c.byref(colors.struct), c.byref(cloud))
    return Cloud(Cloud._own(cloud))


def cloud_from_depth(depth: npt.ArrayLike, image: Pixels, intrinsics: IntrinsicsLike,
                     options: Optional[CloudOptions] = None, *, confidence: Optional[npt.ArrayLike] = None,
                     format: Optional[str] = None) -> Cloud:
    """Returns the cloud of an RGB-D camera. Needs no network.

    depth       (H, W), z along the optical axis; not positive or not finite: none. float32 with packed rows is
                read in place, other types of numbers are copied. The points have its unit.
    image       (h, w, 3) uint8 RGB, or another layout that Pipeline.process() takes; of any size.
    intrinsics  fx, fy, cx, cy or a 3 x 3 matrix, in pixels of the depth.
    options     filters, stride and axes; the stride is 1 unless set.
    confidence  (H, W), or None: 1 everywhere.
    format      order of the image's samples: "rgb", "bgr", "rgba", "bgra" or "gray"; None: by their number.
    """
    z = plane(depth, "depth")
    sure = None if confidence is None else plane(confidence, "confidence", (z.shape[0], z.shape[1]))
    struct = structs.Depth(depth=z.ctypes.data, confidence=None if sure is None else sure.ctypes.data,
                           width=z.shape[1], height=z.shape[0],
                           intrinsics=(c.c_double * 4)(*as_intrinsics(intrinsics, "intrinsics")))
    return build_cloud(struct, image, options, format, "image")


def merge(clouds: Sequence[Cloud], extrinsics: Sequence[npt.ArrayLike], *, axes: AxesLike = Axes.OPENCV,
          max_points: Optional[int] = None, voxel_size: float = 0.0) -> Cloud:
    """Returns the clouds of several views as one, in the world frame of their `extrinsics`.

    extrinsics  a (3, 4) or (4, 4) pose for each cloud: world to camera, axes opencv, in the unit of the clouds.
    axes        of the result.
    max_points  keeps at most this many, spread evenly over all views; None: no limit.
    voxel_size  keeps the first point, view after view, in each cube of this side, before max_points; 0: off.
    """
    clouds = list(clouds)
    for i, cloud in enumerate(clouds):
        if not isinstance(cloud, Cloud):
            raise TypeError(f"clouds[{i}] is a {type(cloud).__name__}, must be a Cloud")
    owners = [cloud._use() for cloud in clouds]
    poses = as_extrinsics(extrinsics, "extrinsics", len(clouds))
    options = structs.MergeOptions(axes=Axes.of(axes, "axes"), max_points=number("max_points", max_points),
                                   voxel_size=voxel_size)
    views = (c.POINTER(structs.CloudView) * len(clouds))(*(c.pointer(cloud._view) for cloud in clouds))
    merged = c.c_void_p()
    call("dcl_cloud_merge", views, c.c_void_p(poses.ctypes.data), c.c_size_t(len(owners)), c.byref(options),
         c.byref(merged))
    return Cloud(Cloud._own(merged))
