"""Databases that nobody designed for this: one command writes the source, two read and compare it; nobody edits.

Some are as strange as we could think of; some are of other people's programs, and more than 20 tables large.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from running_postgres import connected, running_postgres

from local_dev.cli import baikal
from local_dev.mariadb_server import MariaDb

POSTGRES = """
create schema "select"; create schema "Sales Dept"; create schema "dotted.one";
create domain price as numeric(10,2) check (value > 0); create domain fine as price;
create type mood as enum ('glad', 'so-so');
create table "select"."from" ("where" int primary key, "order" text, "group" date);
insert into "select"."from" values (1, 'a', '2024-02-02');
create table "Sales Dept"."Order Details" (
  "Order ID" int, "Product ID" int, "Unit Price" money, day date, _ingested_at timestamp, _file text, file text,
  primary key ("Order ID", "Product ID"));
insert into "Sales Dept"."Order Details" values
  (1, 1, '12.34', '2024-01-01', now(), 'a', 'b'), (1, 2, '-1', null, null, null, null);
create table users (id int primary key, "Id" text); insert into users values (1, 'A');
create table "Users" (id int); insert into "Users" values (7);
create table "日本語" ("氏名" text); insert into "日本語" values ('山田太郎');
create table "a.b" (id int); insert into "a.b" values (1); create table "dotted.one".t (id int);
create table "quote""d" (id int);
create table no_columns (); create table no_rows (id int);
create table no_key (a int, b text); insert into no_key values (1, 'x'), (1, 'x'), (null, null);
create table odd (
  m mood, p fine, ps price[], i interval, r int4range, h tsvector, j jsonb, u uuid, b bytea, n numeric, x bit(3),
  at timestamptz, hours numeric(4,2) generated always as (1.5) stored);
insert into odd values ('glad', 1.5, '{1.5,2}', '1 mon 04:05:06', '[1,5)', 'a b', '{"b": [1, 2.50]}',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\\x00ff', 1.123456789, b'101', '2024-01-01 09:00:00.123456+09');
create table base (id int, at timestamptz(3)); insert into base values (1, now());
create table same () inherits (base); insert into same values (2, now());
create table wider (more text) inherits (base); insert into wider values (3, now(), 'x');
create table days (id int, day date) partition by range (day);
create table days_2024 partition of days for values from ('2024-01-01') to ('2025-01-01');
insert into days values (1, '2024-05-01');
create foreign data wrapper nowhere; create server gone foreign data wrapper nowhere;
create foreign table elsewhere (id int) server gone;
create view seen as select * from no_key; create materialized view empty as select * from no_key with no data;
"""
MARIADB = """
create table `select` (`from` int primary key, `group` text); insert into `select` values (1, 'a');
create table `Order Details` (`Order ID` int, `Product ID` int, _ingested_at datetime,
  primary key (`Order ID`, `Product ID`));
insert into `Order Details` values (1, 1, '2024-01-01'), (1, 2, null);
create table `日本語` (`氏名` varchar(10)); insert into `日本語` values ('山田太郎');
create table `a.b` (id int); create table `q``d` (id int); create table no_rows (id int);
create table no_key (a int); insert into no_key values (1), (1), (null);
create table odd (
  id int primary key, y year, t time, s set('a','b'), e enum('x','y'), j json, b bit(8), bin binary(4), u uuid, p point,
  big bigint unsigned, f float, dt datetime(6), twice int as (id * 2) virtual, hidden int invisible default 3);
insert into odd (id, y, t, s, e, j, b, bin, u, p, big, f, dt) values
  (1, 1901, '-838:59:59', 'a,b', 'x', '{"a": 1}', 255, 'ab',
   uuid(), point(1, 2), 9223372036854775807, 0.1, '2024-01-01 10:00:00.123456');
create table days (id int, day date) partition by range (id)
  (partition p0 values less than (2), partition p1 values less than maxvalue);
insert into days values (1, '2024-01-01'), (2, '2024-01-02');
create sequence numbers;
create table kept (a int) with system versioning; insert into kept values (1); update kept set a = 2;
create table soon_gone (a int); create view seen as select * from no_key; create view broken as select * from soon_gone;
drop table soon_gone;
"""
UPGRADE = """
import sys
from prefect.cli import app
from sqlalchemy import Engine, event

@event.listens_for(Engine, "before_cursor_execute", retval=True)
def but_its_indexes_of_trigrams(connection, cursor, statement, parameters, context, many):
    return ("select 1", ()) if "trgm" in statement else (statement, parameters)

sys.argv = ["prefect", "server", "database", "upgrade", "-y"]
app()
"""
"""The tests' PostgreSQL has no extension pg_trgm; Prefect makes everything else of its schema itself."""
FLOW = """
from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.variables import Variable

@task
def double(number):
    return 2 * number

@task
def failing():
    raise ValueError("鈴木\\n'quoted', 100 %")

@flow(log_prints=True)
def doubles(count: int = 3):
    print("counting \\U0001f40b")
    create_markdown_artifact("# 氏名\\n| a |", key="told")
    failing(return_state=True)
    return [double(number) for number in range(count)]

Variable.set("answer", {"a": [1, 2.5, None, "é"]}, tags=["x", "y"])
doubles(return_state=True)
"""
Call = Callable[..., str]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls `baikal` in a home that has a team and a target, and no source yet."""
    for name, text in {
        "transforms/teams.yaml": "shop: {description: Sells things, contact: '#shop'}\n",
        "connectors/targets.yaml": "laptop: {engine: duckdb, timezone: Asia/Tokyo}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("BAIKAL_HOME", str(tmp_path))

    def call(*words: str) -> str:
        result = CliRunner().invoke(baikal, words)
        assert result.exit_code == 0, result.output
        return result.output

    return call


def bring_in(call: Call, kind: str, tables: int) -> str:
    """What `new source` said, of which everything else follows."""
    made = call("new", "source", "found", "--kind", kind, "--connection", "FOUND_URL")
    assert call("check") == "no problems in 1 source, 0 tables, 0 views\n"
    assert f"{tables} landed" in call("run", "source:found")
    assert f"{tables} tables as in the source, 0 not" in call("run", "source:found", "--verify")
    return made


@pytest.mark.postgres
def test_a_strange_postgres_is_brought_in(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_postgres() as address:
        with connected(address) as run:
            run(*POSTGRES.split(";")[:-1])
        monkeypatch.setenv("FOUND_URL", address)
        made = bring_in(call, "postgres", 13)
        assert "left out: elsewhere, empty and seen, " in made
        assert "left out: dotted.one.t and no_columns, " in made
        assert call("query", "select id from raw_found.b", "--format", "csv") == "id\n1\n"
        assert call("query", "select p + 1 as p from raw_found.odd", "--format", "csv") == "p\n2.50\n"
        query = "select id from raw_found.base order by id"
        assert call("query", query, "--format", "csv") == "id\n1\n2\n3\n"
        query = 'select "where", "order" from raw_found."from"'
        assert call("query", query, "--format", "csv") == "where,order\n1,a\n"


@pytest.mark.mariadb
def test_a_strange_mariadb_is_brought_in(call: Call, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch) -> None:
    mariadb.run(f"create or replace database strange charset utf8mb4; use strange; {MARIADB}")
    monkeypatch.setenv("FOUND_URL", mariadb.address("strange"))
    made = bring_in(call, "mysql", 9)
    mariadb.run("drop database strange")
    assert "left out: broken and seen, " in made
    assert "left out: a.b, " in made


@pytest.mark.prefect
def test_the_sqlite_file_of_a_program_is_brought_in(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "prefect.db"
    _fill_prefect(tmp_path / "prefect", f"sqlite+aiosqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        rows = {name: connection.execute(f'select count(*) from "{name}"').fetchone()[0] for name in names}
        columns = {name: len(connection.execute(f'pragma table_info("{name}")').fetchall()) for name in names}
        ((answer,),) = connection.execute("select value from variable")
    monkeypatch.setenv("FOUND_URL", str(file))
    _require_all(call, "sqlite", tmp_path, rows, columns)
    assert _cells(call, "select value from raw_found.variable") == [[answer]]


@pytest.mark.postgres
@pytest.mark.prefect
def test_the_postgres_of_a_program_is_brought_in(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = "select table_name, count(*) from information_schema.columns where table_schema = 'public' group by 1"
    with running_postgres() as address:
        _fill_prefect(tmp_path / "prefect", address.replace("postgresql:", "postgresql+asyncpg:"))
        with connected(address) as run:
            columns = dict(run(found))
            rows = {name: run(f'select count(*) from public."{name}"')[0][0] for name in columns}
            run("set intervalstyle = 'iso_8601'")
            took = run("select id::text, state_type::text, total_run_time::text from task_run order by id::text")
        monkeypatch.setenv("FOUND_URL", address)
        _require_all(call, "postgres", tmp_path, rows, columns)
    query = "select id, state_type, total_run_time from raw_found.task_run order by id"
    assert _cells(call, query) == [list(row) for row in took]


@pytest.mark.mariadb
def test_the_mariadb_of_a_program_is_brought_in(
    call: Call, tmp_path: Path, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program is MariaDB, which keeps what it knows of itself in tables; a copy of them, for it writes there."""
    listed = "select table_name from information_schema.tables where table_schema = 'mysql' and table_type like 'BASE%'"
    names = mariadb.run(listed).split()
    copied = ";".join(
        f"create table {name} like mysql.{name}; insert into {name} select * from mysql.{name}" for name in names
    )
    mariadb.run(f"create or replace database strange charset utf8mb4; use strange; {copied}")
    rows = {name: int(mariadb.run(f"select count(*) from strange.{name}")) for name in names}
    counted = "select table_name, count(*) from information_schema.columns where table_schema = 'strange' group by 1"
    columns = {name: int(count) for name, count in map(str.split, mariadb.run(counted).splitlines())}
    told = mariadb.run("select help_category_id, description from mysql.help_topic where name = 'LPAD'").split("\t")
    monkeypatch.setenv("FOUND_URL", mariadb.address("strange"))
    _require_all(call, "mysql", tmp_path, rows, columns)
    mariadb.run("drop database strange")
    described = yaml.safe_load((tmp_path / "connectors/sources/found.yaml").read_text())["tables"]
    assert described["global_priv"]["description"] == "Users and global privileges"
    ((category, text),) = _cells(
        call, "select help_category_id, description from raw_found.help_topic where name = 'LPAD'"
    )
    assert [category, text] == [told[0], told[1].removesuffix("\n").replace("\\n", "\n")]


def _fill_prefect(folder: Path, database: str) -> None:
    """Prefect's own schema in a database, and what a flow with tasks leaves in it; one of them fails."""
    folder.mkdir()
    (folder / "doubles.py").write_text(FLOW, encoding="utf-8")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | {
        "PREFECT_HOME": str(folder),
        "PREFECT_API_DATABASE_CONNECTION_URL": database,
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    for arguments in (["-c", UPGRADE], ["doubles.py"]):
        done = subprocess.run(
            [sys.executable, *arguments], env=variables, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def _require_all(call: Call, kind: str, home: Path, rows: dict[str, int], columns: dict[str, int]) -> None:
    """Every table is in the lake with every column and every row."""
    assert len(rows) > 20
    assert sum(count > 0 for count in rows.values()) > 5
    assert "left out" not in bring_in(call, kind, len(rows))
    schemas = yaml.safe_load((home / "connectors/sources/found.schema.yaml").read_text())
    assert {name: len(found) for name, found in schemas.items()} == columns
    query = " union all ".join(f"select '{name}', count(*) from raw_found.{name}" for name in rows)
    assert {name: int(count) for name, count in _cells(call, query)} == rows


def _cells(call: Call, query: str) -> list[list[str]]:
    return list(csv.reader(call("query", query, "--format", "csv").splitlines(keepends=True)))[1:]
