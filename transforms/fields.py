"""One mapping of a declaration, read key by key: typed values out, problems with the line to write collected.

Decides how a wrong, unknown or missing key is reported, the same in headers, sources, teams and targets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from transforms.errors import Problem, did_you_mean
from transforms.yaml_file import Document

_SPAN = re.compile(r"(\d+)\s*(s|m|h|d|second|minute|hour|day|week)s?\Z")
_UNITS = {"s": 1, "second": 1, "m": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400, "week": 604800}
_MOST_LISTED = 20
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%\Z")


class Fields:
    """The mapping at `way` in a document. Every getter returns None (or nothing) after reporting what is wrong."""

    def __init__(self, document: Document, problems: list[Problem], *way: str | int) -> None:
        self.document = document
        self.problems = problems
        self.way = way
        value = document.value
        for step in way:
            value = value[step]
        self.values: Mapping[str, Any] = value if isinstance(value, dict) else {}

    def problem(self, key: str | int | None, what: str, allowed: str = "", write: str = "") -> None:
        """Report something wrong at a key, or at the mapping itself."""
        way = self.way if key is None else (*self.way, key)
        self.problems.append(Problem(self.document.path, self.document.line(*way), 0, what, allowed, write))

    def known(self, allowed: Iterable[str], noun: str = "key") -> None:
        """Report every key that is not allowed here."""
        allowed = tuple(allowed)
        for key in self.values:
            if key not in allowed:
                self.problem(
                    key, f'unknown {noun} "{key}"', f"{noun}s are {listed(allowed)}", did_you_mean(key, allowed)
                )

    def required(self, key: str, write: str) -> bool:
        """Whether the key has a value; `write` is the line that is missing."""
        if self.values.get(key) is not None:
            return True
        if key in self.values:
            self.problem(key, f"{key} is empty", write=f"write {write}")
        else:
            self.problem(None, f"{key} is missing", write=f"write {write}")
        return False

    def text(self, key: str, example: str = "") -> str | None:
        """A text; numbers are refused, so that nothing is guessed."""
        value = self.values.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value.strip() if value is not None else None
        self.problem(key, f"{key} must be a text, not {described(value)}", write=f"write {example}" if example else "")
        return None

    def word(self, key: str, example: str, form: re.Pattern[str], what: str | None = None) -> str | None:
        """A text of a known form; `what` is said of another one where that may be a secret."""
        value = self.text(key, f"{key}: {example}")
        if value is not None and not form.match(value):
            what = what or f'"{value}" is not a {key.replace("_", " ")}'
            self.problem(key, what, write=f"write {key}: {example}")
            return None
        return value

    def choice(self, key: str, allowed: Iterable[str]) -> str | None:
        """One of a few words."""
        allowed, value = tuple(allowed), self.values.get(key)
        if value is None or value in allowed:
            return value
        hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
        self.problem(key, f"{key} cannot be {described(value)}", f"it is {listed(allowed, 'or')}", hint)
        return None

    def words(self, key: str, example: str) -> tuple[str, ...]:
        """A word or a list of words."""
        value = self.values.get(key)
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        if items and all(isinstance(item, str) and item for item in items):
            if len(set(items)) == len(items):
                return tuple(items)
            self.problem(key, f"{key} names something twice", write=f"write {example}")
            return ()
        self.problem(key, f"{key} must be a word or a list of words", write=f"write {example}")
        return ()

    def flag(self, key: str) -> bool:
        """true or false; false when not said."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.problem(key, f"{key} must be true or false, not {described(value)}", write=f"write {key}: true")
        return False

    def whole(self, key: str, least: int = 0) -> int | None:
        """A whole number."""
        value = self.values.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= least):
            return value
        self.problem(key, f"{key} must be a whole number from {least}, not {described(value)}")
        return None

    def span(self, key: str, example: str) -> timedelta | None:
        """A length of time: `3 days`, `1h`, `15 minutes`."""
        value = self.values.get(key)
        if value is None:
            return None
        span = read_span(value)
        if span is None:
            self.problem(
                key, f"{key} must be a length of time, not {described(value)}", write=f"write {key}: {example}"
            )
        return span

    def days(self, key: str) -> int | None:
        """A number of whole days: `3 days`."""
        span = self.span(key, "3 days")
        if span is None or span % timedelta(days=1) == timedelta(0):
            return span.days if span is not None else None
        self.problem(key, f"{key} must be whole days, not {described(self.values[key])}", write=f"write {key}: 3 days")
        return None

    def share(self, key: str) -> float | None:
        """A percentage, as a number from 0 to 1."""
        value = self.values.get(key)
        if value is None:
            return None
        share = read_share(value)
        if share is None:
            what = f"{key} must be a percentage from 0% to 100%, not {described(value)}"
            self.problem(key, what, write=f"write {key}: 1%")
        return share

    def zone(self, key: str) -> ZoneInfo | None:
        """A time zone, by its name in the list of zones."""
        name = self.text(key, f"{key}: Asia/Tokyo")
        if name is None:
            return None
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.problem(key, f'"{name}" is not a time zone', write=f"write {key}: Asia/Tokyo")
            return None

    def inner(self, key: str, example: str) -> Fields | None:
        """The mapping under a key."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, dict):
            return Fields(self.document, self.problems, *self.way, key)
        self.problem(key, f"{key} must have keys of its own, not be {described(value)}", write=f"write {example}")
        return None


def read_span(value: object) -> timedelta | None:
    """`3 days`, `1h`; None when it is not a length of time above zero."""
    found = _SPAN.match(value.strip()) if isinstance(value, str) else None
    seconds = int(found[1]) * _UNITS[found[2]] if found and len(found[1]) < 7 else 0
    return timedelta(seconds=seconds) if seconds else None


def read_share(value: object) -> float | None:
    """`50%` as 0.5; a bare 0 is allowed, since nothing else can be meant by it."""
    if value == 0 and not isinstance(value, bool):
        return 0.0
    found = _PERCENT.match(value.strip()) if isinstance(value, str) else None
    share = float(Decimal(found[1]) / 100) if found else -1.0
    return share if 0 <= share <= 1 else None


def percent(share: float) -> str:
    """A share as it is declared.

    >>> percent(0.995), percent(1.0), percent(0)
    ('99.5%', '100%', '0%')
    """
    return f"{share * 100:.6g}%"


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a person would list them; of very many only the first.

    >>> listed(["a", "b", "c"], "or")
    'a, b or c'
    """
    items = list(words)
    if len(items) > _MOST_LISTED:
        items = [*items[: _MOST_LISTED - 1], f"{len(items) - _MOST_LISTED + 1} more"]
    return f"{', '.join(items[:-1])} {last} {items[-1]}" if len(items) > 1 else "".join(items)


def described(value: object) -> str:
    """A value of the wrong kind, for a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "a mapping"
    return f'"{value}"' if isinstance(value, str) else str(value)
