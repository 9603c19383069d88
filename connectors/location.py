"""Where a run stages its files: a fresh folder with our ownership marker, held for as long as the run lives.

Only folders with the marker are ever deleted, and of those only files that the platform writes.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from connectors.durable import make_directory, outside, sync
from connectors.engine import Journal, Sent
from connectors.storage import Storage
from transforms.errors import Conflict, OutsideError
from transforms.names import TableName
from transforms.publish import reusable
from transforms.snapshot import Part

MARKER = "_baikal.json"
STAGED = "_staged.json"
_SUFFIXES = (".parquet", ".jsonl", ".gz", ".json")
_OF_ENGINES = re.compile(r"[0-9a-z_-]{30,}")
"""What Athena and Trino call the files that they write."""


def table_folder(root: Path, table: TableName) -> Path:
    """Where everything of a table stands in the lake."""
    return root / table.database / table.table


@dataclass(frozen=True, slots=True)
class Marker:
    """Who made a location."""

    table: str
    run: str
    created: datetime


class Location:
    """`with Location.create(..) as location:` removes the folder unless its files were published.

    `path` is absolute, `relative` is from the lake's root, as parts name their files.
    """

    def __init__(self, storage: Storage, path: Path, held: int, created: datetime) -> None:
        self.storage, self.root, self.path, self._held, self._created = storage, storage.root, path, held, created
        self._kept = self._lent = False
        self._parts: Mapping[str, Part] = {}
        self._sent: dict[str, Any] | None = None

    @classmethod
    def create(cls, storage: Storage, table: TableName, run: str, now: datetime) -> Location:
        """A folder that no other run has, with its marker inside from the first moment that others see it."""
        home = table_folder(storage.root, table)
        with outside(f"write to the lake for {table}"):
            make_directory(home)
            hidden = home / f".{run}.{os.urandom(4).hex()}"
            hidden.mkdir()
            held = os.open(hidden / MARKER, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                fcntl.flock(held, fcntl.LOCK_EX)
                content = json.dumps({"table": str(table), "run": run, "created": now.isoformat()}).encode()
                os.write(held, content)
                os.fsync(held)
                path = _rename_to_free_name(hidden, home, run, storage, content)
                sync(path)
                sync(home)
            except BaseException:
                os.close(held)
                remove(hidden)
                raise
        return cls(storage, path, held, now)

    @property
    def relative(self) -> str:
        """From the lake's root."""
        return self.path.relative_to(self.root).as_posix()

    def local(self, file: str) -> Path:
        """A path at which a file of the lake, of this location or another, can be read."""
        return self.storage.local(file)

    def sync(self, files: Iterable[str]) -> None:
        """Makes the files (relative to the lake's root) durable: to be called before they are published."""
        self.storage.keep(files, self.relative)

    def record(self, parts: Mapping[str, Part]) -> None:
        """Notes durable parts, so that the next run need not compute them again when this one is killed."""
        self._parts, self._sent = dict(parts), None
        self._note()

    def journal(self, promise: str, left: Sent | None) -> Journal:
        """Of the statement that makes these rows: equal promises, equal rows."""

        def note(sent: Sent | None) -> None:
            self._sent = {"promise": promise, **asdict(sent)} if sent else None
            self._note()

        return Journal(left, note)

    def _note(self) -> None:
        if not self._noted:
            self.storage.unnote(f"{self.relative}/{STAGED}")
            return
        self._lent = self.storage.shared
        parts = {value: part.to_json() for value, part in self._parts.items()}
        content = {"at": self._created.isoformat(), "parts": parts, "sent": self._sent}
        self.storage.note(f"{self.relative}/{STAGED}", json.dumps(content).encode())

    @property
    def _noted(self) -> bool:
        """Whether there is something that another run may go on with."""
        return bool(self._parts) or self._sent is not None

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Around a commit: unless it ends by a Conflict, the files may be published, and only gc decides about them."""
        self._kept = True
        try:
            yield
        except Conflict:
            self._kept = False
            raise
        with suppress(OSError, OutsideError):
            self.storage.unnote(f"{self.relative}/{STAGED}")

    def __enter__(self) -> Location:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self._kept and not self._lent:  # another machine may have published what was noted, even long ago
            with suppress(OSError, OutsideError):
                remove(self.path)
                self.storage.drop(self.relative)
        self.close()

    def close(self) -> None:
        """Let go of the folder; what is in it stays."""
        os.close(self._held)


def _rename_to_free_name(hidden: Path, home: Path, run: str, storage: Storage, content: bytes) -> Path:
    """A rename onto a folder that has files fails, so two threads of one run never share a location."""
    number = 1
    while True:
        path = home / (run if number == 1 else f"{run}-{number}")
        number += 1
        try:
            hidden.rename(path)
        except OSError:
            if not path.exists():
                raise
            continue
        if storage.claim(path.relative_to(storage.root).as_posix(), content):
            return path
        path.rename(hidden)


def taken_over(storage: Storage, location: str) -> AbstractContextManager[object] | None:
    """What keeps the files of a run that is dead from gc; None when the run lives or the location is not ours.

    Where several machines share the lake nothing can be held: gc's grace is longer than a build.
    """
    if storage.shared:
        return nullcontext()
    path = storage.root / location
    if marker(path) is None:
        return None
    held = os.open(path / MARKER, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return _closing(held)


@contextmanager
def _closing(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Left:
    """What a run that did not come to its end had made and noted: parts, and the statement that it had sent."""

    parts: Mapping[str, Part]
    promise: str = ""
    sent: Sent | None = None


def recorded(storage: Storage, location: str, wanted: Mapping[str, str], since: datetime) -> Left:
    """What was noted, as far as it has the wanted fingerprints and its files are there.

    On a storage that others share what is older than `since` is left alone: gc may be about to take it.
    """
    try:
        data = json.loads(storage.noted(f"{location}/{STAGED}") or b"{}")
        if not data or (storage.shared and datetime.fromisoformat(data["at"]) < since):
            return Left({})
        parts = {value: Part.from_json(part) for value, part in data["parts"].items()}
        sent = dict(data["sent"] or {})
        promise = sent.pop("promise", "")
        left = Left(reusable(parts, wanted), promise, Sent(**sent) if sent else None)
    except (OutsideError, ValueError, TypeError, AttributeError, KeyError):
        return Left({})
    return replace(left, parts={v: part for v, part in left.parts.items() if all(map(storage.has, part.files))})


def marker(path: Path) -> Marker | None:
    """The ownership marker of a folder; None when the folder is not ours."""
    try:
        data = json.loads((path / MARKER).read_bytes())
        return Marker(data["table"], data["run"], datetime.fromisoformat(data["created"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def abandoned(path: Path) -> Iterator[bool]:
    """Whether no living run holds the folder; while the block runs, none can."""
    try:
        held = os.open(path / MARKER, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(held)


def is_ours(file: str) -> bool:
    """Whether the platform, or an engine for it, writes files of such a name."""
    name = file.rpartition("/")[2]
    return name.endswith(_SUFFIXES) or bool(_OF_ENGINES.fullmatch(name))


def remove(path: Path) -> int:
    """Deletes our files under an owned folder, the marker last, then the folders that are empty; returns the bytes.

    Files that the platform does not write stay, and with them their folders and the marker.
    """
    freed, foreign = 0, False
    for file in sorted(path.rglob("*")):
        if file.is_dir() or file == path / MARKER:
            continue
        if file.is_symlink() or not is_ours(file.name):
            foreign = True
            continue
        freed += file.stat().st_size
        file.unlink()
    for directory in sorted((d for d in path.rglob("*") if d.is_dir()), reverse=True):
        with suppress(OSError):
            directory.rmdir()
    if not foreign:
        (path / MARKER).unlink(missing_ok=True)
        with suppress(OSError):
            path.rmdir()
    return freed
