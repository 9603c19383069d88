"""A reader that loses a row is noticed before anything is published: what it read is counted apart from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from landing_place import Place

from connectors.readers import parquet
from connectors.readers.csv import records as csv_records
from connectors.readers.grid.table import GridTable
from connectors.readers.json_lines import LineParser
from connectors.readers.logs.reading import LogParser
from connectors.readers.pieces import Pieces
from connectors.readers.xlsx.file import XlsxFile
from transforms.errors import DataError

LINES = "".join(f'{{"id": {number}}}\n' for number in range(300))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    return place


def declare(place: Place, kind: str, more: str = "", schema: str = "t: {id: bigint}") -> None:
    place.declare(kind, f't: {{mode: append, path: "*", rejects: 50%{more}}}', schema)


def refused(place: Place, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        place.ingest()
    assert (place.rows(), place.orphans()) == ([], set())


def test_a_line_of_json_that_is_lost_is_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(place, "jsonl")
    (place.files / "a.jsonl").write_text(LINES + "\n\n")
    (place.files / "b.jsonl").write_text("[1]\n" + LINES)
    told = "a.jsonl:1-b.jsonl:301 has 603 lines, of which {} came out as rows, {} as rejects and 2 as blank; nothing"
    take = Pieces.take
    with monkeypatch.context() as broken:
        broken.setattr(Pieces, "take", lambda self, rows, numbers: take(self, rows.slice(1), numbers[1:]))
        refused(place, told.format(599, 1))
    with monkeypatch.context() as broken:
        broken.setattr(Pieces, "reject", lambda self, number, reason, line: None)
        refused(place, told.format(600, 0))
    assert place.ingest().rows == 600


@pytest.mark.parametrize(
    ("text", "rows", "rejects"),
    [
        ('{"id": 1}{"id": 2}', 2, 0),
        ('{"id": 1}{"id": 2}\n\n', 2, 0),
        ('\n\n{"id": 1}{"id": 2}\n\n\n{"id": 3}{"id": 4}\n', 4, 0),
        ('{"id": 1}{"id": 2}{"id"\n \r\n{"id": 3}', 3, 1),
        ("\n \n\r\n", 0, 0),
        ('{"id": 1}\r\n\r\n{"id": 2}', 2, 0),
    ],
)
def test_blank_lines_and_records_without_newlines_are_no_lost_ones(
    place: Place, text: str, rows: int, rejects: int
) -> None:
    declare(place, "jsonl")
    (place.files / "a.jsonl").write_bytes(text.encode())
    (place.files / "b.jsonl").write_bytes(text.encode())
    landed = place.ingest()
    assert (landed.rows, landed.rejects) == (2 * rows, 2 * rejects)


def test_a_line_of_json_that_is_lost_among_dirty_ones_is_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(place, "jsonl")
    (place.files / "a.jsonl").write_text('{"id": "x"}\n' + LINES)
    fit = LineParser.fit_into
    monkeypatch.setattr(LineParser, "fit_into", lambda self, values, parsed: fit(self, values[:-1], parsed))
    refused(place, "a.jsonl:1-301 has 301 lines, of which ")


def test_a_line_of_a_log_that_is_lost_is_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(place, "logs", ", format: nginx", "t: {status: int}")
    line = '1.2.3.4 - - [01/May/2024:10:00:00 +0900] "GET / HTTP/1.1" 200 5 "-" "-"\n'
    (place.files / "a.log").write_text(line * 200 + "\nodd\n")
    odd = LogParser._odd_lines
    with monkeypatch.context() as broken:
        broken.setattr(LogParser, "_odd_lines", lambda self, lines, clean, *more: odd(self, lines, clean | True, *more))
        refused(place, "a.log:1-202 has 202 lines, of which 200 came out as rows, 0 as rejects and 0 as blank")
    landed = place.ingest()
    assert (landed.rows, landed.rejects) == (200, 1)


def test_fields_that_a_log_names_are_no_lost_lines(place: Place) -> None:
    declare(place, "logs", ", format: cloudfront", "t: {sc_status: int}")
    head = "#Version: 1.0\n#Fields: date time sc-status\n"
    (place.files / "a.log").write_text(head + "2024-05-01\t10:00:00\t200\n" * 3 + "# a remark\n")
    landed = place.ingest()
    assert (landed.rows, landed.rejects) == (3, 0)


def test_a_row_of_parquet_that_is_lost_is_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(place, "parquet")
    pq.write_table(pa.table({"id": pa.array(range(100_000), pa.int64())}), place.files / "a.parquet")
    rows = parquet._rows

    def some(*asked: Any) -> Iterator[Any]:
        _, *others = rows(*asked)
        yield from others

    with monkeypatch.context() as broken:
        broken.setattr(parquet, "_rows", some)
        refused(place, "a.parquet has 100,000 rows, of which 68,000 came out as rows")
    assert place.ingest().rows == 100_000


def test_a_record_of_csv_that_is_lost_is_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(place, "csv", "", "t: {id: bigint, name: string}")
    (place.files / "a.csv").write_text('id,name\n1,a\n\n2,"b\nb"\n,\n3,c\nx,d\n')
    values, begun = LineParser.parse_values, csv_records._from
    with monkeypatch.context() as broken:
        broken.setattr(LineParser, "parse_values", lambda self, file, some, count: values(self, file, some[1:], count))
        refused(place, "a.csv:2-8 has 4 records, of which 2 came out as rows, 1 as rejects")

    def without_second(*asked: Any) -> Iterator[Any]:
        yield from (one for one in begun(*asked) if one[0] is None or one[0].line != 4)

    with monkeypatch.context() as broken:
        broken.setattr(csv_records, "_from", without_second)
        refused(place, "a.csv: the lines from 4 to 5 came out as no record")
    landed = place.ingest()
    assert (landed.rows, landed.rejects) == (3, 1)


def test_a_row_of_a_sheet_that_is_lost_is_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(place, "xlsx", ", sheet: one, totals: drop", "t: {id: bigint, name: string}")
    lines = [["A title"], [], ["id", "name"], [1, "a"], [], [2, "b"], ["x", "c"], ["total", 3], [4, "d"]]
    with xlsxwriter.Workbook(place.files / "a.xlsx") as book:
        sheet = book.add_worksheet("one")
        for row, line in enumerate(lines):
            sheet.write_row(row, 0, line)
    batch, cells = GridTable.batch, XlsxFile._rows
    with monkeypatch.context() as broken:
        broken.setattr(GridTable, "batch", lambda self, where, some: batch(self, where, some[1:]))
        told = "a.xlsx/one has 6 rows below its header, of which 2 came out as rows, 1 as rejects and 2 as blank"
        refused(place, told)
    with monkeypatch.context() as broken:
        broken.setattr(XlsxFile, "_rows", lambda self, sheet: (one for one in cells(self, sheet) if one[0] != 6))
        refused(place, "a.xlsx/one has 9 rows, of which 8 came out as rows")
    landed = place.ingest()
    assert (landed.rows, landed.rejects) == (3, 1)
