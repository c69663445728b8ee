# SPDX-License-Identifier: Apache-2.0
"""The library, calls into it, and views of its memory."""

import ctypes as c
import os
from typing import Any, Sequence

import numpy as np

from ._structs import Error

ABI_VERSION = 2

library = c.CDLL(os.environ.get("DEPTHCLOUD_LIBRARY", f"libdepthcloud_c.so.{ABI_VERSION}"))
library.dcl_frame_get_packet.restype = c.c_void_p


class DepthcloudError(RuntimeError):
    """A call failed; `status` is the number of depthcloud.h."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def call(function: str, *arguments: Any) -> int:
    """Calls a dcl_ function whose last parameter is the error; a failure is raised."""
    error = Error()
    status = getattr(library, function)(*arguments, c.byref(error))
    if status < 0:
        raise DepthcloudError(status, error.message.decode(errors="replace"))
    return status


class _Borrowed:
    """Memory of `owner` for NumPy, which keeps this object and so the owner."""

    def __init__(self, owner: Any, address: int, shape: Sequence[int], kind: str) -> None:
        self.owner = owner
        self.__array_interface__ = {"data": (address, True), "shape": tuple(shape),
                                    "typestr": kind, "version": 3}


def view(owner: Any, address: "int | None", shape: Sequence[int], kind: str) -> np.ndarray:
    """A read-only array over memory that lives as long as `owner`; nothing is copied."""
    if not address:
        return np.empty((0, *shape[1:]), kind)
    return np.asarray(_Borrowed(owner, address, shape, kind))
