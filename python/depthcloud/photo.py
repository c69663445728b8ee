# SPDX-License-Identifier: Apache-2.0
"""Encoded photos as pixels."""

from __future__ import annotations

import ctypes as c
from typing import Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from . import _structs as structs
from ._inputs import PathLike, BytesLike, PixelFormat, encoded_photo, pixel_format
from ._native import Owner, call, view
from .options import DecodeOptions, flag, given


def decode(photo: Union[PathLike, BytesLike], *, format: PixelFormat = "rgb",
           min_size: Optional[Tuple[int, int]] = None, alpha: bool = False,
           options: Optional[DecodeOptions] = None) -> npt.NDArray[np.uint8]:
    """Returns the upright (H, W, C) uint8 pixels of a photo, a read-only view of the library's memory.

    photo     its path or its bytes.
    format    order of the samples: "rgb", "bgr", "rgba", "bgra" or "gray" (C is then 1).
    min_size  smallest (width, height) needed: a JPEG is decoded at 1/2, 1/4 or 1/8 if that is no smaller. None: full
              size.
    alpha     "rgb" becomes "rgba", and "bgr" "bgra", where the photo has transparency.
    """
    struct = given(DecodeOptions, options, "options")._struct()
    struct.format = pixel_format(format)
    try:
        width, height = min_size if min_size is not None else (0, 0)
    except (TypeError, ValueError):
        raise TypeError(f"min_size is {min_size!r}, must be (width, height)") from None
    struct.min_width, struct.min_height = structs.integer("min_size", width), structs.integer("min_size", height)
    struct.alpha = flag("alpha", alpha)
    data = encoded_photo(photo)
    handle, image = c.c_void_p(), structs.Image()
    call("dcl_photo_decode", data.address, data.size, c.byref(struct), c.byref(handle), about=data.about)
    owner = Owner(handle, "dcl_photo_free")
    call("dcl_photo_get_view", owner, c.byref(image))
    channels = (3, 3, 4, 4, 1)[image.format]
    rows: npt.NDArray[np.uint8] = view(owner, image.data, (image.height, image.stride), "|u1")
    return rows[:, :image.width * channels].reshape(image.height, image.width, channels)
