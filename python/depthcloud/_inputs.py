# SPDX-License-Identifier: Apache-2.0
"""What callers give: photos, pixels, planes, messages and paths, checked before C sees them.

C is given addresses, so nothing may be taken on trust: rank, shape, type and order are checked, and what the
library cannot read in place (reversed, broadcast, byte-swapped, ...) is copied.
"""

from __future__ import annotations

import ctypes as c
import os
import sys
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from ._structs import Image

if TYPE_CHECKING:
    import PIL.Image

PathLike = Union[str, "os.PathLike[str]"]
BytesLike = Union[bytes, bytearray, memoryview]
PixelFormat = Literal["rgb", "bgr", "rgba", "bgra", "gray"]
Photo = Union[PathLike, BytesLike, npt.NDArray[np.uint8], "PIL.Image.Image"]
Pixels = Union[npt.NDArray[np.uint8], "PIL.Image.Image"]

_FORMATS = ("rgb", "bgr", "rgba", "bgra", "gray")  # the order of dcl_pixel_format
_CHANNELS = {"rgb": 3, "bgr": 3, "rgba": 4, "bgra": 4, "gray": 1}
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
        raise TypeError(f"{name} is a {type(value).__name__}, must be a str")
    if "\0" in value:
        raise ValueError(f"{name} has a zero byte in it")
    return value.encode()


def path(value: PathLike, name: str = "path") -> bytes:
    """A path for C."""
    try:
        encoded = os.fsencode(value)
    except TypeError:
        raise TypeError(f"{name} is a {type(value).__name__}, must be a path") from None
    if b"\0" in encoded:
        raise ValueError(f"{name} has a zero byte in it")
    return encoded


def pixel_format(value: str) -> int:
    """The number of a format by its name."""
    if value not in _FORMATS:
        raise ValueError(f"format is {value!r}, must be one of {', '.join(map(repr, _FORMATS))}")
    return _FORMATS.index(value)


def _buffer(data: Any, name: str) -> memoryview:
    try:
        return memoryview(data)
    except TypeError:
        hint = "; give its path, or what its read() returns" if hasattr(data, "read") else ""
        raise TypeError(f"{name} is a {type(data).__name__}, must be bytes{hint}") from None
    except ValueError as reason:  # released
        raise ValueError(f"{name}: {reason}") from None


def encoded(data: Any, name: str, about: str = "") -> Encoded:
    """The bytes of anything with the buffer protocol. What can change while C reads it is copied."""
    buffer = _buffer(data, name)
    if buffer.ndim != 1 or buffer.itemsize != 1:
        raise ValueError(f"{name} has shape {buffer.shape} of items of {buffer.itemsize} bytes, must be one row of "
                         "bytes")
    kept = data if isinstance(data, bytes) else buffer.tobytes()
    return Encoded(c.cast(c.c_char_p(kept), c.c_void_p), c.c_size_t(len(kept)), about, kept)


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
        raise TypeError(f"{name} is a {type(value).__name__}, must be an array of (H, W, C) uint8 or a PIL.Image{hint}")
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it, or give its .data")
    array = np.asarray(value)
    if array.dtype != np.uint8:
        hint = f"; scale it: (255 * {name}).astype(numpy.uint8)" if array.dtype.kind == "f" else ""
        raise TypeError(f"{name} is {array.dtype}, must be uint8{hint}")
    if format is not None:
        pixel_format(format)
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3:
        raise ValueError(f"{name} has shape {array.shape}, must be (height, width, channels) or (height, width); give "
                         "the images of a batch one by one")
    height, width, channels = array.shape
    if format is None:
        format = _OF_CHANNELS.get(channels)
        if format is None:
            raise ValueError(f"{name} has shape {array.shape}, must be (height, width, channels) with 1, 3 or 4 "
                             "channels")
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


def photo(value: Any, format: Optional[str], name: str = "photo") -> Union[Encoded, ImageOf]:
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
        buffer = _buffer(value, name)
        if buffer.ndim != 1 and buffer.format == "B":
            return pixels(np.asarray(buffer), format, name)
        found = encoded(value, name)
    if format is not None:
        raise ValueError(f"format is for arrays of pixels; {name} is an encoded photo, which knows its own")
    return found


def encoded_photo(value: Any, name: str = "photo") -> Encoded:
    """A photo in a file or as bytes, where the library takes no pixels."""
    found = photo(value, None, name)
    if isinstance(found, ImageOf):
        raise TypeError(f"{name} is an image of pixels, must be an encoded photo: its path, or the bytes of a JPEG")
    return found


def plane(value: Any, name: str, shape: Optional[Tuple[int, int]] = None) -> npt.NDArray[np.float32]:
    """(H, W) float32 with packed rows; copied unless it is that already."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it: {name}.filled(0), zero is no depth")
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} is {array.dtype}, must be float32, or another type of real numbers")
    if array.ndim != 2 or 0 in array.shape or max(array.shape) > _LONGEST:
        raise ValueError(f"{name} has shape {array.shape}, must be (height, width)")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, must be {shape} as the depth")
    with np.errstate(over="ignore"):  # beyond float32 is infinite: no depth
        return np.require(array, np.float32, ["C", "A"])
