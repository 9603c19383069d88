"""The pages of one list: one after the other where each names the next, several at once where they are numbered.

Decides which request comes next and when the list ends. Never holds more pages than are asked for at once, and one.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import httpx

from connectors.readers.rest_client import Client
from connectors.readers.rest_page import NoRows, Page, at, page_of, steps
from transforms.errors import DataError

T = TypeVar("T")
MOST_PAGES = 100_000
_SAME = 20


@dataclass(frozen=True)
class Request:
    """What is asked for first: a path, or an address of the API, and parameters."""

    path: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A page, what was made of it, and the bytes that came."""

    page: Page
    made: T
    size: int
    following: str | None
    """The address of the Link header's relation."""


class Paging(Generic[T]):
    """Pages as a table's words say. `make` turns each into what is wanted of it, in the thread that asked for it."""

    def __init__(self, client: Client, options: Mapping[str, Any], at_once: int, make: Callable[[Page], T]) -> None:
        self._client, self._options, self._make = client, options, make
        self._rows = str(options.get("rows", ""))
        self._size = int(options.get("size", 0))
        self._at_once = at_once

    def pages(self, first: Request) -> Iterator[Answer[T]]:
        """Every page of the list. Raises OutsideError and DataError."""
        limit = self._options.get("limit")
        parameters = {**first.parameters, **({str(limit): str(self._size)} if limit and self._size else {})}
        request = Request(first.path, parameters)
        pool = ThreadPoolExecutor(self._at_once, thread_name_prefix="page")
        try:
            if self._options.get("next") or self._options.get("link"):
                yield from self._named(request, pool)
            elif self._options.get("page") or self._options.get("offset"):
                yield from self._numbered(request, pool)
            else:
                yield self._answer(request)
        except BaseException:
            self._client.close()  # whoever waits for an answer need not
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _named(self, request: Request, pool: ThreadPoolExecutor) -> Iterator[Answer[T]]:
        """Each page names the next, which is asked for while this one is worked on."""
        seen: set[str] = set()
        waiting: Future[Answer[T]] | None = pool.submit(self._answer, request)
        while waiting is not None:
            answer = waiting.result()
            after = self._after(answer)
            waiting = None
            if after is not None:
                if after in seen or len(seen) >= MOST_PAGES:
                    raise self._wrong("the API names the same following page twice" if after in seen else _TOO_MANY)
                seen.add(after)
                request = self._next(request, after)
                waiting = pool.submit(self._answer, request)
            yield answer

    def _numbered(self, request: Request, pool: ThreadPoolExecutor) -> Iterator[Answer[T]]:
        """Until a page is empty, or as many rows came as there are: a short page may be all that the API gives."""
        count, same, before = 0, 0, b""
        waiting: deque[Future[Answer[T]]] = deque()
        last: int | None = 1 if "total" in self._options else None  # the first page tells how many there are
        for number in range(MOST_PAGES):
            while len(waiting) < self._at_once and (last is None or number + len(waiting) < last):
                asked = self._numbered_request(request, number + len(waiting), count)
                waiting.append(pool.submit(self._answer, asked))
            answer = waiting.popleft().result()
            if not answer.page.count:
                return
            if self._at_once > 1 and self._options.get("offset") and count != number * self._size:
                raise self._wrong(f"pages have less rows than size: {self._size} asks for; write a smaller size:")
            count += answer.page.count
            same, before = same + 1 if answer.page.lines == before else 0, answer.page.lines
            if same == _SAME:
                raise self._wrong(f"{_SAME} pages have the same rows: does the API know this parameter?")
            yield answer
            total = at(answer.page.around, str(self._options.get("total", "")))
            if self._ends(answer) or (isinstance(total, int) and count >= total):
                return
            full = self._size and count == (number + 1) * self._size
            last = -(-total // self._size) if isinstance(total, int) and full else None
        raise self._wrong(_TOO_MANY)

    def _numbered_request(self, request: Request, number: int, count: int) -> Request:
        options = self._options
        if page := options.get("page"):
            place = (str(page), str(number + int(options.get("first", 1))))
        else:
            place = (str(options["offset"]), str(number * self._size if self._at_once > 1 else count))
        return Request(request.path, {**request.parameters, place[0]: place[1]})

    def _ends(self, answer: Answer[T]) -> bool:
        more = self._options.get("more")
        return more is not None and not at(answer.page.around, str(more))

    def _after(self, answer: Answer[T]) -> str | None:
        """What the page names as the next one."""
        if self._ends(answer):
            return None
        if self._options.get("link"):
            return answer.following
        path = str(self._options["next"])
        after = at(answer.page.around, path)
        of_last = f"{self._rows}.-1." if self._rows else "-1."
        if after is None and path.startswith(of_last) and answer.page.count:
            after = at(json.loads(answer.page.last), path.removeprefix(of_last))
        return None if after in (None, "", False) else str(after)

    def _next(self, request: Request, after: str) -> Request:
        if page := self._options.get("page"):
            return Request(request.path, {**request.parameters, str(page): after})
        return Request(self._client.following(request.path, after), {})

    def _answer(self, request: Request) -> Answer[T]:
        response = self._client.send(request.path, request.parameters, post=self._options.get("method") == "post")
        body = response.content
        try:
            page = page_of(body, steps(self._rows))
        except NoRows as found:
            raise self._wrong(f"the answer has no list at rows: {self._rows or '(its top)'}; it has {found}") from None
        except (ValueError, RecursionError):
            raise self._wrong(f"{self._options.get('path')} did not answer with JSON") from None
        return Answer(page, self._make(page), len(body), _following(response, self._options.get("link")))

    def _wrong(self, what: str) -> DataError:
        return DataError(f"{self._client.where}: {what}")


_TOO_MANY = f"more than {MOST_PAGES:,} pages"


def _following(response: httpx.Response, relation: Any) -> str | None:
    return response.links.get(str(relation), {}).get("url") if relation else None
