"""The `path:` of a table of files: which names it means, the day of each, and from which name on newer ones stand.

Pure text; whoever lists files asks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal

_DAY = r"\d{4}(?:-?\d{2}-?\d{2}|/\d{2}/\d{2})"
_PIECES = {"{day}": _DAY, "**/": r"(?:.*/)?", "*": r"[^/]*", "?": r"[^/]"}
_PIECE = re.compile(r"\{day\}|\*\*/|\*|\?")
_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
"""In the order of their letters: from the first of them on stand all days that are not older, however written."""


@dataclass(frozen=True)
class FilePath:
    """A pattern with slashes: `*` and `?` mean letters of one folder, `**/` any folders, `{day}` a date.

    A date is `2024-05-01`, `20240501` or `2024/05/01`.
    """

    text: str

    def meaning(self, name: str) -> date | Literal[False] | None:
        """The day of the file that the path names, None where it has no day; False for a file that it does not name.

        >>> path = FilePath("dt={day}/*.csv")
        >>> [path.meaning(name) for name in ("dt=2024-05-01/a.csv", "dt=2024/05/01/a.csv", "dt=2024-05-01/a.txt")]
        [datetime.date(2024, 5, 1), datetime.date(2024, 5, 1), False]
        """
        found = self._regex.match(name)
        if found is None:
            return False
        return (_date(found["day"]) or False) if self.has_day else None

    def day_of(self, name: str) -> date | None:
        """The day of a file, or of a member of a zip file.

        >>> FilePath("{day}/*.zip").day_of("2024-05-01/a.zip/inner/b.csv")
        datetime.date(2024, 5, 1)
        """
        while name:
            if day := self.meaning(name):
                return day
            name = name.rpartition("/")[0]
        return None

    @property
    def has_day(self) -> bool:
        """Whether files have a day."""
        return "{day}" in self.text

    @cached_property
    def literal(self) -> str:
        """What every name begins with."""
        return literal(self.text)

    @cached_property
    def above_day(self) -> tuple[str, str] | None:
        """The folders above the one whose name begins with the day, as a pattern, and what stands before the day.

        None when there is no day, or the names of one day do not stand together.

        >>> FilePath("AWSLogs/*/elb/{day}/*.gz").above_day, FilePath("log-{day}-*.gz").above_day
        (('AWSLogs/*/elb/', ''), ('', 'log-'))
        >>> FilePath("**/{day}.csv").above_day
        """
        before, day, _ = self.text.partition("{day}")
        folders, slash, lead = before.rpartition("/")
        return (folders + slash, lead) if day and "**" not in folders and literal(lead) == lead else None

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return _dated(self.text)

    def written(self, day: date, names: Iterable[str]) -> str:
        """A day as these names have it; of names in several forms, or of none, as the first in order has it."""
        forms = {_form(found["day"]) for name in names if (found := self._regex.match(name)) and self.has_day}
        return day.strftime(min(forms, key=_FORMS.index) if forms else _FORMS[0])


def literal(pattern: str) -> str:
    """The pattern up to what stands for something."""
    return _PIECE.split(pattern, maxsplit=1)[0]


@lru_cache(maxsize=128)
def matcher(pattern: str) -> re.Pattern[str]:
    """Names that the pattern means, whole."""
    return re.compile("".join(_regex(pattern)) + r"\Z")


@lru_cache(maxsize=32)
def _dated(pattern: str) -> re.Pattern[str]:
    """The same with the first day as a group."""
    return re.compile("".join(_regex(pattern)).replace(_DAY, f"(?P<day>{_DAY})", 1) + r"\Z")


def _regex(pattern: str) -> Iterator[str]:
    start = 0
    for piece in _PIECE.finditer(pattern):
        yield re.escape(pattern[start : piece.start()])
        yield _PIECES[piece[0]]
        start = piece.end()
    yield re.escape(pattern[start:])


def _form(text: str) -> str:
    return next(form for form, sign in zip(_FORMS, ("-", "/", ""), strict=True) if sign in text)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
