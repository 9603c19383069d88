"""Every cursor of PyAthena's that needs nothing more than the lock file has, and every dialect of SQLAlchemy's."""

from __future__ import annotations

import asyncio
from typing import Any

import pyathena
import pytest
import sqlalchemy
from asking_athena import Place
from pyathena.aio.cursor import AioCursor, AioDictCursor
from pyathena.aio.polars.cursor import AioPolarsCursor
from pyathena.aio.s3fs.cursor import AioS3FSCursor
from pyathena.async_cursor import AsyncCursor, AsyncDictCursor
from pyathena.cursor import Cursor, DictCursor
from pyathena.polars.async_cursor import AsyncPolarsCursor
from pyathena.polars.cursor import PolarsCursor
from pyathena.s3fs.async_cursor import AsyncS3FSCursor
from pyathena.s3fs.cursor import S3FSCursor
from sqlalchemy.ext.asyncio import create_async_engine

pytestmark = pytest.mark.aws
MANY = "select i, 'a,\"b\"' as s, cast(null as varchar) as n from unnest(sequence(1, 2500)) as t(i)"
ROWS = [(i, 'a,"b"', None) for i in range(1, 2501)]


def values(rows: list[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) if isinstance(row, dict) else row for row in rows]


@pytest.mark.parametrize("cursor", [Cursor, DictCursor, PolarsCursor, S3FSCursor])
def test_a_cursor_reads_all_pages(connected: Any, cursor: type) -> None:
    assert values(connected.cursor(cursor).execute(MANY).fetchall()) == ROWS


@pytest.mark.parametrize("cursor", [AsyncCursor, AsyncDictCursor, AsyncPolarsCursor, AsyncS3FSCursor])
def test_a_cursor_with_threads_reads_all_pages(connected: Any, cursor: type) -> None:
    _, future = connected.cursor(cursor).execute(MANY)
    assert values(future.result().fetchall()) == ROWS


@pytest.mark.parametrize("cursor", [AioCursor, AioDictCursor, AioPolarsCursor, AioS3FSCursor])
def test_a_cursor_of_asyncio_reads_all_pages(connected: Any, place: Place, cursor: type) -> None:
    async def asked() -> list[Any]:
        where = {"s3_staging_dir": "s3://results/pyathena/", "region_name": "us-east-1", "poll_interval": 0.05}
        async with await pyathena.aio_connect(**where, schema_name=place.database) as connection:
            found: list[Any] = await (await connection.cursor(cursor).execute(MANY)).fetchall()
            return found

    assert values(asyncio.run(asked())) == ROWS


def address(dialect: str, place: Place) -> str:
    where = "s3_staging_dir=s3%3A%2F%2Fresults%2Fpyathena%2F&poll_interval=0.05"
    return f"{dialect}://@athena.us-east-1.amazonaws.com:443/{place.database}?{where}"


@pytest.mark.parametrize("dialect", ["awsathena", "awsathena+rest", "awsathena+polars", "awsathena+s3fs"])
def test_a_dialect_reads_all_pages(connected: Any, place: Place, dialect: str) -> None:
    engine = sqlalchemy.create_engine(address(dialect, place))
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text(MANY)).all() == ROWS
    engine.dispose()


@pytest.mark.parametrize("dialect", ["awsathena+aiorest", "awsathena+aiopolars", "awsathena+aios3fs"])
def test_a_dialect_of_asyncio_reads_all_pages(connected: Any, place: Place, dialect: str) -> None:
    async def asked() -> list[Any]:
        engine = create_async_engine(address(dialect, place))
        async with engine.connect() as connection:
            found = list((await connection.execute(sqlalchemy.text(MANY))).all())
        await engine.dispose()
        return found

    assert asyncio.run(asked()) == ROWS
