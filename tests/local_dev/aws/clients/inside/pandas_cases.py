"""PyAthena's cursors and dialect that need pandas."""

import os
from datetime import date

import pyathena
import pytest
import sqlalchemy
from pyathena.pandas.async_cursor import AsyncPandasCursor
from pyathena.pandas.cursor import PandasCursor

DATABASE = os.environ["DATABASE"]
TYPES = "select 1 as i, 'a,\"b' as s, date '2024-05-01' as day, 1.5e0 as d, true as b, cast(null as varchar) as n"


@pytest.fixture
def connection():
    place = f"s3://results/{DATABASE}/"
    with pyathena.connect(s3_staging_dir=place, schema_name=DATABASE, poll_interval=0.05) as connection:
        yield connection


def test_a_frame_has_athenas_types(connection):
    frame = connection.cursor(PandasCursor).execute(TYPES).as_pandas()
    row = frame.to_dict("records")[0]
    assert (row["i"], row["s"], row["d"], row["b"]) == (1, 'a,"b', 1.5, True)
    assert row["day"].date() == date(2024, 5, 1)


def test_rows_come_one_by_one_and_in_chunks(connection):
    many = "select i from unnest(sequence(1, 2500)) as t(i)"
    assert len(connection.cursor(PandasCursor).execute(many).fetchall()) == 2500
    chunks = connection.cursor(PandasCursor).execute(many, chunksize=1000).as_pandas()
    assert [len(chunk) for chunk in chunks] == [1000, 1000, 500]


def test_rows_are_unloaded(connection):
    unloading = connection.cursor(PandasCursor, unload=True)
    assert list(unloading.execute("select 1 as a, 'x' as b").as_pandas().itertuples(index=False)) == [(1, "x")]


def test_a_frame_comes_later(connection):
    _, future = connection.cursor(AsyncPandasCursor).execute(TYPES)
    assert list(future.result().as_pandas()["i"]) == [1]


def test_sqlalchemy_reads_by_frames():
    where = f"s3_staging_dir=s3%3A%2F%2Fresults%2F{DATABASE}%2F&poll_interval=0.05"
    engine = sqlalchemy.create_engine(f"awsathena+pandas://@athena.us-east-1.amazonaws.com:443/{DATABASE}?{where}")
    with engine.connect() as connected:
        assert connected.execute(sqlalchemy.text("select 1 as a, 'x' as b")).all() == [(1, "x")]
    engine.dispose()
