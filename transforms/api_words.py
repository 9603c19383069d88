"""The words by which a source of requests says who asks, how often, and where the next page is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from transforms import secret_words
from transforms.fields import Fields

_RATE = re.compile(r"([1-9]\d{0,5})/(s|m|h)\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_KEY = "api_key: {header: X-Api-Key, secret: shop_key}"
_OAUTH = "oauth2: {token: /oauth/token, id: shop_id, secret: shop_secret}"
_REPORT = 'report: {path: /v1/reports, status: "/v1/reports/{report}", done: COMPLETED}'
_WAYS = ("next", "link", "next_header", "offset")
_PAGES = (*_WAYS, "page")
_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")


def read_rate(text: str) -> float | None:
    """Requests a second: `5/s`, `300/m`, `10000/h`; None for anything else.

    >>> read_rate("300/m"), read_rate("5 a second")
    (5.0, None)
    """
    found = _RATE.match(text)
    return int(found[1]) / _SECONDS[found[2]] if found else None


def rate(fields: Fields, word: str, value: Any) -> bool:
    """Whether it says how many requests in which time."""
    if read_rate(value) is not None:
        return True
    fields.problem(word, f'"{value}" is not a rate', "a rate is 5/s, 300/m or 10000/h", f"write {word}: 5/s")
    return False


def api_key(fields: Fields, word: str, value: Any) -> bool:
    """Whether it names a place in the request, and a secret."""
    inner = Fields(fields.document, fields.problems, *fields.way, word)
    inner.known(("header", "parameter", "user", "prefix", "secret"))
    places = [place for place in ("header", "parameter", "user") if place in value]
    if len(places) != 1:
        what = "api_key says where the key goes: one of header, parameter and user (whose password it is)"
        fields.problem(word, what, write=f"write {_KEY}")
        return False
    if "prefix" in value and places != ["header"]:
        inner.problem("prefix", "prefix stands before the key in a header", write="remove prefix:")
        return False
    return _names(inner, ("secret",), value, _KEY) and all(isinstance(value[each], str) for each in value)


def oauth2(fields: Fields, word: str, value: Any) -> bool:
    """Whether it names where tokens come from, and the secrets that fetch them."""
    inner = Fields(fields.document, fields.problems, *fields.way, word)
    inner.known(("token", "id", "secret", "refresh", "scope", "parameters", "send"))
    token = inner.required("token", _OAUTH) and inner.text("token", "token: /oauth/token")
    send = inner.choice("send", ("header", "body")) is not None or "send" not in value
    parameters = isinstance(value.get("parameters", {}), dict)
    if not parameters:
        inner.problem("parameters", "parameters of a token is a mapping", write="write parameters: {audience: ..}")
    parameters = secret_words.of_token(inner, value) and parameters
    names = ("id", "secret", *(("refresh",) if "refresh" in value else ()))
    return bool(token) and send and parameters and _names(inner, names, value, _OAUTH)


def _names(inner: Fields, words: Iterable[str], value: Mapping[str, Any], example: str) -> bool:
    right = True
    for word in words:
        found = value.get(word)
        if not isinstance(found, str) or not _NAME.match(found):
            what = f"{word} names one of the target's secrets, in lower case letters; no secret is in this file"
            inner.problem(word if word in value else None, what, write=f"write {example}")
            right = False
    return right


def begin(fields: Fields, word: str, value: Any) -> bool:
    """Whether it is a day."""
    try:
        date.fromisoformat(str(value))
    except ValueError:
        fields.problem(word, f'"{value}" is not a day', write=f"write {word}: 2024-01-01")
        return False
    return True


def window(fields: Fields, word: str, value: Any) -> bool:
    """Whether it is a number of days."""
    return fields.days(word) is not None


def answers(fields: Fields, word: str, value: str) -> bool:
    """Whether it is a form of answers."""
    return fields.choice(word, ("json", "csv")) is not None


def report(fields: Fields, word: str, value: Any) -> bool:
    """Whether it names how a report is asked for, looked after, and known to be done."""
    inner = Fields(fields.document, fields.problems, *fields.way, word)
    inner.known(("path", "parameters", "id", "status", "state", "done", "failed", "result", "patience"))
    right = [inner.required(each, _REPORT) for each in ("path", "status", "done")]
    right += [inner.text(each) is not None for each in ("path", "status", "id", "state", "result") if each in value]
    right += [bool(inner.words(each, f"{each}: COMPLETED")) for each in ("done", "failed") if each in value]
    if not isinstance(value.get("parameters", {}), dict):
        inner.problem("parameters", "parameters of a report is a mapping", write='write parameters: {day: "{since}"}')
        return False
    right += [secret_words.path(inner, each, value.get(each)) for each in ("path", "status")]
    right.append(secret_words.parameters(inner, "parameters", value.get("parameters")))
    return all(right) and ("patience" not in value or inner.span("patience", "1h") is not None)


def require_paging(fields: Fields, options: Mapping[str, Any], source: Mapping[str, Any]) -> None:
    """Reports words of paging that cannot be meant together; `source` are those of the whole source."""
    if options.get("python"):
        for word in ("path", *_PAGES, "rows", "since", "until", "format", "report", "most_rows"):
            if word in options:
                what = f"{word} says what to ask for, and a table that is python: true asks itself"
                fields.problem(word, what, write=f"remove {word}: or python:")
        return
    ways = [word for word in _WAYS if word in options]
    if len(ways) > 1:
        what = f"{ways[0]} and {ways[1]} are two ways of paging"
        fields.problem(ways[1], what, write=f"remove {ways[0]}: or {ways[1]}:")
    if "page" in options and ("offset" in options or "link" in options):
        fields.problem("page", "page and this way of paging cannot be meant together", write="remove page:")
    if source.get("concurrency", 1) != 1 and "offset" in options and "size" not in options:
        what = "several pages at once need to know how many rows a page has"
        fields.problem("offset", what, write="write size: 100, and limit: the parameter that says so")
    if "most_rows" in options and (paged := [word for word in _PAGES if word in options]):
        what = "most_rows says where an API that has no pages cuts its answers off"
        fields.problem("most_rows", what, write=f"remove most_rows: or {paged[0]}:")
    if options.get("format") == "csv" and (
        inside := [each for each in ("rows", "next", "more", "total") if each in options]
    ):
        what = f"{inside[0]} is a place in JSON, and format is csv"
        fields.problem(inside[0], what, write=f"remove {inside[0]}:")
    if "more" in options and not ({"page", "offset", "next"} & options.keys()):
        fields.problem("more", "more says whether pages follow, and nothing says how to ask for them")
