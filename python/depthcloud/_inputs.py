# SPDX-License-Identifier: Apache-2.0
"""What callers give: photos, pixels, planes, messages and paths, checked before C sees them.

C is given addresses, so nothing may be taken on trust: rank, shape, type and order are checked, and what the
library cannot read in place (reversed, broadcast, byte-swapped, ...) is copied.
"""

from __future__ import annotations

import ctypes as c
import os
import sys
from typing import TYPE_CHECKING, Any, Iterator, Literal, NamedTuple, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from ._structs import Depth, Image, kind_of, real
from .camera import IntrinsicsLike, as_intrinsics

if TYPE_CHECKING:
    import PIL.Image

PathLike = Union[str, "os.PathLike[str]"]
BytesLike = Union[bytes, bytearray, memoryview]
PixelFormat = Literal["rgb", "bgr", "rgba", "bgra", "gray", "yuyv", "yuyv:full", "yuyv:bt709", "yuyv:bt709:full",
                      "nv12", "nv12:full", "nv12:bt709", "nv12:bt709:full"]
Photo = Union[PathLike, BytesLike, npt.NDArray[np.uint8], "PIL.Image.Image"]
Pixels = Union[npt.NDArray[np.uint8], "PIL.Image.Image"]

_FORMATS = ("rgb", "bgr", "rgba", "bgra", "gray")  # the order of dcl_pixel_format
_CHANNELS = {"rgb": 3, "bgr": 3, "rgba": 4, "bgra": 4, "gray": 1}
_YUV = {f"{name}{matrix}{extent}": (number, i, j)  # format, matrix and range of dcl_image_view
        for name, number in (("yuyv", 5), ("nv12", 6)) for i, matrix in enumerate(("", ":bt709"))
        for j, extent in enumerate(("", ":full"))}
_OF_CHANNELS = {1: "gray", 3: "rgb", 4: "rgba"}
_LONGEST = 2**31 - 1


class Encoded(NamedTuple):
    """The bytes of a photo or message; `about` is the file that they are from."""

    address: c.c_void_p
    size: c.c_size_t
    about: str
    kept: Any


class ImageOf(NamedTuple):
    """Pixels for the library, which only reads them, and the array that they are in."""

    struct: Image
    kept: Any


def text(name: str, value: Any) -> bytes:
    """A string for C."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {kind_of(value)}, must be a str")
    if "\0" in value:
        raise ValueError(f"{name} has a zero byte in it")
    return value.encode()


def source(name: str, value: Any) -> bytes:
    """A model for C: a name or a path."""
    return path(value, name) if isinstance(value, os.PathLike) else text(name, value)


def path(value: PathLike, name: str = "path") -> bytes:
    """A path for C."""
    try:
        encoded = os.fsencode(value)
    except TypeError:
        raise TypeError(f"{name} is {kind_of(value)}, must be a path") from None
    if b"\0" in encoded:
        raise ValueError(f"{name} has a zero byte in it")
    return encoded


def pixel_format(value: str) -> int:
    """The number of a format by its name."""
    if value not in _FORMATS:
        raise ValueError(f"format is {value!r}, must be one of {', '.join(map(repr, _FORMATS))}")
    return _FORMATS.index(value)


_PHOTO = "a path, bytes, an array or a PIL.Image"


def _buffer(data: Any, name: str, needs: str) -> memoryview:
    try:
        return memoryview(data)
    except TypeError:
        hint = "; give its path, or what its read() returns" if hasattr(data, "read") else ""
        raise TypeError(f"{name} is {kind_of(data)}, must be {needs}{hint}") from None
    except ValueError as reason:  # released
        raise ValueError(f"{name}: {reason}") from None


def encoded(data: Any, name: str, about: str = "") -> Encoded:
    """The bytes of anything with the buffer protocol. What can change while C reads it is copied."""
    buffer = _buffer(data, name, "a path or bytes")
    if buffer.ndim != 1 or buffer.itemsize != 1:
        raise ValueError(f"{name} has shape {buffer.shape} of items of {buffer.itemsize} bytes, must be one row of "
                         "bytes")
    kept = data if isinstance(data, bytes) else buffer.tobytes()
    return Encoded(c.cast(c.c_char_p(kept), c.c_void_p), c.c_size_t(len(kept)), about, kept)


def message(value: Any, name: str, max_bytes: int) -> Encoded:
    """A message in a file or as bytes. Of a file that is larger than `max_bytes`, only so much is read that it is."""
    if not isinstance(value, (str, os.PathLike)):
        return encoded(value, name)
    path(value, name)
    with open(value, "rb") as file:
        return encoded(file.read(min(max_bytes + 1, sys.maxsize)), name, os.fspath(value))


def _pil(image: Any) -> Tuple[npt.NDArray[Any], str]:
    """Upright pixels of a PIL.Image and their format."""
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(image) or image
    if upright.mode in ("F", "I") or upright.mode.startswith("I;"):
        raise ValueError(f"a PIL.Image of mode {upright.mode} has samples of more than 8 bits; scale it to 'L' or 'RGB'")
    transparent = upright.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in upright.info
    mode = "RGBA" if transparent else "L" if upright.mode in ("1", "L") else "RGB"
    return np.asarray(upright if upright.mode == mode else upright.convert(mode)), {"RGBA": "rgba", "L": "gray"}.get(
        mode, "rgb")


def _is_pil(value: Any) -> bool:
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(value, module.Image)


def pixels(value: Any, format: Optional[str], name: str) -> ImageOf:
    """(H, W, C) uint8 pixels, or (H, W) of gray ones; of a PIL.Image too."""
    if _is_pil(value):
        if format is not None:
            raise ValueError(f"format is for arrays; {name} is a PIL.Image, which knows its own")
        value, format = _pil(value)
    elif isinstance(value, (str, bytes, bytearray, os.PathLike, list, tuple)) or value is None:
        hint = "; depthcloud.decode() makes pixels of a photo" if isinstance(value, (str, bytes, os.PathLike)) else ""
        raise TypeError(f"{name} is {kind_of(value)}, must be an array of (H, W, C) uint8 or a PIL.Image{hint}")
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it, or give its .data")
    array = np.asarray(value)
    if array.dtype != np.uint8:
        hint = f"; scale it: (255 * {name}).astype(numpy.uint8)" if array.dtype.kind == "f" else ""
        raise TypeError(f"{name} is {array.dtype}, must be uint8{hint}")
    if format in _YUV:
        return _yuv(array, format, name)
    if format is not None and format not in _FORMATS:
        raise ValueError(f"format is {format!r}, must be one of {', '.join(map(repr, (*_FORMATS, *_YUV)))}")
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3:
        raise ValueError(f"{name} has shape {array.shape}, must be (height, width, channels) or (height, width); give "
                         "the images of a batch one by one")
    height, width, channels = array.shape
    if format is None:
        format = _OF_CHANNELS.get(channels)
        if format is None:
            hint = f"; {name}.transpose(1, 2, 0) makes that of (channels, height, width)" if height in _OF_CHANNELS else ""
            raise ValueError(f"{name} has shape {array.shape}, must be (height, width, channels) with 1, 3 or 4 "
                             f"channels{hint}")
    elif _CHANNELS[format] != channels:
        raise ValueError(f"{name} has shape {array.shape}, and format {format!r} has {_CHANNELS[format]} channels")
    if not (0 < height <= _LONGEST and 0 < width <= _LONGEST // 4):
        raise ValueError(f"{name} has shape {array.shape}, which is no image")
    in_place = array.strides[1:] == (channels, 1) and (height == 1 or array.strides[0] >= width * channels)
    if not in_place:
        array = np.ascontiguousarray(array)
    stride = array.strides[0] if height > 1 else width * channels
    return ImageOf(Image(format=pixel_format(format), data=array.ctypes.data, width=width, height=height,
                         stride=stride), array)


def _yuv(array: npt.NDArray[Any], format: str, name: str) -> ImageOf:
    """Frames of cameras and decoders, as OpenCV has them too."""
    number, matrix, extent = _YUV[format]
    if number == 5:
        rows, needs = array.shape[0], "(height, width, 2) with an even width: Y and, in turn, U and V of each pixel"
        fits = array.ndim == 3 and array.shape[2] == 2 and array.shape[1] % 2 == 0
    else:
        rows, needs = 2 * array.shape[0] // 3, ("(3 / 2 height, width), both even: rows of Y, and half as many of U V "
                                                "below them")
        fits = array.ndim == 2 and array.shape[0] % 3 == 0 and array.shape[1] % 2 == 0
    if not fits or 0 in array.shape or max(array.shape) > _LONGEST // 4:
        raise ValueError(f"{name} has shape {array.shape}, and format {format!r} is {needs}")
    packed = np.ascontiguousarray(array)
    return ImageOf(Image(format=number, data=packed.ctypes.data, width=packed.shape[1], height=rows,
                         stride=packed.strides[0], yuv_matrix=matrix, yuv_range=extent), packed)


def photo(value: Any, format: Optional[str], name: str = "photo", needs: str = _PHOTO) -> Union[Encoded, ImageOf]:
    """A photo in a file, as bytes, as an array or as a PIL.Image."""
    if isinstance(value, (str, os.PathLike)):
        path(value, name)
        with open(value, "rb") as file:
            found: Union[Encoded, ImageOf] = encoded(file.read(), name, os.fspath(value))
    elif isinstance(value, (bytes, bytearray)):
        found = encoded(value, name)
    elif _is_pil(value):
        return pixels(value, format, name)
    elif isinstance(value, np.ndarray) or hasattr(value, "__array_interface__") or hasattr(value, "__array__"):
        array = np.asarray(value)
        if array.ndim != 1 or array.dtype != np.uint8:
            return pixels(value if isinstance(value, np.ndarray) else array, format, name)
        found = encoded(array, name)
    else:
        buffer = _buffer(value, name, needs)
        if buffer.ndim != 1 and buffer.format == "B":
            return pixels(np.asarray(buffer), format, name)
        found = encoded(value, name)
    if format is not None:
        raise ValueError(f"format is for arrays of pixels; {name} is an encoded photo, which knows its own")
    return found


def encoded_photo(value: Any, name: str = "photo") -> Encoded:
    """A photo in a file or as bytes, where the library takes no pixels."""
    found = photo(value, None, name, "a path or bytes")
    if isinstance(found, ImageOf):
        raise TypeError(f"{name} is an image of pixels, must be an encoded photo: its path, or the bytes of a JPEG")
    return found


def photos(value: Any) -> Iterator[Any]:
    """An iterator over photos. One photo is none: its letters, bytes or rows would be taken for photos."""
    is_one = isinstance(value, (str, bytes, bytearray, memoryview, os.PathLike)) or _is_pil(value) or (
        isinstance(value, np.ndarray) and value.ndim < 4 and value.dtype != object)
    try:
        if not is_one:
            return iter(value)
    except TypeError:
        pass
    hint = "; give one as [photo]" if is_one else ""
    raise TypeError(f"photos is {kind_of(value)}, must be an iterable of photos{hint}")


def _numbers(value: Any, name: str, shape: Optional[Tuple[int, int]]) -> npt.NDArray[Any]:
    """(H, W) real numbers."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it: {name}.filled(0), zero is no depth")
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} is {array.dtype}, must be float32, or another type of real numbers")
    if array.ndim != 2 or 0 in array.shape or max(array.shape) > _LONGEST:
        raise ValueError(f"{name} has shape {array.shape}, must be (height, width)")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, must be {shape} as the depth")
    return array


def _packed(array: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):  # beyond float32 is infinite: no depth
        return np.require(array, np.float32, ["C", "A"])


def plane(value: Any, name: str, shape: Optional[Tuple[int, int]] = None) -> npt.NDArray[np.float32]:
    """(H, W) float32 with packed rows; copied unless it is that already."""
    return _packed(_numbers(value, name, shape))


class DepthPlane(NamedTuple):
    """(H, W) depth with packed rows: float32, or uint16 whose step is `scale` metres."""

    values: npt.NDArray[Any]
    scale: float

    @property
    def depth(self) -> npt.NDArray[Any]:
        """As numbers of the unit of the cloud."""
        return self.values * self.scale if self.values.dtype == np.uint16 else self.values

    def struct(self, intrinsics: IntrinsicsLike) -> Depth:
        """What C takes; it borrows the values."""
        height, width = self.values.shape
        struct = Depth(width=width, height=height,
                       intrinsics=(c.c_double * 4)(*as_intrinsics(intrinsics, "intrinsics")))
        if self.values.dtype == np.uint16:
            struct.depth16, struct.depth_scale = self.values.ctypes.data, self.scale
        else:
            struct.depth = self.values.ctypes.data
        return struct


def depth_plane(value: Any, scale: Optional[float], name: str = "depth") -> DepthPlane:
    """The depth that a caller gives. Integers are millimetres and floats are metres, unless `scale` says the metres of
    one step; 8 bits could be anything. float32 and uint16 with packed rows are not copied."""
    array = _numbers(value, name, None)
    if scale is not None and not 0 < real("depth_scale", scale) < np.inf:
        raise ValueError(f"depth_scale is {scale!r}, must be positive: the metres of one step of the depth")
    if scale is None and array.dtype.kind in "iu":
        if array.dtype.itemsize == 1:
            raise ValueError(f"{name} is {array.dtype}, whose unit could be anything; say depth_scale, the metres of "
                             "one step")
        scale = 0.001
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return DepthPlane(np.require(array, np.uint16, ["C", "A"]), float(scale or 0.001))
    with np.errstate(over="ignore", invalid="ignore"):
        return DepthPlane(_packed(array if scale is None else array * np.float64(scale)), 1.0)


def require_same_view(depth: Tuple[int, int], image: ImageOf) -> None:
    """Depth and image must be of one shape, at any two sizes; the rule is that of the command line."""
    height, width = depth
    if _same_aspect((width, height), (image.struct.width, image.struct.height)):
        return
    if _same_aspect((height, width), (image.struct.width, image.struct.height)):
        why = "one of them lies on its side; numpy.rot90() turns it"
    else:
        why = "they differ in shape, so that they do not show the same; stretch=True lays one on the other all the same"
    raise ValueError(f"depth of {width} x {height} does not fit the image of {image.struct.width} x "
                     f"{image.struct.height}: {why}")


def _same_aspect(a: Tuple[int, int], b: Tuple[int, int]) -> bool:
    """Whether one may be the other one scaled: up to 3 %, and less than the one pixel that rounding takes."""
    (width, height), large = sorted((a, b))
    aspect = large[0] / large[1]
    return any(abs(off) < 1 or abs(off) <= 0.03 * scaled for off, scaled in (
        (width - height * aspect, height * aspect), (height - width / aspect, width / aspect)))
