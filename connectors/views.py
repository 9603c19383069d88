"""Views where other tools read them: `CREATE OR REPLACE VIEW`, again when what they say or read has changed.

A laptop needs none of this: there a view is its own query. Somebody's change by hand is undone, and told.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from connectors.catalogs.stored import readable
from connectors.lake import Lake
from transforms.analysis import Compiled
from transforms.errors import OutsideError, UsageError
from transforms.names import TableName

CHANGED = "it had been changed by hand, and is again as its file says"


@runtime_checkable
class ViewCatalog(Protocol):
    """A catalog in which views stand, too."""

    def place(self, name: TableName) -> object:
        """Where a view stands, for a person."""

    @property
    def borrows(self) -> bool:
        """Whether it reads from shared tables what it has not itself."""

    def read_place(self, name: TableName) -> object:
        """Where a table or view is read."""

    def view_text(self, name: TableName) -> str | None:
        """What it says there, in the engine's own form; None where there is nothing of that name."""


@runtime_checkable
class ViewEngine(Protocol):
    """An engine that writes views."""

    def create_view(self, name: TableName, compiled: Compiled) -> None:
        """Makes or replaces a view over tables and views by their names. Raises Rejected, OutsideError."""


def deploy(lake: Lake, name: TableName) -> tuple[bool, tuple[str, ...]]:
    """Whether the view was written, and what a person should know. Raises UsageError before its inputs are built."""
    catalog, engine = lake.catalog, lake.engine
    assert isinstance(catalog, ViewCatalog)
    assert isinstance(engine, ViewEngine)
    lake.content.require(name)
    missing = [str(one) for one in sorted(lake.tables([name])) if lake.catalog.get(one) is None]
    if missing:
        raise UsageError(
            f"{name} reads {missing[0]}, which has no data yet; run `{lake.command(f'run +{name}')}` first"
        )
    if catalog.borrows:  # a shared view below would read shared tables, also where there is an own one
        for below in (one for one in lake.content.graph.inputs(name) if lake.content.kind(one) == "view"):
            deploy(lake, below)
    wanted, there, noted = _fingerprint(lake, name), catalog.view_text(name), _noted(lake, name)
    if there is not None and noted is None:
        raise OutsideError(
            f"cannot write the view {name}: there is {catalog.place(name)} already, which is not the platform's; "
            "give yours another name, or move that one away"
        )
    touched = noted is not None and there is not None and noted.written != _digest(there)
    if there is not None and noted is not None and noted.fingerprint == wanted and not touched:
        return False, ()
    lake.storage.note(_note(name), _Noted(wanted, "").json)  # ours from here on, should this be the end
    relation = lake.content.relations[name]
    engine.create_view(name, lake.compiled(relation.text, path=relation.path))
    lake.storage.note(_note(name), _Noted(wanted, _digest(catalog.view_text(name) or "")).json)
    return True, (CHANGED,) if touched and noted and noted.written else ()


@dataclass(frozen=True, slots=True)
class _Noted:
    """What a view was made of, and a digest of what the engine wrote; empty when that is not known."""

    fingerprint: str
    written: str

    @property
    def json(self) -> bytes:
        """As it is kept in the lake: Glue's own parameters of a view go with every change of it."""
        return json.dumps([self.fingerprint, self.written]).encode()


def _noted(lake: Lake, name: TableName) -> _Noted | None:
    content = lake.storage.noted(_note(name))
    with readable(_note(name)):
        return _Noted(*json.loads(content)) if content else None


def _note(name: TableName) -> str:
    return f"{name.database}/{name.table}/_view.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _fingerprint(lake: Lake, name: TableName) -> str:
    """Of its query, its columns, and the columns of all that it reads: engines keep their types in the view.

    And whose tables those are, where a person's own stand beside the shared ones.
    """
    content = lake.content
    analysis = content.analyses[name]
    read = {str(one.table): [f"{c.name} {c.type}" for c in content.columns(one.table)] for one in analysis.inputs}
    said = [analysis.fingerprint, [f"{c.name} {c.type} {c.description}" for c in analysis.columns], read]
    if isinstance(lake.catalog, ViewCatalog) and lake.catalog.borrows:
        said.append([str(lake.catalog.read_place(one.table)) for one in analysis.inputs])
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
