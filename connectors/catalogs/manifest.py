"""The catalog of a laptop: a manifest per table beside its files; a publish is one rename under a lock.

`_manifest.json` points at the current version, `_snapshots/<version>.json` holds it, and its parts stand in
`_pages/<month>-<hash>.json`, shared between versions: a publish writes what changed. Decides nothing about rows.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.durable import make_directory, outside, write_file
from connectors.location import table_folder
from transforms.errors import Conflict, OutsideError
from transforms.names import TableName
from transforms.publish import chunked, evolved, paged
from transforms.snapshot import Part, Snapshot

POINTER, LOCK, SNAPSHOTS, PAGES = "_manifest.json", "_lock", "_snapshots", "_pages"
_BESIDE = re.compile(r"\..+\.json\.\d+\.[0-9a-f]{8}")
"""What `write_file` calls a file that is not complete yet."""
LONG = 500
"""A mapping of the state with more keys than this is stored in pages too: ingest remembers every file it has read."""


@dataclass(frozen=True, slots=True)
class _Page:
    """Some parts, or a chunk of the state, and the name of the file that holds them."""

    file: str
    items: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A snapshot with the pages that it is stored in: of its parts by month, of each long mapping of its state."""

    snapshot: Snapshot
    parts: Mapping[str, _Page]
    state: Mapping[str, tuple[_Page, ...]]

    @property
    def pages(self) -> Iterator[_Page]:
        yield from self.parts.values()
        for pages in self.state.values():
            yield from pages


class ManifestCatalog:
    """Safe for any number of threads and processes on one machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._current: dict[TableName, _Stored] = {}

    def get(self, name: TableName, version: int | None = None) -> Snapshot | None:
        """The current snapshot, or a kept older one; None where there is none."""
        stored = self._stored(name, version)
        return stored.snapshot if stored else None

    def version(self, name: TableName) -> int | None:
        """The current version, by one small read; None where the table is not published."""
        try:
            with outside(f"read the manifest of {name}"):
                content = (self._home(name) / POINTER).read_bytes()
        except OutsideError as error:
            if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
                return None
            raise
        with _readable(self._home(name) / POINTER):
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

    def commit(self, name: TableName, expected: int | None, new: Snapshot) -> Snapshot:
        """Make `new` the table, if it is still at version `expected` (None: not there yet).

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
                before = self._stored(name, current) if current is not None else None
                version = (current or 0) + 1
                snapshot = replace(new, version=version, evolved=evolved(before.snapshot if before else None, new))
                self._require_files(before, snapshot)
                stored = _write_pages(home / PAGES, before, snapshot)
                write_file(home / SNAPSHOTS / f"{version}.json", _header(stored))
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

    def forget(self, name: TableName, versions: Collection[int]) -> None:
        """Remove these versions, the pages that no other one stands on, and what killed publishers left beside them.

        Pages go first: a version that lacks some, because a gc was killed, goes with the next one.
        """
        home = self._home(name)
        left = {kept: self._stored(name, kept) for kept in self.versions(name) if kept not in versions}
        whole = {version: stored for version, stored in left.items() if stored}
        pages = {page.file for stored in whole.values() for page in stored.pages}
        for file in (home / PAGES).glob("*.json"):
            if file.name not in pages:
                file.unlink()
        for file in (home / SNAPSHOTS).glob("*.json"):
            if file.stem.isdigit() and int(file.stem) not in whole:
                file.unlink()
        for folder in (home, home / SNAPSHOTS, home / PAGES):
            for file in folder.glob(".*"):
                if _BESIDE.fullmatch(file.name):
                    file.unlink()

    def _stored(self, name: TableName, version: int | None) -> _Stored | None:
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

    def _load(self, name: TableName, version: int, pages: dict[str, Mapping[str, Any]]) -> _Stored | None:
        """`pages` are those that are known by the name of their file; it grows."""
        home = self._home(name)
        header = _json(home / SNAPSHOTS / f"{version}.json")
        if header is None:
            return None
        known = self._current.get(name)
        for page in known.pages if known else ():
            pages.setdefault(page.file, page.items)
        with _readable(home / SNAPSHOTS / f"{version}.json"):
            parts = {key: _page(home / PAGES, file, pages, Part.from_json) for key, file in header["pages"].items()}
            state = {
                key: tuple(_page(home / PAGES, file, pages, _as_it_is) for file in files)
                for key, files in header.get("state_pages", {}).items()
            }
            stored = _Stored(_snapshot(header, parts, state), parts, state)
        return stored if all(page.items is not _GONE for page in stored.pages) else None

    def _require_files(self, before: _Stored | None, new: Snapshot) -> None:
        """A snapshot never points at files that are not there."""
        known = before.snapshot.parts if before else {}
        for value, part in new.parts.items():
            if known.get(value) is part or known.get(value) == part:
                continue
            for file in part.files:
                if not (self.root / file).is_file():
                    raise OutsideError(f"cannot publish {new.table}: {file} is missing in the lake")


_GONE: Mapping[str, Any] = {"": None}
"""What stands for a page whose file is gone."""


def _page(folder: Path, file: str, known: dict[str, Mapping[str, Any]], read: Callable[[Any], Any]) -> _Page:
    if file not in known:
        data = _json(folder / file)
        known[file] = _GONE if data is None else {key: read(item) for key, item in data.items()}
    return _Page(file, known[file])


def _as_it_is(item: Any) -> Any:
    return item


def _snapshot(
    header: Mapping[str, Any], parts: Mapping[str, _Page], state: Mapping[str, tuple[_Page, ...]]
) -> Snapshot:
    whole: dict[str, Part] = {}
    for page in parts.values():
        whole.update(page.items)
    long = {key: {name: item for page in pages for name, item in page.items.items()} for key, pages in state.items()}
    return Snapshot.from_header({**header, "state": {**header["state"], **long}}, whole)


def _write_pages(folder: Path, before: _Stored | None, new: Snapshot) -> _Stored:
    """Writes the pages that differ from the version before."""
    parts, state = {}, {}
    for key, items in paged(new.parts).items():
        old = before.parts.get(key) if before else None
        unchanged = old is not None and old.items == items
        parts[key] = old if old and unchanged else _write_page(folder, key, items, Part.to_json)
    old_chunks = {page.file: page for page in before.pages} if before else {}
    for key, value in new.state.items():
        if isinstance(value, dict) and len(value) > LONG:
            state[key] = tuple(_write_page(folder, "state", chunk, _as_it_is, old_chunks) for chunk in chunked(value))
    return _Stored(new, parts, state)


def _write_page(
    folder: Path,
    key: str,
    items: Mapping[str, Any],
    write: Callable[[Any], Any],
    known: Mapping[str, _Page] | None = None,
) -> _Page:
    content = json.dumps({name: write(item) for name, item in items.items()}, ensure_ascii=False).encode()
    file = f"{key}-{hashlib.sha256(content).hexdigest()[:20]}.json"
    if known and file in known:
        return known[file]
    write_file(folder / file, content)
    return _Page(file, items)


def _header(stored: _Stored) -> bytes:
    header = stored.snapshot.header()
    header["state"] = {key: value for key, value in header["state"].items() if key not in stored.state}
    header["pages"] = {key: page.file for key, page in stored.parts.items()}
    header["state_pages"] = {key: [page.file for page in pages] for key, pages in stored.state.items()}
    return json.dumps(header, ensure_ascii=False).encode()


def _json(path: Path) -> Any:
    """None when the file is gone: gc took an old version."""
    try:
        with outside("read the lake"):
            content = path.read_bytes()
    except OutsideError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise
    with _readable(path):
        return json.loads(content)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutsideError(
            f"{path} is damaged: {error}; `baikal rollback` repoints a table at an older version"
        ) from error
