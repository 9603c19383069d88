"""The pages of one list: one after the other where each names the next, several at once where they are numbered.

Decides which request comes next and when the list ends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.readers.rest.answer import Answer, Form, Request
from connectors.readers.rest.client import Client
from connectors.readers.rest.numbered import MOST_PAGES, TOO_MANY, Numbered, has_more, tells_more, without_more
from connectors.readers.rest.page import at
from connectors.readers.rest.page_queue import PageQueue
from transforms.errors import DataError

_NAMED = ("next", "link", "next_header")
_ROUND = 10
_NOTHING = (None, "", "null")
_LINK = re.compile(r"""<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)""")
_RELATION = re.compile(r"""(?i);\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))""")


class Paging:
    """Pages as a table's words say; each is asked for in a thread.

    `expect` takes how many rows there are, if told, and `warn` what a list lacks at its end.
    """

    def __init__(
        self,
        client: Client,
        options: Mapping[str, Any],
        at_once: int,
        form: Form[Any, Any],
        expect: Callable[[int], None] = lambda rows: None,
        warn: Callable[[str], None] = lambda told: None,
    ) -> None:
        self._client, self._options, self._form = client, options, form
        self._rows = str(options.get("rows", ""))
        self._at_once, self._expect, self._warn = at_once, expect, warn

    def pages(self, first: Request) -> Iterator[Sequence[Answer]]:
        """Every page of the list, some at a time. Raises OutsideError and DataError."""
        request = _limited(self._options, first)
        with PageQueue(self._form, self._at_once) as queue:
            try:
                if any(self._options.get(word) for word in _NAMED):
                    yield from self._named(request, queue)
                elif self._options.get("page") or self._options.get("offset"):
                    yield from self._numbered(request, queue)
                else:
                    queue.ask(request)
                    yield queue.take()
            except BaseException:
                self._client.close()  # whoever waits for an answer need not
                raise

    def _named(self, request: Request, queue: PageQueue) -> Iterator[Sequence[Answer]]:
        """Each page names the next, which is asked for while this one is worked on."""
        seen: set[str] = set()
        queue.ask(request)
        while queue.waiting:
            answers = queue.take()
            after = self._after(answers[0])
            if after is None and not seen:
                self._doubt(answers[0])
            if after is not None:
                if after in seen or len(seen) >= MOST_PAGES:
                    raise self._wrong("the API names the same following page twice" if after in seen else TOO_MANY)
                seen.add(after)
                request = self._next(request, after)
                queue.ask(request)
            yield answers

    def _numbered(self, request: Request, queue: PageQueue) -> Iterator[Sequence[Answer]]:
        """While pages are landed, the next are asked for."""
        pages = Numbered(self._options, request, self._at_once, self._client.where, self._expect)
        found: list[Answer] = []
        while not pages.ended:
            _ask(pages, queue)
            if found:
                yield found
                queue.landed()
                _ask(pages, queue)
            found = []
            for answer in queue.take():
                if pages.take(answer):
                    found.append(answer)
                else:
                    answer.close()
        if found:
            yield found
        if pages.doubt:
            self._warn(pages.doubt)

    def _doubt(self, only: Answer) -> None:
        """A first page that names no other may be all there is, but hardly when it has a round number of rows."""
        if "more" in self._options:
            if not tells_more(self._options, only):
                self._warn(without_more(self._options))
        elif (rows := only.count()) and rows % _ROUND == 0:
            word = next(word for word in _NAMED if self._options.get(word))
            told = f"the first page has {rows:,} rows and names no other by {word}: {self._options[word]}"
            self._warn(f"{told}; if there are more, is {word}: right?")

    def _after(self, answer: Answer) -> str | None:
        """What the page names as the next one."""
        if not has_more(self._options, answer):
            return None
        if relation := self._options.get("link"):
            return _linked(answer.headers, str(relation))
        if name := self._options.get("next_header"):
            told = answer.headers.get(str(name).lower())
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


def first_page(options: Mapping[str, Any], first: Request, where: str) -> Request:
    """What the first page of a list is asked for."""
    request = _limited(options, first)
    if any(options.get(word) for word in _NAMED) or not (options.get("page") or options.get("offset")):
        return request
    return Numbered(options, request, 1, where, lambda rows: None).next() or request


def _limited(options: Mapping[str, Any], request: Request) -> Request:
    limit, size = options.get("limit"), options.get("size")
    parameters = {**request.parameters, **({str(limit): str(size)} if limit and size else {})}
    return replace(request, parameters=parameters)


def _ask(pages: Numbered, queue: PageQueue) -> None:
    while queue.has_room(sure=pages.sure) and (asked := pages.next()):
        queue.ask(asked)


def _linked(headers: Mapping[str, str], relation: str) -> str | None:
    """The address of the Link header's relation, as RFC 8288 writes it."""
    for address, parameters in _LINK.findall(headers.get("link", "")):
        found = _RELATION.search(parameters)
        if found and relation in (found[1] or found[2]).split():
            return str(address)
    return None
