"""Writes a source's YAML and schema from a live system: types, comments, keys, a plausible cursor.

Proposes and never writes a file: a person reads the text, and marks more columns as personal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.lake_names import lake_name, lake_names, yaml_text
from connectors.live import Access, Live, LiveColumn, LiveTable, live
from transforms.errors import OutsideError, UsageError, did_you_mean
from transforms.fields import listed
from transforms.lake_types import INTEGERS, Type
from transforms.personal import holds_personal, looks_personal
from transforms.source import DAY, Source

SMALL_ROWS = 100_000
"""Tables up to this size are read whole each time: a snapshot also sees deleted rows."""
_EVERY = {"jsonl": "1h", "logs": "1h"}
"""How often a source of a kind is mostly due."""
_WHAT = {"database": "Tables of the database", "api": "Tables of the API", "files": "Files of", "sheets": "Sheets of"}
"""What a source of a shape, or of a kind, has."""
_CHANGED = ("updated_at", "modified_at", "changed_at", "last_modified", "update_time", "updated_on", "updated")
_CREATED = ("created_at", "inserted_at", "occurred_at", "booked_at", "create_time", "created_on", "created")


@dataclass(frozen=True)
class Proposal:
    """The text of `<name>.yaml` and of `<name>.schema.yaml`. `views` of the database are in them only when named.

    `unknown` are not in them either: nothing is told of their columns. `told` is what a person should see at once.
    """

    source: str
    schema: str
    views: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """A table under the name that it has in the lake; `names` are those of its columns, by their name in the source."""

    name: str
    live: LiveTable
    names: Mapping[str, str]

    @property
    def key(self) -> list[str]:
        """The primary key, in the lake's names."""
        return [self.names[name] for name in self.live.key]

    @property
    def types(self) -> dict[str, Type]:
        """The lake's types of the columns, in the lake's names."""
        return {self.names[column.name]: column.type for column in self.live.columns}

    def column(self, name: str) -> LiveColumn:
        """The column of that name in the lake."""
        return next(column for column in self.live.columns if self.names[column.name] == name)


def introspect(
    kind: str,
    access: Access,
    name: str,
    *,
    owner: str,
    connection: str,
    description: str = "",
    tables: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Proposal:
    """All tables, or the tables and views that are named as `table` or `schema.table`.

    `options` are the words of the source itself.
    Raises OutsideError when the system cannot be reached, UsageError for a table that is not there.
    """
    path = f"connectors/sources/{name}.yaml"
    source = Source(name, path, kind, owner, description, connection, (), options=dict(options or {}))
    source = replace(source, description=description or f"{_WHAT.get(kind, _WHAT[source.shape])} {name}.")
    try:
        described, views = _read(source, live(source, access), tables)
    except OutsideError as error:  # no file is there yet whose fault it could be
        told = re.sub(rf"^{re.escape(source.path)}(:\d+)?: ", "", str(error))
        raise OutsideError(" ".join(told.split())) from None
    known = [table for table in described if table.live.columns]
    unknown = tuple(table.live.name for table in described if not table.live.columns)
    if unknown and not known:
        raise OutsideError(f"nothing is told of the columns of {listed(unknown)}; write {path} by hand")
    return Proposal(*_texts(source, known, chosen=bool(tables)), views, unknown, told_lines(known))


def told_lines(tables: Iterable[Named]) -> tuple[str, ...]:
    """What is told of each table, for the screen."""
    return tuple(f"{table.name}: {one}" for table in tables for one in table.live.told)


def _read(source: Source, system: Live, tables: Sequence[str]) -> tuple[tuple[Named, ...], tuple[str, ...]]:
    """The tables, and the views that are left out."""
    try:
        found = system.tables()
        views = tuple(name for name, sort in found.items() if sort == "view" and name not in tables)
        for wanted in tables:
            if wanted not in found:
                near = did_you_mean(wanted, found) or did_you_mean(wanted.rpartition(".")[2], found)
                hint = near or f"tables are {', '.join(found) or 'none'}"
                raise UsageError(f"{source.name} has no table {wanted}; {hint}")
        chosen = list(tables) or [table for table in found if table not in views]
        return named_tables([system.table(table) for table in chosen]), views
    finally:
        system.close()


def named_tables(tables: Sequence[LiveTable], taken: Iterable[str] = ()) -> tuple[Named, ...]:
    """The tables with the names that they have in the lake; `taken` are those that it has already."""
    names = _table_names({one.name: one.short or one.name.rpartition(".")[2] for one in tables}, taken)
    return tuple(
        Named(names[table.name], table, lake_names(column.name for column in table.columns)) for table in tables
    )


def _table_names(short: Mapping[str, str], taken: Iterable[str]) -> dict[str, str]:
    """The names in the lake: the short ones (without the schema), unless another table has that name too."""
    shared = Counter([*map(lake_name, short.values()), *taken])
    wanted = {table: name if shared[lake_name(name)] == 1 else table for table, name in short.items()}
    names = lake_names(wanted.values())
    return {table: names[name] for table, name in wanted.items()}


def _texts(source: Source, tables: Sequence[Named], *, chosen: bool) -> tuple[str, str]:
    lines = [
        f"kind: {source.kind}",
        f"owner: {yaml_text(source.owner)}",
        f"description: {yaml_text(source.description)}",
        f"connection: {yaml_text(source.connection)}",
        f"every: {_EVERY.get(source.kind, '1d')}",
        *_login_lines(source),
    ]
    if any(column.finer for table in tables for column in table.live.columns):
        who = "the database has" if source.shape == "database" else "they have"
        lines.append(f"timestamps: truncate  # {who} microseconds, the lake milliseconds")
    if any(column.zeros for table in tables for column in table.live.columns):
        lines.append("zero_dates: as_null  # the database has 0000-00-00, which is no day")
    if chosen:
        lines.append('ignore: "*"  # tables that are not named below')
    lines.append("tables:")
    schema = []
    for table in tables:
        lines += [f"  {line}" for line in table_lines(table)]
        schema.append(f"{table.name}:")
        schema += [f"  {column_text(table.names[column.name], column)}" for column in table.live.columns]
    return "\n".join(lines) + "\n", "\n".join(schema) + "\n"


def _login_lines(source: Source) -> Iterator[str]:
    """What its file says of who asks: the names of the secrets that log in, and of an API its preset."""
    if account := source.options.get("service_account"):
        yield f"service_account: {account}"
    if preset := source.options.get("preset"):
        yield f"preset: {preset}"
        login = {word: source.options["oauth2"][word] for word in ("id", "secret")}
        yield f"oauth2: {{{', '.join(f'{word}: {name}' for word, name in login.items())}}}"


def table_lines(table: Named) -> tuple[str, ...]:
    """The entry of a table under `tables:`, and above it what a person should know."""
    return (*(f"# {' '.join(note.split())}" for note in _notes(table)), f"{table.name}: {table_words(table)}")


def table_words(table: Named) -> str:
    """How a table is proposed to be read."""
    live, key = table.live, table.key
    if live.words and live.mode is None:
        return "{" + ", ".join(live.words) + "}"
    words = [f"description: {yaml_text(' '.join(live.comment.split()))}"] if live.comment.strip() else []
    words += live.words
    words += [f"table: {yaml_text(live.name)}"] if not live.words and live.name != table.name else []
    renamed = [f"{yaml_text(old)}: {new}" for old, new in table.names.items() if old != new]
    if renamed:
        words.append(f"columns: {{{', '.join(renamed)}}}")
    cursor = _first(table, _CHANGED, ("timestamp",))
    if live.mode:
        words = [f"mode: {live.mode}", *words] if words or live.mode != "snapshot" else []
    elif live.rows > SMALL_ROWS and key and cursor:
        day = _day(table)
        written = key[0] if len(key) == 1 else f"[{', '.join(key)}]"
        words = ["mode: upsert", f"key: {written}", f"cursor: {cursor}", *([f"day: {day}"] if day else []), *words]
    elif live.rows > SMALL_ROWS and (created := _append_cursor(table)):
        day = _day(table)
        words = ["mode: append", f"cursor: {created}", *([f"day: {day}"] if day else []), *words]
    elif words:
        words = ["mode: snapshot", *words]
    return "{" + ", ".join(words) + "}" if words else "snapshot"


def _day(table: Named) -> str | None:
    """A column named day would stand in the way of the one that splits the table."""
    return None if DAY in table.types else _first(table, _CREATED, ("timestamp", "date"))


def _append_cursor(table: Named) -> str | None:
    if len(table.key) == 1 and table.types[table.key[0]].name in INTEGERS:
        return table.key[0]
    return _first(table, _CREATED, ("timestamp",))


def _first(table: Named, names: Iterable[str], types: Sequence[str]) -> str | None:
    known = {name for name, type_ in table.types.items() if type_.name in types}
    return next((name for name in names if name in known), None)


def column_text(name: str, column: LiveColumn) -> str:
    """The entry of a column in the schema file."""
    words = [f"type: {yaml_text(column.type.hive)}"]
    if column.comment:
        words.append(f"description: {yaml_text(' '.join(column.comment.split()))}")
    if column.personal or looks_personal(column.name, column.samples) or holds_personal(column.name, column.type):
        words.append("personal: true")
    return f"{yaml_text(name)}: {{{', '.join(words)}}}"


def _notes(table: Named) -> list[str]:
    notes = [f"{table.names[column.name]} is {column.note}" for column in table.live.columns if column.note]
    notes += table.live.notes
    whole = table.live.mode is None and table_words(table).startswith(("snapshot", "{mode: snapshot"))
    if table.live.rows > SMALL_ROWS and whole:
        notes.append(f"about {table.live.rows:,} rows and no cursor: it is read whole each time")
    return notes
