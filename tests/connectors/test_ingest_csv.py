"""CSV as people export it: encodings, headers in Japanese, yen signs, quoted newlines, broken rows."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from landing_place import Place, types

from connectors.readers.cells import number
from connectors.readers.csv import records as csv_records
from connectors.readers.json_shape import Misfit
from transforms.errors import SchemaChanged
from transforms.lake_types import Type

SCHEMA = """
    t:
      deal: string
      amount: decimal(14,0)
      chance: double
      close_on: date
      won: boolean
    """
TABLE = 't: {mode: append, path: "*.csv", rejects: 90%}'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("csv", TABLE, SCHEMA)
    return place


def put(place: Place, text: str, encoding: str = "utf-8", name: str = "a.csv") -> None:
    (place.files / name).write_bytes(text.encode(encoding))


def test_a_bom_yen_signs_thousands_percents_and_quoted_newlines(place: Place) -> None:
    put(
        place,
        "deal,amount,chance,close_on,won\r\n"
        'D1,"¥1,234,000",35%,2024/05/01,はい\r\n'
        '"two\r\nlines ""quoted""",△300,0.5,2024年5月3日,no\r\n'
        "D3,（1，000）,,20240504,\r\n",
        "utf-8-sig",
    )
    assert place.ingest().rejects == 0
    assert place.rows("t", "deal", "amount", "chance", "close_on", "won", "_line") == sorted(
        [
            ("D1", Decimal(1234000), 0.35, date(2024, 5, 1), True, 2),
            ('two\r\nlines "quoted"', Decimal(-300), 0.5, date(2024, 5, 3), False, 3),
            ("D3", Decimal(-1000), None, date(2024, 5, 4), None, 5),
        ],
        key=repr,
    )


@pytest.mark.parametrize("word", ["shift_jis", "SJIS", "Shift-JIS", "cp932"])
def test_letters_of_windows_stay_as_they_were_written(place: Place, word: str) -> None:
    place.declare("csv", f't: {{mode: append, path: "*.csv", encoding: {word}}}', "t: {deal: string}")
    put(place, "deal\n～－∥￠￡￢①髙㈱\n\\~\n", "cp932")
    assert place.ingest().rejects == 0
    assert place.rows("t", "deal") == ["\\~", "～－∥￠￡￢①髙㈱"]


def test_shift_jis_headers_are_mapped_to_columns(place: Place) -> None:
    words = "encoding: shift_jis, columns: {案件番号: deal, 金額: amount, 確度: chance, 予定日: close_on, 受注: won}"
    place.declare("csv", f'{TABLE[:-1]}, {words}, date_format: "%Y/%m/%d"}}', SCHEMA)
    put(place, "案件番号,金額,確度,予定日,受注\n①髙橋表,￥900,10%,2024/05/01,○\n", "cp932")
    assert place.ingest().rows == 1
    assert place.rows("t", "deal", "amount") == [("①髙橋表", Decimal(900))]


@pytest.mark.parametrize(("encoding", "words"), [("utf-16", "encoding: utf-16"), ("euc-jp", "encoding: euc-jp")])
def test_other_encodings_and_tabs(place: Place, encoding: str, words: str) -> None:
    place.declare("csv", f"{TABLE[:-1]}, {words}, delimiter: tab}}", SCHEMA)
    put(place, "deal\tamount\n雪\t5\n", encoding)
    landed = place.ingest()
    assert place.rows("t", "deal", "amount") == [("雪", Decimal(5))]
    assert landed.missing_columns == ("chance", "close_on", "won")


def test_each_bad_row_is_a_reject_with_its_line(place: Place) -> None:
    rows = [
        "D1,1,,,",
        "D2,未定,,,",
        "D3,1,,,,extra",
        "D4",
        "D5,1.5,,,",
        "D6,1,,2024-02-30,",
        "D7,1,,,maybe",
        "",
        "D8,8,,,",
    ]
    put(place, "deal,amount,chance,close_on,won\n" + "\n".join(rows))
    assert place.ingest().rejects == 6
    assert place.rows("t", "deal", "_line") == [("D1", 2), ("D8", 10)]
    reasons = {row["_line"]: row["reason"] for row in place.rejects()}
    assert reasons[3] == 'amount: "未定" is not decimal(14,0)'
    assert reasons[4] == "6 cells, and the header has 5"
    assert reasons[6] == "amount: 1.5 has more than 0 decimals"
    assert reasons[8] == 'won: "maybe" is neither true nor false'


def test_a_quote_that_is_never_closed_costs_one_row(place: Place) -> None:
    put(place, 'deal,amount,chance,close_on,won\nD1,1,,,\n"D2,2,,,\nD3,3,,,\n"D"4,4,,,\nD5,5,,,\n')
    assert place.ingest().rejects == 2
    assert place.rows("t", "deal") == ["D1", "D3", "D5"]
    assert [row["_line"] for row in place.rejects()] == [3, 5]


def test_bytes_that_are_no_text_are_kept_as_they_are(place: Place) -> None:
    (place.files / "a.csv").write_bytes("deal,amount\n雪,1\n".encode() + b"\x93\xfa,2\nok,3\n")
    assert place.ingest().rejects == 1
    assert place.rejects()[0]["raw"] == b"\x93\xfa,2"
    assert place.rows("t", "deal") == ["ok", "雪"]


def test_new_columns_are_text_and_a_name_that_the_lake_lacks_must_be_given(place: Place) -> None:
    put(place, "deal,Note Text\nD1,x\n")
    assert types(place.ingest()) == {"note_text": "string"}
    put(place, "deal,備考\nD2,x\n", name="b.csv")
    with pytest.raises(SchemaChanged, match=r'b\.csv: the column "備考" has no name in the lake; .*\{備考: its_name\}'):
        place.ingest()


def test_the_wrong_delimiter_is_said_to_be_one(place: Place) -> None:
    put(place, "deal;amount\nD1;1\n")
    with pytest.raises(SchemaChanged, match=r"a\.csv:1: the header names no column .* write delimiter:"):
        place.ingest()


def test_a_header_below_the_end_of_a_file_loses_no_row(place: Place) -> None:
    put(place, "deal,amount\nD1,1\nD2,2\n")
    place.ingest()
    place.declare("csv", f"{TABLE[:-1]}, header: 99}}", SCHEMA)
    with pytest.raises(SchemaChanged, match=r"a\.csv has 3 lines, header: 99; write header:"):
        place.ingest(full=True)
    assert place.rows("t", "deal") == ["D1", "D2"]


def test_a_file_without_a_header_has_letters_for_names(place: Place) -> None:
    put(place, 'D1,1\nD2,"2\n')
    put(place, 'D3,"3"x\nD4,4\nD5\n', name="b.csv")
    place.declare("csv", f"{TABLE[:-1]}, header: none}}", SCHEMA)
    with pytest.raises(
        SchemaChanged, match=r"no column of the table but a, b; .*; write columns: {A: deal, B: amount}"
    ):
        place.ingest()
    place.declare("csv", f"{TABLE[:-1]}, header: none, columns: {{A: deal, B: amount}}}}", SCHEMA)
    assert place.ingest().rejects == 3
    assert place.rows("t", "deal", "amount", "_line") == [("D1", 1, 1), ("D4", 4, 2)]
    assert {row["reason"] for row in place.rejects()} >= {"1 cells, and the first row has 2"}
    assert place.repair({("b.csv", 3): "D5,5"}).rejects == 2
    assert place.rows("t", "deal", "amount", "_line")[-1] == ("D5", 5, 3)
    put(place, "", name="c.csv")
    assert place.ingest().rows == 0


def test_an_empty_file_has_no_line_at_all(place: Place) -> None:
    place.declare("csv", f"{TABLE[:-1]}, header: 2}}", SCHEMA)
    put(place, "")
    assert place.ingest().rows == 0


def test_a_snapshot_is_the_files_that_are_there(place: Place) -> None:
    place.declare("csv", TABLE.replace("append", "snapshot"), SCHEMA)
    put(place, "deal\nD1\n")
    put(place, "deal\nD2\n", name="b.csv")
    place.ingest()
    assert place.ingest().unchanged
    (place.files / "a.csv").unlink()
    put(place, "deal\nD3\n", name="c.csv")
    assert place.ingest().rows == 2
    assert place.rows("t", "deal") == ["D2", "D3"]


def test_times_without_a_zone_are_in_the_one_that_is_written(place: Place) -> None:
    place.declare("csv", TABLE[:-1] + ", timezone: Asia/Tokyo}", "t: {at: timestamp}")
    put(place, "at\n2024/05/01 09:00:00\n2024-05-01 00:00:00Z\n")
    place.ingest()
    assert place.rows("t", "at") == [datetime(2024, 5, 1), datetime(2024, 5, 1)]


def test_the_signs_in_numbers_and_the_texts_for_null_are_as_they_are_declared(place: Place) -> None:
    words = 'delimiter: ";", decimal: ",", thousands: ".", nulls: ["-", n/a]'
    place.declare("csv", f"{TABLE[:-1]}, {words}}}", SCHEMA)
    put(place, "deal;amount;chance\nD1;1.234.000;0,35\nn/a;-;-\nD3;1,234;\nD4;1.5;\n")
    assert place.ingest().rejects == 2
    assert place.rows("t", "deal", "amount", "chance") == [("D1", Decimal(1234000), 0.35), (None, None, None)]


@pytest.mark.parametrize(("text", "value"), [("1,5", "1.5"), ("1 234,5", "1234.5"), ("-0,25%", "-0.0025")])
def test_a_decimal_comma(text: str, value: str) -> None:
    assert number(text, Type("double"), thousands="", decimal=",") == Decimal(value)


@pytest.mark.parametrize("text", ["1.5", "1.234", "1,234,567"])
def test_a_sign_that_has_no_meaning_makes_no_number(text: str) -> None:
    with pytest.raises(Misfit):
        number(text, Type("double"), thousands="", decimal=",")


@pytest.mark.parametrize("text", ["1,2", "1,2345", "1.2.3", "--1", "△-1", "1 or 2", "１２ヶ月", "∞", "NaN", "0x10"])
def test_what_is_no_number_or_could_be_two_is_a_misfit(text: str) -> None:
    with pytest.raises(Misfit):
        number(text, Type("double"))


def test_other_quotes_or_none(place: Place) -> None:
    place.declare("csv", f'{TABLE[:-1]}, quote: "\'", delimiter: tab}}', SCHEMA)
    put(place, "deal\tamount\n'it''s\ta'\t1\n\"D2\t2\n")
    place.ingest()
    assert place.rows("t", "deal", "amount") == [("it's\ta", Decimal(1)), ('"D2', Decimal(2))]
    other = Place(place.home / "other")
    other.declare("csv", f'{TABLE[:-1]}, quote: ""}}', SCHEMA)
    put(place, 'deal,amount\n"D1,1\nD"2",2\n')
    other.ingest()
    assert other.rows("t", "deal", "amount") == [('"D1', Decimal(1)), ('D"2"', Decimal(2))]


@given(
    st.text(alphabet='ab,"\n\r;é', max_size=60),
    st.sampled_from(["utf-8-sig", "utf-16", "cp932"]),
    st.integers(1, 9),
    st.integers(4, 9),
)
def test_records_do_not_depend_on_where_a_file_is_cut(text: str, encoding: str, size: int, held: int) -> None:
    data = text.encode(encoding, "replace")
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "MOST_LINES", 3)
        whole = list(csv_records.records([data] if data else [], csv_records.Dialect(encoding)))
        patch.setattr(csv_records, "HELD_LINES", held)
        assert list(csv_records.records(pieces, csv_records.Dialect(encoding))) == whole


@pytest.mark.slow
def test_no_more_of_a_large_file_is_read_than_is_held() -> None:
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for line in range(300_000):
            read += 1
            yield f"{line},some text that takes a little room\n".encode()

    for count, _ in enumerate(csv_records.records(pieces(), csv_records.Dialect()), 1):
        assert read - count <= csv_records.HELD_LINES
    assert count == 300_000


@pytest.mark.slow
def test_a_large_file_has_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "HELD_LINES", 4_000)
    count = 60_000
    pieces = (f"{number},some text that takes a little room\n".encode() * 50 for number in range(count // 50))
    tracemalloc.start()
    try:
        assert sum(1 for _ in csv_records.records(pieces, csv_records.Dialect())) == count
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
