"""What is remembered between commands: files by their signature and analyses by their text, as one JSON file.

A cache only saves time: an unreadable or foreign one is ignored, a home that cannot be written has none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

import transforms
from transforms.analyses import Known
from transforms.analysis import Analysis, Input, Reach
from transforms.column import ColumnRef, OutputColumn
from transforms.errors import Problem
from transforms.lake_types import Type
from transforms.names import TableName

CACHE_FILE = ".baikal/cache/content.json"


class ContentCache:
    """The cache of one home; empty when the platform's own code has changed. `queries` are those of checks, by path."""

    def __init__(self, home: Path) -> None:
        self._path = home / CACHE_FILE
        self._platform = _platform()
        data = self._load()
        self.files: Mapping[str, list[Any]] = data.get("files", {})

        self.analyses = {_name(name): _known(known) for name, known in data.get("analyses", {}).items()}
        self.queries = {path: _known(known) for path, known in data.get("queries", {}).items()}

    def save(
        self, files: Mapping[str, list[Any]], analyses: Mapping[TableName, Known], queries: Mapping[str, Known]
    ) -> None:
        """Replace the cache by one rename; two commands at once leave one of the two."""
        data = orjson.dumps(
            {
                "platform": self._platform,
                "files": files,
                "analyses": {str(n): _known_to_json(known) for n, known in analyses.items() if _lasting(known)},
                "queries": {path: _known_to_json(known) for path, known in queries.items() if _lasting(known)},
            }
        )
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(data)
            fresh.replace(self._path)
        except OSError:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)

    def _load(self) -> dict[str, Any]:
        try:
            data = orjson.loads(self._path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        if not isinstance(data, dict) or data.get("platform") != self._platform:
            return {}
        return data


def _platform() -> str:
    """Changes with every change of the code that reads and analyses: nothing older than it is believed."""
    parser = find_spec("sqlglot")
    version = Path(parser.origin).with_name("_version.py") if parser and parser.origin else None
    own = sorted(Path(__file__).parent.glob("content*.py"))
    files = [*own, *_code(Path(transforms.__path__[0])), *([version] if version and version.exists() else [])]
    parts = [f"{sys.version_info[:2]}"]
    for file in files:
        stat = file.stat()
        parts.append(f"{file} {stat.st_mtime_ns} {stat.st_size}")
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _code(folder: Path) -> Iterator[Path]:
    """The platform's own files, without the company's content beside them."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name not in ("tables", "views", "queries", "__pycache__"):
                    yield from _code(Path(entry.path))
            elif entry.name.endswith((".py", ".txt", ".json")):
                yield Path(entry.path)


def _lasting(known: Known) -> bool:
    """What is wrong is analysed again each time: its message may name files that are not its inputs."""
    return not known.analysis.errors


def _known_to_json(known: Known) -> list[Any]:
    analysis = known.analysis
    columns = [
        [
            c.name,
            str(c.type),
            [[s.table.database, s.table.table, s.column] for s in c.sources],
            c.description,
            c.personal,
        ]
        for c in analysis.columns
    ]
    inputs = [
        [str(i.table), known.inputs[i.table], *((i.reach.first, i.reach.last) if i.reach else ())]
        for i in analysis.inputs
    ]
    problems = [astuple(problem) for problem in analysis.problems]
    return [
        known.text,
        known.columns,
        analysis.fingerprint,
        columns,
        inputs,
        problems,
        analysis.windowed,
        analysis.unique,
    ]


def _known(data: list[Any]) -> Known:
    text, digest, fingerprint, columns, inputs, problems, windowed, unique = data
    analysis = Analysis(
        columns=tuple(
            OutputColumn(
                column,
                Type.parse(type_),
                tuple(ColumnRef(_table(d, t), c) for d, t, c in sources),
                description,
                personal,
            )
            for column, type_, sources, description, personal in columns
        ),
        inputs=tuple(Input(_name(table), Reach(*reach) if reach else None) for table, _, *reach in inputs),
        fingerprint=fingerprint,
        problems=tuple(Problem(*problem) for problem in problems),
        windowed=windowed,
        unique=tuple(map(tuple, unique)),
    )
    return Known(text, {_name(table): columns for table, columns, *_ in inputs}, digest, analysis)


@cache
def _table(database: str, table: str) -> TableName:
    return TableName(database, table)


@cache
def _name(text: str) -> TableName:
    return TableName(*text.split(".", 1))
