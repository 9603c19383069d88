"""Every type of MariaDB at its extremes, from a real server: as it prints them itself, or rejects with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from landing_place import Place, types

from local_dev.mariadb_server import MariaDb
from transforms.errors import SchemaChanged

pytestmark = pytest.mark.mariadb
Sql = Callable[..., list[tuple[Any, ...]]]

EXTREMES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "b": ("tinyint(1)", "boolean", ("0", "1")),
    "i1": ("tinyint", "tinyint", ("-128", "127")),
    "u1": ("tinyint unsigned", "smallint", ("0", "255")),
    "i2": ("smallint", "smallint", ("-32768", "32767")),
    "u2": ("smallint unsigned", "int", ("0", "65535")),
    "i3": ("mediumint", "int", ("-8388608", "8388607")),
    "u3": ("mediumint unsigned zerofill", "int", ("0", "16777215")),
    "i4": ("int", "int", ("-2147483648", "2147483647")),
    "u4": ("int unsigned", "bigint", ("0", "4294967295")),
    "i8": ("bigint", "bigint", ("-9223372036854775808", "9223372036854775807")),
    "u8": ("bigint unsigned", "bigint", ("0", "9223372036854775807")),
    "dec38": ("decimal(38,10)", "decimal(38,10)", ("-" + "9" * 28 + "." + "9" * 10, "0.0000000001")),
    "dec65": ("decimal(65,30)", "string", ("-" + "9" * 35 + "." + "9" * 30, "9" * 35 + "." + "9" * 30)),
    "whole": ("decimal(5)", "decimal(5,0)", ("-99999", "99999")),
    "d8": ("double", "double", ("-1.7976931348623157e308", "2.2250738585072014e-308", "0.1", "1e22")),
    "bit1": ("bit(1)", "boolean", ("b'0'", "b'1'")),
    "bit63": ("bit(63)", "bigint", ("0", "9223372036854775807")),
    "y": ("year", "smallint", ("'1901'", "'2155'", "'0000'")),
    "day_on": ("date", "date", ("'0001-01-01'", "'9999-12-31'")),
    "dt": ("datetime(3)", "timestamp", ("'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999'")),
    "ts": ("timestamp(3) null", "timestamp", ("'1970-01-01 09:00:01'", "'2038-01-19 12:14:07.999'")),
    "tm": ("time(6)", "string", ("'-838:59:59.999999'", "'838:59:59.999999'", "'00:00:00'")),
    "c": ("char(5)", "string", ("''", "'雪だるま🐋'")),
    "v": ("varchar(500)", "string", ("''", "repeat('é', 250)", "repeat('x', 251)", "'tab\\t nul\\0 nl\\n'")),
    "txt": ("longtext", "string", ("repeat('長', 30000)", "repeat('y', 65536)", "''")),
    "js": ("json", "string", ("""'{"a": [1.10, "雪"]}'""", "'null'")),
    "e": ("enum('glad','sad, very','')", "string", ("'sad, very'", "''")),
    "st": ("set('a','b','c')", "string", ("'a,c'", "''")),
    "uid": ("uuid", "string", ("'6f9619ff-8b86-d011-b42d-00c04fc964ff'",)),
    "ip": ("inet6", "string", ("'::ffff:192.0.2.1'", "'2001:db8::ff00:42:8329'")),
    "d8_": ("double(30,5) unsigned zerofill", "double", ("0", "1234567890.12345")),
    "f4": ("float", "float", ("-3.402823466e38", "1.4e-45", "0.1", "16777217", "-0.0")),
    "f7": ("float(7,3)", "float", ("-9999.999", "0.001")),
    "z1": ("tinyint zerofill", "smallint", ("7", "255")),
    "z8": ("bigint(20) zerofill", "bigint", ("7", "9223372036854775807")),
    "decz": ("decimal(8,2) zerofill", "decimal(8,2)", ("1.5", "999999.99")),
    "bit8": ("bit(8)", "bigint", ("b'10000001'", "0")),
    "bin": ("binary(4)", "binary", ("x'00ff'", "''", "x'ffffffff'")),
    "vbin": ("varbinary(300)", "binary", ("''", "repeat(x'fe', 252)", "x'0a095c27'")),
    "tiny": ("tinyblob", "binary", ("x'00'", "repeat(x'00', 255)")),
    "medium": ("mediumblob", "binary", ("repeat(x'00', 70000)",)),
    "tt": ("tinytext", "string", ("repeat('é', 127)",)),
    "mt": ("mediumtext", "string", ("repeat('雪', 30000)",)),
    "ip4": ("inet4", "string", ("'0.0.0.0'", "'255.255.255.255'")),
    "pt": ("point", "string", ("point(1.5, -2.25)", "ST_GeomFromText('POINT(1e300 -0.1)', 4326)")),
    "ls": ("linestring", "string", ("ST_GeomFromText('LINESTRING(0 0,1.5 1,1e-7 2)')",)),
    "pg": ("polygon", "string", ("ST_GeomFromText('POLYGON((0 0,0 9,9 9,0 0),(1 2,1 3,2 3,1 2))')",)),
    "mp": ("multipoint", "string", ("ST_GeomFromText('MULTIPOINT(0 0,-1 -1)')",)),
    "ml": ("multilinestring", "string", ("ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3))')",)),
    "mg": ("multipolygon", "string", ("ST_GeomFromText('MULTIPOLYGON(((0 0,0 1,1 1,0 0)),((5 5,5 6,6 6,5 5)))')",)),
    "gc": ("geometrycollection", "string", ("ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))')",)),
    "g": ("geometry", "string", ("point(0, 0)", "ST_GeomFromText('LINESTRING(0 0,1 1)')")),
}
SPATIAL = ("pt", "ls", "pg", "mp", "ml", "mg", "gc", "g")
TEXT = {
    **dict.fromkeys(("bit1", "bit8", "bit63"), "{} + 0"),
    **dict.fromkeys(SPATIAL, "ST_AsText({})"),
    **dict.fromkeys(("f4", "f7"), "cast({} as double)"),  # by itself it is written with six digits
    **dict.fromkeys(("bin", "vbin", "tiny", "medium"), "hex({})"),
}
"""What the server is asked to print; the value itself where nothing is said."""


def _printed(value: Any) -> str:
    """A value of the lake as the server prints it."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex().upper()
    return "NULL" if value is None else str(value)


_PLAIN: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(("float", "double"), lambda text: str(float(text))),
    **dict.fromkeys(("smallint", "int", "bigint"), lambda text: str(int(text))),
    "decimal(8,2)": lambda text: f"{Decimal(text):f}",
}
"""Numbers as Python writes them; the server writes 1e22 otherwise, and zeros before those of a zerofill."""


@pytest.mark.parametrize("name", EXTREMES)
def test_extremes_are_as_the_server_itself_prints_them(
    mariadb_place: Place, mariadb_sql: Sql, mariadb: MariaDb, name: str
) -> None:
    kind, lake_type, values = EXTREMES[name]
    mariadb_sql(
        "set time_zone = '+09:00'",
        f"create table t (id int primary key, {name} {kind})",
        *(f"insert into t values ({i}, {value})" for i, value in enumerate((*values, "null"))),
        "set time_zone = default",
    )
    mariadb_place.declare("mysql", "t: snapshot", "t: {id: int}")
    landed = mariadb_place.ingest()
    assert (landed.rejects, types(landed)) == (0, {name: lake_type})
    text = TEXT.get(name, "{}").format(name)
    asked = f"set time_zone = '+00:00'; select coalesce(hex(cast({text} as char)), 'NULL') from shop.t order by id"
    told = [line if line == "NULL" else bytes.fromhex(line).decode() for line in mariadb.run(asked).split("\n")[:-1]]
    found = [_printed(value) for _, value in mariadb_place.rows("t", "id", name)]
    plain = _PLAIN.get(lake_type, str)
    assert found == [line if line == "NULL" else plain(line) for line in told]


def test_a_float_keeps_all_of_its_digits(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql("create table t (f float)", "insert into t values (16777217), (0.1), (-3.402823466e38), (1.4e-45)")
    mariadb_place.declare("mysql", "t: snapshot", "t: {f: float}")
    mariadb_place.ingest()
    assert mariadb_place.rows("t", "f") == sorted(
        [16777216.0, 0.10000000149011612, -3.4028234663852886e38, 1.401298464324817e-45], key=repr
    )


def test_bytes_stay_bytes(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql(
        "create table t (b binary(4), v varbinary(300), l longblob)",
        "insert into t values (x'00ff', repeat(x'fe', 252), repeat(x'00', 70000)), (null, '', null)",
    )
    mariadb_place.declare("mysql", "t: snapshot", "t: {}")
    assert types(mariadb_place.ingest()) == {"b": "binary", "v": "binary", "l": "binary"}
    assert mariadb_place.rows("t", "b", "v", "l") == [
        (None, b"", None),
        (b"\x00\xff\x00\x00", b"\xfe" * 252, b"\x00" * 70000),
    ]


def test_a_row_of_several_packets_is_one_row(mariadb_place: Place, mariadb_sql: Sql) -> None:
    sizes = {1: 5, 2: (1 << 24) + 7, 3: 3, 4: (1 << 25) + 100, 5: (1 << 24) - 20, 6: 0}
    mariadb_sql("create table t (id int, l longtext, z int) engine = myisam")
    mariadb_sql(*(f"insert into t values ({row}, repeat('{row}', {size}), {row})" for row, size in sizes.items()))
    mariadb_place.declare("mysql", "t: snapshot", "t: {id: int, l: string, z: int}")
    assert mariadb_place.ingest().rows == 6
    found = [(row, len(text), set(text), z) for row, text, z in mariadb_place.rows("t", "id", "l", "z")]
    assert found == [(row, size, {str(row)} if size else set(), row) for row, size in sizes.items()]


BAD = {
    "b": ("2", "b: 2 is neither 0 nor 1; write tinyint to keep the number"),
    "u8": ("18446744073709551615", "u8: 18446744073709551615 is too large for bigint"),
    "d": ("'0000-00-00'", "d: 0000-00-00 is a zero date; write zero_dates: as_null to make NULL of it"),
    "half": ("'2024-05-00'", "half: 2024-05-00 is a date that no calendar has"),
    "first": ("'0000-01-01'", "first: a day outside the years 1 to 9999, or infinity"),
    "dt": ("'0000-00-00 00:00:00'", "dt: 0000-00-00 is a zero date; write zero_dates: as_null to make NULL of it"),
    "ts": ("0", "ts: 0000-00-00 is a zero date; write zero_dates: as_null to make NULL of it"),
    "fine": ("'2024-05-01 10:00:00.123456'", "fine: 2024-05-01 10:00:00.123456 has digits under a millisecond"),
}


def test_values_without_a_place_are_rejects_with_their_row(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql(
        """create table t (id int primary key, b tinyint(1), u8 bigint unsigned, d date, half date, first date,
          dt datetime, ts timestamp null, fine datetime(6))""",
        "insert into t select seq, 1, 1, '2024-01-01', null, '2024-01-01', null, now(), now() from seq_1_to_50",
        *(f"insert into t (id, {name}) values ({70 + i}, {value})" for i, (name, (value, _)) in enumerate(BAD.items())),
    )
    mariadb_place.declare("mysql", "t: {mode: snapshot, rejects: 50%}", "t: {id: int}")
    assert mariadb_place.ingest().rows == 50
    reasons = {row["raw"].split(b",")[0]: row["reason"] for row in mariadb_place.rejects()}
    assert list(reasons) == [f'{{"id":"{70 + i}"'.encode() for i in range(len(BAD))]
    for found, (_, wanted) in zip(reasons.values(), BAD.values(), strict=True):
        assert found.startswith(wanted)
    mariadb_place.declare(
        "mysql", "t: {mode: snapshot, rejects: 50%, zero_dates: as_null, timestamps: truncate}", "t: {id: int}"
    )
    assert mariadb_place.ingest().rows == 54
    assert {row["id"]: row["d"] for row in mariadb_place.rows()}[72] is None


def test_declared_types_are_kept_where_every_value_fits(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql(
        """create table t (b tinyint(1), i int, u bigint unsigned, n decimal(5,0), f float, d date, raw varbinary(9),
          flag tinyint)""",
        "insert into t values (-7, 7, 18446744073709551615, 3, 1.5, '0000-00-00', '雪', 1)",
    )
    schema = 't: {b: int, i: bigint, u: "decimal(20,0)", n: bigint, f: double, d: string, raw: string, flag: boolean}'
    mariadb_place.declare("mysql", "t: snapshot", schema)
    mariadb_place.ingest()
    assert mariadb_place.rows("t", "b", "i", "u", "n", "f", "d", "raw", "flag") == [
        (-7, 7, Decimal(18446744073709551615), 3, 1.5, "0000-00-00", "雪", True)
    ]


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("s: bigint", "s is no longer bigint but text in the source; .* write `s: string` under `t:` in connectors/"),
        ("dt: date", "write `dt: timestamp`"),
        ("n: double", r"write `n: decimal\(12,2\)`"),
        ("n: string", r"write `n: decimal\(12,2\)`"),
    ],
)
def test_another_type_is_refused_with_the_line_to_write(
    mariadb_place: Place, mariadb_sql: Sql, declared: str, message: str
) -> None:
    mariadb_sql("create table t (n decimal(12,2), s text, dt datetime)")
    mariadb_place.declare("mysql", "t: snapshot", f"t: {{{declared}}}")
    with pytest.raises(SchemaChanged, match=message):
        mariadb_place.ingest()


@pytest.mark.parametrize(("type_", "line"), [("date", "date"), ("datetime(3)", "timestamp"), ("blob", "binary")])
def test_a_text_that_became_something_else_is_refused(
    mariadb_place: Place, mariadb_sql: Sql, type_: str, line: str
) -> None:
    mariadb_sql("create table t (id int, v varchar(30))", "insert into t values (1, '2024-05-01')")
    mariadb_place.declare("mysql", "t: snapshot", "t: {id: int, v: string}")
    mariadb_place.ingest()
    mariadb_sql(f"alter table t modify v {type_}")
    with pytest.raises(SchemaChanged, match=f"which had string before; .* write `v: {line}` .*, or keep string by"):
        mariadb_place.ingest()
    mariadb_place.ingest(full=True)
    assert mariadb_place.ingest().unchanged


def test_a_tinyint_that_is_shown_otherwise_is_the_same_number(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql("create table t (b tinyint(1), u tinyint unsigned)", "insert into t values (-7, 200)")
    mariadb_place.declare("mysql", "t: snapshot", "t: {b: int, u: bigint}")
    mariadb_place.ingest()
    mariadb_sql("alter table t modify b tinyint, modify u tinyint(1) unsigned")
    mariadb_place.ingest()
    assert mariadb_place.rows("t", "b", "u") == [(-7, 200)]


def test_a_wider_type_is_read_as_it_is_and_told(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql(
        "create table t (i bigint, n decimal(12,2), u int unsigned)",
        "insert into t values (9223372036854775807, 9999999999.99, 4294967295)",
    )
    mariadb_place.declare("mysql", "t: snapshot", 't: {i: int, n: "decimal(8,2)", u: int}')
    landed = mariadb_place.ingest()
    told = "\n".join(landed.warnings)
    assert [line in told for line in ("`i: bigint`", "`n: decimal(12,2)`", "`u: bigint`")] == [True] * 3, told
    assert mariadb_place.rows("t", "i", "n", "u") == [(9223372036854775807, Decimal("9999999999.99"), 4294967295)]


@pytest.mark.parametrize("charset", ["latin1", "sjis", "cp932", "ujis", "eucjpms", "euckr", "gbk", "big5", "utf8mb3"])
def test_texts_of_other_charsets_are_unicode_in_the_lake(mariadb_place: Place, mariadb_sql: Sql, charset: str) -> None:
    text = "naïve café" if charset == "latin1" else "?日本?"
    mariadb_sql(f"create table t (c varchar(20) character set {charset})", f"insert into t values ('{text}')")
    mariadb_place.declare("mysql", "t: snapshot", "t: {c: string}")
    assert mariadb_place.ingest().rejects == 0
    assert mariadb_place.rows("t", "c") == [text]


def test_a_character_that_unicode_lacks_is_a_reject_and_no_question_mark(
    mariadb_place: Place, mariadb_sql: Sql
) -> None:
    mariadb_sql(
        "create table t (id int, c varchar(20) character set sjis)",
        "insert into t values (1, x'93FA967B3F'), (2, x'8540413F'), (3, null)",
    )
    mariadb_place.declare("mysql", "t: {mode: snapshot, rejects: 50%}", "t: {id: int, c: string}")
    mariadb_place.ingest()
    assert mariadb_place.rows("t", "id", "c") == [(1, "日本?"), (3, None)]
    (reject,) = mariadb_place.rejects()
    assert reject["reason"] == "c: a character of sjis that Unicode does not have"
    assert b"8540413F" in reject["raw"]


def test_datetimes_are_of_the_declared_zone_and_timestamps_of_none(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql(
        "create table t (id int, dt datetime, ts timestamp null)",
        "set time_zone = '+09:00'",
        "insert into t values (1, '2024-05-01 09:00:00', '2024-05-01 09:00:00')",
        "set time_zone = default",
    )
    mariadb_place.declare("mysql", "t: {mode: snapshot, timezone: Asia/Tokyo}", "t: {}")
    mariadb_place.ingest()
    assert mariadb_place.rows("t", "dt", "ts") == [(datetime(2024, 5, 1), datetime(2024, 5, 1))]
    mariadb_sql("insert into t values (2, '2024-11-03 01:30:00', null), (3, '2024-03-10 02:30:00', null)")
    mariadb_place.declare("mysql", "t: {mode: snapshot, rejects: 90%, timezone: America/New_York}", "t: {}")
    mariadb_place.ingest()
    reason = "dt: a time that clocks of America/New_York show twice or never"
    assert [row["reason"] for row in mariadb_place.rejects()] == [reason, reason]
    assert mariadb_place.rows("t", "dt") == [datetime(2024, 5, 1, 13)]
