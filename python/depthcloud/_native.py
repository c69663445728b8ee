# SPDX-License-Identifier: Apache-2.0
"""The C library, calls into it, and the handles and arrays of its memory."""

from __future__ import annotations

import ctypes as c
import os
import pathlib
from typing import Any, NoReturn, Optional, Sequence, Tuple

try:
    import numpy as np
except ImportError:
    raise ImportError("depthcloud needs NumPy: install python3-numpy (Debian), or 'pip install numpy'") from None

from ._structs import Error, kind_of

ABI_VERSION = 2
_FILE = f"libdepthcloud_c.so.{ABI_VERSION}"
_VARIABLE = "DEPTHCLOUD_LIBRARY"


class DepthcloudError(RuntimeError):
    """A call failed.

    `status` is the number of depthcloud.h (negative), `code` its name ("corrupt_data", "not_found", ...)
    and `stage` the stage that failed ("decode", "infer", "load", ...). The text is one line.
    """

    def __init__(self, status: int, message: str, code: str = "unknown", stage: str = "unknown") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.stage = stage

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self.status, str(self), self.code, self.stage)


def _load() -> c.CDLL:
    """The library that DEPTHCLOUD_LIBRARY names, else the one in this package, else the system's."""
    packaged = pathlib.Path(__file__).parent / "lib" / _FILE
    file = os.environ.get(_VARIABLE) or (str(packaged) if packaged.exists() else _FILE)
    try:
        loaded = c.CDLL(file)
        abi = loaded.dcl_abi_version
    except (OSError, AttributeError) as reason:
        raise ImportError(
            f"depthcloud cannot load its C library: {reason}. Install a wheel that has it inside, or the Debian "
            f"package libdepthcloud-c{ABI_VERSION}, or build it (cmake -S . -B build -G Ninja && cmake --build "
            f"build) and name it: {_VARIABLE}=$PWD/build/capi/{_FILE}") from None
    abi.restype = c.c_uint32
    if abi() != ABI_VERSION:
        raise ImportError(f"depthcloud needs ABI version {ABI_VERSION} of its C library, and {file!r} has "
                          f"{abi()}: install the package and the library of one release")
    for function in ("dcl_version", "dcl_status_name", "dcl_stage_name"):
        getattr(loaded, function).restype = c.c_char_p
    for function in ("dcl_frame_get_packet", "dcl_packet_get_data"):
        getattr(loaded, function).restype = c.c_void_p
    return loaded


library = _load()


def version() -> str:
    """Returns the release of the C library that is loaded, for instance "0.2.0"."""
    return str(library.dcl_version().decode())


def error_of(error: Error, about: str = "") -> DepthcloudError:
    """The exception that says what `error` does; `about` is the input at fault."""
    message = error.message.decode(errors="replace")
    return DepthcloudError(error.status, f"{about}: {message}" if about else message,
                           library.dcl_status_name(error.status).decode(),
                           library.dcl_stage_name(error.stage).decode())


def call(function: str, *arguments: Any, about: str = "") -> int:
    """Calls a dcl_ function whose last parameter is the error; a failure is raised.

    An Owner among the arguments lives at least until the call returns, whoever closes its handle.
    """
    try:
        entry = getattr(library, function)
    except AttributeError:
        raise DepthcloudError(-7, f"depthcloud {version()} has no {function}: install a newer C library",
                              "unavailable", "load") from None
    error = Error()
    status = int(entry(*arguments, c.byref(error)))
    if status < 0:
        raise error_of(error, about)
    return status


def require_readable(file: str, error: DepthcloudError) -> NoReturn:
    """Raises what Python does where the file cannot be opened: FileNotFoundError, IsADirectoryError, PermissionError;
    else `error`."""
    try:
        with open(file, "rb"):
            pass
    except OSError as reason:
        raise reason from None
    raise error


class NotCopied:
    """What owns memory of the library: a copy would free it twice, and another process has not got it."""

    _instead = "share it, or copy its arrays (for instance positions.copy())"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"{kind_of(self).replace(' _', ' ')} cannot be copied or pickled, because it owns memory of "
                        f"the library: {self._instead}")


_WITH_THREADS = ("dcl_model_free", "dcl_pipeline_free", "dcl_stream_free", "dcl_video_source_free")


class Owner(NotCopied):
    """Frees one handle of the library when nothing refers to it any more, on whatever thread that is.

    ctypes passes it as the handle itself.
    """

    def __init__(self, pointer: c.c_void_p, free: str) -> None:
        self._as_parameter_: Optional[c.c_void_p] = pointer
        self._free = getattr(library, free)  # at the end of the interpreter, modules are emptied first
        self._getpid = os.getpid
        self._process = os.getpid() if free in _WITH_THREADS else None

    @property
    def is_left_behind(self) -> bool:
        """Whether its threads are in another process, of which this one is a fork: whatever waits for them hangs."""
        return self._process is not None and self._process != self._getpid()

    def __del__(self) -> None:
        pointer = getattr(self, "_as_parameter_", None)
        if pointer and not self.is_left_behind:
            self._as_parameter_ = None
            self._free(pointer)


_AFTER_FORK = "load models after fork(), or start processes by the method \"spawn\""
_network_in: Optional[int] = None  # the process that has loaded a network


def require_no_fork() -> None:
    """A network that is loaded in a fork of a process with one hangs: OpenMP takes the threads there for its own."""
    if _network_in not in (None, os.getpid()):
        raise RuntimeError(f"a model was loaded before this process was forked, and none works here: {_AFTER_FORK}")


def network_is_loaded() -> None:
    """From now on, require_no_fork() refuses in the forks of this process."""
    global _network_in
    _network_in = os.getpid()


class Handle(NotCopied):
    """Base of all objects of the library.

    close(), or the end of a `with` block, gives the memory back; without it, Python does so when the
    object is no longer referred to. Arrays of the object stay valid after close(): the memory is freed with
    the last of them. Any other use of a closed object is a ValueError. Objects cannot be copied or pickled.
    """

    _free = ""
    _owner: Optional[Owner] = None

    def __init__(self, owner: Owner) -> None:
        if not isinstance(owner, Owner):
            raise TypeError(f"{type(self).__name__} is made by the functions of depthcloud, not by its constructor")
        self._owner = owner

    @classmethod
    def _own(cls, pointer: c.c_void_p) -> Owner:
        return Owner(pointer, cls._free)

    def _use(self) -> Owner:
        """The owner, which the caller holds until it is done: another thread may call close()."""
        owner = self._owner
        if owner is None:
            raise ValueError(f"the {type(self).__name__} is closed")
        if owner.is_left_behind:
            raise RuntimeError(f"the {type(self).__name__} was made before this process was forked, and its threads are "
                               f"not here: {_AFTER_FORK}")
        return owner

    @property
    def closed(self) -> bool:
        """True after close()."""
        return self._owner is None

    def close(self) -> None:
        """Gives the memory back once calls in other threads and arrays no longer need it."""
        self._owner = None

    def __enter__(self) -> Any:
        self._use()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Borrowed:
    """Memory of `owner` for NumPy, which keeps this object and so the owner."""

    def __init__(self, owner: Any, address: int, shape: Sequence[int], kind: str, read_only: bool = True) -> None:
        self.owner = owner
        self.__array_interface__ = {"data": (address, read_only), "shape": tuple(shape), "typestr": kind, "version": 3}


def view(owner: Owner, address: Optional[int], shape: Sequence[int], kind: str) -> Any:
    """A read-only array over memory that lives as long as `owner`; nothing is copied."""
    if not address:
        empty = np.empty((0, *shape[1:]), kind)
        empty.flags.writeable = False
        return empty
    return np.asarray(_Borrowed(owner, address, shape, kind))


def exported(array: Any) -> Any:
    """The same memory as an array that exports DLPack, which knows no read-only memory."""
    if not array.size:
        return np.empty(array.shape, array.dtype)
    return np.asarray(_Borrowed(array, array.ctypes.data, array.shape, array.dtype.str, read_only=False))
