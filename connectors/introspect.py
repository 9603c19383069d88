"""Writes a source's YAML and schema from a live PostgreSQL: types, comments, keys, a plausible cursor.

Proposes and never writes a file: a person reads the text, and marks more columns as personal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.lake_names import lake_name, lake_names, yaml_text
from connectors.readers.postgres_transaction import Transaction
from connectors.readers.postgres_types import SourceColumn, quoted_table
from transforms.errors import OutsideError, UsageError, did_you_mean
from transforms.lake_types import INTEGERS
from transforms.source import DAY, Source

SMALL_ROWS = 100_000
"""Tables up to this size are read whole each time: a snapshot also sees deleted rows."""
_CHANGED = ("updated_at", "modified_at", "changed_at", "last_modified", "update_time", "updated_on", "updated")
_CREATED = ("created_at", "inserted_at", "occurred_at", "booked_at", "create_time", "created_on", "created")
_PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|tel|mobile|fax|name|first_?name|last_?name|full_?name|kana|address|street|zip|postal|postcode"
    r"|birth\w*|dob|age|gender|sex|ip|ip_addr\w*|passport|ssn|my_?number|iban|account_?number|card_?number|password\w*"
    r"|secret|token|device_id|idfa|gaid|lat|lon|lng|latitude|longitude|salary|religion|contact|user_agent)($|_)"
)
_NOT_PERSONAL = re.compile(r"(file|host|table|column|event|campaign|product|plan|page|type|tag|class|display)_?name$")
_TABLES = """
select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end,
  greatest(c.reltuples, 0)::bigint, coalesce(obj_description(c.oid, 'pg_class'), ''), c.relkind = 'v'
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'v') and not c.relispartition and n.nspname not like 'pg\\_%'
  and n.nspname <> 'information_schema' and has_table_privilege(c.oid, 'select') order by 1"""


@dataclass(frozen=True)
class Proposal:
    """The text of `<name>.yaml` and of `<name>.schema.yaml`. `views` of the database are in them only when named."""

    source: str
    schema: str
    views: tuple[str, ...]


@dataclass(frozen=True)
class _Table:
    """`columns` have their names in the lake, `renamed` maps names in the database to those that differ."""

    name: str
    original: str
    rows: int
    columns: tuple[SourceColumn, ...]
    key: tuple[str, ...]
    comment: str
    renamed: Mapping[str, str]


def introspect(
    address: str, name: str, *, owner: str, connection: str, description: str = "", tables: Sequence[str] = ()
) -> Proposal:
    """All tables, or the tables and views that are named as `table` or `schema.table`.

    Raises OutsideError when the database cannot be reached, UsageError for a table that is not there.
    """
    source = Source(name, f"connectors/sources/{name}.yaml", "postgres", owner, description, name, ())
    try:
        described, views = _read(source, address, tables)
    except OutsideError as error:  # no file is there yet whose fault it could be
        raise OutsideError(" ".join(str(error).removeprefix(f"{source.path}: ").split())) from None
    told = description or f"Tables of the database {name}."
    return Proposal(*_texts(connection, owner, told, [table for table in described if table.columns]), views)


def _read(source: Source, address: str, tables: Sequence[str]) -> tuple[list[_Table], tuple[str, ...]]:
    """The tables, and the views that are left out."""
    database = Transaction(source, address)
    try:
        rows = list(database.rows(_TABLES))
        found = {str(row[0]): (int(row[1]), str(row[2])) for row in rows}
        views = tuple(str(row[0]) for row in rows if row[3] and str(row[0]) not in tables)
        for wanted in tables:
            if wanted not in found:
                hint = did_you_mean(wanted, found) or f"tables are {', '.join(found) or 'none'}"
                raise UsageError(f"{source.name} has no table {wanted}; {hint}")
        chosen = list(tables) or [table for table in found if table not in views]
        names = _table_names(chosen)
        return [_described(database, table, names[table], *found[table]) for table in chosen], views
    finally:
        database.close()


def looks_personal(column: str) -> bool:
    """Whether a column's name suggests that it tells something about a person.

    >>> looks_personal("contact_email"), looks_personal("campaign_name"), looks_personal("amount_jpy")
    (True, False, False)
    """
    return bool(_PERSONAL.search(column)) and not _NOT_PERSONAL.search(column)


def _table_names(tables: Sequence[str]) -> dict[str, str]:
    """The names in the lake: without the schema, unless another schema has a table of that name."""
    short = {table: table.rpartition(".")[2] for table in tables}
    shared = Counter(map(lake_name, short.values()))
    wanted = {table: name if shared[lake_name(name)] == 1 else table for table, name in short.items()}
    names = lake_names(wanted.values())
    return {table: names[name] for table, name in wanted.items()}


def _described(database: Transaction, table: str, name: str, rows: int, comment: str) -> _Table:
    columns = database.columns(table)
    renamed = {name: own for name, own in lake_names(column.name for column in columns).items() if name != own}
    primary, _ = database.unique_keys(table, renamed)
    if not rows:
        bounded = f"select count(*) from (select 1 from {quoted_table(table)} limit {SMALL_ROWS + 1}) t"
        rows = int(database.rows(bounded)[0][0])
    named = tuple(replace(column, name=renamed.get(column.name, column.name)) for column in columns)
    return _Table(name, table, rows, named, primary, comment, renamed)


def _texts(connection: str, owner: str, description: str, tables: Sequence[_Table]) -> tuple[str, str]:
    lines = [
        "kind: postgres",
        f"owner: {yaml_text(owner)}",
        f"description: {yaml_text(description)}",
        f"connection: {yaml_text(connection)}",
        "every: 1d",
    ]
    if any(_finer(column) for table in tables for column in table.columns):
        lines.append("timestamps: truncate  # the database has microseconds, the lake milliseconds")
    lines.append("tables:")
    schema = []
    for table in tables:
        lines += [f"  # {' '.join(note.split())}" for note in _notes(table)]
        lines.append(f"  {table.name}: {_mode(table)}")
        schema.append(f"{table.name}:")
        schema += [_column(column) for column in table.columns]
    return "\n".join(lines) + "\n", "\n".join(schema) + "\n"


def _mode(table: _Table) -> str:
    words = [f"description: {yaml_text(' '.join(table.comment.split()))}"] if table.comment.strip() else []
    words += [f"table: {yaml_text(table.original)}"] if table.original != table.name else []
    if table.renamed:
        words.append(f"columns: {{{', '.join(f'{yaml_text(old)}: {new}' for old, new in table.renamed.items())}}}")
    cursor = _first(table, _CHANGED, ("timestamp",))
    if table.rows > SMALL_ROWS and table.key and cursor:
        day = _day(table)
        key = table.key[0] if len(table.key) == 1 else f"[{', '.join(table.key)}]"
        words = ["mode: upsert", f"key: {key}", f"cursor: {cursor}", *([f"day: {day}"] if day else []), *words]
    elif table.rows > SMALL_ROWS and (created := _append_cursor(table)):
        day = _day(table)
        words = ["mode: append", f"cursor: {created}", *([f"day: {day}"] if day else []), *words]
    elif words:
        words = ["mode: snapshot", *words]
    return "{" + ", ".join(words) + "}" if words else "snapshot"


def _day(table: _Table) -> str | None:
    """A column named day would stand in the way of the one that splits the table."""
    taken = any(column.name == DAY for column in table.columns)
    return None if taken else _first(table, _CREATED, ("timestamp", "date"))


def _append_cursor(table: _Table) -> str | None:
    if len(table.key) == 1:
        only = next(column for column in table.columns if column.name == table.key[0])
        if only.lake_type.name in INTEGERS:
            return only.name
    return _first(table, _CREATED, ("timestamp",))


def _first(table: _Table, names: Iterable[str], types: Sequence[str]) -> str | None:
    known = {column.name for column in table.columns if column.lake_type.name in types}
    return next((name for name in names if name in known), None)


def _column(column: SourceColumn) -> str:
    words = [f"type: {yaml_text(column.lake_type.hive)}"]
    if column.comment:
        words.append(f"description: {yaml_text(' '.join(column.comment.split()))}")
    if looks_personal(column.name):
        words.append("personal: true")
    return f"  {yaml_text(column.name)}: {{{', '.join(words)}}}"


def _notes(table: _Table) -> list[str]:
    notes = []
    for column in table.columns:
        if column.type == "numeric" and column.modifier < 0:
            notes.append(
                f"{column.name} is numeric without precision: {column.lake_type.hive} is a guess; "
                "rows with more digits become rejects"
            )
    if table.rows > SMALL_ROWS and _mode(table).startswith(("snapshot", "{mode: snapshot")):
        notes.append(f"about {table.rows:,} rows and no cursor: it is read whole each time")
    return notes


def _finer(column: SourceColumn) -> bool:
    """Whether values may have digits under a millisecond."""
    return column.type in ("timestamp", "timestamptz") and (column.modifier < 0 or column.modifier > 3)
