"""What is remembered between commands: files by their signature and analyses by their text, as one JSON file.

A cache only saves time: an unreadable or foreign one is ignored, a home that cannot be written has none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import orjson

from connectors.columns_json import columns_of_json, columns_to_json, name_of
from connectors.platform_digest import platform_digest
from transforms.analyses import KnownAnalysis
from transforms.analysis import Analysis, Input, Reach
from transforms.errors import Problem
from transforms.names import TableName

CACHE_FILE = ".baikal/cache/content.json"


class ContentCache:
    """The cache of one home; empty when the platform's own code has changed. `queries` are those of checks, by path."""

    def __init__(self, home: Path) -> None:
        self._path = home / CACHE_FILE
        self._platform = platform_digest()
        data = self._load()
        self.files: Mapping[str, list[Any]] = data.get("files", {})
        self.analyses = {name_of(name): _from_json(known) for name, known in data.get("analyses", {}).items()}
        self.queries = {path: _from_json(known) for path, known in data.get("queries", {}).items()}

    def save(
        self,
        files: Mapping[str, list[Any]],
        analyses: Mapping[TableName, KnownAnalysis],
        queries: Mapping[str, KnownAnalysis],
    ) -> None:
        """Replace the cache by one rename; two commands at once leave one of the two."""
        data = orjson.dumps(
            {
                "platform": self._platform,
                "files": files,
                "analyses": {str(n): _to_json(known) for n, known in analyses.items() if _lasting(known)},
                "queries": {path: _to_json(known) for path, known in queries.items() if _lasting(known)},
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


def _lasting(known: KnownAnalysis) -> bool:
    """What is wrong is analysed again each time: its message may name files that are not its inputs."""
    return not known.analysis.errors


def _to_json(known: KnownAnalysis) -> list[Any]:
    analysis = known.analysis
    columns = columns_to_json(analysis.columns)
    inputs = [
        [str(i.table), known.inputs[i.table], *((i.reach.first, i.reach.last) if i.reach else ())]
        for i in analysis.inputs
    ]
    problems = [astuple(problem) for problem in analysis.problems]
    return [
        known.text_digest,
        known.columns_digest,
        analysis.fingerprint,
        columns,
        inputs,
        problems,
        analysis.windowed,
        analysis.unique,
    ]


def _from_json(data: list[Any]) -> KnownAnalysis:
    text, digest, fingerprint, columns, inputs, problems, windowed, unique = data
    analysis = Analysis(
        columns=columns_of_json(columns),
        inputs=tuple(Input(name_of(table), Reach(*reach) if reach else None) for table, _, *reach in inputs),
        fingerprint=fingerprint,
        problems=tuple(Problem(*problem) for problem in problems),
        windowed=windowed,
        unique=tuple(map(tuple, unique)),
    )
    return KnownAnalysis(text, {name_of(table): columns for table, columns, *_ in inputs}, digest, analysis)
