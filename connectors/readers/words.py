"""The words that each kind of source understands besides those that all share, with what each must be.

The declarations are checked against them before anything is read. Holds no library: a warm start imports this.
"""

from __future__ import annotations

from collections.abc import Mapping

from transforms.source import Source, SourceTable

CHOICES: Mapping[str, tuple[str, ...]] = {
    "timestamps": ("truncate", "exact"),
    "names": ("any", "growing"),
    "method": ("get", "post"),
    "format": ("nginx", "apache", "alb", "cloudfront", "vpc_flow", "cloudtrail"),
    "zero_dates": ("as_null", "reject"),
    "totals": ("drop", "keep"),
    "merged": ("first", "fill"),
    "errors": ("reject", "as_null"),
    "deletes": ("compare", "daily"),
}
"""The words whose values are few."""
_FILES = {"path": "text", "settle": "span", "margin": "span", "names": "word"}
_CELLS = {
    "date_format": "formats",
    "timestamp_format": "formats",
    "thousands": "letter",
    "decimal": "letter",
    "nulls": "texts",
    "timezone": "zone",
}
_GRID = {
    "timestamps": "word",
    "columns": "mapping",
    **_CELLS,
    "sheet": "text",
    "range": "range",
    "header": "rows",
    "totals": "word",
    "merged": "word",
    "errors": "word",
}
_CSV = {"encoding": "encoding", "delimiter": "letter", "quote": "letter", "header": "header", **_CELLS}
_DATABASE = {
    "timestamps": "word",
    "table": "text",
    "margin": "margin",
    "columns": "mapping",
    "deleted_at": "text",
    "deletes": "word",
}
_MYSQL = {"timestamps": "word", "timezone": "zone", "zero_dates": "word", "statement_timeout": "span"}
_ALL_FILES = {"timestamps": "word", "settle": "span", "ignore": "texts"}
LISTING = frozenset(("settle", "margin", "names", "ignore"))
"""Of the words of files, those that say which files are read and when, and nothing about their rows."""
SOURCE_WORDS: Mapping[str, Mapping[str, str]] = {
    "postgres": {
        "timestamps": "word",
        "ignore": "texts",
        "statement_timeout": "span",
        "ranges": "count",
        "connections": "count",
        "replica": "connection",
    },
    "mysql": {**_MYSQL, "ignore": "texts", "connections": "count"},
    "sqlite": {"timestamps": "word", "ignore": "texts"},
    "duckdb": {"timestamps": "word", "ignore": "texts"},
    "jsonl": _ALL_FILES,
    "parquet": _ALL_FILES,
    "logs": _ALL_FILES,
    "xlsx": _ALL_FILES,
    "sheets": {"timestamps": "word", "service_account": "word", "ignore": "texts", "rate": "rate"},
    "csv": {**_ALL_FILES, "encoding": "encoding", "delimiter": "letter", "quote": "letter"},
    "rest": {
        "timestamps": "word",
        "api_key": "api_key",
        "oauth2": "oauth2",
        "preset": "word",
        "ignore": "texts",
        "headers": "headers",
        "rate": "rate",
        "concurrency": "count",
    },
}
TABLE_WORDS: Mapping[str, Mapping[str, str]] = {
    "postgres": {**_DATABASE, "ranges": "count"},
    "sqlite": _DATABASE,
    "duckdb": _DATABASE,
    "mysql": {**_DATABASE, **_MYSQL},
    "jsonl": {"timestamps": "word", "columns": "mapping", **_FILES},
    "parquet": {"timestamps": "word", "columns": "mapping", **_FILES},
    "logs": {"timestamps": "word", **_FILES, "format": "word", "pattern": "pattern"},
    "csv": {"timestamps": "word", "columns": "mapping", **_FILES, **_CSV},
    "xlsx": {**_GRID, **_FILES},
    "sheets": _GRID,
    "rest": {
        "timestamps": "word",
        "path": "request",
        "deleted_at": "text",
        "rows": "text",
        "columns": "mapping",
        "parameters": "parameters",
        "python": "flag",
        "object": "text",
        "ignore": "texts",
        "method": "word",
        "format": "answers",
        **_CSV,
        "report": "report",
        "most_rows": "count",
        "page": "text",
        "first": "number",
        "next": "text",
        "link": "text",
        "next_header": "text",
        "more": "text",
        "total": "text",
        "offset": "text",
        "limit": "text",
        "size": "count",
        "since": "text",
        "until": "text",
        "until_excluded": "flag",
        "begin": "day",
        "window": "days",
        "margin": "margin",
        "time_format": "text",
    },
}


def truncates(source: Source, table: SourceTable) -> bool:
    """Whether digits under a millisecond may go: `timestamps: truncate` of the table, or else of the source."""
    return bool(table.options.get("timestamps", source.options.get("timestamps")) == "truncate")
