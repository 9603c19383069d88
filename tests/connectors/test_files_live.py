"""A source of files is one command: what it writes lands every row, and tells later how the files have changed."""

from __future__ import annotations

import gzip
import io
import json
from codecs import BOM_UTF8
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_place import Place

from local_dev.cli import baikal
from transforms.file_groups import file_groups
from transforms.file_path import FilePath

Call = Callable[..., Result]
LOG = b'127.0.0.1 - - [10/Oct/2000:13:55:36 +0900] "GET /a HTTP/1.0" 200 2326 "-" "curl"\n'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    monkeypatch.setenv("BAIKAL_HOME", str(place.home))
    monkeypatch.setenv("BAIKAL_LAKE", str(place.home / "lake"))
    place.declare("rest", "t: {mode: snapshot, path: /x}", "t: {id: bigint}")
    return place


def call(*words: str, code: int = 0) -> Any:
    result = CliRunner().invoke(baikal, [*words, "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def new(place: Place, kind: str) -> tuple[str, str]:
    """The two files that one command writes; what it wrote lands, and is as it is declared."""
    call("new", "source", "drops", "--kind", kind, "--connection", "PLACE_URL")
    found = call("run", "source:drops")["tables"]
    assert {(table["state"], table.get("rejects")) for table in found} == {("landed", 0)}, found
    assert call("diff", "source:drops")["differences"] == []
    return text(place, "drops.yaml"), text(place, "drops.schema.yaml")


def text(place: Place, name: str) -> str:
    return (place.home / "connectors/sources" / name).read_text(encoding="utf-8")


def put(place: Place, name: str, data: bytes | str) -> None:
    path = place.files / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def book(*rows: tuple[Any, ...], sheet: str = "s", title: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy/m/d"}) as one:
        found = one.add_worksheet(sheet)
        found.write(0, 0, title)
        for number, row in enumerate(rows, 2 if title else 0):
            for column, cell in enumerate(row):
                found.write_datetime(number, column, cell) if isinstance(cell, date) else found.write(
                    number, column, cell
                )
    return out.getvalue()


def test_json_lines(place: Place) -> None:
    row = {
        "ID": 1,
        "mail": "a@b.co",
        "at": "2024-05-01T12:00:00.123456Z",
        "on": "2024-05-01",
        "tags": [1.5],
        "氏名": "雪",
    }
    for day in ("01", "02"):
        put(place, f"orders/2024/05/{day}/x{day}.jsonl.gz", gzip.compress(lines(row, {**row, "no": "007"}).encode()))
    put(place, "users.json", lines({"id": 1, "who": {"age": 7}}))
    source, schema = new(place, "jsonl")
    assert source == (
        "kind: jsonl\nowner: team\ndescription: Files of drops.\nconnection: place\nevery: 1h\n"
        "timestamps: truncate  # they have microseconds, the lake milliseconds\ntables:\n"
        '  orders: {mode: append, path: "orders/{day}/x*.jsonl.gz", columns: {"氏名": name}}\n'
        "  users: {mode: snapshot, path: users.json}\n"
    )
    assert schema == (
        "orders:\n  id: {type: bigint}\n  mail: {type: string, personal: true}\n  at: {type: timestamp}\n"
        '  "on": {type: date}\n  tags: {type: array<double>}\n'
        '  name: {type: string, description: "氏名", personal: true}\n  "no": {type: string}\n'
        'users:\n  id: {type: bigint}\n  who: {type: "struct<age:bigint>", personal: true}\n'
    )


def test_dirt_changes_no_type_and_sets_how_many_rejects_there_may_be(place: Place) -> None:
    rows = [{"n": number, "at": "2024-05-01T00:00:00Z"} for number in range(300)]
    put(place, "a.jsonl", lines(*rows, {"n": "many", "at": "2024-05-01T00:00:00Z"}, {"n": 5, "at": "soon"}) + '{"n": ')
    result = CliRunner().invoke(baikal, ["new", "source", "drops", "--kind", "jsonl", "--connection", "PLACE_URL"])
    assert result.stderr == (
        "a: of 303 rows that were looked at, about 3 would be rejects, so rejects: 2% is written; "
        "the first: a line is no JSON object\n"
    )
    assert text(place, "drops.schema.yaml") == 'a:\n  "n": {type: bigint}\n  at: {type: timestamp}\n'
    told = "  # of 303 rows that were looked at, about 3 would be rejects\n"
    assert f"{told}  a: {{mode: snapshot, path: a.jsonl, rejects: 2%}}\n" in text(place, "drops.yaml")
    assert [(one["state"], one["rejects"]) for one in call("run", "source:drops")["tables"]] == [("landed", 3)]
    assert call("diff", "source:drops")["differences"] == []


def test_more_than_half_of_rejects_is_never_proposed(place: Place) -> None:
    put(place, "a.jsonl", lines({"n": 1}, {"n": 2}) + "oh\n")
    result = CliRunner().invoke(baikal, ["new", "source", "drops", "--kind", "jsonl", "--connection", "PLACE_URL"])
    assert result.stderr == (
        "a: of 3 rows that were looked at, about 1 would be rejects, too many to allow, "
        "so a run fails until files or types are mended; the first: a line is no JSON object\n"
    )
    assert "rejects:" not in text(place, "drops.yaml")
    put(place, "b.jsonl", lines({"n": 1}, {"n": 2}) + "oh\n")
    result = CliRunner().invoke(baikal, ["new", "source", "drops", "--update"])
    assert "b: of 3 rows that were looked at, about 1 would be rejects" in result.stderr


def test_texts_and_fractions_under_one_key_are_a_text(place: Place) -> None:
    put(place, "a.jsonl", lines({"at": "2024-05-01T09:00:00Z"}, {"at": 1.5}))
    assert new(place, "jsonl")[1] == "a:\n  at: {type: string}\n"


def test_the_first_line_behind_a_byte_order_mark_is_looked_at(place: Place) -> None:
    put(place, "a.jsonl", BOM_UTF8 + lines({"first": 1}, {"second": 2}).encode())
    source, schema = new(place, "jsonl")
    assert schema == "a:\n  first: {type: bigint}\n  second: {type: bigint}\n"
    assert "rejects" not in source


def test_a_csv_without_a_header_loses_no_row_and_is_told(place: Place) -> None:
    put(place, "a.csv", "1,2024-05-01,007\n2,2024-05-02,100\n")
    result = CliRunner().invoke(baikal, ["new", "source", "told", "--kind", "csv", "--connection", "PLACE_URL"])
    assert "a: its first row is nothing but numbers and dates, so header: none is written" in result.stderr
    (place.home / "connectors/sources/told.yaml").unlink()
    (place.home / "connectors/sources/told.schema.yaml").unlink()
    source, schema = new(place, "csv")
    assert "  a: {mode: snapshot, path: a.csv, header: none}\n" in source
    assert schema == "a:\n  a: {type: bigint}\n  b: {type: date}\n  c: {type: string}\n"
    assert call("query", "select a, c from raw_drops.a order by a")["rows"] == [[1, "007"], [2, "100"]]


def test_years_that_a_person_declared_as_a_header_stay_one(place: Place) -> None:
    put(place, "deals.csv", "2023,2024\n5,7\n")
    place.declare("csv", "t: {mode: snapshot, path: deals.csv}", "t: {n2023: bigint, n2024: bigint}")
    assert call("diff", "source:place")["differences"] == []


def test_csv(place: Place) -> None:
    put(place, "deals_20240501.csv", '案件番号,金額,予定日,率\nD1,"1,200",2024/05/01,5%\nD2,7,,\n'.encode("cp932"))
    put(place, "codes.tsv", "a title\ncode\tn\tok\tat\n001\t1.5\ttrue\t2024-05-01 12:00\n")
    source, schema = new(place, "csv")
    assert "  codes: {mode: snapshot, path: codes.tsv, delimiter: tab, header: 2}\n" in source
    assert (
        '  deals: {mode: append, path: "deals_{day}.csv", encoding: cp932, columns: {"案件番号": deal_number, '
        in source
    )
    assert '  code: {type: string}\n  "n": {type: double}\n  ok: {type: boolean}\n  at: {type: timestamp}\n' in schema
    assert (
        '  amount: {type: bigint, description: "金額"}\n  planned_date: {type: date, description: "予定日"}\n' in schema
    )


def test_parquet(place: Place) -> None:
    out = io.BytesIO()
    columns = {
        "ID": pa.array([1], pa.int32()),
        "email": ["a"],
        "at": pa.array([datetime(2024, 5, 1)], pa.timestamp("us")),
    }
    pq.write_table(pa.table(columns), out)
    put(place, "lake/dt=2024-05-01/part-0.snappy.parquet", out.getvalue())
    put(place, "lake/_SUCCESS", b"")
    source, schema = new(place, "parquet")
    assert '  lake: {mode: append, path: "lake/dt={day}/part-*.snappy.parquet"}\n' in source
    assert schema == "lake:\n  id: {type: int}\n  email: {type: string, personal: true}\n  at: {type: timestamp}\n"


def test_logs_by_how_their_lines_look(place: Place) -> None:
    put(place, "access.log", LOG)
    put(place, "access.log.1.gz", gzip.compress(LOG * 3))
    source, schema = new(place, "logs")
    assert '  access: {mode: append, path: "access.log*", format: nginx}\n' in source
    assert "  remote_addr: {type: string, description: Address of the client, personal: true}\n" in schema
    put(place, "other.log", b"what is this\n")
    words = ("--kind", "logs", "--connection", "PLACE_URL")
    result = CliRunner().invoke(baikal, ["new", "source", "more", *words])
    assert (result.exit_code, "left out: other.log*, of whose columns" in result.stderr) == (0, True), result.output
    for name in ("access.log", "access.log.1.gz"):
        (place.files / name).unlink()
    result = CliRunner().invoke(baikal, ["new", "source", "third", *words])
    assert (result.exit_code, "nothing is told of the columns of other.log*; write" in result.stderr) == (3, True)


def test_spreadsheets(place: Place) -> None:
    rows = [
        ("案件番号", "Amount", "On", "Amount"),
        ("D1", 1200, date(2024, 5, 1), "x"),
        ("D2", 1.5, None, None),
        ("合計", 1201.5),
    ]
    for month in ("2024-04", "2024-05"):
        put(place, f"deals-{month}.xlsx", book(*rows, title="一覧"))
    source, schema = new(place, "xlsx")
    assert '  deals: {mode: append, path: "deals-*.xlsx", columns: {"案件番号": deal_number, D: d}}\n' in source
    assert schema == (
        'deals:\n  deal_number: {type: string, description: "案件番号"}\n  amount: {type: double}\n'
        '  "on": {type: date}\n'
        "  d: {type: string}\n"
    )


@pytest.mark.parametrize("other", ["4月売上", "id"])
def test_what_was_just_written_of_texts_and_long_numbers_is_no_change(place: Place, other: str) -> None:
    put(place, "sales.xlsx", book(("4月売上", other), ("x", 1), (1e17, 2)))
    call("new", "source", "drops", "--kind", "xlsx", "--connection", "PLACE_URL")
    assert "  n4_month_sales: {type: string, " in text(place, "drops.schema.yaml")
    assert call("diff", "source:drops")["differences"] == []


def test_sheets_of_a_file_are_tables_and_those_of_months_are_one(place: Place) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as one:
        for name in ("4月", "5月", "Notes", "空"):
            one.add_worksheet(name).write_column(0, 0, ("n", 1) if name != "空" else ())
    put(place, "plan.xlsx", out.getvalue())
    source, _ = new(place, "xlsx")
    assert '  plan: {mode: snapshot, path: plan.xlsx, sheet: "*月"}\n' in source
    assert "  notes: {mode: snapshot, path: plan.xlsx, sheet: Notes}\n" in source


def test_a_sheet_without_a_header_is_left_out_and_told(place: Place) -> None:
    put(place, "deals.xlsx", book(("n",), (1,)))
    put(place, "numbers.xlsx", book((1, 2), (3, 4)))
    result = CliRunner().invoke(baikal, ["new", "source", "drops", "--kind", "xlsx", "--connection", "PLACE_URL"])
    assert (result.exit_code, "left out: numbers.xlsx, of whose columns nothing" in result.stderr) == (0, True)
    assert text(place, "drops.schema.yaml") == 'deals:\n  "n": {type: bigint}\n'


def test_errors_and_cells_of_several_kinds_are_told(place: Place) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as one:
        sheet = one.add_worksheet()
        sheet.write_row(0, 0, ("n", "m"))
        sheet.write_row(1, 0, (1, "未定"))
        sheet.write_formula(2, 0, "=NA()", None, "#N/A")
        sheet.write(2, 1, 5)
    put(place, "a.xlsx", out.getvalue())
    source, schema = new(place, "xlsx")
    assert "  # m is text: its cells are of several kinds, 1 of 2 are texts\n" in source
    assert "  # 1 cell has an error, such as #N/A; without errors: as_null their rows are rejects\n" in source
    assert "errors: as_null" in source
    assert schema == 'a:\n  "n": {type: bigint}\n  m: {type: string}\n'


def test_a_place_without_files_of_the_kind_is_told(place: Place) -> None:
    put(place, "_SUCCESS", b"")
    result = CliRunner().invoke(baikal, ["new", "source", "drops", "--kind", "csv", "--connection", "PLACE_URL"])
    assert (result.exit_code, f"there is no file in {place.files}" in result.stderr) == (3, True), result.output


def test_how_files_changed_is_told_and_written(place: Place) -> None:
    put(place, "orders-2024-05-01.jsonl", lines({"id": 1, "n": 5, "rare": 1}))
    put(place, "users.jsonl", lines({"id": 1}))
    new(place, "jsonl")
    for day in range(2, 9):
        put(place, f"orders-2024-05-0{day}.jsonl", lines({"id": 1, "n": "many", "more": True}))
    put(place, "gifts.jsonl", lines({"id": 1}))
    found = call("diff", "source:drops", code=1)["differences"]
    assert {(one["change"], one["table"], one["column"], one["live"]) for one in found} == {
        ("changed", "orders", "n", "string"),
        ("new", "orders", "more", "boolean"),
        ("new", "gifts", None, "gifts.jsonl"),
    }
    call("new", "source", "drops", "--update")
    assert call("diff", "source:drops")["differences"] == []
    assert "  more: {type: boolean}\n" in text(place, "drops.schema.yaml")
    assert "  gifts: {mode: snapshot, path: gifts.jsonl}\n" in text(place, "drops.yaml")
    (place.files / "users.jsonl").unlink()
    assert call("diff", "source:drops", code=1)["differences"][0]["change"] == "gone"


def test_the_sample_of_a_person_is_left_as_it_is_declared(place: Place) -> None:
    put(place, "deals.csv", "Deal No;Amount\nD1;1.234,5\n")
    place.declare(
        "csv",
        't: {mode: snapshot, path: "*.csv", delimiter: ";", thousands: ".", decimal: ",", columns: {Amount: yen}}',
        't: {deal_no: string, yen: "decimal(14,2)"}',
    )
    assert call("diff", "source:place")["differences"] == []


GROUPS = [
    (["a/dt=2024-05-01/x.jsonl", "a/dt=2024-05-02/x.jsonl"], [("a/dt={day}/x.jsonl", "a", False)]),
    (["d_20240501.json", "d_20240508.json", "e_2024.json"], [("d_{day}.json", "d", False), ("e_*.json", "e", False)]),
    (["2024/05/01/03/s-1-2024-05-01-03-9fa9e.json", "2024/05/01/04/s-1-x.json"], [("{day}/*/s-*.json", "s", False)]),
    (["m/dt=2024-05-01/part-1.json", "m/dt=2024-05-01/late-1.json"], [("m/dt={day}/*.json", "m", False)]),
    (["a/2024/05/01/1.json", "b/2024/05/01/1.json"], [("a/{day}/*.json", "a", False), ("b/{day}/*.json", "b", False)]),
    (["lake/part-0001-3fa9.json", "lake/_SUCCESS", "~$x.json"], [("lake/part-*.json", "lake", False)]),
    (["hour=03/e.json", "hour=04/e.json"], [("hour=*/e.json", "e", False)]),
    (["events/0001", "events/0002"], [("events/*", "events", False)]),
    (["users.json", "notes.txt"], [("users.json", "users", True)]),
]  # fmt: skip


@pytest.mark.parametrize(("names", "groups"), GROUPS)
def test_files_are_of_one_table_when_only_numbers_differ(names: list[str], groups: list[tuple[str, str, bool]]) -> None:
    assert [(one.path, one.word, one.one) for one in file_groups(names, ["json", "jsonl"])] == groups


NAMES = st.lists(
    st.lists(st.text("ab1_-.=", min_size=1, max_size=6), min_size=1, max_size=3).map(
        lambda parts: "/".join(["a", *parts])
    ),
    max_size=6,
    unique=True,
)


@settings(max_examples=50)
@given(NAMES)
def test_every_file_is_meant_by_the_path_of_its_group(names: list[str]) -> None:
    for group in file_groups(names, ["a"]):
        assert all(FilePath(group.path).meaning(name) is not False for name in group.names)


def test_a_column_with_personal_fields_is_proposed_as_personal_and_can_be_dropped(place: Place) -> None:
    row = {"id": 1, "user": {"email": "hanako@example.com", "name": "花子"}, "item": {"id": 7, "name": "tea"}}
    put(place, "a.jsonl", lines(row, {**row, "id": 2, "lines": [{"buyer": {"name": "taro"}, "sku": "x"}]}))
    _, schema = new(place, "jsonl")
    assert 'user: {type: "struct<email:string,name:string>", personal: true}' in schema
    assert 'item: {type: "struct<id:bigint,name:string>"}' in schema
    assert 'lines: {type: "array<struct<buyer:struct<name:string>,sku:string>>", personal: true}' in schema
    path = place.home / "connectors/sources/drops.schema.yaml"
    path.write_text(schema.replace("personal: true", "personal: true, drop: true"), encoding="utf-8")
    put(place, "a.jsonl", lines(row, {**row, "id": 3}))
    call("run", "source:drops", "--full")
    assert call("diff", "source:drops")["differences"] == []
    found = call("query", "select * from raw_drops.a where id = 3")
    assert "tea" in str(found)
    assert "hanako" not in str(found)
