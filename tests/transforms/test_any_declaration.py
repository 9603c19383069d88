"""Whatever a declaration says, it is read or it is a problem: nothing raises."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.content import READER_WORDS
from transforms.checks import KINDS, read_checks
from transforms.column import Column
from transforms.errors import Problem
from transforms.header import read_header, read_relation
from transforms.lake_types import BIGINT, DATE, VARCHAR
from transforms.names import TableName
from transforms.relation import HEADER_KEYS, Check, Relation
from transforms.source_file import read_source
from transforms.target import read_targets
from transforms.teams import read_teams
from transforms.yaml_file import Document, read_yaml

NAME = TableName("core_ads", "daily")
WORDS = st.sampled_from(
    ["day", "id", "name", "3 days", "50%", "0", "error", "snapshot", "upsert", "core_ads.daily.id", "postgres", "", " "]
)
PLAIN = st.none() | st.booleans() | st.integers(-5, 2**62) | st.floats(allow_nan=False) | WORDS | st.text(max_size=5)
ANY = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=5
)
COLUMNS = {"id": BIGINT, "name": VARCHAR, "day": DATE}
SCHEMA = {NAME: tuple(Column(name, type_) for name, type_ in COLUMNS.items())}
SOURCE_KEYS = (
    "kind",
    "owner",
    "description",
    "connection",
    "every",
    "tables",
    "api_key",
    "oauth2",
    "rate",
    "timestamps",
)
TABLE_KEYS = (
    "mode",
    "key",
    "cursor",
    "day",
    "restate",
    "rejects",
    "table",
    "path",
    "columns",
    "python",
    "page",
    "next",
    "offset",
    "begin",
    "window",
    "size",
    "more",
)


def mapping(keys: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(keys) | WORDS, ANY, max_size=6)


def sound(problems: list[Problem]) -> None:
    assert all(str(problem) and problem.line >= 0 for problem in problems)


@settings(max_examples=50)
@given(mapping(HEADER_KEYS) | ANY, st.sampled_from(["table", "view"]))
def test_any_header(value: Any, kind: Any) -> None:
    relation, problems = read_relation(NAME, kind, "select 1", Document("a.sql", value))
    sound(problems)
    sound(list(read_checks(relation, COLUMNS, SCHEMA, {}).problems))


@settings(max_examples=50)
@given(st.sampled_from(KINDS), ANY | st.dictionaries(st.sampled_from(["id", "name", "day", "min", "within"]), ANY))
def test_any_check(kind: str, arguments: Any) -> None:
    relation = Relation(NAME, "table", "a.sql", "", "D", "ads", "day", checks=(Check(kind, arguments, "error", 3),))
    found = read_checks(relation, COLUMNS, SCHEMA, {})
    sound(list(found.problems))
    assert found.rules or found.problems


@settings(max_examples=50)
@given(
    mapping(SOURCE_KEYS),
    st.sampled_from(["postgres", "jsonl", "csv", "rest"]),
    st.dictionaries(st.sampled_from(["users", "id"]), mapping(TABLE_KEYS) | ANY),
    st.none() | ANY | st.dictionaries(st.sampled_from(["users", "id"]), st.dictionaries(WORDS, ANY)),
)
def test_any_source(value: dict[str, Any], kind: str, tables: Any, schema: Any) -> None:
    document = Document("s.yaml", {"kind": kind, "tables": tables, **value})
    _, problems = read_source(
        "s", document, None if schema is None else Document("s.schema.yaml", schema), READER_WORDS
    )
    sound(problems)


@settings(max_examples=50)
@given(
    ANY | st.dictionaries(WORDS, mapping(("engine", "timezone", "connections", "threads", "memory_limit", "contact")))
)
def test_any_teams_and_targets(value: Any) -> None:
    sound(read_teams(Document("teams.yaml", value))[1])
    sound(read_targets(Document("targets.yaml", value))[1])


@settings(max_examples=120)
@given(st.text(st.sampled_from(list("ab: -[]{}#&*!|>'\"\n\t,?%@`\\/01é😀\x00")), max_size=40))
def test_any_text(text: str) -> None:
    sound(list(read_yaml(text, "a.yaml").problems))
    sound(list(read_header(f"/*{text}*/ select 1", "a.sql").problems))
    sound(list(read_header(text, "a.sql").problems))
