"""CSV with any dirt: every line is of a row, of a reject, or has no cell; rows are what Python reads of them."""

from __future__ import annotations

import csv
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.reader import Reading
from connectors.readers.csv.file import CsvFile
from connectors.readers.json_lines import LineParser
from transforms.column import Column
from transforms.lake_types import Type
from transforms.names import TableName
from transforms.source import Source, SourceTable

COLUMNS = {"a": "string", "b": "string", "n": "bigint"}
NUMBER = re.compile(r"-?[0-9]{1,15}\Z")
Record = tuple[int, list[str] | None]
"""The line that it begins on, and its cells; None for one that is no CSV."""


def read(
    data: bytes, size: int, encoding: str, delimiter: str, quote: str
) -> tuple[dict[int, dict[str, Any]], dict[int, bytes]]:
    """The rows and the rejects by their line, of a file that comes in pieces of this size."""
    columns = tuple(Column(name, Type.parse(type_)) for name, type_ in COLUMNS.items())
    options = {"encoding": encoding, "delimiter": delimiter, "quote": quote}
    table = SourceTable(TableName("raw_s", "t"), "append", columns, options=options)
    source = Source("s", "s.yaml", "csv", "team", "", "s", (table,))
    parser = LineParser(columns, {}, truncate=False)
    file = CsvFile(source, table, "a.csv", parser, Reading(iter(())), set())
    rows, rejects = dict[int, dict[str, Any]](), dict[int, bytes]()
    for batch, _, _ in file.parsed(data[at : at + size] for at in range(0, len(data), size)):
        found = {row["_line"]: {name: row.get(name) for name in COLUMNS} for row in batch.rows.to_pylist()}
        assert len(found) == batch.rows.num_rows, "each line once"
        rows |= found
        rejects |= {reject.line: reject.raw for reject in batch.rejects}
    return rows, rejects


def expected(lines: list[str], delimiter: str, quote: str) -> list[Record]:
    """What Python's own reader makes of lines; behind a line that it cannot read it begins anew."""
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    found: list[Record] = []
    start = 0
    while start < len(lines):
        reader = csv.reader(lines[start:], delimiter=delimiter, quotechar=quote or None, quoting=quoting, strict=True)
        begin = start
        try:
            for cells in reader:
                found.append((begin + 1, cells))
                begin = start + reader.line_num
            return found
        except csv.Error:
            found.append((begin + 1, None))
            start = begin + 1
    return found


def split(data: bytes, encoding: str) -> list[str]:
    """The lines of a file with their ends; those of old Macs where there are no others."""
    if encoding.startswith("utf-16"):
        text = data.decode(encoding, "replace")
        end = "\r" if "\n" not in text else "\n"
        return re.findall(rf"[^{end}]*{end}|[^{end}]+", text)
    end = "\r" if b"\n" not in data else "\n"
    lines = re.findall(rb"[^%b]*%b|[^%b]+" % ((end.encode(),) * 3), data)
    found = [line.decode(encoding, "surrogateescape") for line in lines]
    return [found[0].removeprefix("\ufeff"), *found[1:]] if found else []


LETTERS = "ab1,;\t\"'\r\x00 é氏\ufffd\u2028\x85\x0b\ufeff"
CELLS = st.one_of(
    st.text(LETTERS, max_size=4),
    st.text(LETTERS + "\n", max_size=4).map(lambda text: '"' + text.replace('"', '""') + '"'),
    st.sampled_from(["", "12", "-7", '"12"', "1,200", "x", '"a', 'a"b', '"a"b', "''", "'a\nb'", " "]),
)


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, str, str, str]:
    """The bytes of a file with its encoding, delimiter and quote."""
    encoding = draw(st.sampled_from(["utf-8-sig", "utf-8", "cp932", "euc_jp", "utf-16", "latin-1"]))
    delimiter, quote = draw(st.sampled_from([",", ",", ";", "\t"])), draw(st.sampled_from(['"', '"', "'", ""]))
    ends = st.sampled_from(["\n", "\r\n"]) if draw(st.integers(0, 4)) else st.just("\r")
    rows = draw(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6))
    end = draw(ends)
    text = delimiter.join(COLUMNS) + end
    for cells in rows:
        some = cells if len(cells) != 2 else [*cells, "3"]
        text += delimiter.join(cell.replace(",", delimiter) for cell in some) + draw(ends)
    text = text.replace("\n", " ") if end == "\r" else text
    text = text if draw(st.booleans()) else text.rstrip("\r\n")
    data = text.encode(encoding, "replace")
    if encoding != "utf-16" and draw(st.booleans()):
        head = len((delimiter.join(COLUMNS) + end).encode(encoding))
        at = head + draw(st.integers(0, max(0, len(data) - head)))
        data = (
            data[:at]
            + draw(st.sampled_from([b"\xff", b"\x80", b"\x00", b'"', b"\r", end.encode(), b"\xe3\x81"]))
            + data[at:]
        )
    if encoding == "utf-8" and draw(st.booleans()):
        data = "\ufeff".encode() + data
    return data, encoding, delimiter, quote


@given(files(), st.integers(1, 99))
def test_every_line_is_of_a_row_of_a_reject_or_has_no_cell(file: tuple[bytes, str, str, str], size: int) -> None:
    data, encoding, delimiter, quote = file
    rows, rejects = read(data, size, encoding, delimiter, quote)
    assert rows.keys() & rejects.keys() == set()
    records = expected(split(data, encoding), delimiter, quote)
    told = {line for line, cells in records[1:] if cells is None or any(cells)}
    assert rows.keys() | rejects.keys() == told
    for line, cells in records[1:]:
        if line not in told:
            continue
        text = "".join(cells or ())
        broken = any("\udc80" <= letter <= "\udcff" for letter in text)
        if cells is None or len(cells) != len(COLUMNS) or broken:
            assert line in rejects, cells
        elif not cells[2].strip() or NUMBER.match(cells[2]):
            number = int(cells[2]) if cells[2].strip() else None
            wanted = {
                "a": cells[0] if cells[0].strip() else None,
                "b": cells[1] if cells[1].strip() else None,
                "n": number,
            }
            assert line not in rejects, cells
            assert rows[line] == wanted
        elif re.search(r"[a-z]", cells[2]):
            assert line in rejects, cells


def test_utf_16_that_is_cut_is_a_reject_and_the_sign_for_a_lost_letter_is_text() -> None:
    data = "a,b,n\nx,\ufffd,1\ny,\ud800,2\nz,w,3".encode("utf-16", "surrogatepass")
    rows, rejects = read(data[:-1], 7, "utf-16", ",", '"')
    assert rows == {2: {"a": "x", "b": "\ufffd", "n": 1}}
    assert sorted(rejects) == [3, 4]
