"""Writes the YAML and the schema of a source of logs whose format is known by name. Never looks at a log."""

from __future__ import annotations

from connectors.introspect import Proposal
from connectors.lake_names import yaml_text
from connectors.readers.logs.formats import FORMATS
from transforms.column import Column
from transforms.source import Source

_PATHS = {
    "nginx": "access.log*",
    "apache": "access.log*",
    "alb": "AWSLogs/*/elasticloadbalancing/*/{day}/*.log.gz",
    "cloudfront": "*.{day}-*.gz",
    "vpc_flow": "AWSLogs/*/vpcflowlogs/*/{day}/*.log.gz",
    "cloudtrail": "AWSLogs/*/CloudTrail/*/{day}/*.json.gz",
}
"""Below the place that a person chose."""
_TABLES = {"vpc_flow": "flows", "cloudtrail": "events"}


def log_source(source: Source, form: str) -> Proposal:
    """The proposal of a source with one table."""
    table = _TABLES.get(form, "requests")
    columns = FORMATS[form].columns.values()
    lines = [
        "kind: logs",
        f"owner: {yaml_text(source.owner)}",
        f"description: {yaml_text(source.description or f'Logs of the format {form}.')}",
        f"connection: {yaml_text(source.connection)}",
        "every: 1h",
        *(["timestamps: truncate  # they have microseconds, the lake milliseconds"] if form == "alb" else []),
        "tables:",
        f'  {table}: {{mode: append, path: "{_PATHS[form]}", format: {form}}}',
    ]
    schema = [f"{table}:", *(f"  {_column(column)}" for column in columns)]
    return Proposal("\n".join(lines) + "\n", "\n".join(schema) + "\n")


def _column(column: Column) -> str:
    words = [f"type: {column.type.hive}", f"description: {yaml_text(column.description)}"]
    return f"{column.name}: {{{', '.join([*words, *(['personal: true'] if column.personal else [])])}}}"
