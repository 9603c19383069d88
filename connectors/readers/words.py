"""The words that each kind of source understands besides those that all share, and what is wrong with their use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transforms.errors import Problem, did_you_mean
from transforms.source import Source, SourceTable

TIMESTAMPS = ("truncate", "exact")
SOURCE_WORDS: Mapping[str, Mapping[str, str]] = {
    "postgres": {"timestamps": "word", "schema": "text"},
    "jsonl": {"timestamps": "word"},
    "csv": {"timestamps": "word", "encoding": "text", "delimiter": "text"},
    "rest": {"timestamps": "word", "api_key": "mapping", "headers": "mapping", "retries": "number"},
}
TABLE_WORDS: Mapping[str, Mapping[str, str]] = {
    "postgres": {"timestamps": "word", "table": "text", "margin": "margin", "where": "text"},
    "jsonl": {"timestamps": "word", "path": "text", "columns": "mapping"},
    "csv": {
        "timestamps": "word",
        "path": "text",
        "columns": "mapping",
        "encoding": "text",
        "delimiter": "text",
        "header": "number",
        "date_format": "texts",
        "timestamp_format": "texts",
        "thousands": "text",
        "decimal": "text",
        "nulls": "texts",
        "timezone": "text",
    },
    "rest": {
        "timestamps": "word",
        "path": "text",
        "rows": "text",
        "columns": "mapping",
        "parameters": "mapping",
        "page": "text",
        "next": "text",
        "offset": "text",
        "limit": "text",
        "size": "number",
        "since": "text",
        "until": "text",
        "start": "text",
        "window": "number",
    },
}
REQUIRED: Mapping[str, tuple[str, ...]] = {"postgres": (), "jsonl": ("path",), "csv": ("path",), "rest": ("path",)}
_FITS: Mapping[str, tuple[type, ...]] = {
    "word": (str,),
    "text": (str,),
    "texts": (str, list),
    "mapping": (dict,),
    "number": (int,),
    "margin": (str, int),
}


def problems(source: Source) -> list[Problem]:
    """Unknown, missing and ill-typed words of a source and its tables. Reads no data and asks no system."""
    found = _unknown(source, source.options, SOURCE_WORDS[source.kind], 1, f"a {source.kind} source")
    for table in source.tables:
        found += _unknown(source, table.options, TABLE_WORDS[source.kind], table.line, f"a {source.kind} table")
        for word in REQUIRED[source.kind]:
            if word not in table.options:
                what = f'{table.name.table} has no "{word}"'
                found.append(Problem(source.path, table.line, 0, what, write=f"write {word}: .."))
    return found


def _unknown(
    source: Source, options: Mapping[str, Any], words: Mapping[str, str], line: int, what: str
) -> list[Problem]:
    found = []
    for word, value in options.items():
        if word not in words:
            allowed = f"{what} understands {', '.join(sorted(words))}"
            found.append(Problem(source.path, line, 0, f'unknown word "{word}"', allowed, did_you_mean(word, words)))
        elif not isinstance(value, _FITS[words[word]]):
            found.append(Problem(source.path, line, 0, f'"{word}" must be a {words[word]}, not {value!r}'))
        elif word == "timestamps" and value not in TIMESTAMPS:
            allowed = f"timestamps are {' or '.join(TIMESTAMPS)}"
            found.append(
                Problem(source.path, line, 0, f'"{value}" is unknown', allowed, did_you_mean(value, TIMESTAMPS))
            )
    return found


def truncates(source: Source, table: SourceTable) -> bool:
    """Whether digits under a millisecond may go: `timestamps: truncate` of the table, or else of the source."""
    return bool(table.options.get("timestamps", source.options.get("timestamps")) == "truncate")
