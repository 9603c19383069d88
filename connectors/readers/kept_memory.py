"""Memory that one block of lines gave back is there for the next one.

By itself the C library of Linux returns it to the system after each block, which then has to empty every page again:
decision 13. Never decides how much is used.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

_TRIM, _MMAP = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of mallopt(3)."""
_KEPT, _LARGEST = 128 << 20, 32 << 20
"""Bytes that stay with the process, and of the largest piece that does: a block of logs takes some 60 MB to parse."""


@cache
def keep_memory() -> None:
    """For the rest of the process, where its C library is glibc."""
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP, _LARGEST)
        libc.mallopt(_TRIM, _KEPT)
