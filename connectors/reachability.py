"""Which sources a run cannot reach: the first table that finds out speaks for the others, which do not ask again.

Decides who looks again, and when. Never decides what a failure is: a reader does, by the class of its error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from transforms.errors import OutsideError
from transforms.source import Source

AGAIN_S = 1.0
"""After that one table may look whether a source is back: flows try each again, some seconds later."""


class Unreachable(OutsideError):
    """A source as a whole does not answer: what is true of one of its tables is true of all."""


@dataclass
class _Silence:
    error: Unreachable
    since: float
    looking: bool = False


class Reachability:
    """Of one run. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._silent: dict[str, _Silence] = {}

    @contextmanager
    def asking(self, source: Source) -> Iterator[None]:
        """Around whatever asks a source for a table. Raises at once what kept another table from it."""
        silence = self._believed(source.name)
        try:
            yield
        except Unreachable as error:
            with self._lock:
                self._silent[source.name] = _Silence(error, self._clock())
            raise
        except BaseException:
            if silence is not None:
                silence.looking = False
            raise
        with self._lock:
            self._silent.pop(source.name, None)

    def _believed(self, name: str) -> _Silence | None:
        """The silence into which this table looks again."""
        with self._lock:
            found = self._silent.get(name)
            if found is None:
                return None
            if found.looking or self._clock() - found.since < AGAIN_S:
                raise Unreachable(*found.error.args)
            found.looking = True
            return found
