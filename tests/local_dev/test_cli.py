"""The command line's contract: exit codes, one JSON document, errors of one line, and what starting costs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import Result

from local_dev import cli_docs
from local_dev.cli import COMMANDS, baikal
from local_dev.console import plural, size
from local_dev.failure import failure_of
from transforms.errors import CheckFailed, Conflict, OutsideError, Refused, UsageError
from transforms.publish import GRACE

Call = Callable[..., Result]
WRONG = [
    (("chek",), 'no command is named "chek"; did you mean "check"?'),
    (("check", "--nope"), "No such option '--nope'"),
    (("check", "core_shop.orderz"), 'did you mean "core_shop.orders"?'),
    (("check", "--target", "prd"), 'no target is named "prd"; targets are laptop'),
    (("run", "nope"), 'no table or view is named "nope"'),
    (("run", "source:shopp"), 'did you mean "shop"?'),
    (("run", "owner:nobody"), "there are shop"),
    (("run", "--start", "May"), '"May" is not a day; write it as 2024-05-01'),
    (("run", "--end", "2024-05-01"), "--end needs --start"),
    (("run", "--start", "2024-05-02", "--end", "2024-05-01"), "is after --end"),
    (("run", "--start", "2999-01-01"), "--start 2999-01-01 is in the future; today is "),
    (("run", "--watch", "--dry-run"), "--watch goes on until Ctrl-C"),
    (("test", "core_shop.*x"), 'no table or view is named "core_shop.*x"'),
    (("query",), "give one of: the SQL itself"),
    (("query", "select", "1"), 'as in baikal query "select .."'),
    (("query", "select 1", "-f", "x.sql"), "give one of: the SQL itself"),
    (("query", "-f", "nowhere.sql"), "nowhere.sql does not exist"),
    (("query", "--batch", "nowhere.jsonl"), "nowhere.jsonl does not exist"),
    (("query", "select 1", "--format", "xml"), "'xml' is not one of 'table', 'csv', 'json', 'parquet'"),
    (("query", "select 1", "--format", "parquet"), "write --output PATH"),
    (("query", "select 1", "--output", "rows.xls"), "no suffix that tells its format"),
    (("query", "select 1", "--output", "nowhere/rows.csv"), "nowhere is not a folder"),
    (("compile",), "give one of: a table or view"),
    (("compile", "raw_shop.orders"), "has no SQL; name a table or a view"),
    (("show", "core_shop.orderz"), 'did you mean "core_shop.orders"?'),
    (("show", "orders"), "write core_shop.orders or raw_shop.orders"),
    (("lineage", "core_shop.items.sales"), 'did you mean "sales_jpy"?'),
    (("lineage", "shop"), 'no table or view is named "shop"; it is a database; write one of shop.best'),
    (("history", "core_shop.items"), "core_shop.items"),
    (("history", "shop.best"), "is a view"),
    (("rollback", "core_shop.items", "one"), '"one" is no version, which is a number; baikal history core_shop.items'),
    (("rollback", "core_shop.items", "-1"), "No such option '-1'"),
    (("rollback", "items"), 'no table or view is named "items"; write core_shop.items'),
    (("history", "x"), 'no table or view is named "x"; write database.table'),
    (("run", ""), '"" names nothing; write +database.table for a table with all that it needs'),
    (("run", "+"), '"+" names nothing'),
    (("gc", "--days", "-1"), "is not in the range"),
    (("new",), "Missing command"),
    (("new", "tabel", "core_shop.x"), "No such command 'tabel'"),
    (("new", "table", "shop.x"), "begins with core_"),
    (("new", "view", "core_shop.x"), "has a plain name"),
    (("new", "table", "core_shop.items"), "core_shop.items is there already"),
    (("new", "table", "core_shop.x", "--from", "core_shop.item"), 'did you mean "core_shop.items"?'),
    (("new", "table", "core_shop.x", "--from", "shop.best"), "is a view; a table reads raw tables and tables"),
    (("new", "view", "shop.x", "--from", "raw_shop.orders"), "is a raw table"),
    (("new", "table", "core_shop.x", "--owner", "shopp"), 'did you mean "shop"?'),
    (("new", "source", "crm", "--connection", "postgresql://a:secret@h/d"), "put the address into CRM_URL"),
    (("new", "source", "CRM", "--connection", "CRM_URL"), '"CRM" is not the name of a source'),
    (("new", "source", "crm"), "Missing option '--connection'"),
    (("demo", "--users", "many"), "'many' is not a valid"),
]


@pytest.mark.parametrize(("words", "wanted"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_a_wrong_call_is_told_in_one_line_and_leaves_with_2(
    home: Path, cli: Call, words: tuple[str, ...], wanted: str
) -> None:
    result = cli(*words)
    assert result.exit_code == 2, result.output
    assert wanted in result.stderr
    assert "secret" not in result.output
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize("words", [("run",), ("new", "source", "crm", "--connection", "SHOP_URL")])
def test_a_variable_that_is_not_set_leaves_with_1(
    home: Path, cli: Call, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.delenv("SHOP_URL")
    result = cli(*words)
    assert result.exit_code == 1
    assert "the environment variable SHOP_URL is not set; it holds " in result.stderr


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (("--json", "check"), ("check", "--json")),
        (("--debug", "--target", "laptop", "check", "core_shop.*"), ("check", "core_shop.*", "--target", "laptop")),
        (("--target=prd", "query", "--", "select 1"), ("query", "--target=prd", "--", "select 1")),
        (("help",), ("--help",)),
        (("--json", "help", "run"), ("run", "--help")),
        (("help", "new", "table"), ("new", "table", "--help")),
    ],
)
def test_options_before_the_command_and_help_work_too(
    home: Path, cli: Call, words: tuple[str, ...], same: tuple[str, ...]
) -> None:
    result, wanted = cli(*words), cli(*same)
    assert (result.exit_code, result.output) == (wanted.exit_code, wanted.output)


@pytest.mark.parametrize("words", [("chek",), ("run", "nope"), ("query", "--nope")])
def test_an_error_is_the_one_document_too(home: Path, document: Callable[..., Any], words: tuple[str, ...]) -> None:
    found = document(*words, code=2)
    assert found["error"]["kind"] == "usage"
    assert found["error"]["message"]


def test_a_home_that_is_no_folder_is_told(cli: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAIKAL_HOME", str(tmp_path / "nowhere"))
    result = cli("check")
    assert (result.exit_code, "is not a folder" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (UsageError("x"), "usage", 2),
        (click.UsageError("x"), "usage", 2),
        (CheckFailed("x"), "data", 1),
        (Refused([]), "refused", 1),
        (Conflict("x"), "conflict", 3),
        (OutsideError("x"), "outside", 3),
        (OSError(28, "No space left on device", "/lake"), "outside", 3),
        (PermissionError(13, "Permission denied", "/lake"), "outside", 3),
        (MemoryError(), "outside", 3),
        (KeyError("x"), "engine", 3),
    ],
)
def test_every_exception_has_a_kind_and_a_code(error: BaseException, kind: str, code: int) -> None:
    failure = failure_of(error)
    assert (failure.kind, failure.exit_code) == (kind, code)
    assert "Traceback" not in failure.text


def test_only_debug_shows_where_an_unexpected_error_came_from() -> None:
    assert failure_of(KeyError("x")).text == (
        "baikal failed on an error of its own: KeyError: 'x'; the same command with --debug says where"
    )
    assert "KeyError" in failure_of(KeyError("x"), debug=True).text.splitlines()[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_of_the_list_belongs_to_the_command(name: str) -> None:
    module, attribute = COMMANDS[name][0].split(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help


def test_every_command_takes_target_and_json() -> None:
    context = click.Context(baikal)
    commands = [baikal.get_command(context, name) for name in COMMANDS]
    leaves = [leaf for c in commands for leaf in (c.commands.values() if isinstance(c, click.Group) else [c])]
    assert len(leaves) > 10
    for leaf in leaves:
        assert {"target", "as_json", "debug"} <= {parameter.name for parameter in leaf.params}, leaf.name


def test_the_page_of_all_commands_is_current() -> None:
    assert cli_docs.PAGE.read_text() == cli_docs.page(), "run: python -m local_dev.cli_docs"


def test_the_help_of_gc_says_how_long_the_grace_period_is(cli: Call) -> None:
    assert f"grace period of {GRACE.days} days" in cli("gc", "--help").stdout
    assert f"[default: {GRACE.days}]" in cli("gc", "--help").stdout


def test_no_command_is_help(cli: Call) -> None:
    result = cli()
    assert result.exit_code == 0
    assert all(name in result.stdout for name in COMMANDS)


def test_starting_imports_little() -> None:
    """How little CPU it takes is measured by `make bench`."""
    heavy = ("duckdb", "sqlglot", "pyarrow", "prefect", "rich", "yaml", "numpy", "local_dev.run")
    code = (
        "import sys\nsys.argv = ['baikal', '--help']\nfrom local_dev.cli import main\n"
        "try: main()\nexcept SystemExit: print(len(sys.modules), *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, *imported = done.stderr.split()
    assert not set(heavy) & set(imported)
    assert int(count) < 200, "127 of them, Python's own included, cost 0.06 CPU-s"


@pytest.mark.slow
def test_a_real_process_leaves_with_the_code_and_one_document(home: Path) -> None:
    words = [sys.executable, "-c", "from local_dev.cli import main; main()", "run", "nope", "--json"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "usage"
    assert done.stderr.startswith("error: no table")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("core_shop.items.", {"core_shop.items.item", "core_shop.items.sales_jpy"}),
        ("core_shop.items.s", {"core_shop.items.sales_jpy"}),
        ("core_shop.it", {"core_shop.items"}),
        ("core_shop.nothing.x", set()),
    ],
)
def test_the_columns_of_a_name_are_completed_for_lineage(home: Path, typed: str, found: set[str]) -> None:
    completed = ShellComplete(baikal, {}, "baikal", "_BAIKAL_COMPLETE").get_completions(["lineage"], typed)
    assert {item.value for item in completed} == found


def test_teams_are_completed_as_owners(home: Path) -> None:
    completed = ShellComplete(baikal, {}, "baikal", "_BAIKAL_COMPLETE").get_completions(["run"], "+owner:s")
    assert [item.value for item in completed] == ["+owner:shop"]


def test_names_are_completed_at_the_prompt(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"_BAIKAL_COMPLETE": "bash_complete", "COMP_WORDS": "baikal history core_shop.", "COMP_CWORD": "2"}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    words = [sys.executable, "-c", "import sys; sys.argv[0] = 'baikal'; from local_dev.cli import main; main()"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout.split() == ["plain,core_shop.items", "plain,core_shop.orders"]


def test_amounts_are_said_for_people() -> None:
    assert (plural(1, "row"), plural(2000, "row")) == ("1 row", "2,000 rows")
    assert [size(n) for n in (0, 999, 1500, 25_000_000)] == ["0 B", "999 B", "1.5 kB", "25 MB"]


@pytest.mark.parametrize("words", [("aws",), ("parity",)])
@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_cannot_be_one_is_a_wrong_call(cli: Call, words: tuple[str, ...], port: str) -> None:
    result = cli(*words, "--port", port)
    assert result.exit_code == 2
    assert f"{port} is not in the range 0<=x<=65535" in result.stderr
