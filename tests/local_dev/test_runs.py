"""`baikal runs`: a person sees what ran, and why a table is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from shop_home import write_orders

Call = Callable[..., Result]
Document = Callable[..., Any]


def test_runs_are_listed_newest_first(home: Path, cli: Call, document: Document) -> None:
    assert "no run in the last 7 days" in cli("runs").stdout
    first = document("run")
    second = document("run", "core_shop.*", "--full")
    found = document("runs")
    assert [one["run"] for one in found] == [second["run"], first["run"]]
    assert [one["command"] for one in found] == ["run core_shop.* --full", "run"]
    assert [one["tables"] for one in found] == [{"published": 2}, {"published": 3}]
    assert {one["outcome"] for one in found} == {"done"}
    shown = cli("runs", "--limit", "1").stdout
    assert "2 published" in shown
    assert first["run"] not in shown


def test_one_run_tells_why_a_table_failed_and_what_is_below_it(home: Path, cli: Call, document: Document) -> None:
    document("run")
    write_orders(home.parent / "logs", "2024-05-02", [{"id": 7, "item": "pen", "email": "x@y.z", "amount_jpy": -5}])
    run = document("run", "source:shop", "core_shop.*", code=1)["run"]
    assert [one["run"] for one in document("runs", "--failed")] == [run]
    tables = {entry["table"]: entry for entry in document("runs", run)["tables"]}
    assert {name: entry["outcome"] for name, entry in tables.items()} == {
        "raw_shop.orders": "published",
        "core_shop.orders": "failed",
        "core_shop.items": "skipped",
    }
    assert tables["core_shop.orders"]["cause"] == "check"
    shown = cli("runs", run[:-2]).stdout
    assert "amount_jpy: 1 row under 0" in shown
    assert "core_shop.orders failed" in shown
    assert "x@y.z" not in shown


def test_a_rollback_is_a_run_too_and_one_that_cannot_be_is_none(home: Path, cli: Call, document: Document) -> None:
    document("run")
    document("run", "core_shop.*", "--full")
    assert cli("rollback", "core_shop.items", "77").exit_code == 2
    rolled = document("rollback", "core_shop.items")
    newest, *older = document("runs")
    assert len(older) == 2
    assert (newest["run"], newest["command"]) == (rolled["run"], "rollback core_shop.items 1")
    assert (newest["outcome"], newest["tables"]) == ("done", {"repointed": 1})
    (entry,) = document("runs", newest["run"])["tables"]
    assert (entry["table"], entry["outcome"], entry["version"]) == ("core_shop.items", "repointed", 3)


def test_a_run_that_is_not_there(home: Path, cli: Call) -> None:
    result = cli("runs", "2023")
    assert result.exit_code == 2
    assert 'no run begins with "2023"; baikal runs --days 30 lists them' in result.stderr


def test_the_beginning_of_several_runs_lists_them(home: Path, cli: Call, document: Document) -> None:
    document("run")
    document("run", "--full")
    second, first = (run["run"] for run in document("runs"))
    told = f'several runs begin with "20", the newest are {second} and {first}; '
    assert told in cli("runs", "20").stderr


def test_a_repair_whose_source_has_no_address_is_no_run(
    home: Path, cli: Call, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = home / "connectors/sources/shop.yaml"
    source.write_text(source.read_text().replace("rejects: 30%", "rejects: 90%"))
    write_orders(home.parent / "logs", "2024-05-02", [{"id": "seven", "item": "pen"}])
    document("run", "source:shop")
    before = document("runs")
    monkeypatch.delenv("SHOP_URL")
    refused = cli("repair", "raw_shop.orders")
    assert refused.exit_code == 1
    assert "the environment variable SHOP_URL is not set" in refused.stderr
    assert document("runs") == before
    monkeypatch.setenv("SHOP_URL", str(home.parent / "logs"))
    assert document("repair", "raw_shop.orders")["rejects"] == 1


def test_one_run_tells_what_was_not_expected_of_a_source_also_when_nothing_was_new(
    home: Path, cli: Call, document: Document
) -> None:
    write_orders(home.parent / "logs", "2024-05-03", [{"id": 9, "item": "pen", "coupon": "MAY"}])
    first = document("run")["run"]
    (entry,) = (one for one in document("runs", first)["tables"] if one["table"] == "raw_shop.orders")
    assert entry["new_columns"] == ["coupon"]
    assert "warning: raw_shop.orders has new columns: coupon" in cli("runs", first).stdout

    schema = home / "connectors/sources/shop.schema.yaml"
    schema.write_text(schema.read_text().replace("decimal(10,2)", "double"))
    told = document("run", "source:shop")
    (table,) = told["tables"]
    assert table["state"] == "fresh"
    (entry,) = document("runs", told["run"])["tables"]
    assert (entry["table"], entry["outcome"]) == ("raw_shop.orders", "fresh")
    assert entry["warnings"] == table["warnings"]
    assert f"warning: {table['warnings'][0]}" in cli("runs", told["run"]).stdout
    assert document("runs")[0]["tables"] == {"fresh": 1}
