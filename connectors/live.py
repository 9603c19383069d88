"""What a live system says of itself: its tables and columns, in one form for every kind that can be asked.

Holds no library, and never decides what is written of it: `connectors/introspect.py` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal, Protocol

from transforms.lake_types import Type
from transforms.source import Source

MODULES: Mapping[str, str] = {
    "postgres": "connectors.readers.postgres_live",
    "mysql": "connectors.readers.mysql_live",
    "sqlite": "connectors.readers.sqlite_live",
    "duckdb": "connectors.readers.duckdb_live",
    "rest": "connectors.readers.rest_live",
}
"""The kinds that can be asked, and whose `live(source, address)` asks; an API's takes keys too."""
KINDS = tuple(MODULES)
Sort = Literal["table", "view"]
Secret = Callable[[str, int], str]
"""What is held under a name, for a line of the source."""


def no_secret(name: str, line: int) -> str:
    """Of systems whose address says everything."""
    raise AssertionError(f"{name} is asked for on line {line}")


@dataclass(frozen=True)
class LiveColumn:
    """`name` and `written` (the type) are as in the source; `type` is the lake's, when nobody declares another one.

    `takes` says whether values may be landed as a declared type: all of them fit, or those that do not are rejects.
    `finer`: values may have digits under a millisecond. `note` is what a person should know before it is declared.
    `samples` are some values of a column of texts: they are looked at, and never shown.
    """

    name: str
    type: Type
    written: str
    takes: Callable[[Type], bool] = field(compare=False, repr=False)
    comment: str = ""
    finer: bool = False
    note: str = ""
    samples: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class LiveTable:
    """`name` is as a table's `table:` names it. `rows` is about how many there are; `key` is the primary key.

    `words` say how it is read, where that is not for rows, key and columns to decide.
    """

    name: str
    columns: tuple[LiveColumn, ...]
    key: tuple[str, ...] = ()
    rows: int = 0
    comment: str = ""
    sort: Sort = "table"
    words: tuple[str, ...] = ()


class Live(Protocol):
    """One look at a system, at one moment where the system can do that."""

    def tables(self) -> Mapping[str, Sort]:
        """The name of every table and view that may be read."""

    def table(self, name: str) -> LiveTable:
        """One of them, described; without any column when there is none of that name."""

    def close(self) -> None:
        """Lets go of the system; may be called more than once."""


def live(source: Source, address: str, secret: Secret = no_secret) -> Live:
    """Asks a system of the source's kind, one of KINDS. Raises OutsideError when it cannot be reached."""
    module = import_module(MODULES[source.kind])
    keys = (secret,) if source.shape == "api" else ()
    found: Live = module.live(source, address, *keys)
    return found
