"""DuckDB that a module has for itself draws no bar on stdout; DuckDB 2.0 does after two seconds unless it is told."""

from __future__ import annotations

import duckdb

from connectors.own_duckdb import own_duckdb

BAR = "select current_setting('enable_progress_bar')"


def test_no_bar_is_drawn() -> None:
    assert duckdb.connect().execute(BAR).fetchall() == [(True,)]
    assert own_duckdb().execute(BAR).fetchall() == [(False,)]
