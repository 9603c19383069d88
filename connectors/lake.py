"""Opens a target: the content, where tables are found, who runs SQL, and what time it is for the company.

Attaches to an engine what a query reads, at pinned versions. Decides nothing about what is built.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from connectors.catalog import STAGING, Catalog
from connectors.catalogs.manifest import ManifestCatalog
from connectors.compile_cache import CompileCache
from connectors.content import open_content
from connectors.engine import Engine
from connectors.home import home_folder, lake_folder
from connectors.storage import Folder, Storage
from transforms.analysis import Compiled
from transforms.column import Column
from transforms.content import Content
from transforms.errors import ContentError, Rejected, SchemaChanged, Stopped, UsageError, did_you_mean
from transforms.names import TableName
from transforms.query_stats import QueryStats
from transforms.snapshot import Snapshot
from transforms.target import DEFAULT_TARGET, TARGETS_FILE, Target
from transforms.widening import loses
from transforms.window import Window

if TYPE_CHECKING:
    import pyarrow as pa

TEMPORARY = "_tmp"
"""Where engines spill to, in the lake's folder; a folder per process, `duckdb-<process>-<random>`."""

Pins = Mapping[TableName, Snapshot | None]
"""Which version of each table a build reads; None is a table that was never published."""


@dataclass(frozen=True)
class Lake:
    """A target, opened. Safe to use from several threads at once. `threads` are those of a statement; else all."""

    content: Content
    target: Target
    storage: Storage
    catalog: Catalog
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    threads: int | None = None
    _opening: Lock = field(default_factory=Lock, repr=False, compare=False)
    _stopped: Event = field(default_factory=Event, repr=False, compare=False)
    _stops: list[Callable[[], None]] = field(default_factory=list, repr=False, compare=False)

    @property
    def root(self) -> Path:
        """The lake's folder on this machine."""
        return self.storage.root

    @property
    def engine(self) -> Engine:
        """The engine of the target; imported and started on first use."""
        with self._opening:
            return self._engine

    @cached_property
    def _engine(self) -> Engine:
        if self.target.aws is not None:
            from connectors.aws.place import engine_at

            return engine_at(self.storage, self.catalog, self.target.aws, self.content.owners)
        if self.target.trino is not None:
            from connectors.trino.place import engine_at as trino_at

            return trino_at(self.catalog, self.content.owners)
        from connectors.engines.duckdb import DuckdbEngine  # half a second that a run without work does not pay

        spill = self.root / TEMPORARY / f"duckdb-{os.getpid()}-{secrets.token_hex(4)}"
        with suppress(OSError):  # without it a lake can be read, as long as memory suffices
            spill.parent.mkdir(parents=True, exist_ok=True)
        return DuckdbEngine(self.root, spill, self.target.memory_limit, self.threads)

    @cached_property
    def _compile_cache(self) -> CompileCache:
        return CompileCache(self.content.home, self.content.schema)

    def borrows(self, name: TableName) -> bool:
        """Whether the table is only read here: it is a shared one, beside those of the person whose lake this is."""
        return self.may_borrow and self.catalog.own(name) is None and self.catalog.get(name) is not None

    @property
    def may_borrow(self) -> bool:
        """Whether `get` may give a table that is not one of `own`."""
        return self.target.aws is not None and self.target.aws.own_tables

    @property
    def keeps_views(self) -> bool:
        """Whether views are written where other tools read them; on a laptop they are their own queries."""
        return self.target.aws is not None or self.target.trino is not None

    @property
    def queries(self) -> Sequence[QueryStats]:
        """The queries of this lake that have ended, with their cost; none on an engine that costs nothing."""
        return self._engine.ran if "_engine" in self.__dict__ else ()

    @property
    def stopped(self) -> Event:
        """Set once everything has been interrupted."""
        return self._stopped

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """While this is open, `interrupt` calls `stop`. Raises Stopped when everything has been interrupted."""
        self._stops.append(stop)
        try:
            if self._stopped.is_set():
                raise Stopped("stopped before it began")
            yield
        finally:
            self._stops.remove(stop)

    def interrupt(self) -> None:
        """Stop every running statement, and every reading of a source, from another thread."""
        self._stopped.set()
        for stop in tuple(self._stops):
            stop()
        if "_engine" in self.__dict__:
            self._engine.interrupt()

    def close(self) -> None:
        """End the engine, if one was started: left to the interpreter's own end, its parts go in any order."""
        if "_engine" in self.__dict__:
            self._engine.close()
        self.storage.close()

    def now(self) -> datetime:
        """The instant, in UTC."""
        return self.clock().astimezone(UTC)

    def today(self) -> date:
        """The company's calendar day."""
        return self.now().astimezone(self.target.timezone).date()

    def new_run(self) -> str:
        """A name for a run: later runs sort after earlier ones."""
        return f"{self.now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"

    def query(self, sql: str, window: Window | None = None) -> tuple[Compiled, pa.RecordBatchReader]:
        """The compiled query, and its rows as a stream; every table at its current version.

        A query that reads a table at fault is told that table's faults too.
        """
        from transforms.compile import broken_inputs, compile_sql

        try:
            compiled = compile_sql(sql, self.content.schema, window=window)
        except Rejected as error:
            faults = self.content.faults(*broken_inputs(sql, self.content.schema)) if self.content.errors else []
            raise Rejected([*error.problems, *faults]) from error
        self.prepare(compiled)
        return compiled, self.engine.query(compiled)

    def compiled(self, sql: str, window: Window | None = None, path: str | None = None) -> Compiled:
        """A query of the repository's own content for both engines, remembered between commands."""
        with self._opening:
            known = self._compile_cache
        return known.compiled(sql, window, path)

    def command(self, words: str) -> str:
        """The command line that does it on this target."""
        return f"baikal {words}" + (f" --target {self.target.name}" if self.target.name != DEFAULT_TARGET else "")

    def prepare(self, compiled: Compiled) -> None:
        """Attach every table and view that a compiled query reads. Raises UsageError for a table not built yet."""
        tables = self.tables(compiled.inputs)
        pins = {name: self.catalog.get(name) for name in tables}
        for name, snapshot in pins.items():
            if snapshot is None:
                todo = self.command(f"run source:{name.source}" if name.layer == "raw" else f"run +{name}")
                raise UsageError(f"{name} has no data yet; run `{todo}` first")
        self.attach(self.engine, compiled.inputs, pins)

    def attach(self, engine: Engine, names: Iterable[TableName], pins: Pins) -> None:
        """Attach tables at the pinned versions, and the views over them; a table that was never published is empty."""
        for name in names:
            if self.content.kind(name) == "view":
                compiled = self._view(name)
                self.attach(engine, compiled.inputs, pins)
                engine.attach_view(name, compiled)
                continue
            snapshot = pins.get(name)
            if snapshot is None:
                engine.attach_empty(name, self.content.columns(name))
            else:
                engine.attach([snapshot], {name: self._columns(snapshot)})

    def tables(self, names: Iterable[TableName]) -> set[TableName]:
        """The tables under these names, through views."""
        found: set[TableName] = set()
        for name in names:
            found |= self.tables(self._view(name).inputs) if self.content.kind(name) == "view" else {name}
        return found

    def _view(self, name: TableName) -> Compiled:
        if name not in self._views:
            self.content.require(name)
            relation = self.content.relations[name]
            self._views[name] = self.compiled(relation.text, path=relation.path)
        return self._views[name]

    @cached_property
    def _views(self) -> dict[TableName, Compiled]:
        return {}

    def _columns(self, snapshot: Snapshot) -> tuple[Column, ...]:
        """What queries are compiled against: the declared columns; a table that is declared no more keeps its own.

        Raises SchemaChanged where a raw table stands with digits that its declaration has no place for.
        """
        if snapshot.table not in self.content.schema:
            return snapshot.columns
        columns = self.content.columns(snapshot.table) or snapshot.columns
        if (known := self.content.raw.get(snapshot.table)) is not None:
            held = {column.name: column.type for column in snapshot.columns}
            for column in columns:
                if column.name in held and loses(column.type, held[column.name]):
                    stands = held[column.name].hive
                    raise SchemaChanged(
                        f"{snapshot.table}: {column.name} is {stands} in the lake, and declared as {column.type.hive}, "
                        f"which would cut digits; write `{column.name}: {stands}` under `{snapshot.table.table}:` "
                        f"in {known[0].schema_path}"
                    )
        return columns


def open_lake(
    target: str | None = None,
    *,
    home: Path | None = None,
    user: Callable[[], str | None] = lambda: None,
) -> Lake:
    """The lake that the environment names: BAIKAL_HOME, BAIKAL_LAKE, BAIKAL_TARGET. Raises UsageError.

    A protected target must be given. `user` is asked where a target gives each person tables of their own; None of them
    is the shared tables.
    """
    home = (home or home_folder()).absolute()
    content = open_content(home)
    name = target or os.environ.get("BAIKAL_TARGET") or DEFAULT_TARGET
    found = named_target(content, name)
    if found.protected and target is None:
        raise UsageError(f"{name} is protected, and BAIKAL_TARGET is easily forgotten; write --target {name}")
    if found.aws is not None:
        return production_lake(lake_folder(home) / TEMPORARY, content, name, user() if found.aws.own_tables else None)
    if found.trino is not None:
        return cluster_lake(home / found.trino.folder, content, name)
    return lake_at(lake_folder(home), content, name)


def named_target(content: Content, name: str) -> Target:
    """The target of that name, which is not opened. Raises UsageError; ContentError when the file is at fault."""
    if faults := [problem for problem in content.errors if problem.path == TARGETS_FILE]:
        raise ContentError(faults)
    if name not in content.targets:
        hint = did_you_mean(name, content.targets)
        known = ", ".join(sorted(content.targets))
        raise UsageError(f'no target is named "{name}"; targets are {known}' + (f"; {hint}" if hint else ""))
    return content.targets[name]


def production_lake(scratch: Path, content: Content, target: str, user: str | None = None) -> Lake:
    """The lake of a target on AWS, or a person's own part of it.

    What a process has of it on this machine lies in a folder of its own.
    """
    from connectors.aws.place import open_place  # botocore: half a second that a laptop does not pay

    found = content.targets[target]
    assert found.aws is not None
    scratch /= f"{target}-{os.getpid()}-{secrets.token_hex(4)}"
    told = content.owners, content.descriptions
    if user is None:
        return Lake(content, found, *open_place(found.aws, scratch, *told))
    _require_apart(content, user)
    own = found.aws.of(user)
    return Lake(content, replace(found, aws=own), *open_place(own, scratch, *told, found.aws))


def _require_apart(content: Content, user: str) -> None:
    """Raises UsageError when a person's databases could have the names of shared ones."""
    shared = {name.database for name in content.names} | {STAGING}
    if meant := sorted(database for database in shared if database.startswith(f"{user}_")):
        raise UsageError(
            f'"{user}" cannot be the name of a user, because {meant[0]} is a database; set BAIKAL_USER to another one'
        )


def cluster_lake(root: Path, content: Content, target: str) -> Lake:
    """The lake of a cluster, in a folder that both see. Raises UsageError as `lake_at`."""
    from connectors.trino.place import open_place  # its client: a quarter of a second that a laptop does not pay

    _require_folder(root)
    found = content.targets[target]
    assert found.trino is not None
    storage, catalog = open_place(found.trino, root, content.descriptions)
    return Lake(content, found, storage, catalog)


def lake_at(root: Path, content: Content, target: str = DEFAULT_TARGET) -> Lake:
    """The lake in a folder; the folder may not exist yet. Raises UsageError for a path that engines would misread."""
    _require_folder(root)
    return Lake(content, content.targets[target], Folder(root), ManifestCatalog(root))


def _require_folder(root: Path) -> None:
    if root.exists() and not root.is_dir():
        raise UsageError(f"the lake {root} is no folder; set BAIKAL_LAKE to one, which may not exist yet")
    if unfit := sorted(set(str(root)) & set("*?[]{}=")):
        raise UsageError(f"the lake's path {root} has {' '.join(unfit)} in it; set BAIKAL_LAKE to a path without")
