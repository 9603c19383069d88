"""Pages on their way: in the order in which they were asked for, together where they have come, and none is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest

from connectors.readers.json_lines import LineParser
from connectors.readers.pieces import Parsed
from connectors.readers.rest.answer import Request
from connectors.readers.rest.page_queue import AHEAD, AHEAD_BYTES, TOGETHER, PageQueue
from transforms.errors import OutsideError


@dataclass
class Page:
    """What came, and its answer: both at once."""

    number: int
    held: int = 100
    size: int = 100
    headers: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False

    def count(self) -> int:
        return 1

    def around(self) -> Any:
        return {}

    def last(self) -> bytes:
        return b""

    def mark(self) -> object:
        return self.number

    def close(self) -> None:
        self.closed = True


class Pages:
    """A form of answers that come when `come` says so; some fail. `groups` are the pages that were parsed together."""

    parser = LineParser([], {}, truncate=False)

    def __init__(self, held: int = 100, fails: int | None = None) -> None:
        self.come, self.parse = Event(), Event()
        self.parse.set()
        self.made: list[Page] = []
        self.groups: list[list[int]] = []
        self._held, self._fails = held, fails

    def ask(self, request: Request) -> Page:
        self.come.wait(10)
        number = int(request.path)
        if number == self._fails:
            raise OutsideError(f"page {number} failed")
        self.made.append(Page(number, self._held))
        return self.made[-1]

    def answers(self, came: Sequence[Page]) -> list[Page]:
        self.parse.wait(10)
        self.groups.append([page.number for page in came])
        return list(came)

    def parsed(self, answers: Sequence[Page]) -> Iterator[Parsed]:
        raise NotImplementedError


def asked(queue: PageQueue, count: int) -> None:
    for number in range(count):
        queue.ask(Request(str(number), {}))


def taken(queue: PageQueue) -> list[int]:
    found = []
    while queue.waiting:
        found += [answer.mark() for answer in queue.take()]
    return [int(str(mark)) for mark in found]


def come(form: Pages, count: int) -> None:
    form.come.set()
    while len(form.made) < count:
        Event().wait(0.005)
    Event().wait(0.05)  # until their threads have handed them over


def test_pages_that_have_come_are_parsed_together_in_their_order() -> None:
    form = Pages()
    with PageQueue(form, 2) as queue:
        asked(queue, 9)
        come(form, 9)
        assert taken(queue) == list(range(9))
    assert form.groups == [list(range(9))]


def test_no_more_than_a_megabyte_is_parsed_together() -> None:
    form = Pages(held=TOGETHER // 3)
    with PageQueue(form, 4) as queue:
        asked(queue, 8)
        come(form, 8)
        assert taken(queue) == list(range(8))
    assert sorted(form.groups) == [[0, 1, 2], [3, 4, 5], [6, 7]]


def test_a_page_that_fails_is_told_when_those_before_it_were_taken() -> None:
    form = Pages(fails=3)
    with PageQueue(form, 2) as queue:
        asked(queue, 5)
        come(form, 4)
        assert [answer.mark() for answer in queue.take()] == [0, 1, 2]
        with pytest.raises(OutsideError, match="page 3 failed"):
            queue.take()


@pytest.mark.parametrize(("held", "most"), [(100, AHEAD * 4), (AHEAD_BYTES // 10, 10), (AHEAD_BYTES, 4)])
def test_what_waits_is_bounded_by_pages_and_by_bytes_in_memory(held: int, most: int) -> None:
    form = Pages(held)
    with PageQueue(form, 4) as queue:
        assert queue.has_room(sure=True)
        asked(queue, 4)
        assert not queue.has_room(sure=True)  # nobody knows how large they are
        come(form, 4)
        assert taken(queue) == [0, 1, 2, 3]
        queue.landed()
        count = 0
        while queue.has_room(sure=True):
            asked(queue, 1)
            count += 1
        assert count == most
        assert not queue.has_room(sure=False)


@pytest.mark.parametrize(("held", "room"), [(100, True), (AHEAD_BYTES, False)])
def test_large_pages_are_asked_for_when_those_before_have_landed(held: int, room: bool) -> None:
    form = Pages(held)
    with PageQueue(form, 1) as queue:
        asked(queue, 1)
        come(form, 1)
        queue.take()
        assert queue.has_room(sure=False) is room
        queue.landed()
        assert queue.has_room(sure=False)


def test_pages_that_nobody_takes_are_closed() -> None:
    form = Pages()
    with PageQueue(form, 4) as queue:
        asked(queue, 4)
        come(form, 4)
    assert [page.closed for page in form.made] == [True] * 4
