"""PostgreSQL that is no longer what it was: columns of another type, and failures in the server's own words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow.parquet as pq
import pytest
from kill_ingest import UPSERT
from landing_place import Place
from running_postgres import Sql
from test_ingest_postgres import shop

from transforms.errors import OutsideError, SchemaChanged

pytestmark = pytest.mark.postgres


@pytest.fixture
def place(postgres: Place) -> Place:
    return postgres


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("i: string", r"i is no longer string but int8 in the source; .* write `i: bigint` under `t:` in connectors/"),
        ('n: "decimal(14,4)", s: bigint', "write `s: string`"),
        ("at: date", "write `at: timestamp`"),
        (
            "wide: double",
            r"wide is no longer double but numeric in the .* write `wide: decimal\(30,10\)` under",
        ),
        ("wides: array<double>", r"write `wides: array<decimal\(16,2\)>`"),
        ("vast: double", "write `vast: string`"),
    ],
)
def test_a_changed_type_is_refused_with_the_line_to_write(place: Place, sql: Sql, declared: str, message: str) -> None:
    sql(
        """create table t (i int8, n numeric(12,2), s text, at timestamptz, wide numeric(30,10), wides numeric(16,2)[],
          vast numeric(400))"""
    )
    place.declare("postgres", "t: snapshot", f"t: {{{declared}}}")
    with pytest.raises(SchemaChanged, match=message):
        place.ingest()


@pytest.mark.parametrize("mode", ["mode: upsert, key: id", "mode: append, key: id"])
def test_a_type_that_grew_is_read_on_before_and_after_it_is_written(place: Place, sql: Sql, mode: str) -> None:
    shop(sql)
    sql("alter table t alter id type int", "alter table t alter amount type numeric(8,2)")
    tables = UPSERT.replace("mode: upsert, key: id", mode)
    place.declare(
        "postgres", tables, 't: {id: int, amount: "decimal(8,2)", created_at: timestamp, updated_at: timestamp}'
    )
    place.ingest()
    sql("alter table t alter id type bigint", "alter table t alter amount type numeric(12,4)")
    assert [warning.rpartition("; ")[2] for warning in place.ingest().warnings] == [
        f"write `{line}` under `t:` in connectors/sources/place.schema.yaml"
        for line in ("id: bigint", "amount: decimal(12,4)")
    ]
    with pytest.raises(SchemaChanged, match=r"amount is decimal\(12,4\) in the lake, and declared as decimal\(8,2\), "):
        place.lake().query("select sum(amount) as total from raw_place.t")
    grown = 't: {id: bigint, amount: "decimal(12,4)", created_at: timestamp, updated_at: timestamp}'
    place.declare("postgres", tables, grown)
    sql("update t set amount = 0.1234, updated_at = '2024-05-12' where id = 1")
    assert place.ingest().rows == 1
    assert sorted(number for number, _ in place.rows("t", "id", "amount")) == ([] if "upsert" in mode else [1]) + [
        *range(1, 10)
    ]
    assert place.ingest().unchanged
    _, reader = place.lake().query("select count(*) as n, sum(amount) as total, max(id) as last from raw_place.t")
    total = "44.1234" if "upsert" in mode else "45.1234"
    assert [(r["n"], str(r["total"]), r["last"]) for r in reader.read_all().to_pylist()] == [
        (len(place.rows()), total, 9)
    ]


def test_a_type_that_grew_in_an_empty_margin_changes_the_lake_without_a_new_row(place: Place, sql: Sql) -> None:
    sql("create table t (id int primary key, n numeric(6,2), r real)", "insert into t values (1, 1.25, 0.1)")
    tables, schema = "t: {mode: append, cursor: id}", 't: {id: int, n: "decimal(6,2)", r: float}'
    place.declare("postgres", tables, schema)
    place.ingest()
    sql("alter table t alter id type bigint, alter n type numeric(10,4), alter r type float8")
    landed = place.ingest()
    assert (landed.rows, landed.unchanged, len(landed.warnings)) == (0, False, 3)
    assert place.ingest().unchanged
    snapshot = place.lake().catalog.get(place.lake().content.sources["place"].tables[0].name)
    assert [column.type.hive for column in snapshot.columns][:3] == ["bigint", "decimal(10,4)", "double"]
    files = [place.lake().root / file for part in snapshot.parts.values() for file in part.files]
    assert [str(pq.read_schema(file).field("n").type) for file in files] == ["decimal128(10, 4)"]
    assert place.rows("t", "id", "n") == [(1, Decimal("1.2500"))]


@pytest.mark.parametrize(
    ("wide", "narrow", "line"),
    [
        ("bigint", "int", "v: int"),
        ("numeric(12,4)", "numeric(8,2)", r"v: decimal\(8,2\)"),
        ("float8", "float4", "v: float"),
        ("bigint[]", "int[]", "v: array<int>"),
    ],
)
def test_a_type_that_shrank_is_refused_until_it_is_written(
    place: Place, sql: Sql, wide: str, narrow: str, line: str
) -> None:
    sql(f"create table t (id int primary key, v {wide})", "insert into t (id) values (1)")
    place.declare("postgres", "t: {mode: append, cursor: id}", "t: {id: int}")
    (found,) = place.ingest().new_columns
    declared = f't: {{id: int, v: "{found.type.hive}"}}'
    place.declare("postgres", "t: {mode: append, cursor: id}", declared)
    place.ingest()
    sql(f"alter table t alter v type {narrow}")
    with pytest.raises(SchemaChanged, match=f"which had .* before; nothing was published; write `{line}` under"):
        place.ingest()
    shrunk = line.replace("\\", "").removeprefix("v: ")
    place.declare("postgres", "t: {mode: append, cursor: id}", f't: {{id: int, v: "{shrunk}"}}')
    place.ingest()
    assert place.ingest().unchanged


def test_values_that_stand_are_never_cut_by_a_narrower_type(place: Place, sql: Sql) -> None:
    sql("create table t (id int primary key, v numeric(12,4))", "insert into t values (1, 1.2345)")
    tables = "t: {mode: append, cursor: id}"
    place.declare("postgres", tables, 't: {id: int, v: "decimal(12,4)"}')
    place.ingest()
    sql("alter table t alter v type numeric(8,2)")
    place.declare("postgres", tables, 't: {id: int, v: "decimal(8,2)"}')
    with pytest.raises(SchemaChanged, match=r"v is decimal\(12,4\) in the lake, with values that have no place in"):
        place.ingest()
    assert place.rows("t", "v") == [Decimal("1.2345")]


def test_a_text_that_became_a_number_is_refused_with_the_line_to_write(place: Place, sql: Sql) -> None:
    sql("create table t (id int, code text)", "insert into t values (1, '007')")
    place.declare("postgres", "t: snapshot", "t: {id: int, code: string}")
    place.ingest()
    sql("alter table t alter column code type int using code::int")
    with pytest.raises(SchemaChanged, match=r"code .*int"):
        place.ingest()
    assert [row["code"] for row in place.rows()] == ["007"]


@pytest.mark.parametrize(
    ("type_", "line"),
    [
        ("date using v::date", "date"),
        ("timestamptz using v::timestamptz", "timestamp"),
        ("bytea using v::bytea", "binary"),
        ("text[] using array[v]", "array<string>"),
        ("numeric using extract(epoch from v::date)", r"decimal\(38,9\)"),
    ],
)
def test_a_text_that_became_something_else_is_refused(place: Place, sql: Sql, type_: str, line: str) -> None:
    sql("create table t (id int, v text)", "insert into t values (1, '2024-05-01')")
    place.declare("postgres", "t: snapshot", "t: {id: int, v: string}")
    place.ingest()
    sql(f"alter table t alter v type {type_}")
    message = (
        rf"v is no longer string but .*, which had string before; .* write `v: {line}` under .*, or keep string by"
    )
    with pytest.raises(SchemaChanged, match=message):
        place.ingest()
    assert place.rows("t", "v") == ["2024-05-01"]
    assert place.ingest(full=True).rows == 1
    assert place.ingest().unchanged, "somebody chose text"


def test_a_text_that_is_written_as_what_it_became_is_read_on(place: Place, sql: Sql) -> None:
    sql("create table t (id int, v text)", "insert into t values (1, '2024-05-01')")
    place.declare("postgres", "t: snapshot", "t: {id: int, v: string}")
    place.ingest()
    sql("alter table t alter v type date using v::date")
    place.declare("postgres", "t: snapshot", "t: {id: int, v: date}")
    place.ingest()
    assert place.rows("t", "v") == [date(2024, 5, 1)]


def test_a_type_that_grew_under_a_wider_one_is_read_on(place: Place, sql: Sql) -> None:
    sql("create table t (id int2, n numeric(6,2), r float4, ns int[])")
    schema = 't: {id: bigint, n: "decimal(20,6)", r: double, ns: array<bigint>}'
    place.declare("postgres", "t: snapshot", schema)
    place.ingest()
    sql("alter table t alter id type int4, alter n type numeric(12,4), alter r type float8, alter ns type bigint[]")
    assert place.ingest().warnings == ()
    sql("alter table t alter n type numeric(12,6)")
    with pytest.raises(SchemaChanged, match=r"which had decimal\(12,4\) before; .* write `n: decimal\(12,6\)`"):
        place.ingest()


def test_a_failure_is_told_in_the_server_s_own_words(place: Place, sql: Sql) -> None:
    sql("create view t as select 1 / (g - 3) as n from generate_series(1, 5) g")
    place.declare("postgres", "t: snapshot", "t: {n: bigint}")
    with pytest.raises(OutsideError) as caught:
        place.ingest()
    assert str(caught.value) == "connectors/sources/place.yaml: cannot read place: division by zero"


def test_errors_name_the_source_and_never_the_password(place: Place, sql: Sql, monkeypatch: pytest.MonkeyPatch) -> None:
    place.declare("postgres", "tt: snapshot", "tt: {id: int}")
    sql("create table t (id int)")
    with pytest.raises(SchemaChanged, match=r'place\.yaml:6: raw_place\.tt: .* no table tt; did you mean "t"'):
        place.ingest("tt")
    for address in ("postgresql://u:se%63ret@127.0.0.1:1/db", "postgresql://u:se%zzcret@h/db", "host=nowhere secret"):
        monkeypatch.setenv("PLACE_URL", address)
        with pytest.raises(OutsideError, match=r"place\.yaml: cannot connect to place") as caught:
            place.ingest("tt")
        assert "secret" not in str(caught.value)
        assert "cret@" not in str(caught.value)
        assert "\n" not in str(caught.value)
