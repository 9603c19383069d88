"""`baikal query` and `compile`: formats, files, batches of statements."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import Result

Call = Callable[..., Result]
Document = Callable[..., Any]
ROWS = (
    "select * from (values (1, 'a,\"b\"', cast(1.5e0 as decimal(3,2))), (2, null, null), (3, '', null)) as t (n, s, d)"
)


def test_rows_are_a_table_for_a_person(home: Path, cli: Call) -> None:
    result = cli("query", "select 1200 as n, '東京' as city")
    assert result.stdout == "     n  city\n──────  ──────\n  1200  東京\n"


def test_a_table_without_rows_is_its_header(home: Path, cli: Call) -> None:
    result = cli("query", "select 1 as n, 'a' as s where false")
    assert (result.exit_code, result.stdout) == (0, "     n  s\n──────  ──────\n")
    assert result.stderr == "0 rows\n"


def test_nothing_and_an_empty_text_look_different_in_a_table(home: Path, cli: Call) -> None:
    assert [line.split() for line in cli("query", ROWS).stdout.splitlines()[3:]] == [
        ["2", "NULL", "NULL"],
        ["3", "NULL"],
    ]


def test_rows_are_csv_in_which_nothing_and_an_empty_text_differ(home: Path, cli: Call) -> None:
    result = cli("query", ROWS, "--format", "csv")
    assert result.stdout == 'n,s,d\n1,"a,""b""",1.50\n2,,\n3,"",\n'
    assert next(csv.DictReader(result.stdout.splitlines()))["s"] == 'a,"b"'


def test_rows_are_json_objects(home: Path, cli: Call) -> None:
    found = json.loads(cli("query", ROWS, "--format", "json").stdout)
    assert found[0] == {"n": 1, "s": 'a,"b"', "d": "1.50"}
    assert json.loads(cli("query", "select 1 as n where false", "--format", "json").stdout) == []


def test_the_document_has_types_and_rows(home: Path, document: Document) -> None:
    found = document("query", ROWS)
    assert [column["name"] for column in found["columns"]] == ["n", "s", "d"]
    assert found["columns"][2]["type"] == "decimal(3,2)"
    assert found["rows"][1] == [2, None, None]


def test_the_suffix_of_the_file_tells_the_format(home: Path, cli: Call, document: Document, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    assert document("query", ROWS, "--output", str(file))["rows"] == 3
    assert pq.read_table(file).column("n").to_pylist() == [1, 2, 3]
    assert cli("query", ROWS, "--output", str(tmp_path / "rows.csv")).stdout == ""
    assert (tmp_path / "rows.csv").read_text().startswith("n,s,d\n1,")
    assert sorted(path.name for path in tmp_path.glob("*rows*")) == ["rows.csv", "rows.parquet"]


def test_a_failing_query_leaves_no_file(home: Path, cli: Call, tmp_path: Path) -> None:
    result = cli("query", "select 1 / n as x from (values 0) as t (n)", "--output", str(tmp_path / "rows.csv"))
    assert result.exit_code == 1, result.output
    assert [path.name for path in tmp_path.iterdir() if "rows" in path.name] == []


def test_sql_comes_from_a_file_or_stdin(home: Path, cli: Call, tmp_path: Path) -> None:
    file = tmp_path / "one.sql"
    file.write_text("select 1 as one")
    assert "one" in cli("query", "-f", str(file)).stdout
    assert "two" in cli("query", "-f", "-", input="select 2 as two").stdout
    file.write_bytes(b"select '\xff'")
    result = cli("query", "-f", str(file))
    assert (result.exit_code, "is not UTF-8" in result.stderr) == (2, True)


def test_sql_may_begin_with_a_comment(home: Path, document: Document) -> None:
    assert document("query", "-- how many\nselect 1 as n")["rows"] == [[1]]
    assert "how many" in document("compile", "--sql", "-- how many\nselect 1 as n")["athena"]


def test_the_days_of_a_query_are_given_by_options(home: Path, document: Document) -> None:
    found = document(
        "query", "select date_diff('day', :start, :end) as n", "--start", "2024-05-01", "--end", "2024-05-04"
    )
    assert found["rows"] == [[3]]


@pytest.mark.river
def test_a_reader_who_goes_away_is_no_error(home: Path) -> None:
    words = f"{sys.executable} -c 'from local_dev.cli import main; main()'"
    sql = "select x, 'more than a pipe holds' as y from unnest(sequence(1, 9000)) as t(x)"
    pipe = f'{words} query "{sql}" --format csv | head -1; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("x,y\n141\n", "")


@pytest.mark.parametrize("words", [("query",), ("compile", "--sql")])
def test_wrong_sql_is_told_with_its_place_and_leaves_with_1(home: Path, cli: Call, words: tuple[str, ...]) -> None:
    result = cli(*words, "select nope\nfrom core_shop.items")
    assert result.exit_code == 1
    assert "nope" in result.stderr
    assert result.stdout == ""


def test_a_table_without_data_says_how_to_get_it(home: Path, cli: Call) -> None:
    result = cli("query", "select * from shop.best")
    assert result.exit_code == 2
    assert "baikal run" in result.stderr


def test_a_batch_answers_every_line_and_never_stops(home: Path, cli: Call, tmp_path: Path) -> None:
    lines = [
        '{"id": 1, "sql": "select 1 as a, timestamp \'2024-05-01 10:00:00\' as t"}',
        '{"id": "x", "sql": "select nope"}',
        "not json",
        '{"id": 3}',
        "",
        '{"id": 4, "sql": "select 1/0"}',
        '{"id": 5, "sql": ""}',
        '{"id": 6, "sql": "select \'ü\\u2028\' as a"}',
        '{"id": 7, "sql": "select nope, lowr(1)"}',
    ]
    file = tmp_path / "batch.jsonl"
    file.write_bytes("\n".join(lines).encode() + b'\n{"id": 8, "sql": "select \'\xff\'"}')
    result = cli("query", "--batch", str(file))
    assert result.exit_code == 0
    answers = [json.loads(line) for line in result.stdout.split("\n") if line]
    assert [answer["id"] for answer in answers] == [1, "x", None, 3, 4, 5, 6, 7, None]
    assert answers[0]["rows"] == [[1, "2024-05-01 10:00:00.000"]]
    assert answers[0]["columns"][0] == {"name": "a", "type": "integer"}
    assert [answer.get("error", {}).get("kind") for answer in answers] == [None, *["user"] * 5, None, "user", "user"]
    assert answers[1]["error"]["line"] == 1
    assert (answers[2]["error"]["line"], answers[2]["error"]["message"][:29]) == (3, "line 3 of the file is not JSO")
    assert [each["column"] for each in answers[7]["error"]["problems"]] == [8, 14]
    assert [line.split(":")[1] for line in answers[7]["error"]["message"].split("\n")] == ["8", "14"]
    assert (answers[8]["error"]["line"], answers[8]["error"]["message"][:31]) == (10, "line 10 of the file is not UTF-")
    assert answers[6]["rows"] == [["ü\u2028"]]
    assert json.loads(cli("query", "--batch", "-", "--json", input=lines[0]).stdout) == answers[:1]


def test_a_batch_tells_what_only_a_value_made_impossible(home: Path, cli: Call) -> None:
    line = json.dumps({"id": 1, "sql": "select width_bucket(1e0, array[x]) as b from (values infinity()) as t(x)"})
    (answer,) = map(json.loads, cli("query", "--batch", "-", input=line).stdout.splitlines())
    assert answer["error"]["kind"] == "refused"


def test_compile_shows_what_each_engine_receives(home: Path, cli: Call, document: Document) -> None:
    found = document("compile", "core_shop.orders", "--start", "2024-05-01", "--end", "2024-05-02")
    assert "between date '2024-05-01' and date '2024-05-02'" in found["athena"].lower()
    assert found["inputs"] == ["raw_shop.orders"]
    assert [column["type"] for column in found["columns"]][-2:] == ["decimal(10,2)", "date"]
    shown = cli("compile", "shop.best").stdout
    assert shown.startswith("-- Athena")
    assert "-- DuckDB" in shown


def test_compile_answers_a_batch(home: Path, cli: Call) -> None:
    lines = '{"id": 1, "sql": "select 1 as a"}\n{"id": 2, "sql": "select nope"}\n'
    result = cli("compile", "--batch", "-", input=lines)
    one, two = (json.loads(line) for line in result.stdout.splitlines())
    assert (one["id"], "select" in one["duckdb"].lower()) == (1, True)
    assert two["error"]["kind"] == "user"


@pytest.mark.river
def test_ctrl_c_ends_a_long_query_at_once(home: Path) -> None:
    numbers = "cross join unnest(sequence(1, 9000)) as {0}({0})"
    sql = "select sum(sin(a * b) + c) from (values 1) as t(x) " + " ".join(map(numbers.format, "abc"))
    words = [sys.executable, "-u", "-c", "import local_dev.cli as c; print('ready'); c.main()", "query", sql]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, "stopped" in err, "Traceback" in err) == (130, True, False)


def test_a_query_of_a_table_at_fault_is_told_the_fault(home: Path, cli: Call) -> None:
    file = home / "transforms/tables/core_shop/orders.sql"
    file.write_text(file.read_text().replace("o.item,", "o.itme,"))
    lines = cli("query", "select * from core_shop.items").stderr.splitlines()
    assert lines[0].endswith("these have: core_shop.items; baikal check core_shop.items tells them")
    assert lines[1].startswith("transforms/tables/core_shop/orders.sql:11:")
    assert "itme" in lines[1]
