"""The folder of a local AWS, which one process serves at a time: two would not see each other's writes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from transforms.errors import UsageError

_LOCK = ".serving"
"""Locked while somebody serves the folder, whatever becomes of that process; says who it is."""


@contextmanager
def served_alone(root: Path) -> Iterator[Callable[[int], None]]:
    """The folder, made where it is not there; gives a function that notes the port.

    Raises UsageError while another process serves it.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / _LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            who = lock.read().strip() or "another process"
            raise UsageError(f"{root} is served by {who}; end that one, or write --data and another folder") from None

        def note(port: int) -> None:
            lock.truncate(0)
            lock.write(f"process {os.getpid()} on port {port}\n")
            lock.flush()

        yield note
