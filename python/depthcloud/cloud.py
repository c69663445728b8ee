# SPDX-License-Identifier: Apache-2.0
"""Coloured clouds."""

from __future__ import annotations

import ctypes as c
import os
from typing import Any, Dict, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from . import _show
from . import _structs as structs
from ._empty import warn_empty
from ._inputs import ImageOf, Pixels, PathLike, depth_plane, path as path_of, pixels, plane, require_same_view
from ._native import DepthcloudError, Handle, Owner, call, exported, library, require_readable, view
from .camera import IntrinsicsLike, as_extrinsics, as_intrinsics, require_within
from .options import Axes, AxesLike, CloudOptions, WireFormat, flag, given, number

_FORMATS = (".ply", ".pcd")  # the order of dcl_cloud_format


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
        """(N, 3) uint8: red, green, blue; (0, 3) of a file without colours."""
        array: npt.NDArray[np.uint8] = view(self._use(), self._view.colors, (self._view.size, 3), "|u1")
        return array

    @property
    def normals(self) -> Optional[npt.NDArray[np.float32]]:
        """(N, 3) float32: unit vectors in `axes`; None: the points have no normals (CloudOptions.normals)."""
        owner, address = self._use(), self._view.normals
        return view(owner, address, (self._view.size, 3), "<f4") if address else None

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

    def write_ply(self, path: PathLike, *, axes: AxesLike = Axes.OPENGL, allow_empty: bool = False) -> None:
        """Writes a binary little-endian PLY file, complete or not at all.

        path         must not have the suffix of another format.
        axes         the points are converted to them: viewers of such files show OPENGL upright, and V1 mirrored.
        allow_empty  writes a cloud without a point, too, which is a ValueError otherwise.
        """
        self._write(".ply", path, axes, allow_empty)

    def write_pcd(self, path: PathLike, *, axes: AxesLike = Axes.OPENGL, allow_empty: bool = False) -> None:
        """Writes a binary PCD 0.7 file, otherwise as write_ply()."""
        self._write(".pcd", path, axes, allow_empty)

    def write(self, path: PathLike, *, axes: AxesLike = Axes.OPENGL, allow_empty: bool = False) -> None:
        """Writes the file that its suffix says, .ply or .pcd, as write_ply() and write_pcd() do."""
        self._write(_suffix(path), path, axes, allow_empty)

    def _write(self, format: str, to: PathLike, axes: AxesLike, allow_empty: bool) -> None:
        owner, file, suffix = self._use(), path_of(to), _suffix(to)
        if format not in _FORMATS:
            raise ValueError(f"path is {os.fspath(to)!r}, must end in .ply or .pcd; pack() makes messages")
        if suffix != format and suffix in (*_FORMATS, ".msgpack"):
            raise ValueError(f"path is {os.fspath(to)!r}, and this writes {format}; write() goes by the suffix")
        if not len(self) and not flag("allow_empty", allow_empty):
            raise ValueError("the cloud has no point, and no file is written; allow_empty=True writes it all the same")
        options = structs.CloudFileOptions(format=_FORMATS.index(format), axes=Axes.of(axes, "axes"))
        call("dcl_cloud_write_file", file, c.byref(self._view), c.byref(options))
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
        """Returns an open3d.geometry.PointCloud: a copy, in float64, as Open3D keeps points, in the `axes` of this
        cloud. Those of a frame are opencv, the camera frame of Open3D's own RGB-D functions, in which its viewer shows
        the cloud upside down: CloudOptions(axes="opengl") makes it upright, and files are written so."""
        try:
            import open3d
        except ImportError as missing:
            raise ImportError("to_open3d() needs Open3D: install python3-open3d (Debian), or 'pip install "
                              "open3d'") from missing
        made = open3d.geometry.PointCloud()
        made.points = open3d.utility.Vector3dVector(self.positions.astype(np.float64))
        made.colors = open3d.utility.Vector3dVector(self.colors / 255.0)  # none stay none
        if self.normals is not None:
            made.normals = open3d.utility.Vector3dVector(self.normals.astype(np.float64))
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


def _suffix(of: PathLike) -> str:
    path_of(of)
    return os.path.splitext(os.fsdecode(of))[1].lower()


def build_cloud(depth: structs.Depth, colors: Optional[ImageOf], options: Optional[CloudOptions]) -> Cloud:
    """The cloud of a plane; the caller keeps the plane's memory."""
    chosen = given(CloudOptions, options, "options")
    if chosen.intrinsics is not None:
        require_within(as_intrinsics(chosen.intrinsics, "intrinsics"), (depth.height, depth.width), "intrinsics")
    builder, cloud = c.c_void_p(), c.c_void_p()
    call("dcl_cloud_builder_create", c.byref(chosen._struct()), c.byref(builder))
    owner = Owner(builder, "dcl_cloud_builder_free")
    image = None if colors is None else c.byref(colors.struct)
    call("dcl_cloud_builder_build", owner, c.byref(depth), image, c.byref(cloud))
    return Cloud(Cloud._own(cloud))


def cloud_from_depth(depth: npt.ArrayLike, image: Optional[Pixels], intrinsics: IntrinsicsLike,
                     options: Optional[CloudOptions] = None, *, confidence: Optional[npt.ArrayLike] = None,
                     format: Optional[str] = None, depth_scale: Optional[float] = None,
                     stretch: bool = False) -> Cloud:
    """Returns the cloud of an RGB-D camera. Needs no network.

    depth        (H, W), z along the optical axis; not positive or not finite: none. Integers of 16, 32 and 64 bits are
                 millimetres, floats are metres (or another unit, which the points then have). float32 and uint16 with
                 packed rows are read in place, other types of numbers are copied.
    image        (h, w, 3) uint8 RGB, or another layout that Pipeline.process() takes; of any size, in the shape of the
                 depth: what differs by more than 3 % in width to height is a ValueError. None: the cloud has no colours.
    intrinsics   fx, fy, cx, cy or a 3 x 3 matrix, in pixels of the depth, with the principal point within it.
    options      filters, stride and axes; the stride is 1 unless set.
    confidence   (H, W), or None: 1 everywhere.
    format       order of the image's samples: "rgb", "bgr", "rgba", "bgra" or "gray"; None: by their number.
    depth_scale  metres of one step of the depth, which is multiplied by it. 8 bits need it.
    stretch      takes an image of another shape, and lays it on the depth.

    Warns if the filters leave no point.
    """
    plane_of = depth_plane(depth, depth_scale)
    colors = None if image is None else pixels(image, format, "image")
    z = plane_of.values
    shape = (z.shape[0], z.shape[1])
    if not flag("stretch", stretch) and colors is not None:
        require_same_view(shape, colors)
    sure = None if confidence is None else plane(confidence, "confidence", shape)
    camera = as_intrinsics(intrinsics, "intrinsics")
    require_within(camera, shape, "intrinsics")
    struct = plane_of.struct(camera)
    struct.confidence = None if sure is None else sure.ctypes.data
    cloud = build_cloud(struct, colors, options)
    if not len(cloud):
        warn_empty(plane_of.depth, sure, options)
    return cloud


def read_cloud(path: PathLike, *, max_bytes: int = 4 << 30) -> Cloud:
    """Returns the cloud of a PLY or PCD file of any program, in any encoding; its first bytes tell which it is. Its
    comment `axes NAME`, as write_ply() writes it, decides the axes; without one they are OPENGL. A file without colours
    makes a cloud without: `colors` is then (0, 3). unpack() reads messages.

    max_bytes  a larger file is refused.

    Raises OSError for a file that cannot be opened, and DepthcloudError for one that is no such cloud: corrupt_data, unsupported, limit_exceeded.
    """
    cloud, most = c.c_void_p(), structs.integer("max_bytes", number("max_bytes", max_bytes), c.c_uint64)
    try:
        call("dcl_cloud_read_file", path_of(path), c.c_uint64(most), c.byref(cloud))
    except DepthcloudError as error:
        require_readable(os.fsdecode(path), error)
    return Cloud(Cloud._own(cloud))


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
            raise TypeError(f"clouds[{i}] is {structs.kind_of(cloud)}, must be a Cloud")
    owners = [cloud._use() for cloud in clouds]
    poses = as_extrinsics(extrinsics, "extrinsics", len(clouds))
    options = structs.MergeOptions(axes=Axes.of(axes, "axes"), max_points=number("max_points", max_points),
                                   voxel_size=voxel_size)
    views = (c.POINTER(structs.CloudView) * len(clouds))(*(c.pointer(cloud._view) for cloud in clouds))
    merged = c.c_void_p()
    call("dcl_cloud_merge", views, c.c_void_p(poses.ctypes.data), c.c_size_t(len(owners)), c.byref(options),
         c.byref(merged))
    return Cloud(Cloud._own(merged))
