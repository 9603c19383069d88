"""Every error that the platform raises on purpose, and the exit code that it gives the command line.

BaikalError
├── UsageError          2  the command was called wrongly
├── ContentError        1  declarations or SQL are at fault; carries every problem at once
│   ├── Rejected        1  Athena would reject this SQL
│   └── Refused         1  valid on Athena, but it cannot be made to mean the same on DuckDB
├── DataError           1  the data is at fault
│   ├── CheckFailed     1  a check failed on the staged rows; the published table is as it was
│   ├── TooManyRejects  1  more rows could not be held than `rejects:` allows
│   └── SchemaChanged   1  a source changed a column's type
├── Conflict            3  another run published this table first; running again is safe
└── OutsideError        3  an outside system (database, disk, network) failed
    └── Stopped         3  a limit or a person stopped it: to try again would end, and cost, the same
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import ClassVar, Literal

_FAR, _NEAR = 0.6, 0.65
"""How alike two words are, from 0 to 1, when one may be the other misspelt: one letter of three may be wrong.

A little less alike are a word and its beginning."""
_QUOTED = re.compile(r"""'.*'|".*\"""", re.S)
Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in a declaration: where, what is wrong, what is allowed, the line to write.

    `path` is relative to the content's home; None for SQL that came from the command line.
    `line` and `column` count from 1; 0 means that the place is not known.
    """

    path: str | None
    line: int
    column: int
    what: str
    allowed: str = ""
    write: str = ""
    severity: Severity = "error"

    @property
    def without_values(self) -> Problem:
        """The same without what an engine tells of a row's values: quoted, or behind a colon."""
        return replace(self, what=without_quoted(self.what.partition(": ")[0]))

    def __str__(self) -> str:
        place = ":".join(str(part) for part in self.place[:3] if part)
        message = self.message if self.severity == "error" else f"warning: {self.message}"
        return f"{place}: {message}" if place else message

    @property
    def place(self) -> tuple[str, int, int, str]:
        """What problems are sorted by: file, line, column."""
        return (self.path or "", self.line, self.column, self.what)

    @property
    def message(self) -> str:
        """The sentence without the place."""
        return "; ".join(part for part in (self.what, self.allowed, self.write) if part)


class BaikalError(Exception):
    """The message is a sentence for the user; a traceback is never shown for it."""

    exit_code: ClassVar[int] = 1


class UsageError(BaikalError):
    """The command was called wrongly: an unknown table, target or option value."""

    exit_code = 2


class ContentError(BaikalError):
    """Declarations or SQL are at fault; all problems of all files at once, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place))
        super().__init__("\n".join(map(str, self.problems)))

    def within(self, path: str) -> ContentError:
        """The same, for a statement of this file: problems of another file keep theirs."""
        return type(self)(replace(problem, path=problem.path or path) for problem in self.problems)


class Rejected(ContentError):
    """Athena would reject this SQL, or it would fail there at run time."""


class Refused(ContentError):
    """Valid on Athena, but it cannot be made to mean the same on DuckDB; the problem says what to write instead."""


class DataError(BaikalError):
    """The data is at fault."""


class CheckFailed(DataError):
    """A check of severity error failed on the staged rows; the published table is as it was."""


class TooManyRejects(DataError):
    """More rows could not be held than `rejects:` allows; nothing was published."""


class SchemaChanged(DataError):
    """A source changed a column in a way that needs a person's decision; nothing was published."""


class Conflict(BaikalError):
    """Another run published this table first; nothing was changed, running again is safe."""

    exit_code = 3


class OutsideError(BaikalError):
    """An outside system failed: a database, the disk, the network."""

    exit_code = 3


class Stopped(OutsideError):
    """A limit or a person stopped it: to try again would end, and cost, the same."""


def without_quoted(said: str) -> str:
    """A sentence without what stands between its first and its last quotes.

    >>> without_quoted("Cannot cast 'taro's 1' to INT")
    "Cannot cast '..' to INT"
    """
    return _QUOTED.sub("'..'", said)


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """`did you mean "x"?` for the closest allowed word, or an empty string; letters in another order are closest.

    >>> did_you_mean("adz", ["ads", "content"])
    'did you mean "ads"?'
    >>> did_you_mean("dua", ["day", "dau"])
    'did you mean "dau"?'
    >>> did_you_mean("core_ads.refunds", ["core_ads.campaigns", "core_ads.accounts"])
    ''
    >>> did_you_mean("core_ads.dayli", ["core_ads", "core_ads.daily"])
    'did you mean "core_ads.daily"?'
    """
    close = get_close_matches(word, list(allowed), n=5, cutoff=_FAR)
    close.sort(key=lambda known: sorted(known) != sorted(word))
    near = next((known for known in close if _near(word, known)), None)
    return f'did you mean "{near}"?' if near else ""


def _near(word: str, known: str) -> bool:
    """Whether each part of a dotted name is near: to share the database makes two tables no more alike."""
    parts, others = word.split("."), known.split(".")
    if len(parts) != len(others):
        return _alike(word, known)
    return all(map(_alike, parts, others))


def _alike(word: str, known: str) -> bool:
    short, long = sorted((word, known), key=len)
    if sorted(short) == sorted(long):
        return True
    return (len(short) > 2 and long.startswith(short)) or bool(get_close_matches(word, [known], n=1, cutoff=_NEAR))
