# SPDX-License-Identifier: Apache-2.0
"""Depth maps."""

from __future__ import annotations

import ctypes as c
import dataclasses
from typing import Any, Dict, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from . import _show
from . import _structs as structs
from ._empty import warn_empty
from ._inputs import Pixels, depth_plane, pixels
from ._native import Handle, call, exported, view
from ._structs import integer, kind_of
from .camera import Intrinsics, IntrinsicsLike, as_extrinsics, as_intrinsics
from .cloud import Cloud, build_cloud
from .options import CloudOptions, ScaleModel, ScaleModelLike, flag, number


@dataclasses.dataclass(frozen=True)
class ScaleFit:
    """What makes metres of a depth map: see ScaleModel. `points` known depths were compared, `inliers` of them agree,
    and `error` is the median of |fit - known| / known over those. DepthMap.fit_scale() makes it, and
    DepthMap.apply_scale() takes it."""

    model: ScaleModel
    scale: float
    shift: float
    points: int
    inliers: int
    error: float


class Planes(Handle):
    """Depth on the network's grid, as a DepthMap and a Frame have it. Arrays are read-only views of the library's
    memory, without a copy, and keep it alive."""

    _get_depth = ""

    def _planes(self) -> structs.Depth:
        depth = structs.Depth()
        call(self._get_depth, self._use(), c.byref(depth))
        return depth

    def _plane(self, address: Optional[int], depth: structs.Depth, kind: str) -> Any:
        return view(self._use(), address, (depth.height, depth.width), kind)

    @property
    def depth(self) -> npt.NDArray[np.float32]:
        """(H, W) float32: z along the optical axis; not positive or not finite: none."""
        planes = self._planes()
        array: npt.NDArray[np.float32] = self._plane(planes.depth, planes, "<f4")
        return array

    @property
    def confidence(self) -> npt.NDArray[np.float32]:
        """(H, W) float32, in the model's own units."""
        planes = self._planes()
        array: npt.NDArray[np.float32] = self._plane(planes.confidence, planes, "<f4")
        return array

    @property
    def sky(self) -> Optional[npt.NDArray[np.bool_]]:
        """(H, W) bool: where the model sees sky; None if it does not look for it."""
        planes = self._planes()
        return self._plane(planes.sky, planes, "|b1") if planes.sky else None

    @property
    def normals(self) -> Optional[npt.NDArray[np.float32]]:
        """(H, W, 3) float32: unit vectors in the camera frame, axes opencv, towards the camera, 0 where there is no
        depth; None unless the model was loaded with ModelOptions(normals=True) and can compute them."""
        planes = self._planes()
        if not planes.normals:
            return None
        array: npt.NDArray[np.float32] = view(self._use(), planes.normals, (planes.height, planes.width, 3), "<f4")
        return array

    @property
    def intrinsics(self) -> Intrinsics:
        """fx, fy, cx, cy in pixels of the depth's grid; `.matrix` is K."""
        return Intrinsics(*self._planes().intrinsics)

    @property
    def intrinsics_source(self) -> str:
        """Where the intrinsics are from: "options", "model", "exif" or "default_fov"."""
        return ("options", "model", "exif", "default_fov")[self._planes().intrinsics_source]

    @property
    def extrinsics(self) -> Optional[npt.NDArray[np.float64]]:
        """(3, 4): world to camera, axes opencv; None where the model gives no pose."""
        planes = self._planes()
        return np.array(planes.extrinsics).reshape(3, 4) if planes.has_extrinsics else None

    @property
    def is_metric(self) -> bool:
        """True if the unit is known to be metres."""
        return bool(self._planes().is_metric)

    @property
    def metres_source(self) -> str:
        """Where metres are from: "model", "metric_model", "known_depth", "measured"; "unknown" without."""
        return ("unknown", "model", "metric_model", "known_depth", "measured")[self._planes().metres_source]

    def fit_scale(self, points: Optional[npt.ArrayLike] = None, *, image: Optional[npt.ArrayLike] = None,
                  depth_scale: Optional[float] = None, model: ScaleModelLike = ScaleModel.SCALE,
                  inlier_error: float = 0.1) -> ScaleFit:
        """Returns what makes this depth agree with depths that are known, of which up to half may be wrong.

        points        (N, 3): x, y in pixels of this grid, from the centre of the upper left one, and metres. Or else
        image         (H, W): a depth image of the same view, of any size, that need not have depth everywhere, for
                      instance of a lidar; its unit is as in cloud_from_depth(), depth_scale too.
        model         a ScaleModel or its name.
        inlier_error  the largest share of its depth by which the fit may miss a known one.
        """
        if (points is None) == (image is None):
            raise TypeError("give points or image, one of the two")
        options = structs.ScaleOptions(model=ScaleModel.of(model, "model"),
                                       inlier_error=number("inlier_error", inlier_error))
        fit, owner = structs.ScaleFit(), self._use()
        planes = self._planes()
        if image is not None:
            known = depth_plane(image, depth_scale, "image")
            call("dcl_depth_fit_scale_image", c.byref(planes), c.byref(known.struct((1, 1, 0, 0))), c.byref(options),
                 c.byref(fit))
        else:
            numbers = np.ascontiguousarray(np.asarray(points), np.float64)
            if numbers.ndim != 2 or numbers.shape[1] != 3:
                raise ValueError(f"points has shape {numbers.shape}, must be (N, 3): x, y, metres")
            call("dcl_depth_fit_scale", c.byref(planes), numbers.ctypes.data_as(c.c_void_p),
                 c.c_size_t(len(numbers)), c.byref(options), c.byref(fit))
        del owner  # its planes were read until here
        return ScaleFit(ScaleModel(fit.model), fit.scale, fit.shift, fit.points, fit.inliers, fit.error)

    @property
    def region(self) -> Tuple[float, float, float, float]:
        """x, y, width, height of the part of the image that the grid shows, as fractions."""
        x, y, width, height = self._planes().region
        return x, y, width, height

    def plot_depth(self, ax: Any = None, *, cmap: str = "turbo_r") -> Any:
        """Draws the depth with Matplotlib, in `ax` or in a new figure. Returns the axes."""
        return _show.plot_depth(self.depth, "m" if self.is_metric else "relative", ax, cmap)

    def _depth_summary(self) -> Dict[str, str]:
        depth = self.depth
        valid = depth[np.isfinite(depth) & (depth > 0)]
        rows = {"grid": f"{depth.shape[1]} x {depth.shape[0]}"}
        if valid.size:
            rows["depth"] = f"{valid.min():.4g} to {valid.max():.4g} {'m' if self.is_metric else '(relative)'}"
        camera = ", ".join(f"{value:.1f}" for value in self.intrinsics)
        rows["intrinsics"] = f"{camera} ({self.intrinsics_source})"
        return rows


class DepthMap(Planes):
    """The depth of one image. numpy.asarray(depth_map) and torch.from_dlpack(depth_map) are its depth, without a
    copy; do not write to that tensor. It never changes, and threads may share it."""

    _free, _get_depth = "dcl_depth_map_free", "dcl_depth_map_get_view"

    @property
    def shape(self) -> Tuple[int, int]:
        """Height and width of the grid."""
        planes = self._planes()
        return planes.height, planes.width

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> npt.NDArray[Any]:
        depth = self.depth
        if dtype is None or np.dtype(dtype) == depth.dtype:
            return depth.copy() if copy else depth
        if copy is False:
            raise ValueError(f"depth is float32; as {np.dtype(dtype)} it would be a copy")
        return depth.astype(dtype)

    def __dlpack__(self, **options: Any) -> Any:
        return exported(self.depth).__dlpack__(**options)

    def __dlpack_device__(self) -> Tuple[int, int]:
        return 1, 0  # the CPU

    def resized(self, width: int, height: int) -> DepthMap:
        """Returns the depth at another size, for instance the photo's: bilinear interpolation between valid
        neighbours, with scaled intrinsics."""
        handle = c.c_void_p()
        call("dcl_depth_map_resize", self._use(), c.c_int32(integer("width", width)),
             c.c_int32(integer("height", height)), c.byref(handle))
        return DepthMap(DepthMap._own(handle))

    def apply_scale(self, fit: ScaleFit) -> DepthMap:
        """Returns this depth in metres. The translation of extrinsics is scaled along; a fit with a shift has none, and
        the map no extrinsics."""
        if not isinstance(fit, ScaleFit):
            raise TypeError(f"fit is {kind_of(fit)}, must be a depthcloud.ScaleFit")
        struct, handle = structs.ScaleFit(**dataclasses.asdict(fit)), c.c_void_p()
        call("dcl_depth_map_apply_scale", self._use(), c.byref(struct), c.byref(handle))
        return DepthMap(DepthMap._own(handle))

    def cloud(self, image: Pixels, options: Optional[CloudOptions] = None, *, format: Optional[str] = None) -> Cloud:
        """Returns the cloud of this depth with the colours of its image, which may have any size; the stride is 1
        unless set. `image` and `format` are as in cloud_from_depth()."""
        owner = self._use()
        built = build_cloud(self._planes(), pixels(image, format, "image"), options)
        del owner  # its planes were read until here
        if not len(built):
            warn_empty(self.depth, self.confidence, options)
        return built

    def __repr__(self) -> str:
        if self.closed:
            return "<depthcloud.DepthMap, closed>"
        height, width = self.shape
        return f"<depthcloud.DepthMap of {width} x {height}, {'metres' if self.is_metric else 'relative'}>"

    def _repr_html_(self) -> str:
        if self.closed:
            return _show.table("depthcloud.DepthMap, closed", {})
        return _show.table("depthcloud.DepthMap", self._depth_summary(), self.depth)


def align_depth(depth: Union[npt.ArrayLike, Planes], size: Tuple[int, int], camera: IntrinsicsLike,
                extrinsics: Optional[npt.ArrayLike] = None, *, intrinsics: Optional[IntrinsicsLike] = None,
                depth_scale: Optional[float] = None, splat: bool = True) -> DepthMap:
    """Returns the depth that another camera would see, for instance the colour camera beside a depth camera: every pixel
    is unprojected, moved and projected. Where several meet, the nearest wins; a pixel that none reaches is 0.

    depth        (H, W), as cloud_from_depth() takes it with its `depth_scale`; or a DepthMap or Frame, which know their
                 camera.
    size         width and height of the result, pixels.
    camera       of the result: fx, fy, cx, cy or a 3 x 3 matrix, in pixels of that size.
    extrinsics   (3, 4) or (4, 4): depth camera to that camera, axes opencv, in the unit of the depth; None: they are in
                 the same place.
    intrinsics   of the depth, where it is an array: likewise in pixels of the depth.
    splat        a pixel of depth fills all that it covers; False: one pixel.
    """
    try:
        width, height = size
    except (TypeError, ValueError):
        raise TypeError(f"size is {size!r}, must be (width, height)") from None
    target = structs.AlignmentTarget(width=width, height=height, no_splat=1 - flag("splat", splat),
                                     intrinsics=(c.c_double * 4)(*as_intrinsics(camera, "camera")))
    if extrinsics is not None:
        target.extrinsics = (c.c_double * 12)(*as_extrinsics([extrinsics], "extrinsics", 1).ravel())
    owner: Any = None
    if isinstance(depth, Planes):
        if intrinsics is not None or depth_scale is not None:
            raise TypeError(f"intrinsics and depth_scale are for arrays; {kind_of(depth)} knows its own")
        owner, planes = depth._use(), depth._planes()
    else:
        if intrinsics is None:
            raise TypeError("intrinsics is None, must be those of the depth")
        owner = depth_plane(depth, depth_scale)
        planes = owner.struct(intrinsics)
    handle = c.c_void_p()
    call("dcl_depth_align", c.byref(planes), c.byref(target), c.byref(handle))
    del owner  # its values were read until here
    return DepthMap(DepthMap._own(handle))
