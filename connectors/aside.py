"""One thread beside the caller's, which does one thing after the other: the caller waits when two are waiting.

Never decides what is done. What fails there is raised at the next call.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class Aside:
    """`name` is the thread's, which begins with the first thing to do and ends with `close`."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._doing: Future[None] | None = None

    def do(self, thing: Callable[[], None]) -> None:
        """Does it soon; waits for what was to be done before."""
        self.wait()
        self._doing = self._pool.submit(thing)

    def wait(self) -> None:
        """Until everything is done. Raises what it raised."""
        doing, self._doing = self._doing, None
        if doing is not None:
            doing.result()

    def close(self) -> None:
        """The same, and ends the thread."""
        try:
            self.wait()
        finally:
            self._pool.shutdown()

    def stop(self) -> None:
        """Ends the thread after what it does right now; nobody wants to know what came of it."""
        self._pool.shutdown(cancel_futures=True)
