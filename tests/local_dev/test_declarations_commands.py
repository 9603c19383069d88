"""`check`, `test`, `show`, `lineage` and `new`: what needs declarations more than data."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from local_dev.selection import changed_files
from local_dev.watch import changed_names

Call = Callable[..., Result]
Document = Callable[..., Any]
ITEMS = "transforms/tables/core_shop/items.sql"
CASES = "transforms/tables/core_shop/items.test.yaml"


def edit(home: Path, path: str, old: str, new: str) -> None:
    text = (home / path).read_text()
    assert old in text
    (home / path).write_text(text.replace(old, new))


def test_check_counts_what_it_looked_at(home: Path, cli: Call, document: Document) -> None:
    result = cli("check")
    assert (result.exit_code, result.stdout) == (0, "no problems in 1 source, 2 tables, 1 view\n")
    found = document("check", "core_shop.*")
    assert (found["problems"], found["tables"], found["views"]) == ([], 2, 0)


def test_check_tells_all_problems_of_all_files_at_once(home: Path, cli: Call, document: Document) -> None:
    edit(home, "transforms/views/shop/best.sql", "owner: shop", "owner: shopp")
    edit(home, CASES, "sales_jpy: 7", "sales: 7")
    (home / "connectors/sources/crm.yaml").write_text("kind: jsonlines")
    result = cli("check")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith("transforms/views/shop/best.sql:3") and 'did you mean "shop"?' in line for line in lines)
    assert any(line.startswith(f"{CASES}:9") and "sales_jpy" in line for line in lines)
    assert any(line.startswith("connectors/sources/crm.yaml:1") and 'did you mean "jsonl"?' in line for line in lines)
    assert lines[-1].startswith(f"{len(lines) - 1} errors")
    found = document("check", "core_shop.items", code=1)
    assert {problem["path"] for problem in found["problems"]} == {CASES}
    assert all(problem["line"] for problem in found["problems"])


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (
            "transforms/views/shop/best.sql",
            "> 100",
            "> 100\n  and rand() > 0.5e0",
            "10:7: rand cannot mean the same on DuckDB: it gives other numbers at every run; write a hash of a key",
        ),
        (
            ITEMS,
            "orders o",
            "orders o tablesample bernoulli (10)",
            "10:6: TABLESAMPLE gives other rows each time; write",
        ),
    ],
)
def test_check_names_what_is_refused_and_what_to_write(
    home: Path, cli: Call, path: str, old: str, new: str, told: str
) -> None:
    edit(home, path, old, new)
    result = cli("check")
    assert result.exit_code == 1
    assert f"{path}:{told}" in result.stdout


def test_check_warns_of_what_another_run_computes_otherwise(home: Path, cli: Call) -> None:
    edit(home, ITEMS, "sum(o.amount_jpy)", "arbitrary(o.amount_jpy)")
    result = cli("check")
    assert result.exit_code == 0
    assert "warning: arbitrary may give any of the values; write min(x), or max_by(x, y)" in result.stdout


def test_check_needs_no_target(home: Path, cli: Call) -> None:
    edit(home, "connectors/targets.yaml", "laptop:", "prd:")
    assert cli("check").exit_code == 0
    assert cli("check", "--target", "prod").exit_code == 2


@pytest.mark.parametrize("text", ["", "select", "/* owner: */ select 1 as a", "/*\n- [\n*/ select 1", "\x00", "/*"])
def test_check_survives_any_file(home: Path, cli: Call, text: str) -> None:
    (home / ITEMS).write_text(text)
    result = cli("check")
    assert result.exit_code == 1
    assert ITEMS in result.stdout


def test_check_survives_bytes_that_are_no_text(home: Path, cli: Call) -> None:
    (home / ITEMS).write_bytes(b"/*\ndescription: \xff\xfe\n*/ select 1 as a")
    (home / CASES).write_bytes(b"- name: \xff")
    result = cli("check")
    assert result.exit_code == 1
    assert "not UTF-8" in result.stdout


def test_check_tells_the_targets_that_lack_a_connection(home: Path, cli: Call) -> None:
    targets = home / "connectors/targets.yaml"
    targets.write_text(targets.read_text() + "other: {engine: duckdb, timezone: UTC}\n")
    place = "connectors/sources/shop.yaml:4"
    told = 'connection "shop" is not in connectors/targets.yaml under other; write there shop: SHOP_URL'
    assert cli("check").stdout.startswith(f"{place}: warning: {told}\n0 errors, 1 warning")
    result = cli("check", "--target", "other")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (1, f"{place}: {told}")
    assert cli("check", "--target", "laptop").stdout.startswith("no problems")


def test_cases_pass_without_any_data(home: Path, cli: Call, document: Document) -> None:
    result = cli("test")
    assert result.exit_code == 0, result.output
    assert "core_shop.items: sales of an item are added up" in result.stdout
    assert "1 passed in 1 table" in result.stdout
    assert not (home / ".baikal" / "lake").exists()
    assert document("test", "core_shop.orders") == {"cases": [], "passed": 0, "failed": 0}


def test_cases_below_a_table_at_fault_do_not_pass(home: Path, cli: Call) -> None:
    (home / "transforms/tables/core_shop/orders.sql").write_text("")
    result = cli("test", "core_shop.items")
    assert (result.exit_code, "core_shop/orders.sql:1: there is no header" in result.stderr) == (1, True)


def test_a_table_at_fault_keeps_no_other_case_from_running(home: Path, cli: Call, document: Document) -> None:
    (home / "transforms/views/shop/best.test.yaml").write_text("- nmae: x\n")
    result = cli("test")
    assert result.exit_code == 1
    assert "passed  core_shop.items: sales of an item are added up" in result.stdout
    assert 'transforms/views/shop/best.test.yaml:1: "nmae" is not a key of a case' in result.stderr
    found = document("test", code=1)
    assert (found["passed"], found["failed"], found["problems"][0]["path"]) == (
        1,
        0,
        "transforms/views/shop/best.test.yaml",
    )


def test_a_file_that_says_nothing_can_be_checked_by_its_name(home: Path, cli: Call) -> None:
    for content in (b"", b"\xff"):
        (home / "transforms/tables/core_shop/orders.sql").write_bytes(content)
        result = cli("check", "core_shop.orders")
        assert (result.exit_code, result.stdout.count("core_shop/orders.sql:1: ")) == (1, 1)


def test_a_selector_without_cases_says_where_to_write_them(home: Path, cli: Call) -> None:
    result = cli("test", "core_shop.orders")
    assert (result.exit_code, result.stdout) == (
        0,
        "no cases; write transforms/tables/core_shop/orders.test.yaml\n",
    )
    assert cli("test", "source:shop").stdout == "no cases; cases stand beside tables and views: name one of them\n"


def test_an_expected_row_that_leaves_out_a_column_of_another_row_expects_null(home: Path, cli: Call) -> None:
    edit(home, CASES, "{item: ink, sales_jpy: 7}", "{item: ink}")
    assert cli("test").exit_code == 1
    edit(home, CASES, "{item: pen, sales_jpy: 3.5}", "{item: pen}")
    assert cli("test").exit_code == 0


def test_a_case_that_fails_shows_both_sides(home: Path, cli: Call, document: Document) -> None:
    edit(home, CASES, "sales_jpy: 3.5", "sales_jpy: 4.5")
    result = cli("test")
    assert result.exit_code == 1
    assert f"failed  {CASES}:1: sales of an item are added up" in result.stdout
    assert [line.split() for line in result.stdout.splitlines() if "missing" in line] == [["missing", "pen", "4.50"]]
    assert [line.split() for line in result.stdout.splitlines() if "unexpected" in line] == [
        ["unexpected", "pen", "3.50"]
    ]
    (case,) = document("test", code=1)["cases"]
    assert (case["passed"], case["missing"], case["unexpected"]) == (False, [["pen", "4.50"]], [["pen", "3.50"]])


def test_a_case_that_fails_at_run_time_is_told(home: Path, cli: Call) -> None:
    edit(home, ITEMS, "sum(o.amount_jpy) as", "sum(o.amount_jpy / (o.id - 1)) as")
    result = cli("test")
    assert result.exit_code == 1, result.output
    assert "failed" in result.stdout


def test_a_wrong_case_file_is_told_with_its_line(home: Path, cli: Call) -> None:
    edit(home, CASES, "item: ink, amount", "itme: ink, amount")
    result = cli("test")
    assert result.exit_code == 1
    assert f'{CASES}:6: there is no column "itme"' in result.stderr
    assert 'did you mean "item"?' in result.stderr


def test_cases_of_a_table_that_is_gone_are_one_problem(home: Path, cli: Call) -> None:
    (home / CASES).rename(home / CASES.replace("items", "itens"))
    result = cli("check")
    assert result.exit_code == 1
    assert 'did you mean "core_shop.items"?' in result.stdout
    assert result.stdout.splitlines()[-1].startswith("1 error,")


def test_show_says_everything_about_a_table(home: Path, cli: Call, document: Document) -> None:
    assert document("show", "core_shop.orders")["published"] is None
    document("run")
    found = document("show", "core_shop.orders")
    assert (found["owner"], found["partition"], found["inputs"]) == ("shop", "day", ["raw_shop.orders"])
    assert found["consumers"] == ["core_shop.items"]
    assert [column["name"] for column in found["columns"] if column["personal"]] == ["email"]
    assert (found["published"]["rows"], found["published"]["last_day"]) == (3, "2024-05-02")
    assert len(found["versions"]) == 1
    shown = cli("show", "core_shop.orders").stdout
    for wanted in ("Every order once.", "owner", "2024-05-01 to 2024-05-02", "personal", "at_least", "3 rows"):
        assert wanted in shown
    assert "jsonl" not in cli("show", "shop.best").stdout
    assert document("show", "raw_shop.orders")["mode"] == "append"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), ["core_shop.items", "core_shop.orders", "raw_shop.orders", "shop.best"]),
        (("shop",), ["shop.best"]),
        (("core_shop.*",), ["core_shop.items", "core_shop.orders"]),
        (("source:shop",), ["raw_shop.orders"]),
        (("+core_shop.orders",), ["core_shop.orders", "raw_shop.orders"]),
    ],
)
def test_show_lists_what_a_selector_names(
    home: Path, cli: Call, document: Document, words: tuple[str, ...], names: list[str]
) -> None:
    assert [one["name"] for one in document("show", *words)] == names
    assert all(name in cli("show", *words).stdout for name in names)


def test_show_tells_the_rejects_of_a_raw_table(home: Path, cli: Call, document: Document) -> None:
    day = next(home.parent.rglob("orders/*/*.jsonl"))
    day.write_bytes(day.read_bytes() + b'{"id": "x\xff"}\n')
    document("run", "source:shop")
    found = document("show", "raw_shop.orders", "--rejects", "--raw")
    assert found["reject_rows"] == len(found["rejects"]) == 1
    assert (found["rejects"][0]["reason"], found["rejects"][0]["raw"]) == ("not UTF-8", '{"id": "x\\xff"}')
    place = f"{found['rejects'][0]['file']}:{found['rejects'][0]['line']}"
    assert place in cli("show", "raw_shop.orders", "--rejects").stdout
    result = cli("show", "core_shop.items", "--rejects")
    assert (result.exit_code, "is computed and has no rejects" in result.stderr) == (2, True)


def test_the_text_of_a_reject_with_personal_columns_is_shown_when_asked_for(
    home: Path, cli: Call, document: Document
) -> None:
    day = next(home.parent.rglob("orders/*/*.jsonl"))
    day.write_bytes(day.read_bytes() + b'{"id": "x", "email": "me@example.com"}\n')
    document("run", "source:shop")
    result = cli("show", "raw_shop.orders", "--rejects")
    assert "id: " in result.stdout
    assert "me@example.com" not in result.output
    assert "their text may hold what is personal (email); --raw shows it" in result.stderr
    assert document("show", "raw_shop.orders", "--rejects")["rejects"][0]["raw"] is None
    assert "me@example.com" in cli("show", "raw_shop.orders", "--rejects", "--raw").stdout
    assert cli("show", "raw_shop.orders", "--raw").exit_code == 2


def test_show_tells_the_rejects_of_a_run_that_failed_by_them(home: Path, cli: Call, document: Document) -> None:
    day = next(home.parent.rglob("orders/*/*.jsonl"))
    good = day.read_bytes()
    day.write_bytes(good + b"{broken\n" * 30)
    assert "--rejects shows them" in cli("run", "source:shop").stderr
    result = cli("show", "raw_shop.orders", "--rejects", "--raw")
    assert "{broken" in result.stdout
    assert "30 rejects of 33 rows in the last attempt, at " in result.stderr
    assert "which published nothing, the first 20 of them above" in result.stderr
    assert "0 rejects of raw_shop.orders as it is published" in result.stderr
    failed = document("show", "raw_shop.orders", "--rejects")["failed_attempt"]
    assert (failed["reject_rows"], len(failed["rejects"])) == (30, 30)
    day.write_bytes(good)
    document("run", "source:shop")
    assert document("show", "raw_shop.orders", "--rejects")["failed_attempt"] is None


def test_a_promise_is_shown_as_it_is_declared(home: Path, cli: Call) -> None:
    edit(home, ITEMS, "key: [item]", 'key: [item]\nslo: {fresh_by: "09:00", days_met: 99.5%}')
    assert "fresh_by 09:00, days_met 99.5%\n" in cli("show", "core_shop.items").stdout


def test_a_file_stands_for_what_it_declares_and_names_are_known_in_any_case(
    home: Path, cli: Call, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert document("show", ITEMS)["name"] == document("show", "CORE_SHOP.Items")["name"] == "core_shop.items"
    assert document("check", CASES)["tables"] == 1
    assert document("check", f"+{ITEMS}+") == document("check", "+Core_Shop.items+")
    assert document("show", "connectors/sources/shop.schema.yaml")["name"] == "raw_shop.orders"
    monkeypatch.chdir(home / "transforms/tables")
    assert document("check", "core_shop/items.sql")["tables"] == 1
    assert document("check", str(home / ITEMS))["tables"] == 1
    result = cli("check", "core_shop/itens.sql")
    assert (result.exit_code, result.stderr) == (2, "error: core_shop/itens.sql: no such file\n")


def test_lineage_follows_tables_and_columns_both_ways(home: Path, cli: Call, document: Document) -> None:
    found = document("lineage", "core_shop.items")
    assert [one["name"] for one in found["upstream"]] == ["core_shop.orders", "raw_shop.orders"]
    assert found["downstream"] == [{"name": "shop.best", "steps": 1}]
    found = document("lineage", "core_shop.items.sales_jpy")
    assert [one["name"] for one in found["upstream"]] == ["core_shop.orders.amount_jpy", "raw_shop.orders.amount_jpy"]
    assert [one["name"] for one in found["downstream"]] == ["shop.best.sales_jpy"]
    shown = cli("lineage", "shop.best", "--depth", "1").stdout
    assert shown.splitlines() == ["shop.best", "comes from", "  └─ core_shop.items", "is used by", "  nothing"]


def test_a_new_table_is_valid_and_runs(home: Path, cli: Call, document: Document) -> None:
    path = "transforms/tables/core_shop/copies.sql"
    assert document("new", "table", "core_shop.copies", "--from", "raw_shop.orders") == {"files": [path]}
    assert cli("check").stdout.startswith("no problems")
    text = (home / path).read_text()
    assert "partition: day" in text
    assert "-- @personal Who ordered" in text
    assert "_ingested_at" not in text
    states = {table["table"]: table["state"] for table in document("run", "+core_shop.copies")["tables"]}
    assert states["core_shop.copies"] == "built"
    again = cli("new", "table", "core_shop.copies", "--from", "raw_shop.orders")
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    assert (home / path).read_text() == text


def test_a_new_table_and_view_from_nothing_are_valid(home: Path, cli: Call, document: Document) -> None:
    document("new", "table", "core_shop.first", "--description", 'What: it\'s #1, "quoted" */')
    document("new", "view", "shop.second", "--from", "core_shop.items")
    assert cli("check").stdout == "no problems in 1 source, 3 tables, 2 views\n"
    assert cli("run", "core_shop.first").exit_code == 0
    assert document("query", "select id, name from core_shop.first")["rows"] == [[1, "example"]]


def test_a_file_that_is_there_is_never_overwritten(home: Path, cli: Call) -> None:
    path = home / "transforms/tables/core_shop/broken.sql"
    path.write_text("")
    result = cli("new", "table", "core_shop.broken")
    assert (result.exit_code, path.read_text()) == (2, "")


def test_a_database_that_cannot_be_reached_is_told_in_one_line_without_its_password(
    home: Path, cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_URL", "postgresql://reader:secret@127.0.0.1:1/crm")
    result = cli("new", "source", "crm", "--connection", "CRM_URL")
    assert result.exit_code == 3, result.output
    assert result.stderr.startswith("error: cannot connect to crm: ")
    assert len(result.stderr.splitlines()) == 1
    assert "secret" not in result.output
    assert not list((home / "connectors/sources").glob("crm*"))


def test_a_new_source_is_read_without_an_edit(
    home: Path, cli: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bills.csv").write_text("id,paid_jpy\n1,120\n")
    targets = home / "connectors/targets.yaml"
    targets.write_text(
        "laptop:  # ours\n  engine: duckdb\n  timezone: UTC\n  connections:\n    shop: SHOP_URL  # logs\n\n"
        "other: {engine: duckdb, timezone: UTC, connections: {shop: SHOP_URL}}\n"
    )
    before = targets.read_text()
    monkeypatch.setenv("BILLS_URL", str(tmp_path))
    words = ("new", "source", "bills", "--kind", "csv", "--connection", "BILLS_URL", "--owner", "shop")
    result = cli(*words)
    assert result.exit_code == 0, result.output
    told = "wrote connectors/targets.yaml: bills: BILLS_URL under laptop\ntry: baikal run source:bills\n"
    assert result.stdout.endswith(told)
    line = "    shop: SHOP_URL  # logs\n"
    assert targets.read_text() == before.replace(line, f"{line}    bills: BILLS_URL\n")
    assert cli("run", "source:bills").exit_code == 0
    monkeypatch.setenv("MORE_URL", str(tmp_path))
    for file in (home / "connectors/sources").glob("bills*"):
        file.unlink()
    taken = cli(*(word.replace("BILLS_URL", "MORE_URL") for word in words))
    assert (taken.exit_code, "bills leads to BILLS_URL already, under connections of laptop" in taken.stderr) == (
        2,
        True,
    )


def test_a_target_without_connections_gets_the_first(
    home: Path, cli: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bills.csv").write_text("id,paid_jpy\n1,120\n")
    monkeypatch.setenv("BILLS_URL", str(tmp_path))
    for file in (home / "connectors").rglob("*.yaml"):
        file.unlink()
    result = cli("new", "source", "bills", "--kind", "csv", "--connection", "BILLS_URL", "--owner", "shop")
    assert result.exit_code == 0, result.output
    written = "laptop: {engine: duckdb, timezone: UTC, connections: {bills: BILLS_URL}}\n"
    assert (home / "connectors/targets.yaml").read_text() == written


def test_changed_without_git_says_what_is_missing(cli: Call, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    result = cli("check", "changed")
    assert (result.exit_code, "git, which is not installed" in result.stderr) == (3, True)


def git(home: Path, *words: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(home), *who, *words], check=True, capture_output=True)


def test_changed_is_what_differs_from_the_main_branch(home: Path, cli: Call, document: Document) -> None:
    result = cli("check", "changed")
    assert (result.exit_code, "git" in result.stderr) == (2, True)
    git(home, "init")
    git(home, "add", ".")
    git(home, "commit", "-m", "all")
    assert document("check", "changed")["tables"] == 0
    edit(home, ITEMS, "What every item", "What an item")
    (home / "transforms/tables/core_shop/new one.sql").write_text("")
    (home / "transforms/tables/core_shop/third.sql").write_text((home / ITEMS).read_text())
    assert changed_files(home) == sorted(
        [ITEMS, "transforms/tables/core_shop/new one.sql", "transforms/tables/core_shop/third.sql"]
    )
    git(home, "checkout", "-b", "branch")
    git(home, "commit", "-a", "-m", "edit")
    found = document("check", "changed")
    assert (found["tables"], found["views"]) == (2, 0)
    assert document("check", "changed+")["views"] == 1


def test_watching_builds_what_a_saved_file_changes(home: Path) -> None:
    from connectors.content import open_content

    content = open_content(home)
    assert [str(name) for name in changed_names(content, {ITEMS})] == ["core_shop.items"]
    assert [str(name) for name in changed_names(content, {"connectors/sources/shop.schema.yaml"})] == [
        "raw_shop.orders"
    ]
    assert changed_names(content, {"transforms/teams.yaml"}) == set(content.names)
    assert changed_names(content, {"transforms/tables/core_shop/gone.sql"}) == set()


@pytest.mark.parametrize("word", ["core_shpo", "shpo"])
def test_a_database_that_is_misspelt_is_known(home: Path, cli: Call, word: str) -> None:
    meant = word.replace("shpo", "shop")
    assert f'did you mean "{meant}"?' in cli("show", word).stderr
    assert f'did you mean "{meant}"?' in cli("check", word).stderr


def test_files_that_are_missing_are_said_to_be(home: Path, cli: Call) -> None:
    for path in ("connectors/targets.yaml", "transforms/teams.yaml"):
        (home / path).unlink()
    targets, teams, _ = cli("check").stdout.splitlines()
    assert targets.startswith("connectors/targets.yaml: this file is missing: no target has a connection")
    assert teams.startswith("transforms/teams.yaml: this file is missing: no team is declared")


def test_a_header_that_is_a_list_is_one_problem(home: Path, cli: Call) -> None:
    path = "transforms/tables/core_shop/items.sql"
    text = (home / path).read_text()
    (home / path).write_text("/*\n- owner: shop\n" + text[text.index("*/") :])
    told, _ = cli("check").stdout.splitlines()
    assert told.startswith(f"{path}:2: the first comment is not a header")


def test_checks_that_say_nothing_are_told_where_they_stand(home: Path, cli: Call) -> None:
    path = "transforms/tables/core_shop/items.sql"
    edit(home, path, "key: [item]", "checks: []")
    assert cli("check").stdout.startswith(f"{path}:4: this table has no checks; write checks:")


@pytest.mark.parametrize("words", [("check",), ("test",), ("lineage", "core_shop.items")])
def test_what_needs_no_data_opens_no_target(home: Path, cli: Call, words: tuple[str, ...]) -> None:
    targets = home / "connectors/targets.yaml"
    away = "away: {engine: athena, timezone: UTC, region: us-east-1, bucket: lake, endpoint: 'http://127.0.0.1:1', "
    targets.write_text(f"{targets.read_text()}{away}connections: {{shop: SHOP_URL}}}}\n")
    assert cli(*words, "--target", "away").exit_code == 0
    assert cli(*words, "--target", "awai").exit_code == 2
