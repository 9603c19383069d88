"""The catalog of a laptop: a manifest per table beside its files; a publish is one rename under a lock.

`_manifest.json` points at the current version, `_snapshots/<version>.json` holds it. Decides nothing about rows.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.catalogs.stored import PAGES, SNAPSHOTS, SnapshotFiles, Stored, readable
from connectors.durable import make_directory, outside, write_file
from connectors.location import table_folder
from connectors.storage import Folder
from transforms.column import Column
from transforms.errors import Conflict, OutsideError
from transforms.names import TableName
from transforms.publish import evolved
from transforms.snapshot import Snapshot

POINTER, LOCK = "_manifest.json", "_lock"
_BESIDE = re.compile(r"\..+\.json\.\d+\.[0-9a-f]{8}")
"""What `write_file` calls a file that is not complete yet."""


class ManifestCatalog:
    """Safe for any number of threads and processes on one machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._storage = Folder(root)
        self._current: dict[TableName, Stored] = {}

    def get(self, name: TableName, version: int | None = None) -> Snapshot | None:
        """The current snapshot, or a kept older one; None where there is none."""
        stored = self._stored(name, version)
        return stored.snapshot if stored else None

    def own(self, name: TableName) -> Snapshot | None:
        """The current snapshot: a laptop's lake borrows nothing."""
        return self.get(name)

    def version(self, name: TableName) -> int | None:
        """The current version, by one small read; None where the table is not published."""
        try:
            with outside(f"read the manifest of {name}"):
                content = (self._home(name) / POINTER).read_bytes()
        except OutsideError as error:
            if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
                return None
            raise
        with readable(self._home(name) / POINTER):
            return int(json.loads(content)["version"])

    def names(self) -> Iterator[TableName]:
        """Every published table, sorted."""
        if not self.root.is_dir():
            return
        with outside("read the lake"):
            for database in sorted(self.root.iterdir()):
                if database.name[0] in "._" or not database.is_dir():
                    continue
                for table in sorted(database.iterdir()):
                    if (table / POINTER).is_file():
                        yield TableName(database.name, table.name)

    def versions(self, name: TableName) -> list[int]:
        """The kept versions, newest first."""
        current = self.version(name)
        if current is None:
            return []
        with outside(f"read the history of {name}"):
            kept = [int(file.stem) for file in (self._home(name) / SNAPSHOTS).glob("*.json") if file.stem.isdigit()]
        return sorted((version for version in kept if version <= current), reverse=True)

    def history(self, name: TableName) -> list[Snapshot]:
        """The kept snapshots, newest first."""
        pages: dict[str, Mapping[str, Any]] = {}
        found = (self._load(name, version, pages) for version in self.versions(name))
        return [stored.snapshot for stored in found if stored]

    def commit(
        self, name: TableName, expected: int | None, new: Snapshot, *, standing_on: int | None = None
    ) -> Snapshot:
        """Make `new` the table, if it is still at version `expected` (None: not there yet), and `standing_on` is kept.

        Returns it with its version number. Raises Conflict otherwise, having changed nothing.
        """
        home = self._home(name)
        with outside(f"publish {name}"):
            make_directory(home / SNAPSHOTS)
            make_directory(home / PAGES)
            with self.locked(name):
                current = self.version(name)
                if current != expected:
                    found, wanted = (v if v is not None else "none" for v in (current, expected))
                    raise Conflict(f"{name} was published by another run: at version {found}, not {wanted}; run again")
                if standing_on is not None and standing_on not in self.versions(name):
                    raise Conflict(f"version {standing_on} of {name} is kept no longer: gc took it")
                before = self._stored(name, current) if current is not None else None
                version = (current or 0) + 1
                snapshot = replace(new, version=version, evolved=evolved(before.snapshot if before else None, new))
                self._require_files(before, snapshot)
                stored = SnapshotFiles(self._storage, name).save(f"{version}.json", before, snapshot)
                write_file(home / POINTER, json.dumps({"version": version}).encode())
        self._current[name] = stored
        return snapshot

    def _home(self, name: TableName) -> Path:
        return table_folder(self.root, name)

    @contextmanager
    def locked(self, name: TableName) -> Iterator[None]:
        """Nobody else publishes or cleans this table meanwhile. The lock dies with its process."""
        descriptor = os.open(self._home(name) / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def describe(self, name: TableName, columns: Sequence[Column]) -> None:
        """Nothing: on a laptop the declarations themselves are read."""

    def forget(self, name: TableName, versions: Collection[int], seen: int) -> None:
        """Remove these versions, the pages that no other one stands on, and what killed publishers left beside them.

        Pages go first: a version that lacks some, because a gc was killed, goes with the next one. The lock sees to it
        that nobody publishes after version `seen`.
        """
        home = self._home(name)
        left = {kept: self._stored(name, kept) for kept in self.versions(name) if kept not in versions}
        whole = {version: stored for version, stored in left.items() if stored}
        headers = {f"{version}.json" for version in whole}
        SnapshotFiles(self._storage, name).forget(whole.values(), headers)
        for folder in (home, home / SNAPSHOTS, home / PAGES):
            for file in folder.glob(".*"):
                if _BESIDE.fullmatch(file.name):
                    file.unlink()

    def _stored(self, name: TableName, version: int | None) -> Stored | None:
        while True:
            current = self.version(name)
            if current is None or (version is not None and version > current):
                return None
            asked = current if version is None else version
            known = self._current.get(name)
            if known and known.snapshot.version == asked:
                return known
            stored = self._load(name, asked, {})
            if stored and asked == current:
                self._current[name] = stored
            if stored or version is not None:
                return stored
            if self.version(name) == current:
                raise OutsideError(f"version {current} of {name} is missing under {self._home(name) / SNAPSHOTS}")

    def _load(self, name: TableName, version: int, pages: dict[str, Mapping[str, Any]]) -> Stored | None:
        return SnapshotFiles(self._storage, name).load(f"{version}.json", self._current.get(name), pages)

    def _require_files(self, before: Stored | None, new: Snapshot) -> None:
        """A snapshot never points at files that are not there."""
        known = before.snapshot.parts if before else {}
        for value, part in new.parts.items():
            if known.get(value) is part or known.get(value) == part:
                continue
            for file in part.files:
                if not (self.root / file).is_file():
                    raise OutsideError(f"cannot publish {new.table}: {file} is missing in the lake")
