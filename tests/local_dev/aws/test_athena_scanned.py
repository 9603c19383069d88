"""DataScannedInBytes: the column chunks of the partitions and row groups that a statement needs, and no others."""

from __future__ import annotations

import duckdb
import pytest
from asking_athena import Place

pytestmark = pytest.mark.aws
ROWS = "select i as a, i % 7 as b, 'text ' || i as s, {'x': i, 'y': 'z' || i} as r from range(10000) as t(i)"


@pytest.fixture
def events(place: Place) -> Place:
    """Three days in folders named after them and one elsewhere, each a file of five row groups."""
    place.table(
        "events", {"a": "bigint", "b": "bigint", "s": "string", "r": "struct<x:bigint,y:string>"}, {"day": "date"}
    )
    for number in range(4):
        day = f"2024-05-0{number + 1}"
        folder = "elsewhere" if number == 3 else f"day={day}"
        target = place.folder / "events" / folder / "x.parquet"
        target.parent.mkdir(parents=True)
        rows = ROWS.replace("10000", str(10000 * (number + 1)))
        duckdb.sql(f"copy ({rows}) to '{target}' (format parquet, row_group_size {2048 * (number + 1)})")
        place.partition("events", [day], folder)
    return place


def chunks(place: Place, columns: str, where: str = "true") -> int:
    """The bytes of column chunks by the footers themselves."""
    files = str(place.folder / "events" / "**" / "*.parquet")
    sql = f"select sum(total_compressed_size) from parquet_metadata('{files}')"
    found = duckdb.sql(f"{sql} where regexp_matches(path_in_schema, '^({columns})(, |$)') and {where}").fetchall()
    return int(found[0][0] or 0)


@pytest.mark.parametrize(
    ("sql", "columns", "where"),
    [
        ("select sum(a) from events", "a", "true"),
        ("select * from events", ".*", "true"),
        ("select max(s) from events where b = 3", "s|b", "true"),
        ("select max(r.x) from events", "r", "true"),
        ("select count(*) from events", "never", "true"),
        ("select count(*) from events where day = date '2024-05-01'", "never", "true"),
        ("select sum(a) from events where day = date '2024-05-02'", "a", "file_name like '%day=2024-05-02%'"),
        (
            "select sum(a) from events where day in (date '2024-05-02', date '2024-05-04')",
            "a",
            "file_name like '%day=2024-05-02%' or file_name like '%elsewhere%'",
        ),
        (
            "select sum(a) from events where day > date '2024-05-01' and day < date '2024-05-04'",
            "a",
            "file_name like '%day=2024-05-02%' or file_name like '%day=2024-05-03%'",
        ),
        ("select sum(b) from events where a < 100", "a|b", "row_group_id = 0"),
        (
            "select max(s) from events where a between 30000 and 30001",
            "a|s",
            "file_name like '%elsewhere%' and row_group_id = 3",
        ),
        ("select s from events where s = 'no such text'", "s", "false"),
        ("select s from events order by a limit 3", "a|s", "true"),
        ("with e as (select a, s from events) select max(a) from e", "a", "true"),
    ],
)
def test_only_what_is_needed_is_counted(events: Place, sql: str, columns: str, where: str) -> None:
    asked = events.ask(sql)
    assert asked.state == "SUCCEEDED", asked.error
    assert asked.scanned == chunks(events, columns, f"({where})")


def test_each_scan_counts(events: Place) -> None:
    asked = events.ask("select count(*) from events as l join events as r on l.a = r.a where r.b = 3")
    assert asked.scanned == chunks(events, "a") + chunks(events, "a|b")


def test_what_reads_nothing_scans_nothing(events: Place) -> None:
    assert events.ask("select 1").scanned == 0
    assert events.ask("show tables").scanned == 0
    assert events.ask("select a from events where day = date '2023-01-01'").scanned == 0


def test_writing_counts_what_it_reads(events: Place) -> None:
    asked = events.ask("create table made as select a, b from events where day = date '2024-05-03'")
    assert asked.scanned == chunks(events, "a|b", "file_name like '%day=2024-05-03%'")


def test_a_workgroup_limits_what_is_read(events: Place) -> None:
    group = f"group-{events.database}"
    where = {"ResultConfiguration": {"OutputLocation": "s3://results/limited/"}}
    events.athena.create_work_group(Name=group, Configuration={**where, "BytesScannedCutoffPerQuery": 10_000_000})
    assert events.ask("select sum(a) from events", WorkGroup=group).state == "SUCCEEDED"
    scans = " union all ".join(["select a, s, r.x from events"] * 8)
    wide = f"select sum(a), max(s), max(x) from ({scans})"
    asked = events.ask(wide, WorkGroup=group)
    assert (asked.state, asked.error) == ("CANCELLED", "Bytes scanned limit was exceeded")
