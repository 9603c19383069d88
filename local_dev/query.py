"""`baikal query`: ad-hoc Athena SQL on the target, and many statements at once by --batch."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from local_dev.column_document import column_documents
from local_dev.command import Answer, Call, command
from local_dev.console import plural
from local_dev.days import DAY
from local_dev.history import lacking_columns
from local_dev.input_file import read_input, read_lines
from local_dev.interruptible import interruptible
from transforms.errors import UsageError
from transforms.fields import listed
from transforms.window import asked_window

if TYPE_CHECKING:
    import pyarrow as pa

    from transforms.analysis import Compiled

    Ask = Callable[[str], tuple[Compiled, pa.RecordBatchReader]]

THREADS = max(2, os.cpu_count() or 2)
"""Statements of a batch at once, each on one thread of DuckDB: small ones lose more by several than they win."""
Format = Literal["table", "csv", "json", "parquet"]
SUFFIXES: dict[str, Format] = {".csv": "csv", ".json": "json", ".parquet": "parquet"}


@command("query")
@click.argument("words", nargs=-1, metavar="[SQL]")
@click.option("-f", "--file", "file", type=click.Path(path_type=Path), help="Read the SQL from a file; - is stdin.")
@click.option(
    "--batch",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    help='Lines of {"id": .., "sql": ..}; one line with the result of each.',
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    help="How rows are written; else by the suffix of --output, else a table.",
)
@click.option("--start", type=DAY, metavar="DAY", help="The value of :start in the SQL.")
@click.option("--end", type=DAY, metavar="DAY", help="The value of :end; today when it is left out.")
@click.option("--output", type=click.Path(path_type=Path), metavar="PATH", help="Write the rows to a file.")
def query(
    call: Call,
    words: tuple[str, ...],
    file: Path | None,
    batch: Path | None,
    format_: Format | None,
    start: date | None,
    end: date | None,
    output: Path | None,
) -> Answer:
    """Run Athena SQL on the target and write the rows.

    SQL is one SELECT, as Athena takes it. With --batch every line of the file that is not blank is answered by one
    line, in order, and the exit code is 0: {"id", "columns", "rows"} or
    {"id", "error": {"kind", "message", "line", "problems"}}.
    The kind is user (Athena would reject it or fail, too), refused (it cannot mean the same here) or engine.
    """
    if len(words) > 1:
        raise UsageError(f'the SQL is one word of the command: write it in quotes, as in baikal query "{words[0]} .."')
    sql = words[0] if words else None
    given = [value for value in (sql, file, batch) if value is not None]
    if len(given) != 1:
        raise UsageError("give one of: the SQL itself, -f FILE, --batch FILE.jsonl")
    window = asked_window(start, end, call.lake.today(), option="--")
    lake = call.lake
    if batch is not None:
        with closing(replace(lake, threads=1)) as single:
            return interruptible(
                single, lambda: _batch(call, lambda sql: single.query(sql, window), batch, format_, output)
            )
    text = sql if sql is not None else read_input(file or Path("-"))
    return interruptible(lake, lambda: _answered(call, *lake.query(text, window), format_, output))


def _answered(
    call: Call, compiled: Compiled, reader: pa.RecordBatchReader, format_: Format | None, output: Path | None
) -> Answer:
    _tell_unbuilt(call, compiled)
    if call.console.as_json and output is None:
        return Answer(rows_document(compiled, reader))
    return _written(call, compiled, reader, _format(format_, output), output)


def _tell_unbuilt(call: Call, compiled: Compiled) -> None:
    """Of tables whose file has columns that were never built: DuckDB gives NULL, and Athena would know none of them."""
    if call.lake.target.engine != "duckdb":
        return
    for name in sorted(call.lake.tables(compiled.inputs) & set(call.content.relations)):
        snapshot = call.lake.catalog.get(name)
        if snapshot and (lacking := lacking_columns(call.content, snapshot)):
            call.console.say(f"warning: {name} has no {listed(lacking)} yet, which is NULL until baikal run {name}")


def _batch(call: Call, ask: Ask, path: Path, format_: str | None, output: Path | None) -> Answer:
    from local_dev.batch import answer_lines
    from local_dev.rows_output import text_output

    if format_ is not None:
        raise UsageError("--batch writes JSON lines; leave --format out")
    answers = answer_lines(read_lines(path), lambda sql: rows_document(*ask(sql)), threads=THREADS)
    if call.console.as_json and output is None:
        import orjson

        return Answer([orjson.loads(line) for line in answers])
    count = 0
    with text_output(output) as out:
        for line in answers:
            out.write(line + "\n")
            count += 1
    return Answer({"output": str(output), "lines": count})


def rows_document(compiled: Compiled, reader: pa.RecordBatchReader) -> dict[str, Any]:
    """Columns by Athena's type names and all rows, encoded as Trino's client protocol does."""
    from local_dev.rows_output import lists

    return {"columns": column_documents(compiled.columns), "rows": list(lists(compiled, reader))}


def _written(
    call: Call, compiled: Compiled, reader: pa.RecordBatchReader, format_: Format, output: Path | None
) -> Answer:
    from local_dev import rows_output as rows

    if format_ == "parquet":
        if output is None:
            raise UsageError("Parquet is not text; write --output PATH")
        count = rows.write_parquet(reader.schema, reader, output)
    else:
        with rows.text_output(output) as out:
            if format_ == "csv":
                count = rows.write_csv(compiled, reader, out)
            elif format_ == "json":
                count = rows.write_json(compiled, reader, out)
            else:
                count, more = rows.write_table(compiled, reader, out)
                if not count:
                    call.console.say("0 rows")
                if more:
                    call.console.say(f"only the first {plural(count, 'row')}; --format csv has all of them")
    document: dict[str, Any] = {"columns": column_documents(compiled.columns), "rows": count}
    if output is not None:
        call.console.say(f"{plural(count, 'row')} to {output}")
        document["output"] = str(output)
    return Answer(document)


def _format(format_: Format | None, output: Path | None) -> Format:
    if format_ is not None:
        return format_
    if output is None:
        return "table"
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{output} has no suffix that tells its format; write --format csv, json, parquet or table")
    return SUFFIXES[output.suffix.lower()]
