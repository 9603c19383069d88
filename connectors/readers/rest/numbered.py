"""Pages under numbers, or behind so many rows: what each is asked for, and which is the last one.

Never asks for one itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from connectors.readers.rest.answer import Answer, Request
from connectors.readers.rest.page import at
from transforms.errors import DataError

MOST_PAGES = 100_000
TOO_MANY = f"more than {MOST_PAGES:,} pages"
_SAME = 20


def has_more(options: Mapping[str, Any], answer: Answer) -> bool:
    """Whether the page does not say that it is the last one, by the word `more:`."""
    more = options.get("more")
    return more is None or bool(at(answer.around(), str(more)))


def tells_more(options: Mapping[str, Any], answer: Answer) -> bool:
    """Whether the page has what `more:` names, whatever it says."""
    return "more" in options and at(answer.around(), str(options["more"])) is not None


def without_more(options: Mapping[str, Any]) -> str:
    """What is to be told when no page has it."""
    return f"no page has more: {options['more']}, so that the first one was taken for the last; is more: right?"


class Numbered:
    """The list ends with a page without rows, or as its pages say: a short page may be all that the API gives.

    `expect` takes how many rows there are, if told.
    """

    def __init__(
        self, options: Mapping[str, Any], first: Request, at_once: int, where: str, expect: Callable[[int], None]
    ) -> None:
        self._options, self._first, self._at_once, self._where, self._expect = options, first, at_once, where, expect
        self._size = int(options.get("size", 0))
        self._rows, self._taken, self._asked = 0, 0, 0
        self._same, self._mark = 0, object()
        self._last: int | None = 1 if "total" in options else None  # the first page tells how many there are
        self._total: int | None = None
        self._has_more = False
        self.ended = False

    @property
    def doubt(self) -> str:
        """Why the list may not be whole, if its pages do not agree with the words; some totals are estimates."""
        if "more" in self._options and self._taken and not self._has_more:
            return without_more(self._options)
        if "total" not in self._options or not self._taken or self._rows == self._total:
            return ""
        word, published = self._options["total"], f"all pages have {self._rows:,} rows, which are published"
        if self._total is None:
            return f"no page tells total: {word}, and {published}; is total: right?"
        told = f"the last page told {word}: {self._total:,}, and {published}"
        return told if self._rows < self._total else f"{told}; there may be more: is total: right?"

    @property
    def sure(self) -> bool:
        """Whether it is known where the list ends, and what the next page is asked for."""
        return self._last is not None and not self._behind_rows

    @property
    def _behind_rows(self) -> bool:
        """Whether each page is asked for by the rows that came before it."""
        return "offset" in self._options and self._at_once == 1

    def next(self) -> Request | None:
        """The request for the next page; None where there is none, or nobody can know yet."""
        known = self._last is not None and self._asked >= self._last
        if self.ended or known or (self._behind_rows and self._asked > self._taken):
            return None
        number = self._asked
        self._asked += 1
        if page := self._options.get("page"):
            place = (str(page), str(number + int(self._options.get("first", 1))))
        else:
            place = (str(self._options["offset"]), str(self._rows if self._at_once == 1 else number * self._size))
        return replace(self._first, parameters={**self._first.parameters, place[0]: place[1]})

    def take(self, answer: Answer) -> bool:
        """Whether the next page has rows of the list. Raises DataError for pages that cannot be right."""
        if self.ended:
            return False
        rows, mark = answer.count(), answer.mark()
        total = at(answer.around(), str(self._options["total"])) if "total" in self._options else None
        if isinstance(total, int):
            self._total = total
        if not rows:
            self.ended = True
            return False
        if self._at_once > 1 and "offset" in self._options and self._rows != self._taken * self._size:
            raise self._wrong(f"pages have less rows than size: {self._size} asks for; write a smaller size:")
        self._rows, self._taken = self._rows + rows, self._taken + 1
        self._same, self._mark = self._same + 1 if mark == self._mark else 0, mark
        if self._same == _SAME:
            raise self._wrong(f"{_SAME} pages have the same rows: does the API know this parameter?")
        if self._taken == MOST_PAGES:
            raise self._wrong(TOO_MANY)
        self._has_more = self._has_more or tells_more(self._options, answer)
        self.ended = not has_more(self._options, answer)
        self._last = None
        if isinstance(total, int):
            self._expect(total)
            self.ended = self.ended or self._rows >= total
            self._last = -(-total // self._size) if self._size and self._rows == self._taken * self._size else None
        return True

    def _wrong(self, what: str) -> DataError:
        return DataError(f"{self._where}: {what}")
