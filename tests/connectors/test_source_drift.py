"""A database that changed after its source was written: `baikal diff source:x` and `baikal new source x --update`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from landing_place import Place
from running_postgres import Sql

from local_dev.cli import baikal

pytestmark = pytest.mark.postgres
Call = Callable[..., Result]
SOURCE = "connectors/sources/place.yaml"
SCHEMA = "connectors/sources/place.schema.yaml"
OWN = """\
people:  # whoever bought something
  email: {type: string, hash: people_key, description: "Ours, not the database's"}  # never bare
  id: bigint
  amount: {type: "decimal(8,2)"}

# the newest come first
orders: {id: int, note: {type: string}}
"""


@pytest.fixture
def call(postgres: Place, monkeypatch: pytest.MonkeyPatch, sql: Sql) -> Call:
    """`baikal` in the home of a source of two tables, whose files a person wrote."""
    sql(
        "create table people (id int8 primary key, email text, amount numeric(8,2))",
        "create table orders (id int primary key, note text)",
        "comment on column people.email is 'Of the database'",
    )
    postgres.declare("postgres", "people: snapshot  # all of them\norders: {mode: append, cursor: id}", OWN)
    monkeypatch.setenv("BAIKAL_HOME", str(postgres.home))
    monkeypatch.setenv("BAIKAL_LAKE", str(postgres.home / "lake"))
    return lambda *words: CliRunner().invoke(baikal, list(words))


def differences(call: Call, code: int = 1) -> set[tuple[Any, ...]]:
    result = call("diff", "source:place", "--json")
    assert result.exit_code == code, result.output
    found = json.loads(result.stdout)["differences"]
    return {(one["change"], one["table"], one["column"], one["declared"], one["live"]) for one in found}


def text(postgres: Place, path: str) -> str:
    return (Path(postgres.home) / path).read_text(encoding="utf-8")


def test_a_source_that_is_as_declared_leaves_with_0(call: Call) -> None:
    assert differences(call, code=0) == set()
    assert call("diff", "source:place").stdout == "source:place is as it is declared\n"
    assert call("diff", "source:plaze").stderr.endswith('no source is named "plaze"; did you mean "place"?\n')
    assert call("diff", "raw_place.*").exit_code == 2


def test_every_difference_is_told(call: Call, sql: Sql) -> None:
    sql(
        "alter table people alter amount type numeric(12,4), add born date",
        "alter table people alter id type text",
        "alter table orders drop note, alter id type int2",
        "comment on column people.amount is 'Yen'",
        "create table gifts (id int primary key)",
        "create view dear as select * from people",
    )
    assert differences(call) == {
        ("changed", "people", "id", "bigint", "string"),
        ("widened", "people", "amount", "decimal(8,2)", "decimal(12,4)"),
        ("comment", "people", "amount", None, "Yen"),
        ("new", "people", "born", None, "date"),
        ("gone", "orders", "note", "string", None),
        ("new", "gifts", None, None, "gifts"),
    }
    sql("drop table orders")
    assert ("gone", "orders", None, "orders", None) in differences(call)
    assert "6 differences; baikal new source place --update writes what is new" in call("diff", "source:place").stdout


def test_a_type_that_the_source_narrowed_is_a_difference_and_one_declared_wider_is_none(
    call: Call, postgres: Place, sql: Sql
) -> None:
    sql("alter table orders alter id type int2")
    assert differences(call, code=0) == set()
    sql("alter table orders alter id type int4")
    postgres.ingest("orders")
    sql("alter table orders alter id type int2")
    assert differences(call) == {("narrowed", "orders", "id", "int", "smallint")}


def test_a_text_that_became_something_else_is_a_difference(call: Call, postgres: Place, sql: Sql) -> None:
    postgres.ingest("orders")
    sql("alter table orders alter note type date using note::date")
    assert differences(call) == {("changed", "orders", "note", "string", "date")}
    assert call("new", "source", "place", "--update").exit_code == 0
    assert differences(call, code=0) == set()


def test_an_update_writes_what_is_new_and_leaves_a_persons_text_alone(call: Call, postgres: Place, sql: Sql) -> None:
    sql(
        "alter table people alter amount type numeric(12,4), add phone text",
        'alter table orders drop note, add "Due On" date, add sent timestamp(3)',
        "comment on column people.id is 'Number: of the person'",
        "comment on column orders.sent is 'When it left'",
        "comment on column orders.id is 'Number of the order'",
        "alter table orders alter id type bigint",
        "create table gifts (id int primary key, at timestamp(3))",
        "comment on table gifts is 'What we gave'",
    )
    source, schema = text(postgres, SOURCE), text(postgres, SCHEMA)
    shown = call("new", "source", "place", "--update", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert '+  amount: {type: "decimal(12,4)"}' in shown.stdout
    assert (text(postgres, SOURCE), text(postgres, SCHEMA)) == (source, schema)
    result = call("new", "source", "place", "--update")
    assert "1 name gone from the source, and kept here: orders.note" in result.stderr
    assert (
        text(postgres, SCHEMA)
        == """\
people:  # whoever bought something
  email: {type: string, hash: people_key, description: "Ours, not the database's"}  # never bare
  id: {type: bigint, description: "Number: of the person"}
  amount: {type: "decimal(12,4)"}
  phone: {type: string, personal: true}

# the newest come first
orders: {id: {type: bigint, description: Number of the order}, note: {type: string}, due_on: {type: date}, \
sent: {type: timestamp, description: When it left}}
gifts:
  id: {type: int}
  at: {type: timestamp}
"""
    )
    assert (
        text(postgres, SOURCE)
        == source.rstrip("\n").replace(
            "{mode: append, cursor: id}", "{mode: append, cursor: id, columns: {Due On: due_on}}"
        )
        + "\n  gifts: {mode: snapshot, description: What we gave}\n"
    )
    assert differences(call) == {("gone", "orders", "note", "string", None)}
    assert call("new", "source", "place", "--update").stdout == "source:place: nothing is new\n"


def test_tables_that_are_ignored_are_no_difference(call: Call, postgres: Place, sql: Sql) -> None:
    sql("create table audit_log (id int)", "create table other (id int)")
    source = Path(postgres.home) / SOURCE
    source.write_text(source.read_text().replace("tables:", "ignore: audit_*\ntables:"))
    assert differences(call) == {("new", "other", None, None, "other")}
    source.write_text(source.read_text().replace("audit_*", "[audit_*, other]"))
    assert differences(call, code=0) == set()


def test_a_source_of_chosen_tables_ignores_the_others(call: Call, postgres: Place, sql: Sql) -> None:
    words = ("new", "source", "few", "--connection", "PLACE_URL", "--table", "orders")
    assert call(*words).exit_code == 0
    targets = Path(postgres.home) / "connectors/targets.yaml"
    targets.write_text(targets.read_text().replace("{place: PLACE_URL", "{few: PLACE_URL, place: PLACE_URL"))
    assert call("diff", "source:few").stdout == "source:few is as it is declared\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--update", "--connection", "PLACE_URL"), "--update goes by the source's own file"),
        (("--update", "--format", "nginx"), "--update goes by the source's own file"),
        (("--dry-run",), "write --update too"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(call: Call, words: tuple[str, ...], told: str) -> None:
    result = call("new", "source", "place", *words)
    assert result.exit_code == 2
    assert told in result.stderr
