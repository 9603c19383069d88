"""Spreadsheets as people keep them: titles, totals, merged cells, errors and texts among numbers; nothing lost."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_place import Place, types

from connectors.landed import Landed
from connectors.reader import Reading
from connectors.readers.grid.sheet import Cell, Fault, Grid, is_blank
from connectors.readers.grid.table import GridTable
from connectors.readers.xlsx.file import XlsxFile
from transforms.column import Column
from transforms.errors import DataError, SchemaChanged, TooManyRejects
from transforms.lake_types import Type
from transforms.names import TableName
from transforms.source import Source, SourceTable

DEALS = """
    t:
      deal: string
      amount_jpy: decimal(14,0)
      close_on: date
      met_at: timestamp
      chance: double
      won: boolean
    """
NAMES = "columns: {案件番号: deal, 金額: amount_jpy, 予定日: close_on, 面談: met_at, 確度: chance, 受注: won}"
HEADER = ("案件番号", "金額", "予定日", "面談", "確度", "受注")
ROW = ("D1", 1234567, date(2024, 5, 1), datetime(2024, 5, 2, 13, 30, 0, 250_000), 0.355, True)
WON = ("D1", Decimal(1234567), date(2024, 5, 1), datetime(2024, 5, 2, 13, 30, 0, 250_000), 0.355, True)
COLUMNS = ("deal", "amount_jpy", "close_on", "met_at", "chance", "won")
FORMATS = {date: "yyyy/m/d", datetime: "yyyy-mm-dd hh:mm:ss.000", time: "h:mm", timedelta: "[h]:mm"}
Fill = Callable[[Any, Any], None]


def xlsx(*sheets: tuple[str, Fill], **options: Any) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        for name, fill in sheets:
            fill(book, book.add_worksheet(name))
    return out.getvalue()


def rows(*lines: tuple[Any, ...], top: int = 0, left: int = 0) -> Fill:
    def fill(book: Any, sheet: Any) -> None:
        for row, line in enumerate(lines, top):
            for column, cell in enumerate(line, left):
                form = next((book.add_format({"num_format": f}) for t, f in FORMATS.items() if type(cell) is t), None)
                if isinstance(cell, str) and cell.startswith("#"):
                    sheet.write_formula(row, column, "=1", None, cell)
                elif isinstance(cell, str):
                    sheet.write_string(row, column, cell)
                elif cell is not None:
                    sheet.write(row, column, cell, form)

    return fill


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    declare(place)
    return place


def told(landed: Landed) -> tuple[str, ...]:
    """Without the names of DEALS that a sheet lacks."""
    return tuple(one for one in landed.warnings if "which no file has" not in one)


def declare(place: Place, words: str = "", mode: str = "append", schema: str = DEALS) -> None:
    place.declare("xlsx", f't: {{mode: {mode}, path: "*.xlsx", rejects: 90%, {NAMES}{words}}}', schema)


def put(place: Place, *sheets: tuple[str, Fill], name: str = "deals.xlsx", **options: Any) -> None:
    (place.files / name).write_bytes(xlsx(*sheets, **options))


def test_typed_cells_below_titles_and_blanks_are_rows(place: Place) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.merge_range("B2:G2", "2024年度 案件一覧")
        rows(HEADER, ROW, (), (), ("D2", "￥2,000", "2024/5/3", None, "40%", "いいえ"), top=4, left=1)(book, sheet)

    put(place, ("案件", fill), ("Sheet2", rows()))
    landed = place.ingest()
    assert (landed.rows, landed.rejects, landed.warnings) == (2, 0, ())
    assert place.rows("t", *COLUMNS) == [WON, ("D2", Decimal(2000), date(2024, 5, 3), None, 0.4, False)]
    assert place.rows("t", "_file", "_line") == [("deals.xlsx/案件", 6), ("deals.xlsx/案件", 9)]
    assert place.ingest().unchanged


def test_what_a_cell_cannot_be_is_a_reject_with_sheet_row_and_value(place: Place) -> None:
    wrong = [
        ("D2", "未定", None, None, None, None),
        ("D3", date(2024, 5, 1), None, None, None, None),
        ("D4", 0.5, None, None, None, None),
        ("D5", None, datetime(2024, 5, 1, 9), None, None, None),
        ("D6", None, 45000, None, None, None),
        ("D7", None, None, time(9, 30), None, None),
        ("D8", None, None, None, "#N/A", None),
        ("D9", None, None, None, None, 2),
        (1e20, None, None, None, None, None),
    ]
    put(place, ("案件", rows(HEADER, ROW, *wrong)))
    assert place.ingest().rejects == len(wrong)
    assert [(row["_file"], row["_line"], row["reason"]) for row in place.rejects()] == [
        ("deals.xlsx/案件", 3, 'amount_jpy: "未定" is not decimal(14,0)'),
        ("deals.xlsx/案件", 4, "amount_jpy: a date (2024-05-01) is not decimal(14,0)"),
        ("deals.xlsx/案件", 5, "amount_jpy: 0.5 has more than 0 decimals"),
        ("deals.xlsx/案件", 6, "close_on: a day with a time (2024-05-01 09:00:00) is not date"),
        ("deals.xlsx/案件", 7, 'close_on: "45000" is not a date as date_format says '
         "(%Y-%m-%d, %Y/%m/%d, %Y.%m.%d, %Y年%m月%d日, %Y%m%d)"),
        ("deals.xlsx/案件", 8, "met_at: a time without a day (09:30:00) is not timestamp"),
        ("deals.xlsx/案件", 9, "chance: #N/A"),
        ("deals.xlsx/案件", 10, 'won: "2" is neither true nor false'),
        ("deals.xlsx/案件", 11, "deal: 1e+20 has more digits than a cell holds; write such numbers as text"),
    ]  # fmt: skip
    assert json.loads(place.rejects()[1]["raw"])["amount_jpy"] == "2024-05-01"


def test_texts_hold_numbers_days_and_times_as_they_are_written(place: Place) -> None:
    cells = [7, 0.1 + 0.2, 1e-7, 9007199254740991, True, date(2024, 5, 1), datetime(2024, 5, 1, 9), time(9, 30)]
    put(place, ("s", rows(("案件番号",), *((cell,) for cell in [*cells, timedelta(hours=160, minutes=30), " x\ny "]))))
    place.ingest()
    written = ["7", "0.3", "0.0000001", "9007199254740991", "true", "2024-05-01", "2024-05-01 09:00:00", "09:30:00"]
    assert sorted(place.rows("t", "deal")) == sorted([*written, "160:30:00", " x\ny "])


def test_an_error_is_a_reject_or_null_as_declared(place: Place) -> None:
    lines = [("D1", "#REF!"), ("D2", "#N/A")]
    declare(place, ", errors: as_null", "snapshot")
    put(place, ("s", rows(HEADER[:2], *lines)))
    assert place.ingest().rejects == 0
    assert place.rows("t", "deal", "amount_jpy") == [("D1", None), ("D2", None)]
    declare(place, ', nulls: ["#N/A"]', "snapshot")
    assert place.ingest().rejects == 1
    assert place.rejects()[0]["reason"] == "amount_jpy: #REF!"


def test_formulas_give_their_values_and_one_that_was_never_computed_is_a_reject(place: Place) -> None:
    def fill(book: Any, sheet: Any) -> None:
        rows(HEADER[:2], ("D1",), ("D2",), (None, None, 1))(book, sheet)
        sheet.write_formula("B2", "=1+1", None, 2)
        sheet.write_formula("B3", "=1+1", None, "")
        sheet.write_formula("A5", '=""', None, "")

    put(place, ("s", fill))
    assert place.ingest().rejects == 2
    assert place.rows("t", "deal", "amount_jpy") == [("D1", Decimal(2))]
    assert "amount_jpy: a formula that was never computed" in place.rejects()[0]["reason"]


def test_totals_are_left_out_and_told_unless_they_are_declared(place: Place) -> None:
    lines = [HEADER[:2], ("D1", 1), ("小　計", 1), ("合計", 1), ("合計", None), ("Total Oil", 5)]
    put(place, ("s", rows(*lines)))
    landed = place.ingest()
    assert told(landed) == (
        "raw_place.t: deals.xlsx/s: row 4 read as totals and were left out; write totals: drop, or totals: keep",
    )
    assert place.rows("t", "deal") == ["D1", "Total Oil", "合計", "小　計"]
    declare(place, ", totals: keep", "snapshot")
    assert told(place.ingest()) == ()
    assert place.rows("t", "deal").count("合計") == 2


def test_merged_cells_have_their_value_in_the_first_row_or_in_all(place: Place) -> None:
    def fill(book: Any, sheet: Any) -> None:
        rows(HEADER[:2], ("D1", 1), (None, 2), (None, 3))(book, sheet)
        sheet.merge_range("A2:A4", "D1")

    put(place, ("s", fill))
    assert "row 2 begin merged cells, whose values stand in their first row only" in place.ingest().warnings[0]
    assert place.rows("t", "deal") == ["D1", None, None]
    declare(place, ", merged: fill", "snapshot")
    assert told(place.ingest()) == ()
    assert place.rows("t", "deal") == ["D1", "D1", "D1"]


def test_a_header_of_two_rows_is_one(place: Place) -> None:
    def fill(book: Any, sheet: Any) -> None:
        rows(("", "売上", ""), ("", "4月", "5月"), ("D1", 1, 2), top=1)(book, sheet)
        sheet.merge_range("A2:A3", "案件番号")
        sheet.merge_range("B2:C2", "売上")

    place.declare(
        "xlsx",
        't: {mode: snapshot, path: "*.xlsx", columns: {案件番号: deal, 売上 4月: april, 売上 5月: may}}',
        "t: {deal: string, april: bigint, may: bigint}",
    )
    put(place, ("s", fill))
    place.ingest()
    assert place.rows("t", "deal", "april", "may") == [("D1", 1, 2)]


def test_names_that_are_empty_or_doubled_are_mapped_by_letters(place: Place) -> None:
    put(place, ("s", rows(("deal", "amount", "amount", None), ("D1", 1, 2, 3))))
    place.declare("xlsx", 't: {mode: snapshot, path: "*.xlsx"}', "t: {deal: string, amount: bigint}")
    with pytest.raises(SchemaChanged, match=r"columns B and C both become amount; write columns: \{C: another_name\}"):
        place.ingest()
    put(place, ("s", rows(("deal", "amount", None), ("D1", 1, 3))))
    assert place.ingest().warnings == (
        "raw_place.t: deals.xlsx/s: 1 cell has a value in column C, which has no name; write columns: {C: its_name}",
    )
    place.declare(
        "xlsx",
        't: {mode: snapshot, path: "*.xlsx", columns: {C: rest}}',
        "t: {deal: string, amount: bigint, rest: int}",
    )
    assert place.ingest().warnings == ()
    assert place.rows("t", "deal", "amount", "rest") == [("D1", 1, 3)]


def test_a_part_of_a_sheet_and_a_header_can_be_declared(place: Place) -> None:
    lines = [("案件番号", "x", "x"), ("x", "案件番号", "金額"), ("x", "D1", 1), ("x", "D2", 2), ("x", "D3", 3)]
    declare(place, ', range: "B2:C4", header: 2', "snapshot")
    put(place, ("s", rows(*lines)))
    place.ingest()
    assert place.rows("t", "deal", "amount_jpy") == [("D1", Decimal(1)), ("D2", Decimal(2))]
    declare(place, ", header: 9", "snapshot")
    with pytest.raises(SchemaChanged, match="row 9 is empty, and header: names it"):
        place.ingest()


def test_a_sheet_is_named_or_several_by_a_pattern(place: Place) -> None:
    months = [(f"2024-0{n}", rows(HEADER[:2], (f"D{n}", n))) for n in (4, 5)]
    put(place, *months, ("メモ", rows(("x",))))
    with pytest.raises(
        DataError, match=r"has the sheets 2024-04, 2024-05 and メモ; nothing was published; write sheet:"
    ):
        place.ingest()
    declare(place, ', sheet: "2024-4"')
    with pytest.raises(DataError, match=r'has no sheet 2024-4; did you mean "2024-04"\?'):
        place.ingest()
    declare(place, ', sheet: "2024-*"')
    place.ingest()
    assert place.rows("t", "deal", "_file") == [("D4", "deals.xlsx/2024-04"), ("D5", "deals.xlsx/2024-05")]
    put(place, *months[1:])
    place.ingest()
    assert place.rows("t", "deal") == ["D5"]


def test_a_sheet_without_a_header_of_the_table_is_refused(place: Place) -> None:
    put(place, ("s", rows(("a", "b"), (1, 2))))
    with pytest.raises(SchemaChanged, match="no row of the first 100 names a column of the table, but a, b, 1, 2; col"):
        place.ingest()


def test_days_of_both_systems_are_the_same_and_uncertain_ones_are_rejects(place: Place) -> None:
    days = [("D1", None, date(2024, 5, 1)), ("D2", None, date(1999, 12, 31))]
    put(place, ("s", rows(HEADER[:3], *days)))
    put(place, ("s", rows(HEADER[:3], *days)), name="mac.xlsx", date_1904=True)
    put(place, ("s", rows(HEADER[:3], ("D3", None, date(1900, 2, 1)))), name="old.xlsx")
    assert place.ingest().rejects == 1
    assert place.rows("t", "close_on") == [date(1999, 12, 31)] * 2 + [date(2024, 5, 1)] * 2
    assert place.rejects()[0]["reason"].startswith("close_on: a day before 1900-03-01")


def test_eras_and_zones_are_read_when_they_are_declared(place: Place) -> None:
    put(place, ("s", rows(HEADER[:4], ("D1", "１２", "令和6年5月1日", datetime(2024, 5, 1, 9)))))
    with pytest.raises(TooManyRejects, match="令和6年5月1日"):
        place.ingest()
    declare(place, ', date_format: [era, "%Y/%m/%d"], timezone: Asia/Tokyo', "snapshot")
    place.ingest()
    assert place.rows("t", *COLUMNS[:4]) == [("D1", Decimal(12), date(2024, 5, 1), datetime(2024, 5, 1))]


def test_rejects_can_be_tried_again(place: Place) -> None:
    put(place, ("s", rows(HEADER[:3], ("D1", "一千", date(2024, 5, 1)), ("D2", 5, date(2024, 5, 2)))))
    place.ingest()
    raw = place.rejects()[0]["raw"].decode().replace("一千", "1,000")
    place.repair({("deals.xlsx/s", 2): raw})
    assert place.rows("t", "deal", "amount_jpy", "close_on")[0] == ("D1", Decimal(1000), date(2024, 5, 1))
    assert place.rejects() == []


def test_new_columns_are_texts_with_their_errors(place: Place) -> None:
    put(place, ("s", rows((*HEADER[:1], "Note Text"), ("D1", "#N/A"), ("D2", 5))))
    landed = place.ingest()
    assert types(landed) == {"note_text": "string"}
    assert place.rows("t", "note_text") == ["#N/A", "5"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04abc", b"\xd0\xcf\x11\xe0" + bytes(600), b"a,b\n"])
def test_what_is_no_xlsx_is_refused_by_its_name_and_locks_are_left_alone(place: Place, data: bytes) -> None:
    put(place, ("s", rows(HEADER, ROW)))
    (place.files / "~$deals.xlsx").write_bytes(data)
    assert place.ingest().rows == 1
    (place.files / "b.xlsx").write_bytes(data)
    with pytest.raises(DataError, match=r"b\.xlsx is no whole xlsx file.*settle: 1m"):
        place.ingest()


def test_one_error_in_many_rows_fails_by_default(place: Place) -> None:
    place.declare("xlsx", f't: {{mode: append, path: "*.xlsx", {NAMES}}}', DEALS)
    put(place, ("s", rows(HEADER[:2], ("D1", "#N/A"))))
    with pytest.raises(TooManyRejects, match=r"deals\.xlsx/s:2: amount_jpy: #N/A"):
        place.ingest()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (", header: 0", "header is a row, or the first and the last one, counted from 1, not 0"),
        (", header: 4-3", "write header: 3, or header: 3-4"),
        (', range: "3B"', 'range is no part of a sheet: "3B"'),
        (", totals: maybe", "totals cannot be"),
    ],
)
def test_words_are_checked_before_anything_is_read(place: Place, words: str, told: str) -> None:
    declare(place, words)
    with pytest.raises(AssertionError, match=told):
        place.lake()


CELLS = (
    st.none()
    | st.floats(-1e14, 1e14).map(lambda x: float(f"{x:.15g}"))
    | st.integers(-(10**14), 10**14)
    | st.booleans()
    | st.text("abあ1 \n<&", max_size=5)
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5), st.integers(0, 3), st.integers(0, 3))
def test_every_cell_is_found_where_it_is(grid: list[list[Any]], top: int, left: int) -> None:
    data = xlsx(("s", rows(*map(tuple, grid), top=top, left=left)))
    found = dict(XlsxFile("f", data).grid("s").rows)
    for row, line in enumerate(grid, top + 1):
        for column, cell in enumerate(line, left):
            cells: Any = found.get(row, ())
            there: Cell = cells[column] if column < len(cells) else None
            assert there == (cell if cell != "" else None)
            assert type(there) is {int: float}.get(type(cell), type(cell)) or cell == ""


def test_cells_that_name_no_place_are_counted() -> None:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(xlsx(("s", rows(("a", "#N/A"), ("b", 1)))))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("sheet1.xml"):
                for place in (b' r="A1"', b' r="B1"', b' r="A2"', b' r="B2"', b' r="1"', b' r="2"'):
                    text = text.replace(place, b"")
            new.writestr(name, text)
    found = {
        row: [getattr(cell, "reason", cell) for cell in cells]
        for row, cells in XlsxFile("f", out.getvalue()).grid("s").rows
    }
    assert found == {1: ["a", "#N/A"], 2: ["b", 1.0]}


ANY = CELLS | st.sampled_from(["合計", "#N/A", "1,234", "2024/5/1", " "]) | st.dates(date(1800, 1, 1), date(2100, 1, 1))
ANY |= st.builds(Fault, st.just("#REF!")) | st.builds(timedelta, hours=st.integers(-99, 99))


@settings(max_examples=50)
@given(st.lists(st.tuples(ANY, ANY, ANY), max_size=8), st.sampled_from(["keep", "drop"]))
def test_every_row_of_a_sheet_is_a_row_a_reject_a_blank_or_a_total(lines: list[tuple[Cell, ...]], totals: Any) -> None:
    columns = tuple(
        Column(name, Type.parse(type_)) for name, type_ in (("a", "varchar"), ("b", "bigint"), ("c", "date"))
    )
    table = SourceTable(TableName("raw_place", "t"), "snapshot", columns, options={"totals": totals})
    source = Source("place", "place.yaml", "xlsx", "team", "A place.", "place", (table,))
    grid = Grid("s", iter(enumerate([("a", "b", "c"), *lines], 1)))
    found = list(GridTable(source, table, Reading(iter(()))).batches(grid))
    kept = [line for batch in found for line in batch.rows.column("_line").to_pylist()]
    rejected = [reject.line for batch in found for reject in batch.rejects]
    left = {row for row, line in enumerate(lines, 2) if all(map(is_blank, line))}
    if totals == "drop":
        left |= {row for row, line in enumerate(lines, 2) if next((c for c in line if not is_blank(c)), None) == "合計"}
    assert sorted([*kept, *rejected, *(left - {*kept, *rejected})]) == list(range(2, len(lines) + 2))
