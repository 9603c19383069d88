"""Keeps personal values out of what is written: hashed, masked or dropped, in rows and in rejects.

Decides nothing: which columns are protected, and how, is declared (`transforms.protection`).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import pyarrow as pa

from connectors.address import key
from connectors.lake import Lake
from connectors.reader import Again, Batch, Reject
from transforms.column import Column
from transforms.errors import SchemaChanged
from transforms.protection import Protection
from transforms.snapshot import Snapshot
from transforms.source import Source, SourceTable

STATE = "protected"
"""Where the state of a table remembers how its rows are protected."""
HIDDEN = "***"
NOT_KEPT = b"not kept: "
"""How the bytes of a reject begin whose own were not kept."""
_CHECKED = b"baikal: which key is this"


@dataclass(frozen=True)
class Protecting:
    """What is done to the rows of a table. `how` names it for each column, with a digest that tells keys apart."""

    apply: Mapping[str, Callable[[str], str]]
    dropped: frozenset[str]
    how: Mapping[str, str]

    @classmethod
    def of(cls, lake: Lake, source: Source, table: SourceTable) -> Protecting:
        """Raises ContentError when a key is not there."""
        keys = {one.word: b"" for one in table.protections.values() if one.kind == "hash"}
        for name in keys:
            keys[name] = key(lake, source, name, table.line).encode()
        apply = {
            name: _hash(keys[one.word]) if one.kind == "hash" else _MASKS[one.word.split()[0]](one.word)
            for name, one in table.protections.items()
            if one.kind != "drop"
        }
        how = {name: _how(one, keys.get(one.word, b"")) for name, one in table.protections.items()}
        return cls(apply, table.dropped, how)

    def batch(self, batch: Batch) -> Batch:
        """The same rows as they may be written; of rejects, the bytes are not kept."""
        if not self.how:
            return batch
        rows = batch.rows
        arrays = [self._array(field.name, rows.column(i)) for i, field in enumerate(rows.schema)]
        protected = pa.RecordBatch.from_arrays(arrays, names=rows.schema.names)
        return replace(batch, rows=protected, rejects=tuple(map(self._reject, batch.rejects)))

    def again(self, again: Again | None) -> Again | None:
        """What may stand already; equal rows instead of equal keys where the key does not tell rows apart any more."""
        return replace(again, key=()) if again and self.lost & set(again.key) else again

    @property
    def lost(self) -> frozenset[str]:
        """The columns whose values do not tell rows apart any more."""
        return self.dropped | {name for name, how in self.how.items() if how.startswith("mask")}

    def kept(self, columns: Iterable[Column]) -> list[Column]:
        """The columns that were met, without those of which nothing is kept."""
        return [column for column in columns if column.name not in self.dropped]

    def history(self, standing: Snapshot | None) -> dict[str, list[str]]:
        """How the rows of each column are protected, those that stand and the new ones: "" is not at all."""
        if standing is None or not standing.rows:
            return {name: [how] for name, how in self.how.items()}
        before: Mapping[str, list[str]] = standing.state.get(STATE, {})
        bare = {column.name: [""] for column in standing.columns if column.name in self.how}
        found = {}
        for name in {*before, *self.how}:
            known, now = before.get(name, bare.get(name, [])), self.how.get(name, "")
            found[name] = known if now in known else [*known, now]
        return found

    def warnings(self, table: SourceTable, standing: Snapshot | None) -> list[str]:
        """What stands otherwise than declared. Raises SchemaChanged when equal values would be hashed differently."""
        history = self.history(standing)
        for name, known in history.items():
            if sum(how.startswith("hash") for how in known) > 1:
                raise SchemaChanged(
                    f"{table.name}: {name} would be hashed under another key than the rows that stand, and equal "
                    "values would differ; nothing was published; put the old key back, or give the table a new name"
                )
        changed = sorted(name for name, known in history.items() if len(known) > 1)
        if not changed:
            return []
        columns = ", ".join(changed)
        return [
            f"{table.name}: rows that were read before the protection of {columns} changed stay as they are; "
            f"to read files again, write baikal run {table.name} --full; give a table of other rows a new name"
        ]

    def _array(self, name: str, values: pa.Array) -> pa.Array:
        apply = self.apply.get(name)
        if apply is None:
            return values
        coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
        done = pa.array(
            [None if value is None else apply(value) for value in coded.dictionary.to_pylist()], pa.string()
        )
        return done.take(coded.indices)

    def _reject(self, reject: Reject) -> Reject:
        """The row's place stays, and a digest by which the same reject is known again."""
        if reject.raw.startswith(NOT_KEPT):
            return reject
        name, colon, _ = reject.reason.partition(":")
        reason = f"{name}: a value that does not fit" if colon and name in self.how else reject.reason
        digest = hashlib.sha256(reject.raw).hexdigest()[:16]
        return replace(reject, reason=reason, raw=NOT_KEPT + f"{', '.join(self.how)} protected; {digest}".encode())


def _how(protection: Protection, secret: bytes) -> str:
    if protection.kind != "hash":
        return str(protection)
    return f"{protection} {hmac.digest(secret, _CHECKED, 'sha256').hex()[:8]}"


def _hash(secret: bytes) -> Callable[[str], str]:
    return lambda value: hmac.digest(secret, value.encode(), "sha256").hex()


def _domain(value: str) -> str:
    return HIDDEN + "@" + value.rpartition("@")[2] if "@" in value else HIDDEN


def _network(value: str) -> str:
    """Of an IPv4 address 24 bits, of an IPv6 address 48."""
    with suppress(ValueError):
        address = ipaddress.ip_address(value.strip())
        bits = 24 if address.version == 4 else 48
        return str(ipaddress.ip_network(f"{address}/{bits}", strict=False).network_address)
    return HIDDEN


def _first(count: int) -> Callable[[str], str]:
    return lambda value: (value[:count] if len(value) > count else "") + HIDDEN


def _last(count: int) -> Callable[[str], str]:
    return lambda value: HIDDEN + (value[-count:] if len(value) > count else "")


_MASKS: Mapping[str, Callable[[str], Callable[[str], str]]] = {
    "all": lambda _: lambda _value: HIDDEN,
    "domain": lambda _: _domain,
    "network": lambda _: _network,
    "first": lambda word: _first(int(word.split()[1])),
    "last": lambda word: _last(int(word.split()[1])),
}
