# SPDX-License-Identifier: Apache-2.0
"""Why a cloud has no point."""

from __future__ import annotations

import warnings
from typing import Any, List, Optional

import numpy as np
import numpy.typing as npt

from .options import CloudOptions

_FILTERS = ("min_confidence", "confidence_percentile", "min_depth", "max_depth", "edge_threshold", "voxel_size",
            "max_points")


def _range(values: npt.NDArray[Any]) -> str:
    return f"{values.min():.4g} to {values.max():.4g}"


def _reason(depth: npt.NDArray[Any], confidence: Optional[npt.NDArray[Any]], options: CloudOptions) -> str:
    valid = np.isfinite(depth) & (depth > 0)
    if not valid.any():
        return "no depth is finite and above 0"
    z = depth[valid]
    if z.max() < options.min_depth:
        return f"min_depth={options.min_depth:g} is beyond all depth, which is {_range(z)}"
    if z.min() > options.max_depth:
        return f"max_depth={options.max_depth:g} is nearer than all depth, which is {_range(z)}"
    sure = None if confidence is None else confidence[valid]
    if sure is not None and sure.max() < options.min_confidence:
        return f"min_confidence={options.min_confidence:g} is above all confidence, which is {_range(sure)}"
    defaults = CloudOptions()
    chosen: List[str] = [f"{name}={getattr(options, name):g}" for name in _FILTERS
                         if getattr(options, name) != getattr(defaults, name)]
    if not chosen:
        return "all pixels are transparent, or the stride met none with depth"
    ranges = f"depth is {_range(z)}" + (f", confidence {_range(sure)}" if sure is not None else "")
    return f"{', '.join(chosen)} left none; {ranges}"


def warn_empty(depth: npt.NDArray[Any], confidence: Optional[npt.NDArray[Any]],
               options: Optional[CloudOptions]) -> None:
    """Warns the caller's caller, with the filter at fault and the range that there was."""
    warnings.warn(f"the cloud has no point: {_reason(depth, confidence, options or CloudOptions())}", stacklevel=3)
