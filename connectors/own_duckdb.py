"""DuckDB for what a module computes by itself: one thread, and no bar of DuckDB's own on stdout, where answers go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def own_duckdb(path: str = ":memory:", *, read_only: bool = False, **settings: str) -> duckdb.DuckDBPyConnection:
    """A connection; raises duckdb.Error for a file that is none of DuckDB's."""
    import duckdb  # a tenth of a second that few commands pay

    connection = duckdb.connect(path, read_only=read_only, config={"threads": 1, **settings})
    connection.execute("set enable_progress_bar=false")
    return connection
