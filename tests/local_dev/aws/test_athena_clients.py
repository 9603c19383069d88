"""Clients that know nothing of the local Athena: PyAthena's cursors, SQLAlchemy, many of them at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyathena
import pytest
import sqlalchemy
from asking_athena import Place
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import DictCursor
from pyathena.polars.cursor import PolarsCursor
from pyathena.s3fs.cursor import S3FSCursor

pytestmark = pytest.mark.aws
COMPLEX = """
select true as b, cast(127 as tinyint) as t, 9223372036854775807 as i, cast(0.5 as real) as f, 1e10 as d,
  'a "string", ' as s, cast(null as varchar) as n, '' as e, timestamp '2017-01-01 00:00:00' as ts,
  timestamp '2017-01-01 00:00:00 UTC' as tz, date '2017-01-02' as day, to_utf8('123') as v, array[1, 2] as a,
  map(array[1, 3], array[2, 4]) as m, cast(row(1, 2) as row(x integer, y integer)) as r, decimal '0.1' as p,
  cast(array[1, 2] as json) as j
"""


def test_the_cursor_reads_every_type(connected: Any) -> None:
    cursor = connected.cursor()
    cursor.execute(COMPLEX)
    numbers = (True, 127, 9223372036854775807, 0.5, 1e10)
    texts = ('a "string", ', None, "")
    times = (datetime(2017, 1, 1), datetime(2017, 1, 1, tzinfo=ZoneInfo("UTC")), date(2017, 1, 2))
    nested = (b"123", [1, 2], {"1": "2", "3": "4"}, {"x": "1", "y": "2"}, Decimal("0.1"), [1, 2])
    assert cursor.fetchall() == [(*numbers, *texts, *times, *nested)]
    assert (cursor.state, cursor.statement_type, cursor.substatement_type) == ("SUCCEEDED", "DML", "SELECT")


def test_other_cursors_read_the_same(connected: Any) -> None:
    rows = connected.cursor(DictCursor).execute("select 1 as a, 'x' as b").fetchall()
    assert rows == [{"a": 1, "b": "x"}]
    _, future = connected.cursor(AsyncCursor).execute("select i from unnest(sequence(1, 2500)) as t(i)")
    assert len(future.result().fetchall()) == 2500
    parameters = connected.cursor().execute("select ? as a", ["'it''s'"], paramstyle="qmark").fetchall()
    assert parameters == [("it's",)]


def test_an_error_is_pyathenas(connected: Any) -> None:
    with pytest.raises(pyathena.error.OperationalError, match="COLUMN_NOT_FOUND: line 1:8"):
        connected.cursor().execute("select x from (values 1) as t(y)")


def test_a_table_is_made_and_counted(connected: Any, place: Place) -> None:
    cursor = connected.cursor()
    where = f"format = 'PARQUET', external_location = '{place.location('made')}'"
    cursor.execute(f"create table made with ({where}) as select i from unnest(sequence(1, 3)) as t(i)")
    assert cursor.description == [("rows", "bigint", None, None, 19, 0, "UNKNOWN")]
    assert (cursor.rowcount, cursor.fetchone()) == (3, None)
    assert cursor.data_manifest_location
    cursor.execute("show columns in made")
    assert cursor.fetchall() == [("i                   ",)]
    assert [
        each.name for each in cursor.list_table_metadata(schema_name=place.database, catalog_name="AwsDataCatalog")
    ] == ["made"]


def test_twenty_clients_ask_five_hundred_queries(connected: Any, place: Place) -> None:
    for number in range(1, 31):
        place.parquet(f"t/day=2024-05-{number:02}/x.parquet", f"select range as a from range({number})")
    place.table("t", {"a": "bigint"}, {"day": "date"})
    for number in range(1, 31):
        place.partition("t", [f"2024-05-{number:02}"], f"day=2024-05-{number:02}")
    queries = {
        "select 1": [(1,)],
        "select count(*), sum(a) from t": [(465, 4495)],
        "select count(*) from t where day > date '2024-05-28'": [(59,)],
        "select day from t where a = 29": [(date(2024, 5, 30),)],
    }

    def ask(client: int) -> int:
        cursor = connected.cursor()
        asked = (list(queries)[(client + number) % len(queries)] for number in range(25))
        return sum(cursor.execute(sql).fetchall() == queries[sql] for sql in asked)

    with ThreadPoolExecutor(20) as clients:
        assert sum(clients.map(ask, range(20))) == 500


def test_the_polars_cursor_reads_results_and_unloaded_files(connected: Any, place: Place) -> None:
    frame = connected.cursor(PolarsCursor).execute(COMPLEX).as_polars()
    assert frame.height == 1
    assert frame.select("t", "i", "s", "e", "day").row(0) == (
        127,
        9223372036854775807,
        'a "string", ',
        "",
        date(2017, 1, 2),
    )
    assert connected.cursor(PolarsCursor).execute("show tables").as_polars().height == 0
    place.rows("create table made as select i, cast(i as varchar) as s from unnest(sequence(1, 3)) as t(i)")
    unloading = connected.cursor(PolarsCursor, unload=True)
    assert unloading.execute("select i, s from made order by i").fetchall() == [(1, "1"), (2, "2"), (3, "3")]


def test_the_cursor_of_files_reads_null_and_empty_apart(connected: Any) -> None:
    cursor = connected.cursor(S3FSCursor).execute("select cast(null as varchar) as n, '' as e, 'a,\"b' as s")
    assert cursor.fetchall() == [(None, "", 'a,"b')]


def test_sqlalchemy_reflects_and_reads(connected: Any, place: Place) -> None:
    place.rows("create table made as select 1 as a, 'x' as b, array[1] as c")
    place.rows("create view v as select a from made")
    where = "s3_staging_dir=s3%3A%2F%2Fresults%2Fpyathena%2F&poll_interval=0.05"
    engine = sqlalchemy.create_engine(f"awsathena+rest://@athena.us-east-1.amazonaws.com:443/{place.database}?{where}")
    inspector = sqlalchemy.inspect(engine)
    assert inspector.get_table_names() == ["made"]
    assert inspector.get_view_names() == ["v"]
    assert place.database in inspector.get_schema_names()
    assert inspector.has_table("made")
    assert not inspector.has_table("never")
    table = sqlalchemy.Table("made", sqlalchemy.MetaData(), autoload_with=engine)
    assert [column.name for column in table.columns] == ["a", "b", "c"]
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.select(table.c.a, table.c.b).where(table.c.b == "x")).all() == [(1, "x")]
        assert connection.execute(sqlalchemy.text("select count(*) from v")).scalar() == 1
    engine.dispose()
