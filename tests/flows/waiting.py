"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(ready: Callable[[], bool], patience: float = 120) -> None:
    """Raises AssertionError when it takes longer."""
    until = time.monotonic() + patience
    while not ready():
        assert time.monotonic() < until, "it has not begun"
        time.sleep(0.2)
