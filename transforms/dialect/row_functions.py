"""How a function in Python is declared: for what DuckDB's SQL cannot express, and for nothing common.

An engine loads it only for a statement that calls it, and runs it over whole columns: a macro may keep it for the rare
rows of a CASE. It must be pure: DuckDB computes it as often as it likes, and once for constants.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from transforms.dialect import macros

_SIGNATURE = re.compile(r"(\w+)\((.*?)\) -> (.+)")


def row_by_row(signature: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function of the values of one row known: `row_by_row("spread(varchar, bigint) -> varchar[]")`.

    The types are DuckDB's. Rules and macros call it as `athena_spread(..)`; it is NULL if one of the values is NULL.
    """
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError(f"not a signature: {signature}")
    params = tuple(part.strip() for part in found[2].split(","))

    def declare(run: Callable[..., Any]) -> Callable[..., Any]:
        macros.declare_rows(found[1], params, found[3], run)
        return run

    return declare
