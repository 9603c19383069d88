"""JSON lines with any dirt: every line is a row, a reject or blank; rows are what Python's `json` says of them."""

from __future__ import annotations

import json
import math
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.readers.json_lines import LineParser
from connectors.readers.jsonl.blocks import BadPart, line_blocks
from transforms.column import Column
from transforms.lake_types import Type

COLUMNS = {
    "id": "bigint",
    "small": "smallint",
    "price": "decimal(12,2)",
    "ratio": "double",
    "name": "string",
    "ok": "boolean",
    "user": "struct<name:string,age:int>",
    "tags": "array<string>",
}


@dataclass
class Pieces:
    """A file that comes in pieces of this size."""

    data: bytes
    size: int
    name = "a.jsonl"
    day = None
    cut = ""
    header = ()
    raw_bytes = 0

    def pieces(self) -> Iterator[bytes]:
        for at in range(0, len(self.data), self.size):
            self.raw_bytes += len(self.data[at : at + self.size])
            yield self.data[at : at + self.size]


def read(data: bytes, piece: int = 1 << 20, block: int = 1 << 20) -> tuple[dict[int, dict[str, Any]], dict[int, bytes]]:
    """The rows and the rejects by their line."""
    columns = [Column(name, Type.parse(type_)) for name, type_ in COLUMNS.items()]
    parser = LineParser(columns, {}, truncate=False)
    rows, rejects = dict[int, dict[str, Any]](), dict[int, bytes]()
    for part in line_blocks([Pieces(data, piece)], block, records=True):
        assert not isinstance(part, BadPart)
        parsed = parser.parse(part)
        found = {row["_line"]: {name: row.get(name) for name in COLUMNS} for row in parsed.rows.to_pylist()}
        assert (len(found), rows.keys() & found.keys()) == (parsed.rows.num_rows, set()), "each line once"
        rows |= found
        rejects |= {reject.line: reject.raw for reject in parsed.rejects}
    return rows, rejects


class Wrong(Exception):
    """A value that its column cannot hold."""


def expected(line: bytes) -> dict[str, Any] | None:
    """The row that a line is, by Python's own reading of it; None for a blank line. Raises Wrong or ValueError."""
    if not line.strip(b" \t\r"):
        return None
    value = json.loads(line.decode(), parse_float=Decimal, parse_constant=_refused, object_pairs_hook=_once)
    if not isinstance(value, dict):
        raise Wrong
    return {name: _held(value.get(name), type_) for name, type_ in COLUMNS.items()}


def _refused(word: str) -> Any:
    raise ValueError(word)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("twice")
    return dict(pairs)


def _held(value: Any, type_: str) -> Any:
    if value is None:
        return None
    if type_ == "string":
        return value if isinstance(value, str) else ("json", _plain(value))
    if type_.startswith("struct"):
        if not isinstance(value, dict):
            raise Wrong
        return {"name": _held(value.get("name"), "string"), "age": _held(value.get("age"), "int")}
    if type_.startswith("array"):
        if not isinstance(value, list):
            raise Wrong
        return [_held(item, "string") for item in value]
    if type_ == "boolean":
        if not isinstance(value, bool):
            raise Wrong
        return value
    return _number(value, type_)


def _number(value: Any, type_: str) -> Any:
    if isinstance(value, str) and type_.startswith("decimal"):
        try:
            value = Decimal(value)
        except InvalidOperation:
            raise Wrong from None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Wrong
    if type_ == "double":
        try:
            found = float(value)
        except OverflowError:
            raise Wrong from None
        if math.isinf(found):
            raise Wrong
        return found
    exact = Decimal(value)
    if type_.startswith("decimal"):
        if not exact.is_finite() or abs(exact) >= 10**10 or exact != round(exact, 2):
            raise Wrong
        return round(exact, 2)
    most = {"smallint": 1 << 15, "int": 1 << 31, "bigint": 1 << 63}[type_]
    if not -most <= exact < most or exact != exact.to_integral_value():
        raise Wrong
    return int(exact)


def _plain(value: Any) -> Any:
    """As JSON is compared: numbers by their value."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | str | None) else Decimal(value)


def same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, tuple):
        return bool(_plain(json.loads(found, parse_float=Decimal)) == wanted[1])
    if isinstance(wanted, dict):
        return all(same(found[key], value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    return type(found) is type(wanted) and found == wanted and str(found) == str(wanted)


NUMBERS = st.one_of(
    st.integers(-(1 << 70), 1 << 70).map(str),
    st.integers(-40000, 40000).map(str),
    st.decimals(-(10**11), 10**11, places=2).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        [
            "1e400",
            "-0",
            "-0.0",
            "1.0",
            "1E2",
            "1e-400",
            "12345678901234567890.5",
            "NaN",
            "Infinity",
            "-Infinity",
            "01",
            "+1",
            "1.",
            ".5",
            "0x10",
            "9223372036854775807",
            "9223372036854775808",
            "1e18",
            "0.1234567890123456789",
        ]
    ),
)
TEXTS = st.one_of(
    st.text(max_size=8).map(json.dumps),
    st.text(max_size=8).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from(
        [
            '"\\ud800"',
            '"\\u0000"',
            '"}{"',
            '"1.25"',
            '"1_0.5"',
            '" 1 "',
            '"１２"',
            '"NaN"',
            '"1e3"',
            '"2024-05-01"',
            '"\\x"',
            '"a\tb"',
            '"\x7f"',
        ]
    ),
)
NESTED = st.sampled_from(
    [
        "[" * 40 + "]" * 40,
        '{"a":' * 40 + "1" + "}" * 40,
        "[" * 2000 + "]" * 2000,
        '{"name": "x", "age": 3}',
        '{"name": 1.50, "age": 2147483648}',
        '{"name": "x", "name": "y"}',
        '["a", 1, null, ["b"]]',
        "[]",
        "{}",
    ]
)
VALUES = st.one_of(NUMBERS, TEXTS, st.sampled_from(["true", "false", "null", "nul"]), NESTED)
FIELDS = st.tuples(st.sampled_from([*COLUMNS]), VALUES).map(lambda field: f'"{field[0]}": {field[1]}')
OBJECTS = st.lists(FIELDS, max_size=4).map(lambda fields: "{" + ", ".join(fields) + "}")
CLEAN = st.integers(0, 9).map(lambda n: json.dumps({"id": n, "ratio": n / 3, "name": f"n{n}", "ok": True}))
DIRT = st.tuples(
    st.integers(0, 60),
    st.sampled_from(
        [
            b"\xff",
            b"\x00",
            b"\xe3\x81",
            b"\r",
            b"\t",
            b" ",
            b"{",
            b"}",
            b'"',
            b",",
            b"\\",
            b"\xef\xbb\xbf",
            b"\xed\xa0\x80",
            b"1",
        ]
    ),
)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """One line without its end: whole, cut, with a byte too many, or none at all."""
    text = draw(st.one_of(CLEAN, OBJECTS, OBJECTS, VALUES, st.just(""))).encode("utf-8", "surrogatepass")
    text = text.replace(b"\n", b" ")
    how = draw(st.integers(0, 9))
    if how == 0:
        return text[: draw(st.integers(0, len(text)))]
    if how in (1, 2):
        at, dirt = draw(DIRT)
        return text[:at] + dirt + text[at:]
    return b" " * (how == 3) + text + b"\r" * (how in (4, 5))


@given(st.lists(lines(), max_size=12), st.booleans(), st.booleans(), st.integers(1, 200), st.integers(1, 300))
def test_every_line_is_a_row_a_reject_or_blank(
    every: list[bytes], marked: bool, ended: bool, piece: int, block: int
) -> None:
    data = BOM_UTF8 * marked + b"\n".join(every) + b"\n" * ended
    joined = b"}{" in data  # records one behind the other, of which a line may have any number
    rows, rejects = read(data, piece, len(data) + 1 if joined else block)
    every = data.removeprefix(BOM_UTF8).split(b"\n")
    assert joined or rows.keys() & rejects.keys() == set()
    for number, line in enumerate(every, 1):
        try:
            wanted = expected(line)
        except (Wrong, ValueError, RecursionError):
            if b"}{" in line:
                continue
            assert number in rejects, line
            assert rejects[number].strip() == line.strip()
        else:
            assert number not in rejects, line
            assert (number in rows) == (wanted is not None), line
            if wanted is not None:
                assert same(rows[number], wanted), (line, rows[number])
    if not joined:
        assert rows.keys() | rejects.keys() <= {*range(1, len(every) + 1)}


def test_a_line_that_nests_too_deep_is_a_reject_and_ends_nothing() -> None:
    """A hundred thousand brackets end Arrow's parser, and the process with it."""
    clean = b'{"id": 1}\n'
    for levels in (101, 900, 9000, 100_000):
        for start, end in ((b"[", b"]"), (b'{"a": ', b"}")):
            for deep in (start * levels + b"1" + end * levels, start * levels + b"1"):
                lines = [b'{"%s": %s}' % (key, deep) for key in (b"id", b"name", b"new", b'\\\\": "]]", "b')]
                rows, rejects = read(clean + b"\n".join(lines) + b"\n" + clean)
                assert (sorted(rows), sorted(rejects)) == ([1, 6], [2, 3, 4, 5])
    rows, rejects = read(b'{"name": %s}\n' % (b"[" * 99 + b"]" * 99))
    assert (len(rows), rejects) == (1, {})


def test_a_long_line_with_many_brackets_beside_each_other_is_a_row() -> None:
    rows, rejects = read(json.dumps({"tags": ['a\\"[', "{"] * 9000, "user": {"name": "{[" * 9000}}).encode())
    assert rejects == {}
    assert rows[1]["tags"] == ['a\\"[', "{"] * 9000
