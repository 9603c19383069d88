"""Databases that nobody designed for this: one command writes the source, two read and compare it; nobody edits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
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
