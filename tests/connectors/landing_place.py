"""A home with one source, its files or its database, and the rows that ingest landed, read straight from Parquet."""

from __future__ import annotations

import gzip
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from connectors.content import open_content
from connectors.ingest import ingest
from connectors.lake import Lake, lake_at
from connectors.landed import Landed
from connectors.location import table_folder
from connectors.pace import Progress
from connectors.repairing import Repair, Texts
from transforms.names import TableName

NOW = datetime(2024, 5, 20, 3, tzinfo=UTC)


@dataclass
class Place:
    """`table` is the source's only one, unless `also` names more; addresses come from the variable PLACE_URL."""

    home: Path
    now: datetime = NOW
    runs: list[str] = field(default_factory=list)

    @property
    def files(self) -> Path:
        """The folder that a source of files reads."""
        folder = self.home / "files"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def declare(self, kind: str, tables: str, schema: str, top: str = "") -> None:
        """The source `place`, whose tables and schema are given as YAML."""
        source = f"kind: {kind}\nowner: team\ndescription: A place.\nconnection: place\n{textwrap.dedent(top)}tables:\n"
        self._write(
            "connectors/sources/place.yaml", source + textwrap.indent(textwrap.dedent(tables).strip(), "  ") + "\n"
        )
        self._write("connectors/sources/place.schema.yaml", textwrap.dedent(schema).lstrip("\n"))
        self._write("transforms/teams.yaml", "team: {description: The team}\n")
        secrets = "{people_key: PEOPLE_KEY, place_key: PLACE_KEY, place_id: PLACE_ID}"
        held = f"connections: {{place: PLACE_URL, near: NEAR_URL}}, secrets: {secrets}"
        target = f"laptop: {{engine: duckdb, timezone: Asia/Tokyo, {held}}}\n"
        self._write("connectors/targets.yaml", target)

    def _write(self, path: str, text: str) -> None:
        (self.home / path).parent.mkdir(parents=True, exist_ok=True)
        (self.home / path).write_text(text, encoding="utf-8")

    def lake(self) -> Lake:
        """The home's lake; every declaration must be right."""
        content = open_content(self.home)
        problems = [problem for problem in content.problems if "teams.yaml" not in str(problem)]
        assert problems == [], "\n".join(map(str, problems))
        return replace(lake_at(self.home / "lake", content), clock=lambda: self.now)

    def ingest(self, table: str = "t", progress: Progress | None = None, *, full: bool = False) -> Landed:
        """One ingest of one table, as a run of its own."""
        lake = self.lake()
        source = lake.content.sources["place"]
        found = next(each for each in source.tables if each.name.table == table)
        self.runs.append(f"2024052{len(self.runs):04}")
        return ingest(lake, source, found, run=self.runs[-1], progress=progress, full=full)

    def repair(self, texts: Texts | None = None) -> Landed:
        """One try of the rejects of the first table."""
        lake = self.lake()
        source = lake.content.sources["place"]
        self.runs.append(f"2024052{len(self.runs):04}")
        return ingest(lake, source, source.tables[0], run=self.runs[-1], repair=Repair(texts or {}))

    def rows(self, table: str = "t", *columns: str) -> list[Any]:
        """The published rows, as tuples of the named columns or as mappings; `day` comes from the path."""
        lake = self.lake()
        snapshot = lake.catalog.get(TableName("raw_place", table))
        found: list[Any] = []
        for value, part in snapshot.parts.items() if snapshot else ():
            for file in part.files:
                for row in pq.ParquetFile(lake.root / file).read().to_pylist():
                    found.append({c.name: row.get(c.name) for c in snapshot.columns} | {"day": value})
        assert len(found) == (snapshot.rows if snapshot else 0)
        if columns:
            found = [tuple(row[name] for name in columns) for row in found]
            return sorted(found, key=repr) if len(columns) > 1 else sorted((row[0] for row in found), key=repr)
        return found

    def rejects(self, table: str = "t") -> list[dict[str, Any]]:
        """The rejects of the published table."""
        lake = self.lake()
        snapshot = lake.catalog.get(TableName("raw_place", table))
        found = [
            row
            for file in (snapshot.rejects if snapshot else ())
            for row in pq.read_table(lake.root / file).to_pylist()
        ]
        assert len(found) == (snapshot.reject_rows if snapshot else 0)
        return found

    def orphans(self, table: str = "t") -> set[str]:
        """Parquet files in the table's folder that its current snapshot does not name."""
        lake = self.lake()
        snapshot = lake.catalog.get(TableName("raw_place", table))
        named = {file for part in snapshot.parts.values() for file in part.files} if snapshot else set()
        named |= set(snapshot.rejects) if snapshot else set()
        home = table_folder(lake.root, TableName("raw_place", table))
        return {path.relative_to(lake.root).as_posix() for path in home.rglob("*.parquet")} - named


def gzipped(path: Path, *lines: str | bytes) -> Path:
    """A gzipped file of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    path.write_bytes(gzip.compress(data + (b"\n" if lines else b"")))
    return path


def types(landed: Landed) -> Mapping[str, str]:
    """The new columns with their types as a schema file writes them."""
    return {column.name: column.type.hive for column in landed.new_columns}
