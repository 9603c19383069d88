"""Takes an answer in JSON apart: its rows, each as the API wrote it, and what stands around them.

Looks at the structure only, at the speed of reading: whether a row is valid is found out by whoever parses it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

Places = np.ndarray[tuple[int], np.dtype[np.int64]]
_QUOTE, _COMMA, _NEWLINE, _RETURN, _SPACE = 34, 44, 10, 13, 32
_MARKS = bytes(letter in b'"[]{},\n\r' for letter in range(256))
_STEPS = np.zeros(256, np.int32)
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1
_BLANK = re.compile(r"[ \t\n\r]*")
BOM = b"\xef\xbb\xbf"
_DECODER = json.JSONDecoder(parse_float=Decimal)


class NoRows(ValueError):
    """There is no list at the path; the text says what is there instead."""


@dataclass(frozen=True)
class Page:
    """`lines` are the rows, one a line, with every byte that they have in the answer but blanks around them and line
    ends between values.

    `around` is the rest of the answer, where the list of the rows is empty. `last` is the last row as it was written.
    """

    lines: bytes
    count: int
    around: Any

    @property
    def last(self) -> bytes:
        """The last row; empty when there is none."""
        return self.lines.rpartition(b"\n")[2]


def page_of(answer: bytes, path: Sequence[str]) -> Page:
    """The page with the list at `path`. Raises ValueError for what is not JSON, NoRows when there is no such list."""
    body = answer.removeprefix(BOM)
    start = _start(body, path)
    marks = _marks(body, start)
    opened = _STEPS[np.frombuffer(body, np.uint8)[marks]].cumsum()
    closed = np.flatnonzero(opened == 0)
    if not len(closed):
        raise ValueError("a list does not end")
    end = int(marks[closed[0]])
    around = json.loads(b"".join((body[:start], b"[]", body[end + 1 :])), parse_float=Decimal)
    lines = np.frombuffer(body, np.uint8)[start:end].copy()
    inside, depth = marks[: closed[0]] - start, opened[: closed[0]]
    kinds = lines[inside]
    lines[inside[(kinds == _NEWLINE) | (kinds == _RETURN)]] = _SPACE
    between = inside[(kinds == _COMMA) & (depth == 1)]
    lines[between] = _NEWLINE
    text = lines.tobytes()[1:].strip()
    for blank in (b"\n ", b"\n\t", b" \n", b"\t\n"):  # a line that begins with its bracket is parsed ten times as fast
        while blank in text:
            text = text.replace(blank, b"\n")
    empty = not len(between) and not text
    return Page(text, 0 if empty else len(between) + 1, around)


def at(value: Any, path: str) -> Any:
    """The value at a path such as `report.rows` or `items.-1.id`; None where there is none."""
    for step in steps(path):
        if isinstance(value, list) and re.fullmatch(r"-?\d+", step) and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def steps(path: str) -> list[str]:
    """The names of a path."""
    return list(filter(None, path.split(".")))


def _start(body: bytes, path: Sequence[str]) -> int:
    """Where the list begins. What stands before it is read as JSON, as bytes that are letters: places are the same."""
    text = body.decode("latin-1")
    place = _skip(text, 0)
    for step in path:
        if text[place : place + 1] == "{":
            place = _member(text, place, step)
        elif text[place : place + 1] == "[" and step.isdecimal():
            place = _item(text, place, int(step))
        else:
            raise _no_rows(body)
    if text[place : place + 1] != "[":
        raise _no_rows(body)
    return place


def _member(text: str, place: int, name: str) -> int:
    """Where the value of a name begins, in the object that begins at `place`."""
    wanted = (name, name.encode().decode("latin-1"))
    place = _skip(text, place + 1)
    while text[place : place + 1] == '"':
        key, place = _DECODER.raw_decode(text, place)
        place = _skip(text, place)
        if text[place : place + 1] != ":":
            break
        place = _skip(text, place + 1)
        if key in wanted:
            return place
        place = _after(text, place)
    raise _no_rows(text.encode("latin-1"))


def _item(text: str, place: int, number: int) -> int:
    place = _skip(text, place + 1)
    for _ in range(number):
        place = _after(text, place)
    return place


def _after(text: str, place: int) -> int:
    """Where what follows a value and its comma begins."""
    _, place = _DECODER.raw_decode(text, place)
    place = _skip(text, place)
    return _skip(text, place + 1) if text[place : place + 1] == "," else place


def _skip(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _no_rows(body: bytes) -> NoRows:
    """Raises ValueError instead when the answer is not JSON at all."""
    value = json.loads(body)
    return NoRows(", ".join(map(str, value)) if isinstance(value, dict) else "no names")


def _marks(body: bytes, start: int) -> Places:
    """The places from `start` on of brackets, commas and line ends that stand in no text."""
    plain = body
    if b"\\" in body:  # of equal length, and without the quotes that end no text
        plain = body.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    letters = np.frombuffer(plain, np.uint8)
    found = np.flatnonzero(np.frombuffer(plain.translate(_MARKS), np.bool_))
    found = found[np.searchsorted(found, start) :]
    quotes = letters[found] == _QUOTE
    outside = ~np.logical_xor.accumulate(quotes) if len(quotes) else quotes
    marks: Places = found[outside & ~quotes]
    return marks
