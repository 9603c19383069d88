"""`baikal compile`: what each engine would receive for a table, a view or a statement. Runs nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_name
from local_dev.days import DAY
from local_dev.input_file import read_lines
from local_dev.selection import one_name
from transforms.content import Content
from transforms.errors import UsageError
from transforms.window import Window, asked_window


@command("compile")
@click.argument("name", required=False, shell_complete=complete_name)
@click.option("--sql", help="A statement instead of a table's.")
@click.option("--batch", type=click.Path(path_type=Path), metavar="FILE.jsonl", help='Lines of {"id": .., "sql": ..}.')
@click.option("--start", type=DAY, metavar="DAY", help="The value of :start; today when it is left out.")
@click.option("--end", type=DAY, metavar="DAY", help="The value of :end; today when it is left out.")
def compile_(
    call: Call,
    name: str | None,
    sql: str | None,
    batch: Path | None,
    start: date | None,
    end: date | None,
) -> Answer:
    """Show what each engine would receive.

    NAME is a table or view. Athena gets the author's own text with the days filled in; DuckDB gets a translation
    that computes the same.
    """
    if sum(value is not None for value in (name, sql, batch)) != 1:
        raise UsageError("give one of: a table or view, --sql SQL, --batch FILE.jsonl")
    content, today = call.content, call.lake.today()
    window = asked_window(start, end, today, option="--") or Window(today, today)
    if batch is not None:
        return _batch(call, batch, window)
    compiled = _compiled(content, sql, window) if sql is not None else _relation(content, name or "", window)
    call.console.show(f"-- Athena\n{compiled['athena'].strip()}\n\n-- DuckDB\n{compiled['duckdb']}")
    return Answer(compiled)


def _batch(call: Call, path: Path, window: Window) -> Answer:
    import orjson

    from local_dev.batch import answer_lines

    content = call.content
    answers = []
    for line in answer_lines(read_lines(path), lambda sql: _compiled(content, sql, window)):
        call.console.show(line)
        answers.append(orjson.loads(line) if call.console.as_json else None)
    return Answer(answers)


def _relation(content: Content, text: str, window: Window) -> dict[str, Any]:
    name = one_name(content, text)
    if name in content.raw:
        raise UsageError(f"{name} is written by ingest and has no SQL; name a table or a view")
    content.require(name)
    relation = content.relations[name]
    return {"table": str(name), **_compiled(content, relation.text, window, relation.path)}


def _compiled(content: Content, sql: str, window: Window, path: str | None = None) -> dict[str, Any]:
    from local_dev.column_document import column_documents
    from transforms.compile import compile_sql

    compiled = compile_sql(sql, content.schema, window=window, path=path)
    return {
        "athena": compiled.athena,
        "duckdb": compiled.duckdb,
        "columns": column_documents(compiled.columns),
        "inputs": [str(table) for table in compiled.inputs],
        "macros": list(compiled.macros),
    }
