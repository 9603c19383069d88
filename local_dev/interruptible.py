"""Ctrl-C while an engine is at work: heard at once, because another thread than the one that hears it does the work."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from local_dev.walk import BLINK_S, THREADS, working

if TYPE_CHECKING:
    from connectors.lake import Lake

T = TypeVar("T")
STOP_S = 10
"""How long an interrupt waits for the workers; a process that ends before them loses nothing that is published."""


def interruptible(lake: Lake, work: Callable[[], T]) -> T:
    """What `work` returns or raises. DuckDB itself hears of a signal only between two of its tasks."""
    pool = ThreadPoolExecutor(1, thread_name_prefix=THREADS)
    done = pool.submit(work)
    try:
        while not done.done():
            wait([done], timeout=BLINK_S)
    except KeyboardInterrupt:
        pool.shutdown(wait=False)
        stop_workers(lake)
        raise
    pool.shutdown()  # DuckDB wants threads to end before its engine does
    try:
        return done.result()
    finally:
        del done  # an error would hold on to itself by it, and to the engine's objects until after the engine's end


def stop_workers(lake: Lake) -> None:
    """Interrupts what runs until the workers have left: a worker may be between two statements at any one time."""
    patience = time.monotonic() + STOP_S
    while working() and time.monotonic() < patience:
        lake.interrupt()
        time.sleep(0.05)
