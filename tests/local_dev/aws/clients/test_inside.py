"""Clients that need another environment than this one's: their tests run there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.clients


def test_awswrangler_writes_reads_and_describes_tables(run_inside: Callable[[str], None]) -> None:
    run_inside("awswrangler_cases.py")


def test_the_pandas_cursors_read_results(run_inside: Callable[[str], None]) -> None:
    run_inside("pandas_cases.py")


def test_dbt_builds_a_project_twice(run_inside: Callable[[str], None]) -> None:
    run_inside("dbt_cases.py")
