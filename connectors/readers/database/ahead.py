"""Items that a thread of its own fetches while the caller works on earlier ones.

Decides how many wait; never what they are. Closing the generator ends the thread before it returns.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator
from contextlib import closing, suppress
from typing import TypeVar

AHEAD = 2
Item = TypeVar("Item")


def ahead(items: Generator[Item, None, None], name: str) -> Generator[Item, None, None]:
    """The items in order, then closed; `name` is the thread's. What fetching raises comes after earlier items."""
    fetched: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(AHEAD)
    stop = threading.Event()

    def fetch() -> None:
        try:
            with closing(items):
                for item in items:
                    fetched.put((item, None))
                    if stop.is_set():
                        return
            fetched.put((None, None))
        except BaseException as error:  # noqa: BLE001  # raised again where the items are used
            fetched.put((None, error))

    worker = threading.Thread(target=fetch, name=name, daemon=True)
    worker.start()
    try:
        while True:
            item, error = fetched.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        stop.set()
        while worker.is_alive():
            with suppress(queue.Empty):
                fetched.get_nowait()
            worker.join(0.02)
