"""The rows of a source beside those of the lake: a key and a digest of each, joined by DuckDB, which uses the disk.

Decides which rows differ, and how. Never reads a row itself, and never changes one.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from connectors.durable import outside
from connectors.own_duckdb import own_duckdb
from transforms.names import quoted

MEMORY = "1GB"
SHOWN = 5
"""Keys that are told of each kind of difference."""
Side = Literal["source", "lake"]
Difference = Literal["missing", "different", "twice", "gone", "waiting"]
KINDS: tuple[Difference, ...] = ("missing", "different", "twice", "gone", "waiting")
_NEWEST = """
create table living as select * from (
  select * from source qualify row_number() over (partition by {keys} order by latest desc nulls last, rowid desc) = 1)
where not dead"""
_ALL = "create view living as select * from source where not dead"
_JOINED = """
create table joined as select {keys}, case
    when l.n is null then case when s.waits then 'waiting' else 'missing' end
    when s.n is null then case when rejected.key is null then 'gone' else 'waiting' end
    when l.n < s.n then case when s.waits then 'waiting' else 'missing' end
    when l.n > s.n then 'twice'
    when l.digest <> s.digest then case when s.waits then 'waiting' else 'different' end
  end as kind, greatest(abs(coalesce(l.n, 0) - coalesce(s.n, 0)), 1) as rows
from (select {keys}, count(*) as n, sum(digest) as digest, bool_or(waits) as waits from living group by all) s
full join (select {keys}, count(*) as n, sum(digest) as digest from lake group by all) l using ({keys})
left join (select distinct key from rejected) rejected on rejected.key = {text}
where kind is not null"""


@dataclass(frozen=True)
class Compared:
    """How many rows each side has, and how many differ: `missing` and `different` in the lake, `twice` there, `gone`
    from the source, and `waiting` ones, which the next run reads. `keys` are some of each kind.
    """

    source: int
    lake: int
    rows: Mapping[Difference, int]
    keys: Mapping[Difference, Sequence[Mapping[str, str]]]


class ComparedRows:
    """Without a `key`, equal rows are the same row, as often as they come. `scratch` need not exist.

    With `newest`, of several rows of the source with one key the one with the greatest cursor counts, and of equal ones
    the last. Rows in which the column `mark` is set are deleted.
    """

    def __init__(
        self,
        columns: pa.Schema,
        key: Sequence[str],
        scratch: Path,
        *,
        newest: str | None = None,
        mark: str | None = None,
    ) -> None:
        self._schema, self._key, self._newest, self._mark = columns, list(key), newest, mark
        with suppress(OSError):  # without it rows are compared as long as memory suffices
            scratch.mkdir(parents=True, exist_ok=True)
        self._spill = scratch / f"duckdb-{os.getpid()}-{secrets.token_hex(4)}"
        self._engine: Any = own_duckdb(memory_limit=MEMORY, temp_directory=str(self._spill))
        self._names = [f"k{number}" for number in range(max(len(key), 1))]
        self._engine.register(
            "came", pa.Table.from_batches([], columns).append_column("waits", pa.array([], pa.bool_()))
        )
        for side in ("source", "lake"):
            self._engine.execute(f"create table {side} as {self._select()}")
        self._engine.execute("create table rejected (key varchar)")

    def add(self, side: Side, rows: pa.Table, waiting: pa.Array | None = None) -> None:
        """Rows with these columns; `waiting` says of which the next run reads them."""
        if rows.num_rows:
            waits = pa.repeat(False, rows.num_rows) if waiting is None else waiting
            self._engine.register("came", rows.append_column("waits", waits))
            self._engine.execute(f"insert into {side} {self._select()}")

    def wait(self, places: Sequence[str] | None) -> None:
        """The next run reads the rows of the source whose key begins so; all of them with None."""
        only = "" if places is None else " where k0 in (select unnest(?))"
        self._engine.execute(f"update source set waits = true{only}", [] if places is None else [list(places)])

    def add_rejects(self, keys: pa.RecordBatch) -> None:
        """Keys of rows that the source has and that cannot be held: what the lake has of them is not gone."""
        text = " || chr(31) || ".join(f"{quoted(name)}::varchar" for name in self._key)
        self._engine.register("rejects", pa.Table.from_batches([keys]))
        self._engine.execute(f"insert into rejected select {text} from rejects")

    def compared(self) -> Compared:
        """To be called once, when all rows are there."""
        keys = ", ".join(self._names)
        text = " || chr(31) || ".join(f"l.{name}::varchar" for name in self._names)
        with outside("compare rows"):
            own = text.replace("l.", "")
            self._engine.execute(f"insert into rejected select {own} from source where dead and waits")
            self._engine.execute(_ALL if self._newest is None else _NEWEST.format(keys=keys))
            self._engine.execute(_JOINED.format(keys=keys, text=text))
            counted = dict(self._rows("select kind, sum(rows)::bigint from joined group by 1"))
            rows: dict[Difference, int] = {kind: counted.get(kind, 0) for kind in KINDS}
            some = {kind: self._some(kind) for kind in KINDS if rows[kind] and self._key}
            source, lake = (self._rows(f"select count(*) from {side}")[0][0] for side in ("living", "lake"))
        return Compared(source, lake, rows, some)

    def close(self) -> None:
        """Gives back memory and disk."""
        self._engine.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._engine.execute(sql, values).fetchall()
        return found

    def _some(self, kind: Difference) -> list[dict[str, str]]:
        texts = ", ".join(f"{name}::varchar" for name in self._names)
        found = self._rows(f"select {texts} from joined where kind = ? order by {texts} limit {SHOWN}", kind)
        return [dict(zip(self._key, row, strict=True)) for row in found]

    def _select(self) -> str:
        """The key under short names, and 64 bits of all columns; 128 where they are the key: those of all rows meet."""
        columns = ", ".join(map(quoted, self._schema.names))
        if self._key:
            keys = [f"{quoted(name)} as {short}" for name, short in zip(self._key, self._names, strict=True)]
            digest = f"hash({columns})"
        else:
            keys = [f"(hash({columns})::uhugeint << 64) + hash('again', {columns}) as k0"]
            digest = "0::ubigint"
        at = quoted(self._newest) if self._newest else "null"
        dead = "false"
        if self._mark:
            mark = quoted(self._mark)
            boolean = pa.types.is_boolean(self._schema.field(self._mark).type)
            dead = f"coalesce({mark}, false)" if boolean else f"{mark} is not null"
        return f"select {', '.join(keys)}, {digest} as digest, waits, {at} as latest, {dead} as dead from came"
