"""A build publishes what is stale and right, all of it or nothing."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from shop_lake import DAILY, TOTALS, edit, land, make_home, open_shop, rows, write

from connectors.build import Built, build
from connectors.lake import Lake
from connectors.location import table_folder
from transforms.errors import CheckFailed, Conflict, DataError, Rejected, UsageError
from transforms.names import TableName
from transforms.snapshot import Snapshot
from transforms.window import Window

SQL = "transforms/tables/core_shop/daily.sql"
ALL = "select day, orders, revenue_jpy from core_shop.daily order by day"
MAY_1, MAY_2, MAY_3 = date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 3)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


@pytest.fixture
def lake(home: Path) -> Lake:
    lake = open_shop(home)
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [70]})
    return lake


def run(lake: Lake, name: TableName = DAILY, window: Window | None = None, full: bool = False) -> Built:
    return build(lake, name, window, full=full, run=lake.new_run())


def files(lake: Lake, name: TableName = DAILY) -> set[str]:
    home = table_folder(lake.root, name)
    return {file.relative_to(home).as_posix() for file in home.rglob("*.parquet")}


def test_what_is_stale_is_built_and_then_nothing_is(lake: Lake) -> None:
    built = run(lake)
    assert (built.days, built.rows, built.version, built.fresh) == ((MAY_1, MAY_2), 2, 1, False)
    assert rows(lake, ALL) == [(MAY_1, 2, 150), (MAY_2, 1, 70)]
    again = run(lake)
    assert (again.fresh, again.version) == (True, 1)
    assert len(files(lake)) == 2


def test_a_run_without_work_imports_no_engine_and_no_parser(lake: Lake) -> None:
    run(lake)
    code = (
        "import sys; from pathlib import Path\n"
        "from connectors.lake import lake_at; from connectors.build import build\n"
        "from connectors.content import open_content; from transforms.names import TableName\n"
        "home = Path(sys.argv[1]); lake = lake_at(home / 'lake', open_content(home))\n"
        "assert build(lake, TableName('core_shop', 'daily'), run=lake.new_run()).fresh\n"
        "print([name for name in ('duckdb', 'sqlglot', 'pyarrow', 'prefect', 'httpx') if name in sys.modules])\n"
    )
    command = [sys.executable, "-c", code, str(lake.content.home)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_days_whose_input_changed_are_built(lake: Lake) -> None:
    run(lake)
    land(lake, {"2024-05-02": [70, 5], "2024-05-03": [1]})
    assert run(lake).days == (MAY_2, MAY_3)
    assert rows(lake, ALL) == [(MAY_1, 2, 150), (MAY_2, 2, 75), (MAY_3, 1, 1)]


def test_a_window_builds_its_days(lake: Lake) -> None:
    assert run(lake, window=Window(MAY_2, MAY_3)).days == (MAY_2,)
    assert rows(lake, ALL) == [(MAY_2, 1, 70)]
    assert run(lake).days == (MAY_1,)


def test_a_day_that_comes_out_empty_is_recorded_as_built(lake: Lake) -> None:
    land(lake, {"2024-05-02": []})
    built = run(lake)
    assert (built.days, built.rows) == ((MAY_1, MAY_2), 1)
    assert run(lake).fresh


def test_an_empty_input_makes_an_empty_typed_table(lake: Lake, home: Path) -> None:
    other = open_shop(home, home / "other")
    land(other, {})
    assert run(other).rows == 0
    assert rows(other, ALL) == []
    assert run(other, TOTALS).rows == 1
    assert rows(other, "select orders from core_shop.totals") == [(None,)]
    assert run(other).fresh


def test_an_input_that_was_never_landed_is_named(home: Path) -> None:
    with pytest.raises(DataError, match=r"raw_shop\.orders, which has not been ingested yet"):
        run(open_shop(home, home / "other"))


def test_a_whole_table_follows_its_input(lake: Lake) -> None:
    run(lake)
    run(lake, TOTALS)
    assert rows(lake, "select orders, revenue_jpy from core_shop.totals") == [(3, 220)]
    assert run(lake, TOTALS).fresh
    land(lake, {"2024-05-02": [1]})
    run(lake)
    run(lake, TOTALS)
    assert rows(lake, "select orders, revenue_jpy from core_shop.totals") == [(3, 151)]


def test_views_are_read_through_to_their_tables(lake: Lake) -> None:
    run(lake)
    assert rows(lake, "select day from shop.best") == [(MAY_1,)]
    land(lake, {"2024-05-02": [700]})
    run(lake)
    assert rows(lake, "select day from shop.best order by day") == [(MAY_1,), (MAY_2,)]


def test_a_failed_check_leaves_the_published_table_as_it_was(lake: Lake) -> None:
    run(lake)
    before, held = rows(lake, ALL), files(lake)
    land(lake, {"2024-05-02": [-7]})
    with pytest.raises(
        CheckFailed, match=r"daily.sql:\d+: revenue_jpy: 1 row under 0\n.*revenue_jpy=-7.*day=2024-05-02"
    ):
        run(lake)
    assert rows(lake, ALL) == before
    assert files(lake) == held


def test_a_failed_warning_is_reported_and_published(lake: Lake, home: Path) -> None:
    edit(home, SQL, "- at_least: {revenue_jpy: 0}", "- at_least: {revenue_jpy: 100}\n    severity: warn")
    built = run(open_shop(home))
    assert built.version == 1
    assert len(built.warnings) == 1
    assert "revenue_jpy: 1 row under 100" in built.warnings[0]


def test_personal_columns_are_not_shown_by_a_failed_check(lake: Lake, home: Path) -> None:
    people = """
        /*
        description: Customers.
        owner: shop
        checks: [at_least: {amount_jpy: 60}, matches: {email: "a.*"}]
        */
        select
          id,          -- Order
          amount_jpy,  -- Amount
          email        -- @personal Customer
        from raw_shop.orders
        """
    write(home, "transforms/tables/core_shop/people.sql", people)
    with pytest.raises(CheckFailed) as failed:
        run(open_shop(home), TableName("core_shop", "people"))
    assert "amount_jpy=50" in str(failed.value)
    assert "example.com" not in str(failed.value)


def test_an_error_at_run_time_names_the_file_and_hides_personal_values(lake: Lake, home: Path) -> None:
    edit(home, SQL, "count(*) as orders", "count(cast(email as bigint)) as orders")
    with pytest.raises(Rejected, match=r"core_shop/daily\.sql:11:9: Cannot cast text to bigint") as failed:
        run(open_shop(home))
    assert "example.com" not in str(failed.value)
    assert not (home / "lake" / "core_shop" / "daily" / "_manifest.json").exists()


def test_rows_of_other_days_are_an_error(lake: Lake, home: Path) -> None:
    edit(home, SQL, "  day                               -- Calendar day", "  date '2024-04-30' as day -- Calendar day")
    with pytest.raises(
        DataError, match="asked for the days 2024-05-01 to 2024-05-02, the query returned 2 rows of 2024-04-30"
    ):
        run(open_shop(home))


def test_a_run_that_is_repeated_does_nothing_even_in_full(lake: Lake) -> None:
    first = build(lake, DAILY, full=True, run="20240520T030000-1f")
    again = build(lake, DAILY, full=True, run="20240520T030000-1f")
    assert (first.version, again.version, again.fresh) == (1, 1, True)
    assert build(lake, DAILY, full=True, run="20240520T030001-2e").version == 2


def test_changed_sql_builds_every_day_again(lake: Lake, home: Path) -> None:
    run(lake)
    edit(home, SQL, "sum(amount_jpy) as", "2 * sum(amount_jpy) as")
    assert run(open_shop(home)).days == (MAY_1, MAY_2)
    assert rows(open_shop(home), ALL) == [(MAY_1, 2, 300), (MAY_2, 1, 140)]


def test_a_new_column_is_null_in_days_that_were_not_built_again(lake: Lake, home: Path) -> None:
    run(lake)
    edit(home, SQL, "  day       ", "  min(id) as first_id, -- First order\n  day       ")
    changed = open_shop(home)
    run(changed, window=Window(MAY_2, MAY_2))
    assert rows(changed, "select day, first_id from core_shop.daily order by day") == [
        (MAY_1, None),
        (MAY_2, 739008000),
    ]


def test_a_long_history_is_staged_in_batches_and_published_at_once(lake: Lake) -> None:
    first = date(2023, 1, 1)
    land(lake, {str(first + timedelta(days=n)): [n] for n in range(250)})
    built = run(lake)
    assert len(built.days or ()) == 252
    assert built.version == 1
    assert rows(lake, "select count(*), sum(revenue_jpy) from core_shop.daily") == [(252, sum(range(250)) + 220)]


@pytest.mark.river
def test_what_a_killed_backfill_had_staged_is_not_computed_again(lake: Lake) -> None:
    first = date(2023, 1, 1)
    land(lake, {str(first + timedelta(days=n)): [n] for n in range(250)})
    code = (
        "import os, signal, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); from shop_lake import *\n"
        "from connectors.build import build; from connectors.engines.duckdb import DuckdbEngine\n"
        "stage, left = DuckdbEngine.stage, [2]\n"
        "def dies(*given):\n"
        "    if not left[0]: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    left[0] -= 1\n"
        "    return stage(*given)\n"
        "DuckdbEngine.stage = dies\n"
        "build(open_shop(Path(sys.argv[2])), DAILY, run='killed')\n"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(lake.content.home)]
    assert subprocess.run(command, check=False).returncode == -9
    left = {name for name in files(lake) if name.startswith("killed/")}
    assert len(left) == 200
    built = run(lake)
    assert (len(built.days or ()), built.rows) == (252, 252)
    assert {name for name in files(lake) if name.startswith("killed/")} == left
    assert len(files(lake)) == 252
    assert rows(lake, "select count(*), sum(revenue_jpy) from core_shop.daily") == [(252, sum(range(250)) + 220)]
    assert run(lake).fresh


def test_after_a_conflict_the_build_goes_on_from_what_the_other_published(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = lake.catalog.commit
    others = iter([lambda: run(open_shop(lake.content.home), window=Window(MAY_1, MAY_1))])

    def late(name: TableName, expected: int | None, new: Snapshot) -> Snapshot:
        for other in others:
            monkeypatch.setattr(lake.catalog, "commit", commit)
            other()
        return commit(name, expected, new)

    monkeypatch.setattr(lake.catalog, "commit", late)
    built = run(lake)
    assert (built.days, built.version) == ((MAY_2,), 2)
    assert rows(lake, ALL) == [(MAY_1, 2, 150), (MAY_2, 1, 70)]


def test_five_conflicts_are_told(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def never(name: TableName, expected: int | None, new: Snapshot) -> Snapshot:
        tries.append(new)
        raise Conflict(f"{name} was published by another run")

    monkeypatch.setattr(lake.catalog, "commit", never)
    with pytest.raises(Conflict):
        run(lake)
    assert len(tries) == 6
    assert files(lake) == set()


def test_two_builds_at_once_both_finish(lake: Lake) -> None:
    with ThreadPoolExecutor(4) as threads:
        built = list(threads.map(lambda n: run(open_shop(lake.content.home), full=True), range(4)))
    assert max(one.version or 0 for one in built) == 4
    assert rows(lake, ALL) == [(MAY_1, 2, 150), (MAY_2, 1, 70)]


def test_views_and_unknown_names_are_not_built(lake: Lake) -> None:
    with pytest.raises(UsageError, match="is a view"):
        run(lake, TableName("shop", "best"))
    with pytest.raises(UsageError, match=r'did you mean "core_shop\.daily"'):
        run(lake, TableName("core_shop", "dayly"))


def test_a_query_of_a_table_that_is_not_built_says_what_to_run(lake: Lake) -> None:
    with pytest.raises(UsageError, match=r"baikal run \+core_shop\.daily"):
        rows(lake, "select day from shop.best")
