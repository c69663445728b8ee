# SPDX-License-Identifier: Apache-2.0
"""Clouds off the wire."""

from __future__ import annotations

import ctypes as c
from typing import Optional, Union

import numpy as np
import numpy.typing as npt

from . import _structs as structs
from ._inputs import BytesLike, PathLike, Pixels, pixels
from ._inputs import message as message_of
from ._native import Owner, call
from .camera import Intrinsics
from .cloud import Cloud, Packet, pointer_to
from .options import Encoding, UnpackLimits, given


class Message(Cloud):
    """The cloud of a received message, in the axes v1, and what the message says about it."""

    def __init__(self, owner: Owner, info: structs.PacketInfo) -> None:
        super().__init__(owner)
        self._packet_info = info

    @property
    def _info(self) -> structs.PacketInfo:
        self._use()
        return self._packet_info

    @property
    def encoding(self) -> Encoding:
        """How the points were written."""
        return Encoding(self._info.encoding)

    @property
    def frame_id(self) -> Optional[int]:
        """The sender's number of the frame; None if it gave none."""
        return int(self._info.frame_id) if self._info.fields & 1 else None

    @property
    def capture_ts(self) -> Optional[float]:
        """The sender's time of capture, seconds; None if it gave none."""
        return float(self._info.capture_ts) if self._info.fields & 2 else None

    @property
    def is_metric(self) -> Optional[bool]:
        """Whether the coordinates are metres; None if the message does not say."""
        return None if self._info.is_metric < 0 else bool(self._info.is_metric)

    @property
    def width(self) -> Optional[int]:
        """Of the image plane of the camera of the points, pixels; None of a message without a camera, as a merged cloud
        is."""
        return int(self._info.width) or None

    @property
    def height(self) -> Optional[int]:
        """Likewise."""
        return int(self._info.height) or None

    @property
    def intrinsics(self) -> Optional[Intrinsics]:
        """fx, fy, cx, cy in pixels of that plane; None of a message without a camera."""
        return Intrinsics(*self._info.intrinsics) if self._info.width else None

    @property
    def timestamp(self) -> str:
        """When the message was made: ISO 8601, as it came."""
        return str(self._info.timestamp.decode(errors="replace"))


def unpack(message: Union[PathLike, BytesLike, npt.NDArray[np.uint8], Packet], *, kept: Optional[Pixels] = None,
           format: Optional[str] = None, limits: Optional[UnpackLimits] = None) -> Message:
    """Returns the cloud of a msgpack message in any encoding, in the axes v1.

    message  its path, bytes, or anything with the buffer protocol: frame.packet, a Packet.
    kept     the frame with the colours of a message of GridColors.CLIENT, as pixels; `format` is theirs. Without it
             such a cloud is white.
    limits   for messages of strangers.
    """
    chosen = given(UnpackLimits, limits, "limits")._struct()
    data = message_of(message.data if isinstance(message, Packet) else message, "message", chosen.max_bytes)
    image = None if kept is None else pixels(kept, format, "kept")
    cloud, info = c.c_void_p(), structs.PacketInfo()
    call("dcl_packet_unpack", data.address, data.size, c.byref(chosen),
         pointer_to(image.struct if image else None), c.byref(cloud), c.byref(info), about=data.about)
    return Message(Message._own(cloud), info)
