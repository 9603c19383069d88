"""A report that an API makes while it is asked, now and then, whether it is there. Then its rows are asked for.

Never reads a row. A report that nobody fetches, since the run was killed, is made anew by the next one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.readers.rest.answer import Request
from connectors.readers.rest.client import Client
from connectors.readers.rest.page import at
from connectors.readers.rest.range import filled
from transforms.errors import DataError, OutsideError
from transforms.fields import read_span

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between two looks, each twice as long as the one before."""
PATIENCE = timedelta(hours=1)
_WORD = re.compile(r"[A-Za-z_ ]{1,40}\Z")


class Report:
    """`form` is what the table says under `report:`."""

    def __init__(self, client: Client, form: Mapping[str, Any]) -> None:
        self._client, self._form = client, form
        self._done, self._failed = (_words(form.get(word, ())) for word in ("done", "failed"))

    def made(self, request: Request) -> Request:
        """The request for the rows of the report that it asks for, which is done then. Raises OutsideError."""
        assert request.report is not None
        asked = self._ask(request.report.path, request.report.parameters, post=True)
        words = {"report": self._text(asked, str(self._form.get("id", "id")))}
        told = self._wait(filled(str(self._form["status"]), words))
        if "result" in self._form:
            words["result"] = self._text(told, str(self._form["result"]))
        return Request(filled(request.path, words), filled(request.parameters, words), request.report)

    def _wait(self, path: str) -> Any:
        patience = (read_span(self._form.get("patience")) or PATIENCE).total_seconds()
        waited, wait = 0.0, FIRST_WAIT
        while waited < patience:
            told = self._ask(path, {}, post=False)
            state = self._text(told, str(self._form.get("state", "state")))
            if state in self._done:
                return told
            if state in self._failed:
                raise self._not_made(f"ended as {state}" if _WORD.match(state) else "failed")
            self._client.pause(wait)
            waited, wait = waited + wait, min(2 * wait, LONGEST_WAIT)
        raise self._not_made(f"is not done after {waited:.0f} s; write patience: a longer time under report:")

    def _not_made(self, what: str) -> OutsideError:
        return OutsideError(f"{self._client.where}: the report of {self._form['path']} {what}")

    def _ask(self, path: str, parameters: Mapping[str, Any], *, post: bool) -> Any:
        reply = self._client.send(path, parameters, post=post)
        try:
            return reply.json()
        except ValueError:
            told = f"{reply.path} did not answer with JSON"
            raise DataError(f"{self._client.where}: {told}") from None

    def _text(self, told: Any, path: str) -> str:
        found = at(told, path)
        if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
            raise DataError(f"{self._client.where}: the answer about the report has nothing at {path}")
        return str(found)


def _words(value: Any) -> frozenset[str]:
    return frozenset([value] if isinstance(value, str) else value)
