"""What a query is for, and what it was and cost: told by engines that are services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from transforms.names import TableName

QueryKind = Literal["build", "audit", "view", "query"]
"""Rows that are staged, checks of them, a view that is written, and whatever else somebody asks."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a query is sent: cost is attributed by it."""

    kind: QueryKind = "query"
    table: TableName | None = None
    owner: str | None = None

    def before(self, sql: str) -> str:
        """The statement behind a comment that is the same for the same statement, so that results can be reused.

        >>> Purpose("build", TableName("core_ads", "daily"), "ads").before("select 1")
        '/* baikal: {"table": "core_ads.daily", "owner": "ads", "kind": "build"} */ select 1'
        """
        told = {"table": str(self.table) if self.table else None, "owner": self.owner, "kind": self.kind}
        return f"/* baikal: {json.dumps({key: value for key, value in told.items() if value})} */ {sql}"


SOMEBODY_ASKS = Purpose()


@dataclass(frozen=True, slots=True)
class QueryStats:
    """One query that has ended, in whatever state.

    `bytes` are those that it read, `ms` its whole time and `queue_ms` the part of it before it began; `rows` are those
    that it gave or wrote, None when nobody counted them.
    """

    table: TableName | None
    owner: str | None
    query_id: str
    kind: QueryKind
    at: datetime
    bytes: int
    ms: int
    queue_ms: int
    rows: int | None
    state: str
    cost_usd: float

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        return {**asdict(self), "at": self.at.isoformat(), "table": str(self.table) if self.table else None}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> QueryStats:
        """Raises KeyError, TypeError or ValueError on anything that `to_json` did not write."""
        table, at = data["table"], datetime.fromisoformat(data["at"])
        return QueryStats(**{**data, "at": at, "table": TableName.parse(table) if table else None})
