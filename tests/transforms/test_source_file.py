"""The YAML of a source and its schema is read, or told what is wrong with it and what to write."""

from __future__ import annotations

from datetime import timedelta
from textwrap import dedent

import pytest

from connectors.content import READER_WORDS
from transforms.column import Column
from transforms.errors import Problem
from transforms.fields import listed
from transforms.lake_types import Type
from transforms.source import SHAPES, Source
from transforms.source_file import read_source
from transforms.yaml_file import read_yaml

KINDS = tuple(SHAPES)

SCHEMA = """
campaigns: {id: bigint, name: {type: string, description: What people call it}, email: {type: string, personal: true}}
transactions: {id: bigint, created_at: timestamp, updated_at: timestamp, amount_jpy: "decimal(14,2)"}
"""
HEAD = "kind: postgres\nowner: ads\ndescription: The ads database.\nconnection: ads_db\n"


def read(text: str, schema: str | None = SCHEMA) -> tuple[Source | None, list[Problem]]:
    columns = read_yaml(schema, "ads_db.schema.yaml") if schema is not None else None
    return read_source("ads_db", read_yaml(dedent(text), "ads_db.yaml"), columns, READER_WORDS)


def faults(text: str, schema: str | None = SCHEMA) -> list[str]:
    return [str(problem) for problem in read(text, schema)[1]]


def tables(text: str) -> str:
    """A source with these tables, the first of them on line 6."""
    return HEAD + "tables:\n" + "\n".join(f"  {line}" for line in text.splitlines())


def kind(kind: str, text: str) -> str:
    return tables(text).replace("kind: postgres", f"kind: {kind}")


def test_a_source_is_read_with_the_columns_of_its_schema() -> None:
    source, problems = read(
        HEAD
        + dedent("""
        every: 15 minutes
        tables:
          campaigns: snapshot
          transactions: {mode: append, key: id, cursor: created_at, day: created_at, restate: 2 days, rejects: 1%,
            table: b.t}
        """)
    )
    assert problems == []
    assert source is not None
    assert (source.name, source.kind, source.owner, source.connection, source.every) == (
        "ads_db",
        "postgres",
        "ads",
        "ads_db",
        timedelta(minutes=15),
    )
    campaigns, transactions = source.tables
    assert (str(campaigns.name), campaigns.mode, campaigns.rejects) == ("raw_ads_db.campaigns", "snapshot", 0.001)
    assert campaigns.columns[1:] == (
        Column("name", Type("varchar"), "What people call it"),
        Column("email", Type("varchar"), personal=True),
    )
    assert (transactions.mode, transactions.key, transactions.cursor, transactions.day) == (
        "append",
        ("id",),
        "created_at",
        "created_at",
    )
    assert (transactions.restate_days, transactions.rejects, transactions.options) == (2, 0.01, {"table": "b.t"})
    assert transactions.line == 9


def test_raw_tables_get_columns_that_say_where_rows_came_from() -> None:
    source, problems = read(
        tables("transactions: {mode: upsert, key: id, cursor: updated_at, day: created_at}\ncampaigns: snapshot")
    )
    assert (problems, source is None) == ([], False)
    assert source is not None
    assert [column.name for column in source.raw_columns(source.tables[0])] == [
        "id",
        "created_at",
        "updated_at",
        "amount_jpy",
        "_ingested_at",
        "day",
    ]
    assert [column.name for column in source.raw_columns(source.tables[1])] == ["id", "name", "email", "_ingested_at"]


def test_a_day_in_the_path_of_files_splits_the_table() -> None:
    text = kind("jsonl", 'campaigns: {mode: append, path: "c/dt={day}/*.gz"}')
    source, problems = read(text, "campaigns: {id: bigint}")
    assert problems == []
    assert source is not None
    assert source.tables[0].day == "day"
    assert [column.name for column in source.raw_columns(source.tables[0])] == [
        "id",
        "_file",
        "_line",
        "_ingested_at",
        "day",
    ]


WORDS = ("kind", "owner", "description", "connection", "every", "slo", "tables", *READER_WORDS.source["postgres"])
BOTH = "campaigns: snapshot\ntransactions: snapshot"


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            "kind: db2",
            [f'ads_db.yaml:1: kind cannot be "db2"; it is {", ".join(KINDS[:-1])} or {KINDS[-1]}'],
        ),
        ("owner: ads", ["ads_db.yaml:1: kind is missing; write kind: postgres"]),
        ("", ["ads_db.yaml:1: this source says nothing; write kind: postgres"]),
        (
            tables(BOTH) + "\nevry: 1h",
            [
                f'ads_db.yaml:8: unknown key "evry"; keys are {listed(WORDS)}; did you mean "every"?',
            ],
        ),
        (tables(BOTH) + "\nevery: 3", ["ads_db.yaml:8: every must be a length of time, not 3; write every: 1h"]),
        (
            tables("campaigns: {mode: append, cursor: id, margin: 1 fortnight}\ntransactions: snapshot"),
            ['ads_db.yaml:6: margin must be a length of time, not "1 fortnight"; write margin: 1h'],
        ),
        (tables(BOTH) + "\nevery: 0h", ['ads_db.yaml:8: every must be a length of time, not "0h"; write every: 1h']),
        (
            tables(BOTH).replace("connection: ads_db", "connection: postgresql://me:secret@h/d"),
            [
                "ads_db.yaml:4: connection is a name; the address stands in the environment variable that "
                "the target gives "
                "to it; write connection: ads_db"
            ],
        ),
        (
            HEAD + "tables: [campaigns]",
            ["ads_db.yaml:5: tables must have keys of its own, not be a list; write tables: {users: snapshot}"],
        ),
        (
            tables("campaigns: snapshott\ntransactions: snapshot"),
            [
                'ads_db.yaml:6: mode cannot be "snapshott"; modes are snapshot, append and upsert; did you '
                'mean "snapshot"?'
            ],
        ),
        (
            tables("campaigns: upsert\ntransactions: snapshot"),
            [
                "ads_db.yaml:6: upsert of postgres needs more than its mode; write campaigns: {mode: "
                "upsert, key: id, cursor: "
                "updated_at}"
            ],
        ),
        (
            tables("campaigns: snapshot\ntransactions: {mode: upsert}"),
            [
                "ads_db.yaml:7: upsert needs a key; write key: id",
                "ads_db.yaml:7: upsert of postgres needs a cursor; write cursor: updated_at",
            ],
        ),
        (
            tables("campaigns: snapshot\ntransactions: {mode: append}"),
            ["ads_db.yaml:7: append of postgres needs a cursor; write cursor: id"],
        ),
        (
            tables("campaigns: snapshot\ntransactions: {mode: append, cursor: updated}"),
            [
                'ads_db.yaml:7: cursor names "updated", which is no column of transactions; columns are id, '
                "created_at, "
                'updated_at and amount_jpy; did you mean "updated_at"?'
            ],
        ),
        (
            tables("campaigns: snapshot\ntransactions: {mode: snapshot, day: id}"),
            ["ads_db.yaml:7: day needs a date or a timestamp, and id is bigint; name another column"],
        ),
        (
            tables("campaigns: snapshot\ntransactions: {mode: append, cursor: updated_at, restate: 3 days}"),
            ["ads_db.yaml:7: restate needs days; write day: the column that says the day"],
        ),
        (
            tables("campaigns: snapshot\ntransactions:\n  mode: snapshot\n  restate: 3 days"),
            ["ads_db.yaml:9: restate is for append; a snapshot is read whole each time; remove restate:"],
        ),
        (
            tables(
                "campaigns: snapshot\n"
                "transactions: {mode: upsert, key: id, cursor: created_at, day: created_at, restate: 3 days}"
            ),
            ["ads_db.yaml:7: restate is for append; an upsert finds rows that changed by its cursor; remove restate:"],
        ),
        (
            tables(
                "campaigns: snapshot\n"
                "transactions: {mode: append, cursor: updated_at, day: created_at, restate: 3 days}"
            ),
            [
                "ads_db.yaml:7: restate reads whole days again, and the cursor updated_at is not their column "
                "created_at; day and cursor are one column then; write cursor: created_at"
            ],
        ),
        (
            kind(
                "csv",
                "campaigns: {mode: append, path: a}\n"
                'transactions: {mode: append, path: "t_{day}.csv", restate: 3 days}',
            ),
            [
                "ads_db.yaml:7: restate is for databases and APIs; a file that changes is read again by itself, and "
                "replaces its rows; remove restate:"
            ],
        ),
        (
            kind(
                "rest",
                "campaigns: {mode: snapshot, path: /a}\n"
                "transactions: {mode: snapshot, path: /t, day: created_at, restate: 3 days}",
            ),
            ["ads_db.yaml:7: restate is for append; a snapshot is read whole each time; remove restate:"],
        ),
        (
            kind(
                "rest",
                "campaigns: {mode: snapshot, path: /a}\ntransactions:\n  mode: upsert\n  path: /t\n  key: id\n"
                "  cursor: created_at\n  day: created_at\n  restate: 3 days",
            ),
            ["ads_db.yaml:13: restate is for append; an upsert finds rows that changed by its cursor; remove restate:"],
        ),
        (
            tables("campaigns: snapshot\ntransactions: {mode: snapshot, rejects: 2}"),
            ["ads_db.yaml:7: rejects must be a percentage from 0% to 100%, not 2; write rejects: 1%"],
        ),
        (
            tables("campaigns: snapshot\ntransactions: {mode: snapshot, table: 7}"),
            ["ads_db.yaml:7: table must be a text, not 7"],
        ),
        (
            tables("campaigns: snapshot\ntransactions: {mode: snapshot, timestamps: round}"),
            ['ads_db.yaml:7: timestamps cannot be "round"; it is truncate or exact'],
        ),
        (
            tables(BOTH + "\nUsers: snapshot"),
            ['ads_db.yaml:8: "Users" is not a table name; write it in lower case, and name the original in table:'],
        ),
        (
            tables(BOTH + "\nusers: snapshot"),
            ["ads_db.yaml:8: ads_db.schema.yaml has no columns for users; write there users: {id: bigint}"],
        ),
        (
            kind(
                "jsonl",
                "campaigns: {mode: append, path: a, columns: {Nr: 7}}\n"
                "transactions: {mode: append, path: b, columns: {cost: amount_yen}}",
            ),
            [
                "ads_db.yaml:6: columns maps Nr to 7, which is no column name; "
                "write columns: {name in the source: column}",
                'ads_db.yaml:7: columns maps cost to "amount_yen", which is no column of transactions; '
                'columns are id, created_at, updated_at and amount_jpy; did you mean "amount_jpy"?',
            ],
        ),
        (
            kind("csv", "campaigns: {mode: append, path: 7}\ntransactions: {mode: append}"),
            [
                "ads_db.yaml:6: path must be a text, not 7",
                'ads_db.yaml:7: path is missing; write path: "transactions_*"',
            ],
        ),
    ],
)
def test_what_is_wrong_is_told_with_the_line_to_write(text: str, messages: list[str]) -> None:
    assert faults(text) == messages


UPSERT = "mode: upsert, key: id, cursor: updated_at"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "mode: snapshot, deletes: compare",
            "deletes is for upsert; a snapshot has the rows that are there, no others; remove deletes:",
        ),
        (
            "mode: append, cursor: id, deleted_at: updated_at",
            "deleted_at is for upsert; append keeps every row; remove deleted_at:",
        ),
        (f"{UPSERT}, deletes: hourly", 'deletes cannot be "hourly"; it is compare or daily'),
        (
            f"{UPSERT}, deleted_at: deletd_at",
            'deleted_at names "deletd_at", which is no column of transactions; columns are id, created_at, updated_at '
            "and amount_jpy",
        ),
        (
            f"{UPSERT}, deleted_at: amount_jpy",
            "deleted_at is a timestamp, a date or a boolean, and amount_jpy is decimal(14,2); name another column",
        ),
    ],
)
def test_how_deletes_are_seen_is_told_before_anything_is_read(words: str, message: str) -> None:
    assert faults(tables(f"transactions: {{{words}}}\ncampaigns: snapshot")) == [f"ads_db.yaml:6: {message}"]


@pytest.mark.parametrize(
    ("schema", "messages"),
    [
        (
            "campaigns: {id: bigin}",
            [
                'ads_db.schema.yaml:1: "bigin" is not a type that Athena has; types are those of a Hive '
                "table: bigint, double, "
                'decimal(14,2), string, date, timestamp, array<string>; did you mean "bigint"?'
            ],
        ),
        (
            "campaigns: {at: timestamp(6)}",
            [
                "ads_db.schema.yaml:1: the lake cannot hold timestamp(6); types are those of a Hive table: "
                "bigint, double, "
                "decimal(14,2), string, date, timestamp, array<string>; write timestamp"
            ],
        ),
        (
            "campaigns: {doc: json}",
            [
                "ads_db.schema.yaml:1: the lake cannot hold json; types are those of a Hive table: bigint, double, "
                "decimal(14,2), string, date, timestamp, array<string>; write string"
            ],
        ),
        (
            "campaigns: {n: 7}",
            [
                "ads_db.schema.yaml:1: 7 is not a type; types are those of a Hive table: bigint, double, "
                "decimal(14,2), string, "
                "date, timestamp, array<string>; write n: bigint"
            ],
        ),
        (
            "campaigns:\n  id: bigint\n  E-Mail: string",
            [
                'ads_db.schema.yaml:3: "E-Mail" is not a column name; a column is lower case letters, '
                "digits and underscores; "
                "write e_mail: .."
            ],
        ),
        (
            "campaigns:\n  id: {type: bigint, descripton: x}",
            [
                'ads_db.schema.yaml:2: unknown key "descripton"; keys are type, description, personal, '
                "hash, mask and drop; did you mean "
                '"description"?'
            ],
        ),
        ("campaigns:\n  id: {description: x}", ["ads_db.schema.yaml:2: type is missing; write type: bigint"]),
        (
            "campaigns:\n  id: {type: bigint, personal: maybe}",
            ['ads_db.schema.yaml:2: personal must be true or false, not "maybe"; write personal: true'],
        ),
        (
            "campaigns:\n  _file: string\n  id: bigint",
            ["ads_db.schema.yaml:2: the column _file is added by ingest; give this column another name"],
        ),
        (
            "campaigns: {id: bigint}\ncampains: {id: bigint}",
            ['ads_db.schema.yaml:2: campains is not a table of this source; did you mean "campaigns"?'],
        ),
        (
            "[campaigns]",
            [
                "ads_db.schema.yaml:1: a schema has one key per table; write users: {id: bigint}",
                "ads_db.yaml:6: ads_db.schema.yaml has no columns for campaigns; write there campaigns: {id: bigint}",
            ],
        ),
        (None, ["ads_db.yaml:6: ads_db.schema.yaml has no columns for campaigns; write there campaigns: {id: bigint}"]),
    ],
)
def test_a_wrong_schema_is_told_with_the_line_to_write(schema: str | None, messages: list[str]) -> None:
    assert faults(tables("campaigns: snapshot"), schema) == messages


def test_a_column_named_day_is_in_the_way_of_the_day_that_splits_the_table() -> None:
    schema = "campaigns: {id: bigint, day: date, at: timestamp}"
    assert faults(tables("campaigns: {mode: snapshot, day: at}"), schema) == [
        "ads_db.yaml:6: the schema has a column named day, which is the name of the column that splits the "
        "table; give the "
        "schema's column another name"
    ]


def test_a_secret_is_not_repeated_in_a_message() -> None:
    text = tables("campaigns: snapshot").replace("connection: ads_db", "connection: postgresql://me:secret@h/d")
    assert "secret" not in "\n".join(faults(text))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("timezone: Tokyo", '"Tokyo" is not a time zone; write timezone: Asia/Tokyo'),
        ("delimiter: ';;'", "delimiter is one character, not \";;\"; write delimiter: ';'"),
        ("encoding: shiftjis9", '"shiftjis9" is not an encoding; write utf-8-sig, shift_jis, euc-jp or utf-16'),
        ("encoding: base64", '"base64" is not an encoding; write utf-8-sig, shift_jis, euc-jp or utf-16'),
        (
            "header: 0",
            "header is the number of the line with the names, counted from 1, not 0; "
            "write header: none for files that do not name their columns, and columns: {A: id, B: name}",
        ),
        (
            "header: false",
            "header must be the number of the line with the names, or none; "
            "names are given by columns: {A: id, B: name}, not false",
        ),
        (
            "date_format: YYYY-MM-DD",
            '"YYYY-MM-DD" is not a format of dates in directives such as %Y, %m and %d; write date_format: "%Y-%m-%d"',
        ),
        (
            "timestamp_format: ['%Y-%m-%d %H:%M', '%Y-%q']",
            '"%Y-%q" is not a format of timestamps in directives such as %Y, %m and %d; '
            'write timestamp_format: "%Y-%m-%d %H:%M:%S"',
        ),
        ("decimal: ',', thousands: ','", "thousands and decimal are both \",\"; write thousands: '.'"),
        ("thousands: '.'", "thousands and decimal are both \".\"; write decimal: ','"),
    ],
)
def test_how_csv_is_written_is_told_before_a_file_is_read(words: str, message: str) -> None:
    text = kind("csv", f"campaigns: {{mode: append, path: c.csv, {words}}}")
    assert faults(text, "campaigns: {id: bigint}") == [f"ads_db.yaml:6: {message}"]


def test_what_csv_may_say_of_its_cells_is_taken() -> None:
    words = "encoding: utf-16, delimiter: tab, decimal: ',', date_format: ['%Y/%m/%d', '%Y年%m月'], timezone: UTC"
    assert faults(kind("csv", f"campaigns: {{mode: append, path: c.csv, {words}}}"), "campaigns: {id: bigint}") == []


@pytest.mark.parametrize(
    ("path", "inside"),
    [("../*.yaml", "*.yaml"), ("/etc/passwd", "etc/passwd"), ("a/../../b", "a/b"), ("..", "campaigns_*")],
)
def test_files_are_those_of_the_folder_of_the_connection(path: str, inside: str) -> None:
    text = kind("csv", f'campaigns: {{mode: append, path: "{path}"}}')
    told = f"the path {path} leads out of the folder of the connection; a path begins in that folder"
    assert faults(text, "campaigns: {id: bigint}") == [f'ads_db.yaml:6: {told}; write path: "{inside}"']
