"""The YAML of a source and of its schema, turned into a Source.

Decides what a source may say: kinds, modes, what each mode needs, and which types a column may have; which
words a kind of reader has besides is the reader's. Whether the system outside agrees is found out by ingest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

from transforms.api_words import require_paging
from transforms.errors import Problem, did_you_mean
from transforms.fields import Fields, described, listed
from transforms.lake_types import INTEGERS
from transforms.names import TableName
from transforms.reader_words import ReaderWords
from transforms.schema_file import COLUMN_NAME, TableSchema, read_schema
from transforms.slo import Objective, read_slo
from transforms.source import DAY, DEFAULT_REJECTS, SHAPES, Mode, Source, SourceTable
from transforms.yaml_file import Document

_KEYS = ("kind", "owner", "description", "connection", "every", "slo", "tables")
_TABLE_KEYS = ("mode", "description", "key", "cursor", "day", "restate", "rejects")
_MODES: tuple[Mode, ...] = get_args(Mode)
_DAY_TYPES = ("date", "timestamp")


def read_source(
    name: str, document: Document, schema: Document | None, words: ReaderWords
) -> tuple[Source | None, list[Problem]]:
    """The source, as far as it can be read, with everything that is wrong in its two files.

    `schema` is `<source>.schema.yaml`; None when there is no such file.
    """
    problems = list(document.problems)
    fields = Fields(document, problems)
    if not isinstance(document.value, dict):
        if not problems:
            fields.problem(None, "this source says nothing", write="write kind: postgres")
        return None, problems
    fields.required("kind", "kind: postgres")
    kind = fields.choice("kind", tuple(SHAPES))
    columns = read_schema(schema, problems) if schema else {}
    if kind == "sheets":
        fields.required("service_account", "service_account: google_key, which targets.yaml has under secrets:")
    if kind is None:
        return None, problems
    fields.known((*_KEYS, *words.source[kind]))
    for key, example in (
        ("owner", "owner: your team"),
        ("description", "description: What the system holds"),
        ("connection", f"connection: {name}"),
        ("tables", "tables: {users: snapshot}"),
    ):
        fields.required(key, example)
    tables = tuple(_tables(name, kind, fields, schema, columns, words))
    no_days: tuple[Objective, str] = ("complete", "no table of this source has days")
    source = Source(
        name=name,
        path=document.path,
        kind=kind,
        owner=fields.text("owner", "owner: your team") or "",
        description=fields.text("description", "description: What the system holds") or "",
        connection=_connection(fields, name),
        tables=tables,
        every=fields.span("every", "1h") or timedelta(days=1),
        options=words.read(fields, words.source[kind]),
        slo=read_slo(fields, refused=() if any(table.day for table in tables) else (no_days,)),
        lines=document.lines,
    )
    return source, problems


def _connection(fields: Fields, name: str) -> str:
    """A name. An address may hold a password, so it is not repeated in the message."""
    connection = fields.text("connection", f"connection: {name}") or ""
    if re.fullmatch(r"\w*", connection):
        return connection
    what = "connection is a name; the address stands in the environment variable that the target gives to it"
    fields.problem("connection", what, write=f"write connection: {name}")
    return ""


def _tables(
    source: str,
    kind: str,
    fields: Fields,
    schema: Document | None,
    columns: Mapping[str, TableSchema],
    words: ReaderWords,
) -> list[SourceTable]:
    inner = fields.inner("tables", "tables: {users: snapshot}")
    if inner is None:
        return []
    tables = []
    for name in inner.values:
        try:
            table_name = TableName.parse(f"raw_{source}.{name}")
        except ValueError:
            inner.problem(
                name, f'"{name}" is not a table name', write="write it in lower case, and name the original in table:"
            )
            continue
        if name not in columns:
            where = schema.path if schema else inner.document.path.removesuffix(".yaml") + ".schema.yaml"
            inner.problem(name, f"{where} has no columns for {name}", write=f"write there {name}: {{id: bigint}}")
        tables.append(_Table(inner, name, kind, columns.get(name, TableSchema()), words).read(table_name))
    for name in columns:
        if name not in inner.values and schema:
            hint = did_you_mean(name, inner.values) or f"write {name}: snapshot under tables of {fields.document.path}"
            what = f"{name} is not a table of this source"
            fields.problems.append(Problem(schema.path, schema.line(name), 0, what, write=hint))
    return tables


class _Table:
    """One entry under `tables:`."""

    def __init__(self, tables: Fields, name: str, kind: str, schema: TableSchema, words: ReaderWords) -> None:
        self.words = words
        self.name = name
        self.kind, self.shape = kind, SHAPES[kind]
        self.columns = {column.name: column for column in schema.columns}
        self.protections = schema.protections
        self.short = not isinstance(tables.values[name], dict)
        self.fields = tables if self.short else Fields(tables.document, tables.problems, *tables.way, name)

    def read(self, table: TableName) -> SourceTable:
        """The table as far as it can be read."""
        if self.short:
            return SourceTable(
                table,
                self._mode(self.name),
                tuple(self.columns.values()),
                line=self._line,
                protections=self.protections,
            )
        fields = self.fields
        fields.known((*_TABLE_KEYS, *self.words.table[self.kind]))
        fields.required("mode", "mode: snapshot")
        mode = self._mode("mode")
        key, cursor, day = fields.words("key", "key: [id]"), fields.text("cursor", "cursor: updated_at"), self._day()
        self._needs(mode, key, cursor)
        deleted_at = self._deletes(mode)
        days = day if day != DAY or self.shape != "files" else None
        for option in (*key, *filter(None, (cursor, days, deleted_at))):
            self._column(option)
        restate = self._restate(mode, cursor, day)
        rejects = fields.share("rejects")
        options = self.words.read(fields, self.words.table[self.kind])
        self._mapping(options.get("columns", {}))
        if self.shape == "api":
            require_paging(fields, options, Fields(fields.document, []).values)
        return SourceTable(
            name=table,
            mode=mode,
            columns=tuple(self.columns.values()),
            key=key,
            cursor=cursor,
            day=day,
            restate_days=restate,
            rejects=DEFAULT_REJECTS if rejects is None else rejects,
            options=options,
            line=self._line,
            description=fields.text("description", "description: What a row is") or "",
            protections=self.protections,
        )

    @property
    def _line(self) -> int:
        return self.fields.document.line(*self.fields.way, *((self.name,) if self.short else ()))

    def _mode(self, key: str) -> Mode:
        fields = self.fields
        value = fields.values.get(key)
        for mode in _MODES:
            if mode == value:
                if self.short and (mode != "snapshot" or self.shape != "database"):
                    self._too_short(mode)
                return mode
        if value is not None or self.short:
            hint = did_you_mean(value, _MODES) if isinstance(value, str) else ""
            fields.problem(key, f"mode cannot be {described(value)}", f"modes are {listed(_MODES)}", hint)
        return _MODES[0]

    def _too_short(self, mode: Mode) -> None:
        words = {"upsert": "key: id, cursor: updated_at", "append": "cursor: id"}.get(mode, "")
        if self.shape != "database":
            words = (
                f"path: {'/v1/' if self.shape == 'api' else ''}{self.name}{'' if self.shape == 'api' else self._ending}"
            )
        what = f"{mode} of {self.kind} needs more than its mode"
        self.fields.problem(self.name, what, write=f"write {self.name}: {{mode: {mode}, {words}}}")

    @property
    def _ending(self) -> str:
        """Of the names of its files, mostly."""
        return ".log" if self.kind == "logs" else f".{self.kind}"

    def _needs(self, mode: Mode, key: tuple[str, ...], cursor: str | None) -> None:
        fields = self.fields
        if self.kind == "sheets" and mode != "snapshot":
            fields.problem("mode", f"a sheet is read whole each time, and cannot {mode}", write="write mode: snapshot")
            return
        if mode == "upsert" and not key and "key" not in fields.values:
            fields.problem(None, "upsert needs a key", write="write key: id")
        if mode != "snapshot" and self.shape != "files" and not cursor and "cursor" not in fields.values:
            column = "updated_at" if mode == "upsert" else "id"
            fields.problem(None, f"{mode} of {self.kind} needs a cursor", write=f"write cursor: {column}")
        if self.shape != "database" and fields.values.get("python") is not True:
            fields.required("path", "path: /v1/users" if self.shape == "api" else f'path: "{self.name}_*"')
        for word in re.findall(r"{(.*?)}", str(fields.values.get("path", ""))) if self.shape == "files" else ():
            if word != DAY:
                fields.problem(
                    "path", f"the path has {{{word}}} in it", "only {day} stands for something", "write {day}"
                )
        if self.kind == "logs" and ("format" in fields.values) == ("pattern" in fields.values):
            fields.problem(None, "logs need a format or a pattern, and not both", write="write format: nginx")
        self._within_folder()

    def _deletes(self, mode: Mode) -> str | None:
        """The column that is set in deleted rows. Only rows that are replaced can go as well."""
        fields = self.fields
        for word in ("deleted_at", "deletes") if mode != "upsert" else ():
            if word in fields.values and word in self.words.table[self.kind]:
                rest = (
                    "append keeps every row"
                    if mode == "append"
                    else "a snapshot has the rows that are there, no others"
                )
                fields.problem(word, f"{word} is for upsert", rest, f"remove {word}:")
        value = fields.values.get("deleted_at")
        return value if isinstance(value, str) and "deleted_at" in self.words.table[self.kind] else None

    def _restate(self, mode: Mode, cursor: str | None, day: str | None) -> int:
        """How many days are read again whole, which are found by the cursor. A preset's word is for an append."""
        fields = self.fields
        days = fields.days("restate")
        if not days or (self.shape == "api" and self._of_preset("restate")):
            return (days or 0) if mode == "append" else 0
        rests: dict[Mode, str] = {
            "snapshot": "a snapshot is read whole each time",
            "upsert": "an upsert finds rows that changed by its cursor",
        }
        if self.shape == "files":
            rest = "a file that changes is read again by itself, and replaces its rows"
            fields.problem("restate", "restate is for databases and APIs", rest, "remove restate:")
        elif mode != "append":
            fields.problem("restate", "restate is for append", rests[mode], "remove restate:")
        elif not day:
            fields.problem("restate", "restate needs days", write="write day: the column that says the day")
        elif cursor and cursor != day:
            what = f"restate reads whole days again, and the cursor {cursor} is not their column {day}"
            fields.problem("restate", what, "day and cursor are one column then", f"write cursor: {day}")
        else:
            return days
        return 0

    def _of_preset(self, word: str) -> bool:
        """Whether nobody wrote it: it is in no line of the file."""
        return "/".join((*map(str, self.fields.way), word)) not in self.fields.document.lines

    def _within_folder(self) -> None:
        path = self.fields.values.get("path")
        if self.shape != "files" or not isinstance(path, str):
            return
        steps = path.split("/")
        if not steps[0] or ".." in steps:
            inside = "/".join(step for step in steps if step not in ("", ".", "..")) or f"{self.name}_*"
            what = f"the path {path} leads out of the folder of the connection"
            self.fields.problem("path", what, "a path begins in that folder", f'write path: "{inside}"')

    def _day(self) -> str | None:
        fields, path = self.fields, self.fields.values.get("path")
        in_path = self.shape == "files" and isinstance(path, str) and "{day}" in path
        day = fields.text("day", "day: created_at")
        if in_path and day and day != DAY:
            fields.problem("day", "the {day} of the path already says the day", write="remove day:")
        if in_path or day:
            if DAY in self.columns:
                what = "the schema has a column named day, which is the name of the column that splits the table"
                fields.problem(None, what, write="give the schema's column another name")
            return DAY if in_path else day
        return None

    def _mapping(self, mapping: Mapping[str, Any]) -> None:
        """JSON has a use for a mapping to a declared column only; a database and a header name every column."""
        for key, column in mapping.items():
            if not isinstance(column, str) or not COLUMN_NAME.match(column):
                what = f"columns maps {key} to {described(column)}, which is no column name"
                self.fields.problem("columns", what, write="write columns: {name in the source: column}")
            elif self.kind in ("jsonl", "rest") and self.columns and column not in self.columns:
                what = f'columns maps {key} to "{column}", which is no column of {self.name}'
                hint = did_you_mean(column, self.columns)
                self.fields.problem("columns", what, f"columns are {listed(self.columns)}", hint)

    def _column(self, name: str) -> None:
        if not self.columns:
            return
        words = ("key", "cursor", "day", "deleted_at")
        key = next(key for key in words if name in _as_list(self.fields.values.get(key)))
        protection = self.protections.get(name)
        if protection and not (key == "key" and protection.kind == "hash"):
            what = f"{key} names {name}, of which `{protection.kind}:` leaves nothing that could serve"
            self.fields.problem(key, what, "a hash can be a key", "name another column")
            return
        found = self.columns.get(name)
        if found is None:
            hint = did_you_mean(name, self.columns)
            what = f'{key} names "{name}", which is no column of {self.name}'
            self.fields.problem(key, what, f"columns are {listed(self.columns)}", hint)
        elif key == "day" and found.type.name not in _DAY_TYPES:
            what = f"day needs a date or a timestamp, and {name} is {found.type.hive}"
            self.fields.problem(key, what, write="name another column")
        elif key == "deleted_at" and found.type.name not in (*_DAY_TYPES, "boolean"):
            what = f"deleted_at is a timestamp, a date or a boolean, and {name} is {found.type.hive}"
            self.fields.problem(key, what, write="name another column")
        elif key == "cursor" and self.shape == "database" and found.type.name not in (*INTEGERS, *_DAY_TYPES):
            what = f"a cursor is a whole number, a date or a timestamp, and {name} is {found.type.hive}"
            self.fields.problem(key, what, write="name another column")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
