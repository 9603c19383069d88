"""Compiled queries remembered between commands: a run whose SQL is unchanged imports no SQL parser.

One line of JSON for each query, appended when it is compiled; any window fills in the days. A cache only saves time:
lines that are torn, or that other code wrote, are ignored, and a home that cannot be written has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from connectors.columns_json import columns_of_json, columns_to_json, name_of
from connectors.platform_digest import platform_digest
from transforms.analyses import digest_columns
from transforms.analysis import Compiled, Origin
from transforms.column import Column
from transforms.dialect.macros import definitions, recall
from transforms.names import TableName
from transforms.window import Window

CACHE_FILE = ".baikal/cache/compiled.jsonl"
MOST_BYTES = 64 << 20
"""A larger file is begun anew: much of it is of queries that are no more."""


class CompileCache:
    """The compiled queries of one home. Safe to use from several threads at once."""

    def __init__(self, home: Path, schema: Mapping[TableName, tuple[Column, ...]]) -> None:
        self._path = home / CACHE_FILE
        self._schema = schema
        self._lock = Lock()
        self._digests: dict[TableName, str] = {}
        self._known = self._load()

    def compiled(self, sql: str, window: Window | None = None, path: str | None = None) -> Compiled:
        """The query for both engines; raises as `transforms.compile.compile_sql`, and remembers no failure."""
        key = _key(sql, days=window is not None)
        with self._lock:
            entry = self._known.get(key)
            if entry is not None and self._holds(entry):
                return replace(_compiled(entry), origin=Origin(sql, self._schema, path)).at(window)
        # Parsing costs what a run of known queries does not pay.
        from transforms.compile import compile_sql, compile_template

        # Without a window `:start` and `:end` are errors, which a template would leave open.
        compile_ = compile_sql if window is None else compile_template
        compiled = compile_(sql, self._schema, path=path)
        with self._lock:
            self._remember(key, compiled)
        return compiled.at(window)

    def _holds(self, entry: Mapping[str, Any]) -> bool:
        """Whether every table that the query reads still has the columns that it was compiled with."""
        return all(self._digest_of(name_of(table)) == digest for table, digest in entry["inputs"])

    def _digest_of(self, name: TableName) -> str:
        if name not in self._digests:
            self._digests[name] = digest_columns(self._schema.get(name, ()))
        return self._digests[name]

    def _load(self) -> dict[str, dict[str, Any]]:
        """The entries by key; of one key, later lines win."""
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return {}
        known: dict[str, dict[str, Any]] = {}
        for line in lines:
            with suppress(orjson.JSONDecodeError):
                entry = orjson.loads(line)
                if isinstance(entry, dict) and entry.get("platform") == platform_digest():
                    known[entry["key"]] = entry
        return known

    def _remember(self, key: str, compiled: Compiled) -> None:
        entry = {
            "platform": platform_digest(),
            "key": key,
            "inputs": [[str(name), self._digest_of(name)] for name in compiled.inputs],
            "athena": compiled.athena,
            "duckdb": compiled.duckdb,
            "columns": columns_to_json(compiled.columns),
            "macros": compiled.macros,
            "made": definitions(compiled.macros),
            "ordered": compiled.ordered,
            "zones": compiled.zones,
        }
        self._known[key] = entry
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            full = self._path.exists() and self._path.stat().st_size > MOST_BYTES
            with self._path.open("wb" if full else "ab") as file:
                file.write(orjson.dumps(entry) + b"\n")


def _key(sql: str, *, days: bool) -> str:
    """Apart by whether the query is compiled for days: without them some are errors."""
    return blake2b(sql.encode(), digest_size=16, key=b"days" if days else b"").hexdigest()


def _compiled(entry: Mapping[str, Any]) -> Compiled:
    recall(entry["made"])
    return Compiled(
        athena=entry["athena"],
        duckdb=entry["duckdb"],
        columns=columns_of_json(entry["columns"]),
        inputs=tuple(name_of(table) for table, _ in entry["inputs"]),
        macros=tuple(entry["macros"]),
        ordered=entry["ordered"],
        zones=tuple(entry["zones"]),
    )
