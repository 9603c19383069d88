"""Where a run stages its files: a fresh folder with our ownership marker, held for as long as the run lives.

Only folders with the marker are ever deleted, and of those only files that the platform writes.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from connectors.durable import make_directory, outside, sync, sync_files, write_file
from transforms.errors import Conflict
from transforms.names import TableName
from transforms.publish import reusable
from transforms.snapshot import Part

MARKER = "_baikal.json"
STAGED = "_staged.json"
OURS = (".parquet", ".jsonl", ".gz", ".json")


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

    def __init__(self, root: Path, path: Path, held: int) -> None:
        self.root, self.path, self._held, self._kept = root, path, held, False

    @classmethod
    def create(cls, root: Path, table: TableName, run: str, now: datetime) -> Location:
        """A folder that no other run has, with its marker inside from the first moment that others see it."""
        home = table_folder(root, table)
        with outside(f"write to the lake for {table}"):
            make_directory(home)
            hidden = home / f".{run}.{os.urandom(4).hex()}"
            hidden.mkdir()
            held = os.open(hidden / MARKER, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                fcntl.flock(held, fcntl.LOCK_EX)
                content = {"table": str(table), "run": run, "created": now.isoformat()}
                os.write(held, json.dumps(content).encode())
                os.fsync(held)
                path = _rename_to_free_name(hidden, home, run)
                sync(path)
                sync(home)
            except BaseException:
                os.close(held)
                remove(hidden)
                raise
        return cls(root, path, held)

    @property
    def relative(self) -> str:
        """From the lake's root."""
        return self.path.relative_to(self.root).as_posix()

    def sync(self, files: Iterable[str]) -> None:
        """Makes the files (relative to the lake's root) durable: to be called before they are published."""
        with outside(f"write {self.relative}"):
            sync_files([self.root / file for file in files], self.path)

    @classmethod
    def take_over(cls, root: Path, path: Path) -> Location | None:
        """The folder of a run that is dead, held by us from now on; None when it lives or is not ours to take.

        It stays when the block ends: what is not published of it is left to gc.
        """
        if marker(path) is None:
            return None
        held = os.open(path / MARKER, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(held)
            return None
        location = cls(root, path, held)
        location._kept = True
        return location

    def record(self, parts: Mapping[str, Part]) -> None:
        """Notes durable parts, so that the next run need not compute them again when this one is killed."""
        with outside(f"write {self.relative}"):
            write_file(
                self.path / STAGED, json.dumps({value: part.to_json() for value, part in parts.items()}).encode()
            )

    def recorded(self, wanted: Mapping[str, str]) -> dict[str, Part]:
        """The parts that were noted, have the wanted fingerprints, and whose files are there."""
        try:
            data = json.loads((self.path / STAGED).read_bytes())
            parts = {value: Part.from_json(part) for value, part in data.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}
        right = reusable(parts, wanted)
        return {
            value: part for value, part in right.items() if all((self.root / file).is_file() for file in part.files)
        }

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Around a commit: unless it ends by a Conflict, the files may be published, and only gc decides about them."""
        self._kept = True
        try:
            yield
        except Conflict:
            self._kept = False
            raise
        with suppress(OSError):
            (self.path / STAGED).unlink()

    def __enter__(self) -> Location:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self._kept:
            with suppress(OSError):
                remove(self.path)
        self.close()

    def close(self) -> None:
        """Let go of the folder; what is in it stays."""
        os.close(self._held)


def _rename_to_free_name(hidden: Path, home: Path, run: str) -> Path:
    """A rename onto a folder that has files fails, so two threads of one run never share a location."""
    number = 1
    while True:
        path = home / (run if number == 1 else f"{run}-{number}")
        try:
            hidden.rename(path)
        except OSError:
            if not path.exists():
                raise
            number += 1
        else:
            return path


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


def remove(path: Path) -> int:
    """Deletes our files under an owned folder, the marker last, then the folders that are empty; returns the bytes.

    Files that the platform does not write stay, and with them their folders and the marker.
    """
    freed, foreign = 0, False
    for file in sorted(path.rglob("*")):
        if file.is_dir() or file == path / MARKER:
            continue
        if file.is_symlink() or not file.name.endswith(OURS):
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
