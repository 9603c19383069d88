"""`baikal run` for real on a small home: ingest, build, failures, dry run, versions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pyarrow.parquet as pq
import pytest
from click.testing import Result
from shop_home import write_orders

from local_dev.console import Console

Call = Callable[..., Result]
Document = Callable[..., Any]


def states(document: Any) -> dict[str, str]:
    return {table["table"]: table["state"] for table in document["tables"]}


def edit(home: Path, path: str, old: str, new: str) -> None:
    text = (home / path).read_text()
    assert old in text
    (home / path).write_text(text.replace(old, new))


def test_a_run_takes_everything_from_the_source_to_the_tables(home: Path, document: Document) -> None:
    found = document("run")
    assert states(found) == {"raw_shop.orders": "landed", "core_shop.orders": "built", "core_shop.items": "built"}
    rows = {table["table"]: table["rows"] for table in found["tables"]}
    assert rows == {"raw_shop.orders": 3, "core_shop.orders": 3, "core_shop.items": 2}
    best = document("query", "select * from shop.best order by item")
    assert best["rows"] == [["ink", "450.50"], ["pen", "220.00"]]


def test_a_second_run_does_nothing_and_says_so(home: Path, cli: Call, document: Document) -> None:
    document("run")
    assert set(states(document("run")).values()) == {"fresh"}
    result = cli("run")
    assert result.exit_code == 0
    assert result.stdout.startswith("2 fresh in ")
    assert result.stderr == ""


def test_a_source_that_is_named_is_ingested_although_it_is_not_due(home: Path, document: Document) -> None:
    document("run")
    write_orders(home.parent / "logs", "2024-05-02", [{"id": 9, "item": "ink", "amount_jpy": 1}], name="b")
    assert states(document("run", "+core_shop.items")) == {"core_shop.orders": "fresh", "core_shop.items": "fresh"}
    found = document("run", "source:shop", "core_shop.*")
    assert states(found) == {"raw_shop.orders": "landed", "core_shop.orders": "built", "core_shop.items": "built"}
    assert {table["table"]: table["days"] for table in found["tables"]}["core_shop.orders"] == 1


def test_a_person_reads_what_was_done(home: Path, cli: Call) -> None:
    result = cli("run")
    assert result.exit_code == 0
    assert "core_shop.orders" in result.stdout
    assert "1 landed, 2 built in " in result.stdout
    assert any(line.startswith("raw_shop.orders") and "3 rows" in line for line in result.stderr.splitlines())


def test_a_new_column_that_looks_personal_is_told_as_such(home: Path, cli: Call) -> None:
    write_orders(home.parent / "logs", "2024-05-01", [{"id": 7, "item": "pen", "amount_jpy": 5, "new_mail": "a@b.jp"}])
    assert "new_mail: {type: string, description: .., personal: true}" in cli("run").stderr


def test_a_new_column_of_the_source_is_told_with_the_line_to_write(home: Path, cli: Call, document: Document) -> None:
    write_orders(home.parent / "logs", "2024-05-01", [{"id": 7, "item": "pen", "amount_jpy": 5, "gift": True}])
    assert (
        "warning: raw_shop.orders has a new column; to read it, write gift: {type: boolean, description: ..} "
        "under orders: in connectors/sources/shop.schema.yaml\n"
    ) in cli("run").stderr
    edit(home, "connectors/sources/shop.schema.yaml", "  id:", "  gift: {type: boolean, description: A gift}\n  id:")
    write_orders(home.parent / "logs", "2024-05-02", [{"id": 8, "item": "ink", "amount_jpy": 5, "gift": False}])
    (found,) = [one for one in document("run", "source:shop")["tables"] if one["table"] == "raw_shop.orders"]
    assert (found["new_columns"], found["missing_columns"]) == ([], [])
    assert document("query", "select id from raw_shop.orders where gift is not null order by 1")["rows"] == [[7], [8]]


def test_files_are_read_again_by_full_when_their_source_is_named(home: Path, cli: Call, document: Document) -> None:
    document("run")
    edit(home, "connectors/sources/shop.schema.yaml", '"decimal(10,2)"', "double")
    (raw,) = document("run", "source:shop")["tables"]
    assert raw["state"] == "fresh"
    assert raw["warnings"][0].endswith("to read them again, write baikal run raw_shop.orders --full")
    assert cli("run", "source:shop").stderr.count("the type of amount_jpy changed after 2 files were read") == 1
    (raw,) = document("run", "source:shop", "--full")["tables"]
    assert (raw["state"], raw["rows"]) == ("landed", 3)
    assert "warnings" not in raw
    assert document("query", "select count(*) as n from raw_shop.orders")["rows"] == [[3]]


def test_verify_counts_tables_apart_that_were_never_published(home: Path, cli: Call, document: Document) -> None:
    cli("run")
    for path in ("connectors/sources/shop.yaml", "connectors/sources/shop.schema.yaml"):
        text = (home / path).read_text()
        orders = text[text.index("orders:") :]
        indent = "  " if "tables:" in text else ""
        (home / path).write_text(text + indent + orders.replace("orders:", "again:", 1))
    result = cli("run", "source:shop", "--verify")
    assert result.exit_code == 0
    assert "1 table as in the source, 0 not, 1 not published yet" in result.stdout
    found = document("run", "source:shop", "--verify")["tables"]
    assert {one["table"]: one["published"] for one in found} == {"raw_shop.orders": True, "raw_shop.again": False}


def test_verify_compares_and_leaves_with_1_when_something_differs(home: Path, cli: Call, document: Document) -> None:
    cli("run")
    (found,) = document("run", "source:shop", "--verify")["tables"]
    assert (found["table"], found["agrees"], found["missing"], found["source_rows"]) == (
        "raw_shop.orders",
        True,
        0,
        found["lake_rows"],
    )
    (file,) = (home / ".baikal/lake/raw_shop/orders").rglob("day=2024-05-01/*.parquet")
    rows = pq.ParquetFile(file).read()
    pq.write_table(rows.slice(1), file, store_schema=False)
    result = cli("run", "source:shop", "--verify")
    assert result.exit_code == 1
    assert "raw_shop.orders: missing: _file orders/dt=2024-05-01/" in result.stdout
    assert "0 tables as in the source, 1 not" in result.stdout
    assert cli("run", "core_shop.items", "--verify").exit_code == 2
    assert cli("run", "--verify", "--full").exit_code == 2


def test_a_dry_run_says_why_and_changes_nothing(home: Path, cli: Call, document: Document) -> None:
    found = document("run", "--dry-run")
    assert found["ingest"] == ["raw_shop.orders"]
    assert [step["table"] for step in found["build"]] == ["core_shop.orders", "core_shop.items"]
    assert not (home / ".baikal" / "lake" / "core_shop").exists()
    document("run")
    assert document("run", "--dry-run") == {"ingest": [], "build": []}
    edit(home, "transforms/tables/core_shop/items.sql", "sum(o.amount_jpy)", "sum(2 * o.amount_jpy)")
    (step,) = document("run", "--dry-run")["build"]
    assert (step["table"], step["reason"]) == ("core_shop.items", "its SQL, columns or checks changed")
    assert "its SQL, columns or checks changed" in cli("run", "--dry-run").stdout


def test_a_failed_check_shows_rows_skips_what_is_below_and_leaves_with_1(
    home: Path, cli: Call, document: Document
) -> None:
    write_orders(home.parent / "logs", "2024-05-01", [{"id": 7, "item": "pen", "email": "x@y.z", "amount_jpy": -5}])
    result = cli("run")
    assert result.exit_code == 1
    assert "core_shop.orders" in result.stderr
    assert "amount_jpy" in result.stderr
    assert "x@y.z" not in result.output
    assert "1 landed, 1 failed, 1 skipped" in result.stdout
    found = document("run", code=1)
    assert states(found) == {"core_shop.orders": "failed", "core_shop.items": "skipped"}
    failed = {table["table"]: table for table in found["tables"]}
    assert failed["core_shop.orders"]["error"]["kind"] == "data"
    assert failed["core_shop.items"]["skipped_for"] == "core_shop.orders"


def test_a_broken_file_fails_its_table_and_the_rest_goes_on(home: Path, cli: Call, document: Document) -> None:
    edit(home, "transforms/tables/core_shop/items.sql", "o.amount_jpy", "o.amount_yen")
    found = document("run", code=1)
    assert states(found) == {"raw_shop.orders": "landed", "core_shop.orders": "built", "core_shop.items": "failed"}
    result = cli("run")
    assert result.exit_code == 1
    assert "transforms/tables/core_shop/items.sql:9:" in result.stderr
    assert "amount_jpy" in result.stderr


def test_a_broken_yaml_is_told_by_run_although_no_table_is_made_of_it(home: Path, cli: Call) -> None:
    (home / "connectors/sources/crm.yaml").write_text("kind: [jsonl")
    result = cli("run")
    assert result.exit_code == 1
    assert "connectors/sources/crm.yaml:" in result.stderr
    assert "2 built" in result.stdout


def test_tables_that_read_each_other_fail_and_the_rest_goes_on(home: Path, cli: Call, document: Document) -> None:
    for one, other in (("ping", "pong"), ("pong", "ping")):
        text = f"/*\ndescription: A knot.\nowner: shop\nkey: [id]\n*/\nselect o.id -- Number\nfrom core_shop.{other} o"
        (home / f"transforms/tables/core_shop/{one}.sql").write_text(text)
    found = states(document("run", code=1))
    assert found["core_shop.items"] == "built"
    assert {found["core_shop.ping"], found["core_shop.pong"]} <= {"failed", "skipped"}
    assert "core_shop.ping" in cli("check").stdout
    assert cli("run", "--dry-run").exit_code == 1


def test_a_source_that_is_declared_wrongly_is_not_ingested(home: Path, cli: Call) -> None:
    edit(home, "connectors/sources/shop.schema.yaml", "type: bigint", "type: bigger")
    result = cli("run")
    assert result.exit_code == 1
    assert "connectors/sources/shop.schema.yaml:2" in result.stderr
    assert not (home / ".baikal" / "lake" / "raw_shop" / "orders").exists()


def test_a_source_without_an_address_is_told(home: Path, cli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_URL")
    result = cli("run")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "error: connectors/sources/shop.yaml:4: the environment variable SHOP_URL is not set; "
        "it holds a folder; write export SHOP_URL=/data/shop"
    )
    assert "sample company" not in result.stderr


def test_a_sources_address_that_the_sample_does_not_know_starts_no_sample(
    home: Path, cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".baikal/sample").mkdir(parents=True)
    (home / ".baikal/sample/company.json").write_text("{}")
    monkeypatch.delenv("SHOP_URL")
    result = cli("run", "source:shop")
    assert (result.exit_code, "sample" in result.stderr) == (1, False)


def test_a_failure_and_what_it_keeps_from_running_are_told_once(home: Path, cli: Call) -> None:
    edit(home, "transforms/tables/core_shop/orders.sql", "o.amount_jpy", "o.amount_yen")
    told = cli("run").stderr
    assert told.count("o.amount_yen") == told.count("skipped") == 1
    assert "error: transforms/tables/core_shop/orders.sql:13:" in told


def test_views_are_no_part_of_the_work_that_the_bar_counts(
    home: Path, cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals = []
    progress = Console.progress

    def counted(console: Console, label: str, total: int) -> Any:
        totals.append(total)
        return progress(console, label, total)

    monkeypatch.setattr(Console, "progress", counted)
    assert cli("run").exit_code == 0
    assert totals == [3]


def test_naming_a_view_says_what_to_run(home: Path, cli: Call) -> None:
    result = cli("run", "shop.best")
    assert result.exit_code == 0
    assert "a view is computed when it is read" in result.stderr
    assert "write baikal run +shop.best" in result.stderr
    assert "a view" not in cli("run", "+shop.best").stderr


def test_a_source_that_cannot_be_reached_leaves_with_3(
    home: Path, cli: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHOP_URL", str(tmp_path / "nowhere"))
    result = cli("run")
    assert result.exit_code == 3, result.output
    assert "nowhere" in result.stderr


def test_a_lake_that_cannot_be_written_leaves_with_3(
    home: Path, cli: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BAIKAL_LAKE", str(tmp_path / "file" / "lake"))
    result = cli("run")
    assert result.exit_code == 3, result.output


def test_a_window_builds_its_days_only(home: Path, document: Document) -> None:
    document("run")
    found = document("run", "core_shop.orders", "--start", "2024-05-02", "--end", "2024-05-02", "--full")
    (table,) = found["tables"]
    assert (table["state"], table["days"], table["rows"]) == ("built", 1, 1)


def test_versions_are_listed_and_rolled_back(home: Path, cli: Call, document: Document) -> None:
    document("run")
    document("run", "core_shop.items", "--full")
    assert [version["version"] for version in document("history", "core_shop.items")] == [2, 1]
    assert document("rollback", "core_shop.items", "1")["version"] == 3
    assert "is at version 4" in cli("rollback", "core_shop.items").stdout
    result = cli("rollback", "core_shop.items", "77")
    assert (result.exit_code, "77" in result.stderr) == (2, True)
    assert cli("history", "core_shop.items").stdout.splitlines()[2].split()[0] == "4"
    assert document("gc", "--dry-run")["tables"] == []
    assert cli("gc", "--days", "0", "--dry-run").stdout.splitlines()[-1].startswith("would remove ")
    (gone,) = document("gc", "--days", "0")["tables"]
    assert (gone["table"], sorted(gone["versions"])) == ("core_shop.items", [1, 2, 3])
    assert cli("gc", "--days", "0").stdout == "nothing to delete\n"
    assert document("query", "select count(*) from core_shop.items")["rows"] == [[2]]


def test_a_rollback_says_that_the_next_run_builds_the_table_again(home: Path, cli: Call, document: Document) -> None:
    document("run")
    document("run", "core_shop.items", "--full")
    assert cli("rollback", "core_shop.items").stderr == ""
    edit(home, "transforms/tables/core_shop/items.sql", "sum(o.amount_jpy)", "sum(2 * o.amount_jpy)")
    document("run")
    told = "warning: the next run builds it again: its SQL, columns or checks changed; to keep these rows, "
    assert cli("rollback", "core_shop.items").stderr.startswith(told)
    assert states(document("run"))["core_shop.items"] == "built"


def test_a_rollback_names_the_columns_that_the_version_lacks(home: Path, cli: Call, document: Document) -> None:
    document("run")
    edit(home, "transforms/tables/core_shop/orders.sql", "  o.item, ", "  o.item as thing,  -- It\n  o.item, ")
    document("run", "core_shop.orders")
    told = "warning: that version has no column thing, which is NULL until a run writes these rows again"
    assert cli("rollback", "core_shop.orders").stderr.splitlines()[0] == told
    assert document("query", "select count(thing) from core_shop.orders")["rows"] == [[0]]


def test_a_query_tells_the_columns_that_were_never_built(home: Path, cli: Call, document: Document) -> None:
    document("run")
    edit(home, "transforms/tables/core_shop/items.sql", "  o.item,  ", "  max(o.id) as last,  -- Newest\n  o.item,  ")
    told = "warning: core_shop.items has no last yet, which is NULL until baikal run core_shop.items\n"
    assert cli("query", "select count(*) from shop.best").stderr == told
    document("run")
    assert cli("query", "select count(last) from core_shop.items").stderr == ""


def test_gc_names_the_tables_that_have_no_file(home: Path, cli: Call, document: Document) -> None:
    document("run")
    assert "without a file" not in cli("gc").stderr
    for path in (
        "transforms/views/shop/best.sql",
        *(f"transforms/tables/core_shop/items.{x}" for x in ("sql", "test.yaml")),
    ):
        (home / path).unlink()
    assert cli("gc").stderr.startswith("1 table without a file, which gc never deletes: core_shop.items; remove ")
    assert document("gc", "--dry-run")["undeclared"] == ["core_shop.items"]


@pytest.mark.river
def test_two_runs_at_once_both_end_well(home: Path, document: Document) -> None:
    words = [sys.executable, "-c", "from local_dev.cli import main; main()", "run", "--json"]
    runs = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in runs:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "failed" not in states(json.loads(out)).values()
    assert document("query", "select count(*), sum(amount_jpy) from core_shop.orders")["rows"] == [[3, "670.50"]]
    assert set(states(document("run")).values()) == {"fresh"}


def test_nothing_to_do_imports_nothing_heavy(home: Path, document: Document) -> None:
    """How little CPU it takes is measured by `make bench`."""
    document("run")
    code = (
        "import sys, re\nsys.argv = ['baikal', 'run', '--json']\nfrom local_dev.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('duckdb', 'sqlglot', 'pyarrow', 'rich') if m in sys.modules], file=sys.stderr)\n"
        "peak_kb = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "print(int(peak_kb) / 1000, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported, peak_mb = done.stderr.strip().splitlines()[-2:]
    assert imported == "[]"
    assert float(peak_mb) < 60
    assert set(states(json.loads(done.stdout)).values()) == {"fresh"}


@pytest.mark.river
def test_ctrl_c_ends_with_130_and_nothing_half_published(home: Path, document: Document) -> None:
    edit(
        home,
        "transforms/tables/core_shop/items.sql",
        "from core_shop.orders o",
        "from core_shop.orders o" + "".join(f" cross join unnest(sequence(1, 9000)) as {x}(x)" for x in "abc"),
    )
    words = [sys.executable, "-c", "from local_dev.cli import main; main()", "run"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert process.stderr
    for line in process.stderr:
        if line.startswith("core_shop.orders"):
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "stopped" in err
    assert "Traceback" not in err
    assert not list((home / ".baikal" / "lake" / "core_shop" / "items").glob("_manifest.json"))
    assert document("query", "select count(*) from core_shop.orders")["rows"] == [[3]]


def test_a_window_that_means_nothing_is_told(home: Path, cli: Call) -> None:
    cli("run")
    result = cli("run", "core_shop.*", "--start", "2019-01-01", "--end", "2019-01-02")
    assert result.stdout.startswith("1 fresh, 1 without days in the window in ")
    told = result.stderr.splitlines()
    assert "core_shop.items has no days and is built as a whole, whatever --start and --end say" in told
    orders = "core_shop.orders has no rows from 2019-01-01 to 2019-01-02; its days are 2024-05-01 to 2024-05-02"
    assert orders in told


@pytest.mark.river
def test_watching_rebuilds_what_a_saved_file_changes_until_ctrl_c(home: Path) -> None:
    words = [sys.executable, "-c", "from local_dev.cli import main; main()", "run", "--watch"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr
    until(process.stderr, "watching the content")
    time.sleep(0.5)
    edit(home, "transforms/tables/core_shop/items.sql", "sum(o.amount_jpy)", "sum(o.amount_yen)")
    assert "amount_yen" in until(process.stderr, "error: ")
    until(process.stderr, "watching the content")
    time.sleep(0.5)
    edit(home, "transforms/tables/core_shop/items.sql", "sum(o.amount_yen)", "2 * sum(o.amount_jpy)")
    assert "built" in until(process.stderr, "core_shop.items ")
    assert until(process.stderr, "no errors any more")
    until(process.stderr, "watching the content")
    time.sleep(0.5)
    teams = (home / "transforms/teams.yaml").read_text()
    edit(home, "transforms/teams.yaml", "shop: {", "shop: {{")
    assert "is not YAML" in next(process.stderr)
    until(process.stderr, "watching the content")
    time.sleep(0.5)
    (home / "teams.yaml").write_text(teams)
    (home / "teams.yaml").rename(home / "transforms/teams.yaml")  # as editors save
    until(process.stderr, "watching the content")
    time.sleep(0.5)
    (home / "transforms/tables/core_shop/items.test.yaml").unlink()
    until(process.stderr, "transforms/tables/core_shop/items.test.yaml is gone\n")
    until(process.stderr, "watching the content")
    time.sleep(0.5)
    (home / "transforms/tables/core_shop/items.sql").unlink()
    until(process.stderr, "transforms/tables/core_shop/items.sql is gone")
    assert "core_shop.items does not exist" in until(process.stderr, "transforms/views/shop/best.sql")
    until(process.stderr, "watching the content")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, "stopped" in err, "Traceback" in err) == (130, True, False)


def until(lines: IO[str], start: str) -> str:
    """The first line that starts so."""
    for line in lines:
        if line.startswith(start):
            return line
    raise AssertionError(f"it ended before a line began with {start!r}")
