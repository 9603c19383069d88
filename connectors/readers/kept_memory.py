"""Memory that one block of lines gave back is there for the next one.

By itself the C library of Linux returns it to the system after each block, which then has to empty every page again: a
tenth of the time of logs. Never decides how much is used.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_TRIM, _MMAP = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of mallopt(3)."""
_KEPT, _LARGEST = 512 << 20, 32 << 20
"""Bytes that stay with the process at the end of its memory, and of the largest piece that is not asked for alone."""


@cache
def keep_memory() -> bool:
    """For the rest of the process. Whether the C library knows how: glibc does."""
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all([mallopt(_MMAP, _LARGEST), mallopt(_TRIM, _KEPT)])
