"""Keep the C library from returning memory between layers, which costs plain PyTorch up to 60 % of its time."""

from __future__ import annotations

import ctypes
import platform
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_LARGEST_MMAP_THRESHOLD: Final = 1 << 30
_NEVER: Final = 2**31 - 1


def keep_memory() -> bool:
    """Let malloc of glibc keep large blocks mapped, in this whole process; false where the C library is another.

    Every activation of a video model is above the size from which glibc maps and unmaps each block, so that the kernel
    fills its pages with zeros again and again. The process then holds on to the most memory that it once needed.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    return bool(libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD) and libc.mallopt(_M_TRIM_THRESHOLD, _NEVER))
