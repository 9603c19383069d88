"""What Athena charges for a query. Pure; what a query has read is told by whoever ran it."""

from __future__ import annotations

USD_PER_TB = 5.0
"""Of data that is read, in most regions; a few cost more."""
_MB, _TB = 1 << 20, 1 << 40
_LEAST_MB = 10
"""Athena charges at least these for a query, and whole ones beyond."""


def query_cost(scanned_bytes: int, state: str, *, ddl: bool = False) -> float:
    """In US dollars. DDL and what failed is free; what was cancelled is not.

    >>> query_cost(1 << 40, "SUCCEEDED"), query_cost(1 << 40, "FAILED"), query_cost(0, "SUCCEEDED", ddl=True)
    (5.0, 0.0, 0.0)
    >>> query_cost(1, "SUCCEEDED") == query_cost(10 << 20, "CANCELLED") == 5 * 10 / (1 << 20)
    True
    """
    if ddl or state == "FAILED":
        return 0.0
    megabytes = max(_LEAST_MB, -(-scanned_bytes // _MB))
    return megabytes * _MB / _TB * USD_PER_TB
