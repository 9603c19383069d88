"""A table or a view as its one file declares it: the header (YAML in the first block comment) and the SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from transforms.names import TableName
from transforms.slo import Slo

Kind = Literal["table", "view"]
HEADER_KEYS = (
    "description",
    "owner",
    "partition",
    "key",
    "lookback",
    "checks",
    "slo",
    "readers",
    "tags",
    "schedule",
    "deprecated",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a header: `- unique: [day, id]`. `sql` checks name a file of bad rows beside the table.

    `arguments` is the YAML value as written, validated by `transforms.checks`.
    """

    kind: str
    arguments: Any
    severity: Literal["error", "warn"]
    line: int


@dataclass(frozen=True, slots=True)
class Relation:
    """`text` is the whole file, header included (a comment is valid SQL), so that lines in messages are the file's.

    `lines` tells on which line each key of the header stands.
    """

    name: TableName
    kind: Kind
    path: str
    text: str
    description: str
    owner: str
    partition: str | None = None
    key: tuple[str, ...] = ()
    lookback_days: int | None = None
    checks: tuple[Check, ...] = ()
    slo: Slo | None = None
    readers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    schedule: str | None = None
    deprecated: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
