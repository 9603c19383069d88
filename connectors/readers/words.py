"""The words that each kind of source understands besides those that all share, with what each must be.

The declarations are checked against them before anything is read. Holds no library: a warm start imports this.
"""

from __future__ import annotations

from collections.abc import Mapping

from transforms.source import Source, SourceTable

TIMESTAMPS = ("truncate", "exact")
SOURCE_WORDS: Mapping[str, Mapping[str, str]] = {
    "postgres": {"timestamps": "word"},
    "jsonl": {"timestamps": "word"},
    "csv": {"timestamps": "word", "encoding": "encoding", "delimiter": "letter"},
    "rest": {"timestamps": "word", "api_key": "mapping"},
}
TABLE_WORDS: Mapping[str, Mapping[str, str]] = {
    "postgres": {"timestamps": "word", "table": "text", "margin": "margin", "columns": "mapping"},
    "jsonl": {"timestamps": "word", "path": "text", "columns": "mapping"},
    "csv": {
        "timestamps": "word",
        "path": "text",
        "columns": "mapping",
        "encoding": "encoding",
        "delimiter": "letter",
        "header": "number",
        "date_format": "formats",
        "timestamp_format": "formats",
        "thousands": "letter",
        "decimal": "letter",
        "nulls": "texts",
        "timezone": "zone",
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
    },
}


def truncates(source: Source, table: SourceTable) -> bool:
    """Whether digits under a millisecond may go: `timestamps: truncate` of the table, or else of the source."""
    return bool(table.options.get("timestamps", source.options.get("timestamps")) == "truncate")
