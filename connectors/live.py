"""What a live system says of itself: its tables and columns, in one form for every kind that can be asked.

Holds no library, and never decides what is written of it: `connectors/introspect.py` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol

from transforms.lake_types import Type
from transforms.source import SHAPES, Mode, Source, SourceTable

if TYPE_CHECKING:
    from connectors.storage import Storage

MODULES: Mapping[str, str] = {
    "postgres": "connectors.readers.postgres.live",
    "mysql": "connectors.readers.mysql.live",
    "sqlite": "connectors.readers.sqlite.live",
    "duckdb": "connectors.readers.duckdb.live",
    "rest": "connectors.readers.rest.live",
    "sheets": "connectors.readers.sheets.live",
    **{kind: "connectors.readers.files.live" for kind, shape in SHAPES.items() if shape == "files"},
}
"""The kinds that can be asked, and whose `live(source, access)` asks."""
KINDS = tuple(MODULES)
Sort = Literal["table", "view"]
Secret = Callable[[str, int], str]
"""What is held under a name, for a line of the source."""


def _no_secret(name: str, line: int) -> str:
    """Of systems whose address says everything."""
    raise AssertionError(f"{name} is asked for on line {line}")


@dataclass(frozen=True)
class Access:
    """Where a system is, and what opens it: the lake's storage for its credentials, and what is held under a name.

    `now` is the company's clock, with its zone.
    """

    address: str
    storage: Storage | None = None
    secret: Secret = _no_secret
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class LiveColumn:
    """`name` and `written` (the type) are as in the source; `type` is the lake's, when nobody declares another one.

    `takes` says whether values may be landed as a declared type: all of them fit, or those that do not are rejects.
    `finer`: values may have digits under a millisecond. `zeros`: some are 0000-00-00, which is no day. `note` is what a
    person should know before it is declared. `personal`: its kind of source knows that it is. `samples` are some values
    of a column of texts: they are looked at, and never shown.
    """

    name: str
    type: Type
    written: str
    takes: Callable[[Type], bool] = field(compare=False, repr=False)
    comment: str = ""
    finer: bool = False
    note: str = ""
    samples: tuple[str, ...] = field(default=(), compare=False, repr=False)
    personal: bool = False
    zeros: bool = False


@dataclass(frozen=True)
class LiveTable:
    """`name` is as `original` names a declared one. `rows` is about how many there are; `key` is the primary key.

    `short` is what it may be called in the lake, where that is not its name. `words` say how it is read, where that is
    not for rows, key and columns to decide; with a `mode` that its kind of source has for it, they say the rest.
    `notes` are what a person should know of it, and `told` is for the screen. `untold`: why nothing is known of its
    columns, which may be there.
    """

    name: str
    columns: tuple[LiveColumn, ...]
    key: tuple[str, ...] = ()
    rows: int = 0
    comment: str = ""
    sort: Sort = "table"
    words: tuple[str, ...] = ()
    short: str = ""
    mode: Mode | None = None
    notes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    untold: str = ""


class Live(Protocol):
    """One look at a system, at one moment where the system can do that."""

    def tables(self) -> Mapping[str, Sort]:
        """The name of every table and view that may be read."""

    def table(self, name: str) -> LiveTable:
        """One of them, described; without any column when there is none of that name."""

    def close(self) -> None:
        """Lets go of the system; may be called more than once."""


def original(source: Source, table: SourceTable) -> str:
    """What a declared table is called in its system: of files by `path:`, and `sheet:` behind it."""
    options = table.options
    if source.shape == "files":
        return "#".join(str(options[word]) for word in ("path", "sheet") if word in options)
    named = (options[word] for word in ("table", "object", "sheet") if word in options)
    return str(next(named, table.name.table))


def live(source: Source, access: Access) -> Live:
    """Asks a system of the source's kind, one of KINDS. Raises OutsideError when it cannot be reached."""
    found: Live = import_module(MODULES[source.kind]).live(source, access)
    return found
