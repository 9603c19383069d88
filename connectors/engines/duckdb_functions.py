"""Makes what a compiled statement calls known to a DuckDB: its macros and its vectorised functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
from duckdb.func import FunctionNullHandling, PythonUDFType

from transforms.dialect.macros import Macro, needed


def install(connection: duckdb.DuckDBPyConnection, names: Iterable[str], known: set[str]) -> None:
    """Every cursor of the database sees them. `known` is what it has already, and grows; one thread at a time."""
    arrow, nulls = PythonUDFType.ARROW, FunctionNullHandling.SPECIAL
    for made in needed(names):
        if made.name in known:
            continue
        if isinstance(made, Macro):
            connection.execute(made.statement)
        else:
            params: list[Any] = list(made.params)
            connection.create_function(made.name, made.run, params, made.returns, type=arrow, null_handling=nulls)
        known.add(made.name)
