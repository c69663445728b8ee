# SPDX-License-Identifier: Apache-2.0
"""Idle threads of OpenMP, before NumPy or anything else loads it. Imports nothing that does."""

from __future__ import annotations

import ctypes
import os
import warnings


def _is_loaded(library: str) -> bool:
    try:
        ctypes.CDLL(library, mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
    except (AttributeError, OSError):  # AttributeError: a system without RTLD_NOLOAD
        return False
    return True


def let_idle_threads_sleep(openmp: str = "libgomp.so.1") -> None:
    """Sets what the library sets (src/core/idle_threads.cpp), unless the user did. Warns where it comes too late: OpenMP
    reads it when it is loaded, and NumPy loads it on many systems."""
    if "GOMP_SPINCOUNT" in os.environ or "OMP_WAIT_POLICY" in os.environ:
        return
    if _is_loaded(openmp):
        warnings.warn("OpenMP was loaded before depthcloud, by NumPy or PyTorch, so that its idle threads spin, which slows "
                      "down a busy machine: import depthcloud first, or set GOMP_SPINCOUNT=10000 or OMP_WAIT_POLICY",
                      RuntimeWarning, stacklevel=4)
        return
    os.environ["GOMP_SPINCOUNT"] = "10000"


let_idle_threads_sleep()
