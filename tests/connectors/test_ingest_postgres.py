"""PostgreSQL, a real one: types, modes, late commits, and what `new source` proposes."""

from __future__ import annotations

import threading
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from kill_ingest import UPSERT, UPSERT_SCHEMA
from landing_place import Place, types
from running_postgres import Sql, connected
from test_kill_ingest import require_nothing_lost, walk

from connectors.introspect import introspect
from connectors.landing import Landing
from connectors.live import Access
from connectors.pace import Advance
from connectors.readers.postgres.transaction import Transaction
from transforms.errors import OutsideError, SchemaChanged, TooManyRejects, UsageError

pytestmark = pytest.mark.postgres


@pytest.fixture
def place(postgres: Place) -> Place:
    return postgres


def test_each_type_has_its_place(place: Place, sql: Sql) -> None:
    sql(
        "create type mood as enum ('glad', 'sad')",
        "create domain yen as numeric(12,2)",
        "create type pair as (a int, b text)",
        """create table t (b bool, i2 int2, i4 int4, i8 int8, r float4, d float8, n numeric(12,2), bare numeric,
          huge numeric(50,2), negative numeric(3,-2), small numeric(2,4), y yen, day_on date, ts timestamp(3),
          tz timestamptz(3), tm time, iv interval, txt text, c char(4), by bytea, js json, jb jsonb, u uuid, e mood,
          ip inet, arr int[], dec numeric(6,2)[], moods mood[], p pair, rng int4range)""",
        """insert into t values (true, -2, -4, 9007199254740993, 1.5, 0.1, 12345.67,
          1234567890123456789012345678.123456789,
          123456789012345678901234567890123456789012345678.12, 12300, 0.0012, 7.5, '2024-02-29',
          '2024-05-01 10:00:00.123', '2024-05-01 10:00:00.123+09', '10:11:12.5', '1 day 02:03', '雪', 'ab', '\\x00ff',
          '{"a": 1.10}', '{"b": [1]}', '6f9619ff-8b86-d011-b42d-00c04fc964ff', 'sad', '10.0.0.1', '{1,null,3}',
          '{1.5,2.25}', '{glad,sad}', '(1,x)', '[1,5)')""",
        "insert into t default values",
    )
    place.declare("postgres", "t: snapshot", "t: {}")
    landed = place.ingest()
    assert landed.rejects == 0
    found = types(landed)
    row = next(row for row in place.rows() if row["b"])
    expected: dict[str, tuple[str, Any]] = {
        "b": ("boolean", True),
        "i2": ("smallint", -2),
        "i4": ("int", -4),
        "i8": ("bigint", 9007199254740993),
        "r": ("float", 1.5),
        "d": ("double", 0.1),
        "n": ("decimal(12,2)", Decimal("12345.67")),
        "bare": ("decimal(38,9)", Decimal("1234567890123456789012345678.123456789")),
        "huge": ("string", "123456789012345678901234567890123456789012345678.12"),
        "negative": ("decimal(5,0)", Decimal(12300)),
        "small": ("decimal(4,4)", Decimal("0.0012")),
        "y": ("decimal(12,2)", Decimal("7.50")),
        "day_on": ("date", date(2024, 2, 29)),
        "ts": ("timestamp", datetime(2024, 5, 1, 10, 0, 0, 123000)),
        "tz": ("timestamp", datetime(2024, 5, 1, 1, 0, 0, 123000)),
        "tm": ("string", "10:11:12.5"),
        "iv": ("string", "P1DT2H3M"),
        "txt": ("string", "雪"),
        "c": ("string", "ab"),
        "by": ("binary", b"\x00\xff"),
        "js": ("string", '{"a": 1.10}'),
        "jb": ("string", '{"b": [1]}'),
        "u": ("string", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        "e": ("string", "sad"),
        "ip": ("string", "10.0.0.1/32"),
        "arr": ("array<int>", [1, None, 3]),
        "dec": ("array<decimal(6,2)>", [Decimal("1.50"), Decimal("2.25")]),
        "moods": ("array<string>", ["glad", "sad"]),
        "p": ("string", '{"a":1,"b":"x"}'),
        "rng": ("string", "[1,5)"),
    }
    assert {name: (found[name], str(row[name]).strip() if name == "c" else row[name]) for name in expected} == expected
    empty = next(row for row in place.rows() if row["b"] is None)
    assert [empty[name] for name in expected] == [None] * len(expected)


BAD = {
    "n": ("'NaN'", "n: NaN has no place in decimal(12,2)"),
    "bare": ("1e-12", "bare: 1E-12 has more than 9 decimals"),
    "d": ("'NaN'", "d: NaN, which the lake does not hold"),
    "day_on": ("'infinity'", "day_on: a day outside the years 1 to 9999, or infinity"),
    "ts": ("'-infinity'", "ts: a time outside the years 1 to 9999, or infinity"),
    "tz": ("'12024-01-01 00:00+00'", "tz: a time outside the years 1 to 9999, or infinity"),
    "arr": ("'{{1,2},{3,4}}'", "arr: an array of more than one dimension"),
    "dec": ("'{1.5,NaN}'", "dec: an element is NaN has no place in decimal(6,2)"),
}


def test_values_without_a_place_are_rejects_with_their_row(place: Place, sql: Sql) -> None:
    sql(
        """create table t (id int primary key, n numeric(12,2), bare numeric, d float8, day_on date, ts timestamp,
          tz timestamptz, arr int[], dec numeric(6,2)[])""",
        """insert into t select i, 1.5, 2.5, 0.5, '2024-01-01', '2024-01-01', '2024-01-01', '{1}', '{1.5}'
          from generate_series(1, 50) i""",
        "insert into t (id, ts) values (60, '2024-01-01 00:00:00.123456')",
        *(f"insert into t (id, {name}) values ({70 + i}, {value})" for i, (name, (value, _)) in enumerate(BAD.items())),
        "insert into t (id, arr) values (90, '[5:6]={1,2}')",
    )
    place.declare("postgres", "t: {mode: snapshot, rejects: 50%}", "t: {id: int}")
    assert place.ingest().rows == 51
    reasons = {row["raw"].split(b",")[0]: row["reason"] for row in place.rejects()}
    wanted = {f'{{"id":{70 + i}'.encode(): reason for i, (_, reason) in enumerate(BAD.values())}
    micro = reasons.pop(b'{"id":60')
    assert reasons == wanted
    assert micro.startswith("ts: 2024-01-01 00:00:00.123456 has digits under a millisecond")
    assert [row["arr"] for row in place.rows() if row["id"] == 90] == [[1, 2]]
    place.declare("postgres", "t: {mode: snapshot, rejects: 50%, timestamps: truncate}", "t: {id: int}")
    assert place.ingest().rows == 52


def test_truncation_goes_down_before_1970_too(place: Place, sql: Sql) -> None:
    sql("create table t as select '1969-12-31 23:59:59.9999'::timestamp as at")
    place.declare("postgres", "t: {mode: snapshot, timestamps: truncate}", "t: {at: timestamp}")
    place.ingest()
    assert place.rows("t", "at") == [datetime(1969, 12, 31, 23, 59, 59, 999000)]


def test_declared_types_are_kept_where_every_value_fits(place: Place, sql: Sql) -> None:
    sql("create table t as select 7::int as i, 1.5::numeric as n, 3::numeric(5,0) as whole, now() as at")
    schema = "t: {i: bigint, n: double, whole: bigint, at: string, gone: int}"
    place.declare("postgres", "t: snapshot", schema)
    landed = place.ingest()
    assert landed.missing_columns == ("gone",)
    assert place.rows("t", "i", "n", "whole", "gone") == [(7, 1.5, 3, None)]
    assert place.rows("t", "at")[0].startswith("20")


HELD = {
    "0.1": 0.1,
    "999999999999999": 999999999999999.0,
    "-0.30000000000000004": -0.30000000000000004,
    "1152921504606846976": 2.0**60,
    "1.500000000000000000000": 1.5,
    "Infinity": float("inf"),
}
ROUNDED = ("12345678901234567890.1234567891", "9007199254740993", "9" * 400, "1e-400", "0.1000000000000000001")


def test_a_double_of_a_numeric_is_the_number_that_it_was(place: Place, sql: Sql) -> None:
    values = dict(enumerate((*HELD, *ROUNDED)))
    sql("create table t (id int, n numeric, ns numeric[], p numeric(15,5))")
    sql(*(f"insert into t values ({n}, '{text}', null, 1234567890.12345)" for n, text in values.items()))
    sql("insert into t values (90, null, '{0.25,null}', null), (91, null, '{0.5,9007199254740993}', null)")
    place.declare(
        "postgres", "t: {mode: snapshot, rejects: 90%}", "t: {id: int, n: double, ns: array<double>, p: double}"
    )
    place.ingest()
    found = {row["id"]: row for row in place.rows()}
    assert {values[n]: row["n"] for n, row in found.items() if n < 90} == HELD
    assert (found[0]["p"], found[90]["ns"]) == (1234567890.12345, [0.25, None])
    reasons = [row["reason"] for row in place.rejects()]
    assert reasons[0] == f"n: {ROUNDED[0]} is rounded as a double; write decimal(38,9) or string"
    assert reasons[2].startswith(f"n: {'9' * 60}.. is rounded")
    assert reasons[-1] == "ns: an element is 9007199254740993 is rounded as a double; write decimal(38,9) or string"
    assert len(reasons) == len(ROUNDED) + 1


def test_an_equal_snapshot_is_not_published_again(place: Place, sql: Sql) -> None:
    sql("create table t as select i, nullif(i % 3, 0)::text as s from generate_series(1, 50000) i")
    place.declare("postgres", "t: snapshot", "t: {i: int, s: string}")
    assert place.ingest().version == 1
    assert place.ingest().unchanged
    sql("delete from t where i = 7")
    assert (place.ingest().version, len(place.rows())) == (2, 49999)


def shop(sql: Sql) -> None:
    sql(
        """create table t (id bigint primary key, amount bigint, created_at timestamptz(3) not null,
          updated_at timestamptz)""",
        """insert into t select i, i, timestamptz '2024-05-01 00:00+00' + i * interval '8 hours',
          timestamptz '2024-05-10 00:00+00' + i * interval '1 second' from generate_series(1, 9) i""",
    )


def test_upsert_replaces_rows_by_key_and_touches_only_their_days(place: Place, sql: Sql) -> None:
    shop(sql)
    place.declare("postgres", UPSERT, UPSERT_SCHEMA, top="timestamps: truncate\n")
    place.ingest()
    name = place.lake().content.sources["place"].tables[0].name
    before = place.lake().catalog.get(name)
    assert place.ingest().unchanged
    sql(
        "update t set amount = 100, updated_at = '2024-05-11 00:00:00.000001+00' where id = 2",
        "insert into t values (10, 10, '2024-05-09 00:00+00', '2024-05-11 00:00+00')",
    )
    assert place.ingest().rows == 2
    assert place.rows("t", "id", "amount") == sorted([*((n, n) for n in range(1, 11) if n != 2), (2, 100)], key=repr)
    after = place.lake().catalog.get(name)
    changed = {day for day, part in after.parts.items() if before.parts.get(day) != part}
    assert changed == {"2024-05-02", "2024-05-09"}
    assert place.orphans() - {file for part in before.parts.values() for file in part.files} == set()


def test_a_row_that_moves_to_another_day_stands_once(place: Place, sql: Sql) -> None:
    shop(sql)
    place.declare("postgres", UPSERT, UPSERT_SCHEMA)
    place.ingest()
    sql("update t set created_at = '2024-06-01 00:00+00', updated_at = '2024-05-12 00:00+00' where id = 1")
    place.ingest()
    assert [day for number, day in place.rows("t", "id", "day") if number == 1] == ["2024-06-01"]
    assert len(place.rows()) == 9


def test_a_row_changed_again_within_the_same_tick_is_seen(place: Place, sql: Sql) -> None:
    shop(sql)
    place.declare("postgres", UPSERT, UPSERT_SCHEMA)
    place.ingest()
    sql("update t set amount = -9 where id = 9")
    assert place.ingest().rows == 1
    assert (9, -9) in place.rows("t", "id", "amount")


def test_a_key_that_is_not_unique_keeps_its_newest_row(place: Place, sql: Sql) -> None:
    shop(sql)
    sql("alter table t drop constraint t_pkey")
    sql("insert into t select id, -id, created_at, updated_at + interval '1 s' from t")
    place.declare("postgres", UPSERT, UPSERT_SCHEMA)
    place.ingest()
    assert place.rows("t", "id", "amount") == sorted(((n, -n) for n in range(1, 10)), key=repr)


def test_a_null_key_is_a_reject(place: Place, sql: Sql) -> None:
    shop(sql)
    sql("alter table t drop constraint t_pkey", "alter table t alter id drop not null")
    sql("update t set id = null where id = 3")
    place.declare("postgres", UPSERT[:-1] + ", rejects: 50%}", UPSERT_SCHEMA)
    assert place.ingest().rejects == 1
    assert place.rejects()[0]["reason"] == "id is the key and NULL"


def test_append_adds_ties_and_rows_that_were_committed_late(place: Place, sql: Sql, server: str) -> None:
    shop(sql)
    place.declare("postgres", UPSERT.replace("mode: upsert, key: id", "mode: append"), UPSERT_SCHEMA)
    place.ingest()
    sql("insert into t select 20, 20, created_at, updated_at from t where id = 9")
    assert place.ingest().rows == 1
    with connected(server) as other:
        other("begin", "insert into t select 21, 21, created_at, updated_at from t where id = 9")
        sql("insert into t select 22, 22, created_at, updated_at + interval '30 minutes' from t where id = 9")
        assert place.ingest().rows == 1
        other("commit")
    assert place.ingest().rows == 1
    assert place.ingest().unchanged
    assert place.rows("t", "id") == sorted([*range(1, 10), 20, 21, 22], key=repr)


def test_append_by_number_finds_a_smaller_one_that_came_late(place: Place, sql: Sql) -> None:
    sql("create table t (id bigint primary key, v text)")
    sql("insert into t select i, 'x' from generate_series(2, 100000, 2) i")
    place.declare("postgres", "t: {mode: append, cursor: id}", "t: {id: bigint, v: string}")
    place.ingest()
    sql("insert into t values (99001, 'late'), (100001, 'new')")
    assert place.ingest().rows == 2
    assert len(place.rows()) == 50002


def test_append_without_any_key_keeps_equal_rows_apart(place: Place, sql: Sql) -> None:
    sql("create table t (n int, tags text[])", "insert into t values (1, '{a}'), (1, '{a}'), (2, null)")
    place.declare("postgres", "t: {mode: append, cursor: n}", "t: {n: int, tags: array<string>}")
    place.ingest()
    assert place.ingest().unchanged
    sql("insert into t values (1, '{a}'), (2, '{b}')")
    assert place.ingest().rows == 2
    assert place.rows("t", "n") == [1, 1, 1, 2, 2]


def test_rows_without_a_cursor_are_rejects_of_append_once(place: Place, sql: Sql) -> None:
    shop(sql)
    sql("insert into t values (50, 50, now(), null)")
    tables = UPSERT.replace("mode: upsert, key: id", "mode: append, rejects: 50%")
    place.declare("postgres", tables, UPSERT_SCHEMA, top="timestamps: truncate\n")
    assert place.ingest().rejects == 1
    assert place.ingest().unchanged
    assert [row["reason"] for row in place.rejects()] == ["updated_at is the cursor and NULL"]


def test_new_columns_are_added_and_reported_and_removed_ones_are_null(place: Place, sql: Sql) -> None:
    shop(sql)
    place.declare("postgres", UPSERT, UPSERT_SCHEMA)
    place.ingest()
    sql("alter table t add note text", "alter table t drop amount")
    sql("update t set note = 'n', updated_at = '2024-05-12' where id = 1")
    landed = place.ingest()
    assert (types(landed), landed.missing_columns) == ({"note": "string"}, ("amount",))
    assert (1, None, "n") in place.rows("t", "id", "amount", "note")
    assert (2, 2, None) in place.rows("t", "id", "amount", "note")


def test_a_day_that_is_null_is_a_reject(place: Place, sql: Sql) -> None:
    sql("create table t as select i as id, case when i > 1 then date '2024-05-01' end d from generate_series(1, 20) i")
    place.declare("postgres", "t: {mode: snapshot, day: d, rejects: 10%}", "t: {id: int, d: date}")
    assert (place.ingest().rows, place.rejects()[0]["reason"]) == (19, "d is NULL, so the day of the row is not known")


def test_one_read_is_one_instant(place: Place, sql: Sql, server: str) -> None:
    sql("create table t as select i as id, repeat('x', 500) as pad from generate_series(1, 60000) i")
    place.declare("postgres", "t: snapshot", "t: {id: int, pad: string}")
    slow = threading.Event()

    def progress(_: Advance) -> None:
        if not slow.is_set():
            slow.set()
            with connected(server) as other:
                other("delete from t where id % 2 = 0", "insert into t values (0, 'new')")

    assert place.ingest(progress=progress).rows == 60000


def test_too_many_rejects_leave_the_table_as_it_was(place: Place, sql: Sql) -> None:
    sql("create table t as select i as id, 1.5::float8 as f from generate_series(1, 100) i")
    place.declare("postgres", "t: {mode: snapshot, rejects: 1%}", "t: {id: int, f: double}")
    place.ingest()
    sql("update t set f = 'NaN' where id < 3")
    with pytest.raises(TooManyRejects, match=r"2 of 100 rows could not be held, more than the 1% that"):
        place.ingest()
    assert len(place.rows()) == 100


def test_two_runs_at_once_lose_nothing_and_double_nothing(place: Place, sql: Sql) -> None:
    shop(sql)
    place.declare("postgres", UPSERT, UPSERT_SCHEMA)
    sql("insert into t select i, i, '2024-05-02', '2024-05-11' from generate_series(100, 3000) i")
    errors: list[BaseException] = []

    def work() -> None:
        try:
            place.ingest()
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert errors == []
    assert len({number for number, *_ in place.rows("t", "id", "day")}) == len(place.rows()) == 2910


def test_upserts_are_whole_wherever_a_run_dies(place: Place, sql: Sql, tmp_path: Path) -> None:
    shop(sql)
    origin = Place(tmp_path / "walk" / "origin")
    origin.declare("postgres", UPSERT, UPSERT_SCHEMA)
    origin.ingest()
    sql(
        "update t set amount = 100, updated_at = '2024-05-11 00:00+00' where id = 2",
        "insert into t values (10, 10, '2024-05-09 00:00+00', '2024-05-11 00:00+00')",
    )
    days = {n: str(date(2024, 5, 1 + (8 * n + 9) // 24)) for n in range(1, 10)} | {10: "2024-05-09"}
    rows = [[n, 100 if n == 2 else n, day] for n, day in days.items()]
    require_nothing_lost(walk(tmp_path / "walk", "postgres"), [sorted(rows, key=lambda row: repr(tuple(row))), 0])


def test_a_landing_that_fails_halfway_lets_go_of_the_connection(
    place: Place, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql("create table t as select g as id, repeat('x', 2000) as text from generate_series(1::bigint, 40000) g")
    place.declare("postgres", "t: snapshot", "t: {id: bigint, text: string}")

    def full(*_: object) -> None:
        raise OutsideError("the disk is full")

    with monkeypatch.context() as disk:
        disk.setattr(Landing, "add", full)
        with pytest.raises(OutsideError, match="the disk is full"):
            place.ingest()
    assert sql("select count(*) from pg_stat_activity where query like '%copy%' and pid <> pg_backend_pid()") == [(0,)]
    assert place.ingest().rows == 40000


def test_names_that_the_lake_does_not_take_are_proposed_and_read_under_others(
    place: Place, sql: Sql, server: str
) -> None:
    sql(
        'create table "Wide T" ("Id" int primary key, "Mixed Col" text, mixed_col text, "Tags" text[], "At" timestamp)',
        """insert into "Wide T" values (1, 'a', 'b', '{x}', '2024-05-01'), (2, 'c', 'd', '{{x},{y}}', '2024-05-01')""",
    )
    found = introspect("postgres", Access(server), "place", owner="team", connection="place")
    source, schema = found.source, found.schema
    proposed = "wide_t: {mode: snapshot, table: Wide T, columns: {Id: id, Mixed Col: mixed_col_2, Tags: tags, At: at}}"
    assert proposed in source
    place.declare("postgres", "", "")
    read = proposed.replace("mode: snapshot", "mode: upsert, key: id, cursor: at, rejects: 100%")
    place._write("connectors/sources/place.yaml", source.replace(proposed, read))
    place._write("connectors/sources/place.schema.yaml", schema)
    landed = place.ingest("wide_t")
    assert (landed.new_columns, landed.rejects) == ((), 1)
    (row,) = place.rows("wide_t")
    assert (row["id"], row["mixed_col"], row["mixed_col_2"], row["tags"]) == (1, "b", "a", ["x"])
    sql("""update "Wide T" set "Mixed Col" = 'e', "At" = '2024-05-02 10:00:00', "Tags" = null where "Id" = 1""")
    assert place.ingest("wide_t").rows >= 1
    assert [row["mixed_col_2"] for row in place.rows("wide_t")] == ["e"]
    sql('alter table "Wide T" add column "New Col" int')
    with pytest.raises(SchemaChanged, match=r"""'New Col', a name .* write columns: {New Col: new_col}"""):
        place.ingest("wide_t")


def test_a_proposed_source_is_read_without_a_change(place: Place, sql: Sql, server: str) -> None:
    shop(sql)
    sql(
        "comment on column t.amount is 'What it cost: \"yen\"'",
        "comment on table t is 'Orders\nof the shop'",
        "create table people (id int primary key, email text, full_name text, plan_name text, n numeric)",
        "insert into people values (1, 'a@b.example', 'A', 'free', 1)",
        "create view dear as select id, n from people where n > 1",
        "create schema billing",
        "create table billing.invoices (id bigserial primary key, day date, at timestamptz)",
        "insert into billing.invoices (at) select now() from generate_series(1, 100001)",
        "analyze",
    )
    found = introspect("postgres", Access(server), "place", owner="team", connection="place")
    source, schema = found.source, found.schema
    assert "t: {mode: snapshot, description: Orders of the shop}" in source
    assert found.views == ("dear",)
    assert "dear" not in source
    assert "invoices: {mode: append, cursor: id, table: billing.invoices}" in source
    assert "timestamps: truncate" in source
    assert "email: {type: string, personal: true}" in schema
    assert "plan_name: {type: string}" in schema
    place.declare("postgres", "", "")
    place._write("connectors/sources/place.yaml", source)
    place._write("connectors/sources/place.schema.yaml", schema)
    columns = {column.name: column for column in place.lake().content.sources["place"].tables[-1].columns}
    assert columns["amount"].description == 'What it cost: "yen"'
    assert [place.ingest(name).new_columns for name in ("t", "people", "invoices")] == [(), (), ()]
    assert place.lake().content.sources["place"].tables[-1].description == "Orders of the shop"
    named = introspect("postgres", Access(server), "place", owner="team", connection="place", tables=["dear"])
    assert ("dear: snapshot" in named.source, named.views) == (True, ())
    sql("drop schema billing cascade")
    for wrong in ("peple", "public.people"):
        with pytest.raises(UsageError, match=f'place has no table {wrong}; did you mean "people"'):
            introspect("postgres", Access(server), "place", owner="team", connection="place", tables=[wrong])


def test_columns_are_proposed_as_personal_for_what_they_hold(place: Place, sql: Sql, server: str) -> None:
    sql(
        'create table t (c1 text, c2 text, c3 inet, c4 text, "氏名" text)',
        "insert into t values ('佐藤 花子', '090-1234-5678', '203.0.113.7', '東京', 'x')",
        "insert into t values ('山田太郎', '03-1234-5678', '2001:db8::1', '大阪', 'y')",
        "insert into t values ('鈴木 一郎', '06-1234-5678', '10.0.0.1', '福岡', 'z'), (null, '', null, '札幌', null)",
    )
    schema = introspect("postgres", Access(server), "place", owner="team", connection="place").schema
    personal = [line.split(":")[0].strip() for line in schema.splitlines() if "personal: true" in line]
    assert len(personal) == 4
    assert personal[:3] == ["c1", "c2", "c3"]
    assert "203.0.113" not in schema


@pytest.mark.parametrize(("kind", "future"), [("timestamptz", "9999-12-31 23:59:59+00"), ("date", "9999-12-31")])
def test_a_row_of_a_far_future_hides_none_that_comes_later(place: Place, sql: Sql, kind: str, future: str) -> None:
    sql(f"create table t (id bigint, at {kind})", f"insert into t values (1, '{future}'), (2, '2024-05-19')")
    type_ = "date" if kind == "date" else "timestamp"
    place.declare("postgres", "t: {mode: append, cursor: at}", f"t: {{id: bigint, at: {type_}}}")
    place.ingest()
    for number in range(3, 6):
        sql(f"insert into t values ({number}, '2024-05-20 02:30+00')")
        assert place.ingest().rows == 1
    assert place.rows("t", "id") == [1, 2, 3, 4, 5]


def test_writers_are_looked_for_before_the_moment_of_the_rows(
    place: Place, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    rows = Transaction.rows

    def noted(self: Transaction, statement: str) -> list[tuple[Any, ...]]:
        asked.append(statement)
        return rows(self, statement)

    monkeypatch.setattr(Transaction, "rows", noted)
    sql("create table t (id bigint)", "insert into t values (1)")
    place.declare("postgres", "t: {mode: append, cursor: id}", "t: {id: bigint}")
    place.ingest()
    looked, exported = (
        next(i for i, statement in enumerate(asked) if word in statement)
        for word in ("pg_stat_activity", "pg_export_snapshot")
    )
    assert looked < exported
