"""Types in both spellings, and which of them a table may hold."""

from __future__ import annotations

import pytest

from transforms.lake_types import Type

HIVE = [
    ("boolean", "boolean"),
    ("int", "integer"),
    ("bigint", "bigint"),
    ("float", "real"),
    ("double", "double"),
    ("decimal(10,2)", "decimal(10,2)"),
    ("string", "varchar"),
    ("varchar(5)", "varchar(5)"),
    ("binary", "varbinary"),
    ("date", "date"),
    ("timestamp", "timestamp(3)"),
    ("array<string>", "array(varchar)"),
    ("map<string,int>", "map(varchar, integer)"),
    ("struct<a:int,b:array<struct<c:string>>>", "row(a integer, b array(row(c varchar)))"),
]


@pytest.mark.parametrize(("hive", "athena"), HIVE)
def test_hives_spelling_and_athenas_are_one_type(hive: str, athena: str) -> None:
    assert str(Type.parse(hive)) == athena
    assert Type.parse(athena).hive == hive
    assert Type.parse(athena).in_lake


@pytest.mark.parametrize(
    "text",
    [
        "timestamp(6) with time zone",
        "time(0)",
        "interval day to second",
        "char(3)",
        "json",
        "unknown",
        "timestamp(6)",
        "row(integer, varchar)",
        "array(json)",
        'row("Group" integer)',
    ],
)
def test_a_type_that_the_lake_lacks_is_still_a_type(text: str) -> None:
    assert str(Type.parse(text)) == text
    assert Type.parse(text).in_lake == (text == 'row("Group" integer)')


def test_a_table_keeps_no_lengths_of_texts() -> None:
    assert str(Type.parse("map(varchar(3), row(a array(varchar(5)), n decimal(4,2)))").stored) == (
        "map(varchar, row(a array(varchar), n decimal(4,2)))"
    )


@pytest.mark.parametrize(
    "text", ["", "strng", "decimal(39,0)", "decimal(3,4)", "array", "map(varchar)", "int int", "row("]
)
def test_what_is_no_type_says_why(text: str) -> None:
    with pytest.raises(ValueError, match="is not a type"):
        Type.parse(text)
