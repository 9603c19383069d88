"""The pages of one list: one after the other where each names the next, several at once where they are numbered.

Decides which request comes next and when the list ends. Never holds more than two pages for each that may be asked for
at once, and one.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx

from connectors.readers.rest.answer import Answer, Form, Request
from connectors.readers.rest.client import Client
from connectors.readers.rest.page import at
from transforms.errors import DataError

MOST_PAGES = 100_000
_AHEAD = 2
"""Pages on their way for each that may be asked for at once: some are parsed, while others are asked for."""
_SAME = 20
_NAMED = ("next", "link", "next_header")
_NOTHING = (None, "", "null")


class Paging:
    """Pages as a table's words say; each is asked for in a thread. `expect` takes how many rows there are, if told."""

    def __init__(
        self,
        client: Client,
        options: Mapping[str, Any],
        at_once: int,
        form: Form,
        expect: Callable[[int], None] = lambda rows: None,
    ) -> None:
        self._client, self._options, self._form = client, options, form
        self._rows = str(options.get("rows", ""))
        self._size = int(options.get("size", 0))
        self._at_once, self._expect = at_once, expect

    def pages(self, first: Request) -> Iterator[Answer]:
        """Every page of the list. Raises OutsideError and DataError."""
        limit = self._options.get("limit")
        parameters = {**first.parameters, **({str(limit): str(self._size)} if limit and self._size else {})}
        request = replace(first, parameters=parameters)
        pool = ThreadPoolExecutor(_AHEAD * self._at_once, thread_name_prefix="page")
        waiting: deque[Future[Answer]] = deque()
        try:
            if any(self._options.get(word) for word in _NAMED):
                yield from self._named(request, pool, waiting)
            elif self._options.get("page") or self._options.get("offset"):
                yield from self._numbered(request, pool, waiting)
            else:
                yield self._form.ask(request)
        except BaseException:
            self._client.close()  # whoever waits for an answer need not
            raise
        finally:
            for future in waiting:
                future.add_done_callback(_let_go)
            pool.shutdown(cancel_futures=True)

    def _named(self, request: Request, pool: ThreadPoolExecutor, waiting: deque[Future[Answer]]) -> Iterator[Answer]:
        """Each page names the next, which is asked for while this one is worked on."""
        seen: set[str] = set()
        waiting.append(pool.submit(self._form.ask, request))
        while waiting:
            answer = waiting.popleft().result()
            after = self._after(answer)
            if after is not None:
                if after in seen or len(seen) >= MOST_PAGES:
                    raise self._wrong("the API names the same following page twice" if after in seen else _TOO_MANY)
                seen.add(after)
                request = self._next(request, after)
                waiting.append(pool.submit(self._form.ask, request))
            yield answer

    def _numbered(self, request: Request, pool: ThreadPoolExecutor, waiting: deque[Future[Answer]]) -> Iterator[Answer]:
        """Until a page is empty, or as many rows came as there are: a short page may be all that the API gives."""
        before: object = None
        count, same = 0, 0
        last: int | None = 1 if "total" in self._options else None  # the first page tells how many there are
        for number in range(MOST_PAGES):
            most = self._at_once if last is None or self._at_once == 1 else _AHEAD * self._at_once
            while len(waiting) < most and (last is None or number + len(waiting) < last):
                asked = self._numbered_request(request, number + len(waiting), count)
                waiting.append(pool.submit(self._form.ask, asked))
            answer = waiting.popleft().result()
            rows, mark = answer.count(), answer.mark()
            if not rows:
                answer.close()
                return
            if self._at_once > 1 and self._options.get("offset") and count != number * self._size:
                raise self._wrong(f"pages have less rows than size: {self._size} asks for; write a smaller size:")
            count += rows
            same, before = same + 1 if mark == before else 0, mark
            if same == _SAME:
                raise self._wrong(f"{_SAME} pages have the same rows: does the API know this parameter?")
            total = at(answer.around(), str(self._options["total"])) if "total" in self._options else None
            if isinstance(total, int):
                self._expect(total)
            yield answer
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
        return replace(request, parameters={**request.parameters, place[0]: place[1]})

    def _ends(self, answer: Answer) -> bool:
        more = self._options.get("more")
        return more is not None and not at(answer.around(), str(more))

    def _after(self, answer: Answer) -> str | None:
        """What the page names as the next one."""
        if self._ends(answer):
            return None
        if relation := self._options.get("link"):
            return _linked(answer.headers, str(relation))
        if name := self._options.get("next_header"):
            told = answer.headers.get(str(name))
            return None if told in _NOTHING else told
        path = str(self._options["next"])
        after = at(answer.around(), path)
        of_last = f"{self._rows}.-1." if self._rows else "-1."
        if after is None and path.startswith(of_last) and (last := answer.last()):
            after = at(json.loads(last), path.removeprefix(of_last))
        return None if after in (None, "", False) else str(after)

    def _next(self, request: Request, after: str) -> Request:
        if page := self._options.get("page"):
            return replace(request, parameters={**request.parameters, str(page): after})
        return replace(request, path=self._client.following(request.path, after), parameters={})

    def _wrong(self, what: str) -> DataError:
        return DataError(f"{self._client.where}: {what}")


_TOO_MANY = f"more than {MOST_PAGES:,} pages"


def _linked(headers: httpx.Headers, relation: str) -> str | None:
    """The address of the Link header's relation."""
    return httpx.Response(200, headers=headers).links.get(relation, {}).get("url")


def _let_go(asked: Future[Answer]) -> None:
    """Of an answer that came behind the end."""
    if not asked.cancelled() and not asked.exception():
        asked.result().close()
