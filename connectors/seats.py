"""How many use one thing at once, over all processes that share a lake: whoever uses it holds one of so many seats.

A process that dies loses its seats: on a laptop at once, on AWS within a minute. Never decides what a seat is for.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import sample
from threading import BoundedSemaphore, Event, Lock
from typing import Protocol

from connectors.durable import outside
from transforms.errors import Stopped

PAUSE_S = 0.05
"""Between two looks for a free one."""


class Seat:
    """One that is held."""

    def __init__(self, free: Callable[[], object]) -> None:
        self._free: Callable[[], object] | None = free
        self._lock = Lock()

    def give_back(self) -> None:
        """May be called more than once."""
        with self._lock:
            free, self._free = self._free, None
        if free is not None:
            free()


class Seats(Protocol):
    """Safe to use from several threads at once."""

    def take(self, stopped: Event) -> Seat:
        """Waits until one is free. Raises Stopped when the event is set before."""

    def free(self) -> Seat | None:
        """One that is free now."""


class FileSeats:
    """A lock on a file for each, which the system takes back from a process that dies."""

    def __init__(self, folder: Path, count: int) -> None:
        self._files = [folder / str(number) for number in range(count)]
        self._here = BoundedSemaphore(count)  # threads of this process wake each other, and need not look
        with outside(f"write {folder}"):
            folder.mkdir(parents=True, exist_ok=True)

    def take(self, stopped: Event) -> Seat:
        """See Seats."""
        while not self._here.acquire(timeout=PAUSE_S):
            _go_on(stopped)
        try:
            while (held := self._locked()) is None:
                if stopped.wait(PAUSE_S):
                    _go_on(stopped)
        except BaseException:
            self._here.release()
            raise
        return Seat(partial(self._leave, held))

    def free(self) -> Seat | None:
        """See Seats."""
        if not self._here.acquire(blocking=False):
            return None
        held = None
        try:
            held = self._locked()
        finally:
            if held is None:
                self._here.release()
        return None if held is None else Seat(partial(self._leave, held))

    def _locked(self) -> int | None:
        """The open file of a seat that nobody had."""
        for file in sample(self._files, len(self._files)):
            with outside(f"lock {file}"):
                held = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(held)
                    continue
                except BaseException:
                    os.close(held)
                    raise
                return held
        return None

    def _leave(self, held: int) -> None:
        os.close(held)
        self._here.release()


def _go_on(stopped: Event) -> None:
    if stopped.is_set():
        raise Stopped("stopped while it waited for its turn")
