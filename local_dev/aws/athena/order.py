"""What is to run, and what its workgroup says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Order:
    """`values` are those of its question marks. `enforced`: the workgroup's output location holds for all; `cutoff`
    is how many bytes a statement may scan.
    """

    sql: str
    values: list[str]
    enforced: bool = False
    cutoff: int | None = None


def order_of(sql: str, values: list[str], group: dict[str, Any]) -> Order:
    """In a workgroup as the API describes it."""
    configured = group["Configuration"]
    enforced = configured.get("EnforceWorkGroupConfiguration", False)
    placed = bool(configured.get("ResultConfiguration", {}).get("OutputLocation"))
    return Order(sql, values, enforced and placed, configured.get("BytesScannedCutoffPerQuery"))
