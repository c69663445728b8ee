# SPDX-License-Identifier: Apache-2.0
"""How objects look in a notebook, and plots. Only the plots need a package: Matplotlib."""

from __future__ import annotations

import base64
import html
import struct
import zlib
from typing import Any, Dict

import numpy as np
import numpy.typing as npt

from ._structs import integer


def _png(gray: npt.NDArray[np.uint8]) -> bytes:
    """A gray image as PNG."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = gray.shape
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = gray
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)) + chunk(b"IEND", b""))


def nearness(depth: npt.NDArray[np.float32], columns: int = 320) -> npt.NDArray[np.uint8]:
    """Inverse depth as gray levels, near is bright and none is black, at most `columns` wide."""
    step = -(-depth.shape[1] // columns) or 1
    sampled = depth[::step, ::step]
    valid = np.isfinite(sampled) & (sampled > 0)
    levels = np.zeros(sampled.shape, np.uint8)
    if valid.any():
        inverse = 1 / sampled[valid].astype(np.float64)
        low, high = np.percentile(inverse, (1, 99))
        levels[valid] = 255 * np.clip((inverse - low) / max(high - low, 1e-300), 0, 1)
    return levels


def table(title: str, rows: Dict[str, str], depth: Any = None) -> str:
    """What a notebook shows: a table, and the depth beside it."""
    body = "".join(f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
                   f"<td style='text-align:left'>{html.escape(value)}</td></tr>" for name, value in rows.items())
    image = ""
    if depth is not None:
        data = base64.b64encode(_png(nearness(depth))).decode()
        image = f"<img alt='inverse depth, near is bright' src='data:image/png;base64,{data}'>"
    return (f"<div style='display:flex;gap:1em;align-items:start'><table><caption>{html.escape(title)}</caption>{body}"
            f"</table>{image}</div>")


def _pyplot(function: str) -> Any:
    try:
        import matplotlib.pyplot as pyplot
    except ImportError as missing:
        raise ImportError(f"{function} needs Matplotlib: install python3-matplotlib (Debian), or 'pip install "
                          "matplotlib'") from missing
    return pyplot


def plot_depth(depth: npt.NDArray[np.float32], unit: str, ax: Any, cmap: str) -> Any:
    """An image of the depth with its scale."""
    pyplot = _pyplot("plot_depth()")
    if ax is None:
        ax = pyplot.figure().add_subplot()
    shown = ax.imshow(np.where(np.isfinite(depth) & (depth > 0), depth, np.nan), cmap=cmap)
    ax.figure.colorbar(shown, ax=ax, label=f"depth [{unit}]")
    ax.set_axis_off()
    return ax


def plot_cloud(positions: npt.NDArray[np.float32], colors: npt.NDArray[np.uint8], axes: str, ax: Any,
               max_points: int) -> Any:
    """The points as a 3D scatter plot, seen from the camera, whatever their axes are."""
    if integer("max_points", max_points) < 1:
        raise ValueError(f"max_points is {max_points}, must be at least 1")
    pyplot = _pyplot("plot()")
    if ax is not None and not hasattr(ax, "set_zlabel"):
        raise TypeError("ax is not of three dimensions; make it by add_subplot(projection=\"3d\")")
    if ax is None:
        ax = pyplot.figure().add_subplot(projection="3d")
    step = -(-len(positions) // max_points) or 1
    x, y, z = positions[::step].T
    right, forward, up = {"opencv": (x, z, -y), "opengl": (x, -z, y), "v1": (x, z, y), "ros": (-y, x, z)}[axes]
    ax.scatter(right, forward, up, c=colors[::step] / 255.0 if len(colors) else None, s=1, marker=".")
    ax.set(xlabel="right", ylabel="forward", zlabel="up")
    ax.set_box_aspect([max(float(np.ptp(a)), 1e-6) if len(a) else 1 for a in (right, forward, up)])
    ax.view_init(elev=10, azim=-90)
    return ax
