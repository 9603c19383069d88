"""Pages between being asked for and being parsed, in the order in which they were asked for.

Decides how many may be on their way, and which are parsed together. Knows nothing of what pages say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from connectors.readers.rest.answer import Answer, Came, Form, Request

AHEAD, AHEAD_BYTES = 8, 16 << 20
"""Pages for each that may be asked for at once, and bytes, that are on their way or wait to be parsed."""
TOGETHER = 1 << 20
"""Bytes of pages that are parsed together: a call for each costs a third more."""
_PARSERS = 2


class PageQueue:
    """`at_once` are asked for at the same time, and never more."""

    def __init__(self, form: Form[Any, Any], at_once: int) -> None:
        self._form, self._at_once = form, at_once
        self._asking = ThreadPoolExecutor(at_once, thread_name_prefix="page")
        self._parsers = ThreadPoolExecutor(_PARSERS, thread_name_prefix="parse")
        self._asked = deque[Future[Came]]()
        self._parsing = deque[Future[Sequence[Answer]]]()
        self._largest = self._landing = 0
        self.waiting = 0
        """Pages that were asked for and not taken."""

    def __enter__(self) -> PageQueue:
        return self

    def __exit__(self, *_: object) -> None:
        """Of pages that nobody takes any more nothing stays."""
        for asked in self._asked:
            asked.add_done_callback(_let_go)
        for parsing in self._parsing:
            parsing.add_done_callback(_let_all_go)
        for pool in (self._asking, self._parsers):
            pool.shutdown(cancel_futures=True)

    def ask(self, request: Request) -> None:
        """Asks for a page."""
        self._asked.append(self._asking.submit(self._form.ask, request))
        self.waiting += 1

    def has_room(self, *, sure: bool) -> bool:
        """Whether another page is to be asked for, which is there for `sure` or may lie behind the end.

        Large ones wait until those that were taken last have landed.
        """
        most = min(AHEAD * self._at_once, AHEAD_BYTES // self._largest) if sure and self._largest else 0
        large = (self.waiting + self._landing + 1) * self._largest > AHEAD_BYTES
        return self.waiting + large * self._landing < max(self._at_once, most)

    def landed(self) -> None:
        """Of the pages that were taken last, nothing is in memory any more."""
        self._landing = 0

    def take(self) -> Sequence[Answer]:
        """The next pages that were asked for, one at least. Raises what asking and parsing raise, in the same order.

        So a page that fails is of no matter where the one before it is the last.
        """
        while self._asked and len(self._parsing) < _PARSERS and (not self._parsing or self._has_come()):
            self._parsing.append(self._parsers.submit(self._form.answers, self._together()))
        answers = self._parsing.popleft().result()
        self.waiting, self._landing = self.waiting - len(answers), len(answers)
        return answers

    def _has_come(self) -> bool:
        return self._asked[0].done() and not self._asked[0].cancelled() and self._asked[0].exception() is None

    def _together(self) -> list[Came]:
        """The next page, and those behind it that have come."""
        came = [self._asked.popleft().result()]
        held = self._largest = max(self._largest, came[0].held)
        while self._asked and self._has_come() and held + self._largest <= TOGETHER:
            came.append(self._asked.popleft().result())
            held += came[-1].held
            self._largest = max(self._largest, came[-1].held)
        return came


def _let_go(asked: Future[Came]) -> None:
    if not asked.cancelled() and not asked.exception():
        asked.result().close()


def _let_all_go(parsing: Future[Sequence[Answer]]) -> None:
    if not parsing.cancelled() and not parsing.exception():
        for answer in parsing.result():
            answer.close()
