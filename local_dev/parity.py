"""`baikal parity`: the same tables on DuckDB and on a real Trino, from the same Parquet, compared by value."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_selector, complete_target
from local_dev.console import Console, bad, faint, good, plural
from local_dev.days import DAY
from local_dev.selection import selected
from local_dev.trino import PORT
from transforms.errors import ContentError, UsageError
from transforms.names import TableName
from transforms.window import Window, asked_window

if TYPE_CHECKING:
    from connectors.lake import Lake
    from local_dev.parity_rows import Difference
    from local_dev.trino import Answer as TrinoAnswer
    from local_dev.trino_lake import TrinoLake
    from transforms.analysis import Compiled
    from transforms.snapshot import Snapshot


_WITH = "Compare what the target has published with what this one has."


@dataclass(frozen=True)
class Compared:
    """One table on both engines. `difference` tells the first one; `open_columns` do differ, rightly, and why."""

    table: TableName
    rows: int
    seconds: float
    difference: Mapping[str, Any] | None = None
    open_columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        """As `--json` gives it."""
        return {
            "table": str(self.table),
            "same": self.difference is None,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "difference": self.difference,
            "not_comparable": dict(self.open_columns),
        }


@command("parity")
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=complete_selector)
@click.option("--all", "all_", is_flag=True, help="Every table and view; what no SELECTOR means, too.")
@click.option("--start", type=DAY, metavar="DAY", help="The first day to compute; else every day that is published.")
@click.option("--end", type=DAY, metavar="DAY", help="The last day; today when it is left out.")
@click.option("--with", "other", metavar="TARGET", shell_complete=complete_target, help=_WITH)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Where Trino answers on 127.0.0.1.",
)
def parity(
    call: Call,
    selectors: tuple[str, ...],
    all_: bool,
    start: date | None,
    end: date | None,
    other: str | None,
    port: int,
) -> Answer:
    """Compute tables and views on DuckDB and on Trino and compare every value.

    Both read the same published Parquet; nothing is built or published. Needs the server that `make trino` starts.
    With --with, compare what two targets have published instead; of doubles that were added up in the order of rows
    (by lineage: sum and avg of doubles, variances, correlations), 9 digits count.
    """
    if all_ and selectors:
        raise UsageError(f"--all leaves nothing to select; leave it out, or {' '.join(selectors)}")
    lake = call.lake
    if other is not None:
        return _of_targets(call, other, selected(lake.content, selectors))
    from local_dev.trino_lake import trino_lake

    asked = asked_window(start, end, lake.today(), option="--")
    chosen = selected(lake.content, selectors)
    names = [name for name in lake.content.names if name in chosen and name in lake.content.relations]
    if not names:
        raise UsageError("only raw tables are selected, which nothing computes; select a table or a view")
    lake.content.require(*names)
    pins = {name: lake.catalog.get(name) for name in lake.tables(names) | _inputs(lake, names)}
    with trino_lake(lake, port) as trino, call.console.progress("comparing", len(names)) as progress:
        found = []
        for name in names:
            progress.started(str(name))
            try:
                compared = _compare(lake, trino, name, pins, asked)
            except ContentError as error:
                raise error.within(lake.content.relations[name].path) from error
            found.append(compared)
            progress.finished(str(name), _line(compared))
    return _answer(call.console, found)


def _of_targets(call: Call, other: str, names: set[TableName]) -> Answer:
    from connectors.lake import open_lake
    from local_dev.parity_targets import compare_targets

    if other == call.lake.target.name:
        raise UsageError(f"--with {other} compares {other} with itself; name another target, or --target")
    found = []
    with closing(open_lake(other, home=call.home)) as there, call.console.progress("comparing", len(names)) as progress:
        for compared in compare_targets(call.lake, there, call.content.graph.sort(names)):
            found.append(compared)
            progress.finished(str(compared.table), _line(compared))
    return _answer(call.console, found)


def _inputs(lake: Lake, names: Sequence[TableName]) -> set[TableName]:
    return lake.tables({table.table for name in names for table in lake.content.analyses[name].inputs})


def _compare(
    lake: Lake,
    trino: TrinoLake,
    name: TableName,
    pins: Mapping[TableName, Snapshot | None],
    asked: Window | None,
) -> Compared:
    from local_dev.parity_rows import first_difference
    from local_dev.rows_output import lists
    from transforms.compile import compile_sql
    from transforms.dialect.trino_text import trino_text

    began = time.monotonic()
    relation, schema = lake.content.relations[name], lake.content.schema
    window = asked or _published(lake, name, pins) if lake.content.analyses[name].windowed else None
    compiled = compile_sql(relation.text, schema, window=window, path=relation.path)
    lake.attach(lake.engine, compiled.inputs, pins)
    ours = list(lists(compiled, lake.engine.query(compiled)))
    trino.attach(compiled.inputs, pins)
    theirs = trino.ask(trino_text(compiled.athena, schema))
    open_columns: Mapping[str, str] = {}
    difference = _other_types(compiled, theirs)
    if difference is None:
        columns, key = [column.name.lower() for column in compiled.columns], key_of(lake, name)
        found = first_difference(columns, key, ours, theirs.rows)
        if found is not None and (open_columns := _open_columns(lake, name)):
            found = first_difference(columns, key, ours, theirs.rows, open_columns)
        difference = _told(found, compiled, relation.text) if found is not None else None
    return Compared(name, len(ours), time.monotonic() - began, difference, open_columns)


def _other_types(compiled: Compiled, theirs: TrinoAnswer) -> dict[str, Any] | None:
    """What keeps the rows from being compared: Trino's error, or the first column of another type."""
    from local_dev.column_document import type_name
    from transforms.lake_types import Type

    if theirs.error is not None:
        return {"trino": theirs.error}
    for column, (_, kind) in zip(compiled.columns, theirs.columns, strict=True):
        here, there = type_name(column.type), type_name(Type.parse(kind))
        if here != there:
            return {"column": column.name.lower(), "type": {"laptop": here, "trino": there}}
    return None


def _told(found: Difference, compiled: Compiled, text: str) -> dict[str, Any]:
    """The difference without personal values, beside what the author wrote for the column."""
    hidden = {column.name.lower() for column in compiled.columns if column.personal}
    return {
        "column": found.column or None,
        "key": _without(found.key, hidden),
        "laptop": shown(found.laptop, found.column, hidden),
        "trino": shown(found.trino, found.column, hidden),
        "expression": _expression(text, compiled, found.column),
    }


def _published(lake: Lake, name: TableName, pins: Mapping[TableName, Snapshot | None]) -> Window:
    """All days that the table has; for one that was never built, those that its inputs have."""
    own = lake.catalog.get(name) if lake.content.kind(name) == "table" else None
    snapshots = [own] if own is not None and own.days else [pins.get(table) for table in _inputs(lake, [name])]
    days: set[date] = {day for snapshot in snapshots if snapshot is not None for day in snapshot.days}
    return Window(min(days), max(days)) if days else Window(lake.today(), lake.today())


def _open_columns(lake: Lake, name: TableName) -> dict[str, str]:
    """Columns that may rightly differ: tables are read as they were published, views computed on both engines."""
    from transforms.analyzer.unfixed import unfixed_columns

    views = [each.table for each in lake.content.analyses[name].inputs if lake.content.kind(each.table) == "view"]
    given = {column for view in views for column in _open_columns(lake, view)}
    return unfixed_columns(lake.content.relations[name].text, given)


def key_of(lake: Lake, name: TableName) -> Sequence[str]:
    """What identifies a row, as far as anybody says it."""
    if name in lake.content.raw:
        return lake.content.raw[name][1].key
    relation = lake.content.relations[name]
    if relation.key:
        return relation.key
    for check in relation.checks:
        if check.kind == "unique":
            return [check.arguments] if isinstance(check.arguments, str) else list(check.arguments)
    unique = lake.content.analyses[name].unique
    return min(unique, key=len) if unique else ()


def _expression(text: str, compiled: Compiled, column: str) -> str | None:
    """What the author wrote for the column; None for a row that is on one side only, and behind a star."""
    from transforms.analyzer.analyze import first_select
    from transforms.analyzer.syntax import parse

    select = first_select(parse(text))
    items = select.expressions if select is not None else []
    names = [each.name.lower() for each in compiled.columns]
    if column not in names or len(items) != len(names):
        return None
    item = items[names.index(column)]
    item.pop_comments()
    return str(item.sql("athena", comments=False))


def _without(key: Mapping[str, Any], hidden: set[str]) -> dict[str, Any]:
    return {name: "(personal)" if name in hidden else value for name, value in key.items()}


def shown(value: Any, column: str, hidden: set[str]) -> Any:
    """A value, or a row by its columns, without what is personal."""
    if isinstance(value, dict) and not column:
        return _without(value, hidden)
    return "(personal)" if column in hidden else value


def _line(compared: Compared) -> str:
    open_ = ", ".join(f"{name} ({why})" for name, why in compared.open_columns.items())
    aside = f"; not comparable: {open_}" if open_ else ""
    told = f"{compared.table}: {plural(compared.rows, 'row')} in {compared.seconds:.1f} s{aside}"
    return f"{good('same')} {told}" if compared.difference is None else f"{bad('different')} {told}"


def _answer(console: Console, found: Sequence[Compared]) -> Answer:
    different = [compared for compared in found if compared.difference is not None]
    for compared in different:
        console.show(f"{bad(str(compared.table))}")
        for what, value in (compared.difference or {}).items():
            console.show(f"  {faint(what)}  {value}")
    told = f"{plural(len(found) - len(different), 'table')} the same, {len(different)} different"
    console.show((bad if different else good)(told))
    document = {
        "tables": [compared.document for compared in found],
        "same": len(found) - len(different),
        "different": len(different),
    }
    return Answer(document, 1 if different else 0)
