"""`baikal parity`: what is told without a server, how rows are compared, and both engines on a small lake."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from connectors.lake import lake_at, open_lake
from local_dev import same_rows, trino_lake
from local_dev.parity_rows import Difference, first_difference
from local_dev.parity_targets import compare_targets
from local_dev.trino import Answer, ask
from transforms.analyzer.rounded import rounded_columns
from transforms.column import Column
from transforms.lake_types import Type
from transforms.names import TableName

Call = Callable[..., Result]
Document = Callable[..., Any]
COLUMNS = ["day", "id", "amount"]


def test_rows_are_matched_by_their_key_whatever_their_order() -> None:
    ours = [["2024-05-01", 1, 0.1], ["2024-05-02", 1, 0.3]]
    theirs = [["2024-05-02", 1, 0.30000000000000004], ["2024-05-01", 1, 0.1]]
    assert first_difference(COLUMNS, ["day", "id"], ours, theirs) is None
    theirs[1][2] = 0.2
    found = first_difference(COLUMNS, ["day", "id"], ours, theirs)
    assert found == Difference("amount", {"day": "2024-05-01", "id": 1}, 0.1, 0.2)


def test_a_row_that_one_side_lacks_is_told_whole() -> None:
    ours, theirs = [["2024-05-01", 1, 5]], [["2024-05-01", 1, 5], ["2024-05-01", 2, 6]]
    found = first_difference(COLUMNS, ["day", "id"], ours, theirs)
    assert found is not None
    assert (found.column, found.laptop, found.trino) == ("", None, {"day": "2024-05-01", "id": 2, "amount": 6})


def test_rows_are_a_bag_in_which_maps_have_no_order() -> None:
    ours = [[1, None, {"a": 1, "b": 2}], [1, None, {"c": 3}], [1, None, {"c": 3}]]
    theirs = [[1, None, {"c": 3}], [1, None, {"b": 2, "a": 1}], [1, None, {"c": 3}]]
    assert same_rows.unmatched(ours, theirs) == ([], [])
    assert first_difference(["g", "b", "m"], [], ours, theirs) is None
    theirs[0] = theirs[1]
    assert same_rows.unmatched(ours, theirs) == ([[1, None, {"c": 3}]], [[1, None, {"a": 1, "b": 2}]])
    found = first_difference(["g", "b", "m"], [], ours, theirs)
    assert found == Difference("m", {}, {"c": 3}, {"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([[0.0]], [[-0.0]]),
        ([[1]], [[1.0]]),
        ([[True]], [[1]]),
        ([[{"a": [1, 2]}]], [[{"a": [2, 1]}]]),
        ([[{"a": None}]], [[{}]]),
        ([[0.1], [0.1], [0.2]], [[0.1], [0.2], [0.2]]),
        ([[None]], [["NaN"]]),
    ],
)
def test_rows_that_differ_are_found(ours: list[Any], theirs: list[Any]) -> None:
    assert all(same_rows.unmatched(ours, theirs))
    assert all(same_rows.unmatched(theirs, ours))


def test_last_bits_pair_rows_in_whatever_order_they_sort() -> None:
    one, more = 0.3, 0.30000000000000004
    assert same_rows.unmatched([[one, 1.0], [more, 2.0]], [[one, 2.0], [more, 1.0]]) == ([], [])
    assert same_rows.unmatched([[0.1, 1.0], [0.2, 2.0]], [[0.2, 2.0], [0.15, 9.0], [0.1, 1.0]]) == ([], [[0.15, 9.0]])


def test_rows_without_a_key_are_compared_as_sorted() -> None:
    ours, theirs = [["a", 1, None], ["b", 2, 0.1]], [["b", 2, 0.1], ["a", 1, None]]
    assert first_difference(COLUMNS, [], ours, theirs) is None
    assert first_difference(COLUMNS, [], ours, [*theirs, ["b", 2, 0.1]]) is not None


def test_columns_that_may_rightly_differ_are_left_out() -> None:
    ours, theirs = [["2024-05-01", 1, 5]], [["2024-05-01", 1, 6]]
    assert first_difference(COLUMNS, ["id"], ours, theirs, ["amount"]) is None
    assert first_difference(COLUMNS, ["amount"], ours, theirs, ["amount"]) is None


def test_the_last_digits_of_sums_are_of_no_account_and_those_of_others_are() -> None:
    ours, theirs = [["a", 0.1, 0.1]], [["a", 0.1 + 1e-13, 0.1]]
    columns, key = ["k", "summed", "given"], ["k"]
    assert first_difference(columns, key, ours, theirs, (), ["summed"]) is None
    assert first_difference(columns, key, ours, theirs, (), ["given"]) is not None
    assert first_difference(columns, key, ours, [["a", 0.1001, 0.1]], (), ["summed"]) is not None


def test_columns_are_known_to_be_added_up_by_lineage() -> None:
    schema = {
        TableName("core_x", "t"): tuple(
            Column(name, Type.parse(type_)) for name, type_ in (("k", "varchar"), ("x", "double"), ("n", "bigint"))
        )
    }
    sql = (
        "with m as (select k, var_samp(n) as spread, sum(n) as total, avg(x) as mean, max(x) as top "
        "from core_x.t group by k) select k, sqrt(spread) as low, total, mean, top, mean > 1e0 as above from m"
    )
    assert rounded_columns(sql, schema) == {"low": "var_samp", "mean": "avg", "above": "avg"}


def test_without_a_server_the_line_to_run_is_told(home: Path, cli: Call, tmp_path: Path) -> None:
    assert cli("run").exit_code == 0
    result = cli("parity", "core_shop.items", "--port", "1")
    assert (result.exit_code, "make trino" in result.stderr) == (3, True)
    assert not list((home / ".baikal" / "lake" / "_tmp").glob("parity*"))


def test_raw_tables_alone_are_wrong_usage(home: Path, cli: Call) -> None:
    result = cli("parity", "source:shop")
    assert (result.exit_code, "select a table or a view" in result.stderr) == (2, True)


@pytest.mark.trino
def test_the_tables_of_a_shop_are_the_same_on_both(home: Path, cli: Call, document: Document, trino: None) -> None:
    assert cli("run", "--start", "2024-05-01", "--end", "2024-05-02").exit_code == 0
    found = document("parity")
    assert (found["same"], found["different"]) == (3, 0)
    assert {table["table"]: table["rows"] for table in found["tables"]} == {
        "core_shop.orders": 3,
        "core_shop.items": 2,
        "shop.best": 2,
    }
    assert not [row for row in ask("show catalogs").rows if row[0].startswith("parity_")]


@pytest.mark.trino
def test_the_first_difference_is_told_with_its_key_and_its_expression(
    home: Path, cli: Call, document: Document, trino: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The laptop's rows are right; the other engine is made to answer wrongly."""
    assert cli("run", "--start", "2024-05-01", "--end", "2024-05-02").exit_code == 0

    def difference(instead: str) -> dict[str, Any]:
        def wrong(sql: str, **more: Any) -> Answer:
            return ask(sql.replace("sum(o.amount_jpy)", instead), **more)

        monkeypatch.setattr(trino_lake, "ask", wrong)
        (table,) = document("parity", "core_shop.items", code=1)["tables"]
        found: dict[str, Any] = table["difference"]
        return found

    types = difference("max(o.amount_jpy)")
    assert types == {"column": "sales_jpy", "type": {"laptop": "decimal(38,2)", "trino": "decimal(10,2)"}}
    assert difference("sum(o.amount_jpy + 1)") == {
        "column": "sales_jpy",
        "key": {"item": "ink"},
        "laptop": "450.50",
        "trino": "451.50",
        "expression": "SUM(o.amount_jpy) AS sales_jpy",
    }
    assert "no_such" in difference("no_such(o.amount_jpy)")["trino"]


def test_a_target_is_not_compared_with_itself(home: Path, cli: Call) -> None:
    result = cli("parity", "--with", "laptop")
    assert (result.exit_code, "--with laptop compares laptop with itself" in result.stderr) == (2, True)


def test_all_leaves_nothing_to_select(home: Path, cli: Call) -> None:
    result = cli("parity", "--all", "core_shop.*")
    assert (result.exit_code, "leave it out, or core_shop.*" in result.stderr) == (2, True)


def test_a_column_that_one_target_lacks_is_told(home: Path, cli: Call, tmp_path: Path) -> None:
    assert cli("run").exit_code == 0
    shutil.copytree(home / ".baikal" / "lake", tmp_path / "before")
    file = home / "transforms/tables/core_shop/items.sql"
    file.write_text(
        file.read_text().replace("  -- All sales, yen", ",  -- All sales, yen\n  count(*) as orders  -- Orders")
    )
    assert cli("run").exit_code == 0
    here = open_lake(home=home)
    before = lake_at(tmp_path / "before", here.content)
    there = replace(before, target=replace(before.target, name="before"))
    (compared,) = compare_targets(here, there, [TableName("core_shop", "items")])
    assert compared.difference == {"laptop": ("orders", "bigint"), "before": None}
