"""An answer in JSON is taken apart without a byte of its rows being changed."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.readers.json_lines import Inexact, LineParser, exactly
from connectors.readers.pieces import Block, Place
from connectors.readers.rest.page import NoRows, at, page_of
from transforms.column import Column
from transforms.lake_types import Type

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"', "\\", '\\"},{"', "],[", "\n"]
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(st.dictionaries(TEXT, VALUE, max_size=4), max_size=6),
    st.dictionaries(TEXT, VALUE, max_size=3),
    st.lists(TEXT.filter(bool), max_size=3),
    st.sampled_from([None, 1]),
    st.booleans(),
)
def test_rows_and_what_stands_around_them_come_back(
    rows: list[Any], around: dict[str, Any], path: list[str], indent: int | None, ascii_: bool
) -> None:
    answer: Any = rows
    empty: Any = []
    for step in reversed(path):
        answer, empty = {**around, step: answer}, {**around, step: empty}
    body = json.dumps(answer, indent=indent, ensure_ascii=ascii_).encode()
    page = page_of(body, path)
    assert page.count == len(rows)
    assert [json.loads(line) for line in page.lines.splitlines()] == rows
    assert page.around == json.loads(json.dumps(empty), parse_float=Decimal)


PLAIN = ("1", "-7", "1.10", "1e2", "9223372036854775808", "null", "true", "NaN", "[1]", "[]", "{}", '{"a": 1}')
TEXTS = ('"x"', '"1"', '"2024-05-01T00:00:00Z"', '""', '"\\u00e9 \\" ]},{"', '"2024-05-01T00:00:00.1234Z"')
CELL = st.sampled_from([*PLAIN, *TEXTS, '{"a": null, "b": "]"}'])
ROW = st.dictionaries(st.sampled_from(["id", "name", "price", "at", "tags", "by", "New"]), CELL, max_size=5).map(
    lambda row: "{" + ", ".join(f'"{key}": {text}' for key, text in row.items()) + "}"
)
COLUMNS = {"id": "bigint", "name": "string", "price": "decimal(12,2)", "at": "timestamp", "tags": "array<bigint>"}


@given(
    st.lists(ROW | st.sampled_from(["null", "3", "[]", '{"id": 1, "id": 2}', '{"id": 1'])) | st.lists(ROW),
    st.sampled_from(['"next": null', '"next": "2024-05-01"', '"n": 1.10', '"a": [1, "x"]', '"a": {"b": [1, true]}']),
    st.sampled_from(["", " ", "\n"]),
)
def test_an_answer_that_is_read_at_once_has_the_rows_of_its_lines(rows: list[str], beside: str, blank: str) -> None:
    columns = [Column(name, Type.parse(text)) for name, text in COLUMNS.items()]
    body = f'{{{beside}, "data":{blank}[{f",{blank}".join(rows)}]}}'.encode()
    listed = LineParser(columns, {}, truncate=False).parse_lists([body], ["data"])
    if listed is None:
        return
    page = page_of(body, ["data"])
    parsed = LineParser(columns, {}, truncate=False).parse(Block((Place("x", 1, page.count),), page.lines))
    assert parsed.rejects == []
    assert page.count == listed.rows.num_rows
    if rows:
        assert listed.rows.equals(parsed.rows.drop_columns(["_file", "_line"]))
    with suppress(Inexact):
        assert exactly(listed.around, ["data"]) == page.around


CLEAN = st.fixed_dictionaries(
    {"id": st.integers(-(2**63), 2**63 - 1), "name": st.none() | TEXT.filter(lambda text: "\n" not in text)},
    optional={"price": st.sampled_from([1, -7, 0.25]), "tags": st.lists(st.integers(0, 9), max_size=3)},
)


@given(st.lists(CLEAN, max_size=6), st.sampled_from([None, "2", 7]))
def test_every_clean_answer_is_read_at_once(rows: list[dict[str, Any]], after: Any) -> None:
    columns = [Column(name, Type.parse(text)) for name, text in COLUMNS.items()]
    body = json.dumps({"next": after, "data": rows}, ensure_ascii=False).encode()
    listed = LineParser(columns, {}, truncate=False).parse_lists([body], ["data"])
    assert listed is not None
    assert [(row["id"], row["name"]) for row in listed.rows.to_pylist()] == [(row["id"], row["name"]) for row in rows]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"next": "x", "data": [{"id": 1, "by": null}, {"name": "a]"}]}', ["data"]),
        (b'{"report": {"rows": [{"id": 1}], "n": 7}, "at": [1]}', ["report", "rows"]),
        (b'{"data": []}', ["data"]),
    ],
)
def test_a_clean_answer_is_read_at_once(body: bytes, path: list[str]) -> None:
    listed = LineParser([Column("id", Type.parse("bigint")), Column("name", Type.parse("string"))], {}, truncate=False)
    found = listed.parse_lists([body], path)
    assert found is not None
    assert exactly(found.around, path) == page_of(body, path).around


def test_answers_that_are_read_together_are_what_each_is_alone() -> None:
    parser = LineParser([Column(name, Type.parse(text)) for name, text in COLUMNS.items()], {}, truncate=False)
    bodies = [
        b'{"next": "b", "n": 2, "data": [{"id": 1, "name": "x"}, {"id": 2, "tags": [1]}]}',
        b'{"data": [], "next": null}',
        b'{"next": "d", "data": [{"price": 1.10, "name": "a\\nb"}]}',
    ]
    together = parser.parse_lists(bodies, ["data"])
    assert together is not None
    for number, body in enumerate(bodies):
        alone = parser.parse_lists([body], ["data"])
        assert alone is not None
        assert together.part(number).equals(alone.rows)
        assert together.counts[number] == alone.rows.num_rows
        around = {name: value for name, value in exactly(together.around.slice(number, 1), ["data"]).items() if value}
        assert around == {name: value for name, value in exactly(alone.around, ["data"]).items() if value}
    assert together.part(0, 3).equals(together.rows)
    for dirty in (b'{"data": [{"id": "x"}]}', b'{"data": [{"id": 1}]', b'{"data": []} {"data": []}', b'{"rows": []}'):
        assert parser.parse_lists([*bodies, dirty], ["data"]) is None


def test_every_digit_stays_as_it_was_written() -> None:
    page = page_of(b'{"n": 1.10, "rows": [ {"v": 1.10, "w": 0.1234567890123456789} ,\n{"v": 1e2}]}', ["rows"])
    assert page.lines == b'{"v": 1.10, "w": 0.1234567890123456789}\n{"v": 1e2}'
    assert str(page.around["n"]) == "1.10"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"rows": [1, 2}', b'{"rows": [{}]', b'{"rows": []} x', b'{"rows" 1}']
)
def test_what_is_not_json_is_said_not_to_be(body: bytes) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - of json or of ours
        page_of(body, ["rows"])
    assert not isinstance(caught.value, NoRows)


@pytest.mark.parametrize(("body", "path"), [(b'{"a": 1}', "rows"), (b'{"rows": {}}', "rows"), (b"[]", "x"), (b"3", "")])
def test_an_answer_without_the_list_tells_what_it_has(body: bytes, path: str) -> None:
    with pytest.raises(NoRows):
        page_of(body, [path] if path else [])


def test_a_path_leads_into_objects_and_lists() -> None:
    assert at({"a": [{"b": 1}, {"b": 2}]}, "a.-1.b") == 2
    assert at({"a": [{"b": 1}]}, "a.7.b") is None
    assert page_of(b'{"results": [{"x": 1}, {"rows": [{}]}]}', ["results", "1", "rows"]).count == 1
