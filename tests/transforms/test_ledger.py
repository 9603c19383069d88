"""What a run leaves reads back as it was written, and says of each table when it was what it should be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.errors import CheckFailed, ContentError, OutsideError, Problem, Refused, Rejected, TooManyRejects
from transforms.ledger import Record, RunEntry, TableEntry, cause_of, grouped, joined, lines_of, shortened, stretches
from transforms.names import TableName
from transforms.query_stats import QueryStats
from transforms.sightings import Sightings

AT = datetime(2024, 5, 20, 3, tzinfo=UTC)
A, B, C = (TableName("core_ads", name) for name in "abc")
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
NAMES = st.builds(TableName, st.sampled_from(["core_ads", "core_app", "raw_app"]), st.sampled_from("abcdef"))
DAYS = st.sets(st.dates(date(2024, 1, 1), date(2024, 12, 31)))
ENTRIES = st.builds(
    TableEntry,
    table=NAMES,
    outcome=st.sampled_from(["published", "failed", "skipped"]),
    at=MOMENTS,
    owner=st.sampled_from(["", "ads"]),
    version=st.none() | st.integers(1),
    days=DAYS.map(stretches),
    rows=st.integers(0),
    seconds=st.integers(0, 10**6).map(lambda ms: ms / 1000),
    cause=st.none() | st.just("check"),
    error=st.text(),
    checks=st.lists(st.text(), max_size=3).map(tuple),
    because=st.none() | NAMES,
    deleted=st.integers(0),
    new_columns=st.lists(st.text(), max_size=2).map(tuple),
    missing_columns=st.lists(st.text(), max_size=2).map(tuple),
    warnings=st.lists(st.text(), max_size=2).map(tuple),
)
RUNS = st.builds(
    RunEntry,
    run=st.text("0123456789abcdefT-", min_size=1),
    command=st.text(),
    target=st.just("laptop"),
    who=st.text(),
    started=MOMENTS,
    finished=st.none() | MOMENTS,
    outcome=st.sampled_from(["running", "done", "failed", "stopped"]),
    commit=st.none() | st.text(),
    dirty=st.none() | st.booleans(),
    fresh=st.sets(NAMES).map(lambda names: grouped(names, names)),
)


def run(number: int, **facts: Any) -> RunEntry:
    started = AT + timedelta(hours=number)
    return RunEntry(f"r{number}", "run", "laptop", "ana", **{"started": started, "outcome": "done", **facts})


QUERIES = st.builds(
    QueryStats,
    table=st.none() | NAMES,
    owner=st.none() | st.just("ads"),
    query_id=st.uuids().map(str),
    kind=st.sampled_from(["build", "audit", "view", "query"]),
    at=MOMENTS,
    bytes=st.integers(0),
    ms=st.integers(0),
    queue_ms=st.integers(0),
    rows=st.none() | st.integers(0),
    state=st.just("SUCCEEDED"),
    cost_usd=st.floats(0, 1000),
)


@given(RUNS, st.lists(ENTRIES, max_size=3).map(tuple), st.lists(QUERIES, max_size=3).map(tuple))
def test_a_record_reads_back_as_it_was_written(
    entry: RunEntry, tables: tuple[TableEntry, ...], queries: tuple[QueryStats, ...]
) -> None:
    record = Record(entry, tables, queries)
    assert Record.read(record.written()) == record


def test_a_file_of_before_says_nothing_of_what_was_not_told_then() -> None:
    data = Record(run(1), (TableEntry(A, "published", AT, rows=3, checks=("odd",)),)).to_json()
    assert data["tables"] == [
        {"table": "core_ads.a", "outcome": "published", "at": AT.isoformat(), "rows": 3, "checks": ["odd"]}
    ]
    (entry,) = Record.from_json(data).tables
    assert (entry.deleted, entry.new_columns, entry.missing_columns, entry.warnings) == (0, (), (), ())
    assert entry.surprises == ()


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b'{"run": 1, "tables": [], "queries": []}', b'{"run": {}}', b"null"]
)
def test_what_is_no_record_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Record.read(content)


@given(st.sets(NAMES), st.sets(NAMES))
def test_exactly_the_fresh_tables_of_those_that_are_declared_are_found_fresh(
    fresh: set[TableName], others: set[TableName]
) -> None:
    entry = run(1, fresh=grouped(fresh, fresh | others))
    assert {name for name in fresh | others if entry.found_fresh(name)} == fresh


@given(DAYS)
def test_stretches_are_the_same_days_and_have_gaps_between_them(days: set[date]) -> None:
    found = stretches(days)
    covered = [first + timedelta(n) for first, last in found for n in range((last - first).days + 1)]
    assert covered == sorted(days)
    assert all(after[0] - before[1] > timedelta(days=1) for before, after in pairwise(found))


def test_pieces_of_a_run_are_one_record_and_records_are_in_order() -> None:
    first, second = TableEntry(A, "published", AT), TableEntry(B, "published", AT)
    pieces = [Record(run(2)), Record(run(1, outcome="done"), (first,)), Record(run(1, outcome="running"), (second,))]
    one, two = joined(pieces)
    assert (one.run.outcome, one.tables, two.run.run) == ("done", (first, second), "r2")


def test_an_attempt_that_was_repeated_does_not_make_a_run_fail() -> None:
    failed = TableEntry(A, "failed", AT, cause="outside")
    record = Record(run(1), (failed, TableEntry(A, "published", AT), TableEntry(B, "skipped", AT, because=A)))
    assert record.failed == ()
    assert dict(record.counts()) == {"published": 1, "skipped": 1}


def test_what_a_run_found_fresh_was_so_when_it_began() -> None:
    records = (
        Record(run(1), (TableEntry(A, "failed", AT + timedelta(hours=1, minutes=30)),)),
        Record(run(2, fresh={"core_ads": ("*", "b")})),
        Record(run(3, fresh={"core_ads": ("b",)})),
    )
    seen = Sightings(records).of(A)
    assert [(one.at - AT, one.good) for one in seen] == [
        (timedelta(hours=1, minutes=30), False),
        (timedelta(hours=2), True),
    ]
    assert [one.run for one in Sightings(records).of(B)] == ["r3"]
    assert [one.run for one in Sightings(records).of(C)] == ["r2"]


def test_a_fresh_table_that_has_an_entry_for_its_warnings_is_seen_once() -> None:
    warned = TableEntry(A, "fresh", AT + timedelta(hours=1, minutes=30), warnings=("odd",))
    seen = Sightings((Record(run(1, fresh={"core_ads": ("*",)}), (warned,)),)).of(A)
    assert [(one.at - AT, one.good) for one in seen] == [(timedelta(hours=1), True)]


def test_of_warnings_the_first_lines_of_the_first_are_kept() -> None:
    kept = shortened([f"{number}{'x' * 999}\n  a row" for number in range(30)])
    assert [line[0] for line in kept[:3]] == ["0", "1", "2"]
    assert (len(kept), {len(line) for line in kept}) == (20, {500})


def test_errors_have_a_kind_and_one_line() -> None:
    rows = CheckFailed("core_ads.a was not published: 1 check failed\na.sql:3: x: 1 row under 0\n  x=-1")
    assert (cause_of(rows), lines_of(rows)) == (
        "check",
        ("core_ads.a was not published: 1 check failed", ("a.sql:3: x: 1 row under 0",)),
    )
    problems = ContentError([Problem("a.sql", 1, 2, "one"), Problem("b.sql", 1, 2, "two")])
    assert (cause_of(problems), lines_of(problems)) == ("content", ("a.sql:1:2: one", ()))
    assert cause_of(TooManyRejects("x")) == "rejects"
    assert cause_of(OutsideError("x")) == cause_of(MemoryError()) == "outside"
    assert (cause_of(KeyError("x")), lines_of(KeyError("x"))) == ("platform", ("KeyError", ()))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Cannot cast 'taro@example.com' to INT", "a.sql:3:5: Cannot cast '..' to INT; write try_cast"),
        ("Cannot cast 'taro's\n' to INT", "a.sql:3:5: Cannot cast '..' to INT; write try_cast"),
        ("Value cannot be cast to date: taro", "a.sql:3:5: Value cannot be cast to date; write try_cast"),
        ('Invalid format: "taro" is malformed', "a.sql:3:5: Invalid format; write try_cast"),
    ],
)
def test_values_of_rows_are_not_kept(said: str, kept: str) -> None:
    for kind in (Rejected, Refused):
        assert lines_of(kind([Problem("a.sql", 3, 5, said, write="write try_cast")])) == (kept, ())
