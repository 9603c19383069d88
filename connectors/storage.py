"""The protocol of a storage: where the files of a lake are kept. A folder on a laptop, a bucket in production.

Files are named from the lake's root, with slashes: `core_ads/daily/<run>/day=2024-05-01/data_0.parquet`. Whatever a
process writes, it writes below `root`; `keep` makes it durable. Decides nothing about tables.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import Protocol

from connectors.durable import make_directory, outside, sync_files, write_file
from connectors.seats import FileSeats, Seats


class Storage(Protocol):
    """Safe to use from several threads at once."""

    @property
    def root(self) -> Path:
        """A folder of this machine: the lake itself, or what this process has of it."""

    @property
    def shared(self) -> bool:
        """Whether other machines use it too: nothing can be locked then, and only age tells that a run is dead."""

    def url(self, name: str) -> str:
        """Where a file is, for a person."""

    def local(self, file: str) -> Path:
        """A path at which the file can be read. Raises OutsideError when it cannot be had."""

    def has(self, file: str) -> bool:
        """Whether the file is there for everybody."""

    def keep(self, files: Iterable[str], location: str) -> None:
        """Makes files of a run's location durable, and visible to others. Raises OutsideError."""

    def claim(self, location: str, marker: bytes) -> bool:
        """Marks a location as a run's own for everybody who shares the lake; False when another run has it."""

    def drop(self, location: str) -> None:
        """Removes what `claim` and `keep` made of a location that was not published."""

    def note(self, name: str, content: bytes) -> None:
        """Replaces a small file, durable when this returns. Raises OutsideError."""

    def noted(self, name: str) -> bytes | None:
        """A small file's content, None when there is none. Raises OutsideError."""

    def notes(self, folder: str, name: str) -> Iterator[str]:
        """The small files of this name in the folders of a folder."""

    def notes_in(self, folder: str) -> Iterator[str]:
        """The small files that lie in a folder themselves."""

    def old_notes_in(self, folder: str) -> Iterator[str]:
        """The same without those that a publisher at work may just have made, to publish them in the next moment."""

    def unnote(self, name: str) -> None:
        """Removes a small file, if it is there."""

    def alone(self, name: str) -> AbstractContextManager[None]:
        """While it is held, no other process that shares the lake holds the same name; waits for the one that does.

        Raises OutsideError when that takes too long.
        """

    def seats(self, name: str, count: int) -> Seats:
        """So many seats of this name, of which every process that shares the lake may take some."""

    def swap(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Changes a small file in one step, whoever else does. It may be lost by a power cut: it is then empty."""

    def wait(self, attempt: int) -> None:
        """Before a publish is tried again, for the `attempt`-th time: as long as another one may take."""

    def close(self) -> None:
        """Removes what only this process needed."""


class Folder:
    """The lake of a laptop: see Storage."""

    shared = False

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seats: dict[tuple[str, int], FileSeats] = {}
        self._lock = Lock()

    def has(self, file: str) -> bool:
        """Whether it is a file."""
        return (self.root / file).is_file()

    def url(self, name: str) -> str:
        """Its path."""
        return str(self.root / name)

    def local(self, file: str) -> Path:
        """Where the file is."""
        return self.root / file

    def keep(self, files: Iterable[str], location: str) -> None:
        """Syncs the files, and every folder between them and the location."""
        with outside(f"write {location}"):
            sync_files([self.root / file for file in files], self.root / location)

    def claim(self, location: str, marker: bytes) -> bool:
        """True: the folder with its marker was renamed into a free place, so nobody else has it."""
        return True

    def drop(self, location: str) -> None:
        """Nothing: whoever made the folder removes it."""

    def note(self, name: str, content: bytes) -> None:
        """Written beside, synced, renamed."""
        path = self.root / name
        with outside(f"write {name}"):
            if not path.parent.is_dir():
                make_directory(path.parent)
            write_file(path, content)

    def noted(self, name: str) -> bytes | None:
        """None also where a folder of the way is missing."""
        with outside(f"read {name}"):
            try:
                return (self.root / name).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def notes(self, folder: str, name: str) -> Iterator[str]:
        """In the order of their names."""
        for path in sorted((self.root / folder).glob(f"*/{name}")):
            yield path.relative_to(self.root).as_posix()

    def notes_in(self, folder: str) -> Iterator[str]:
        """In the order of their names."""
        for path in sorted((self.root / folder).glob("*.json")):
            yield path.relative_to(self.root).as_posix()

    def old_notes_in(self, folder: str) -> Iterator[str]:
        """All of them: whoever cleans holds the table's lock."""
        return self.notes_in(folder)

    def unnote(self, name: str) -> None:
        """Whether or not it can be removed."""
        (self.root / name).unlink(missing_ok=True)

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """By a lock on a file, which the system takes back from a process that dies."""
        path = self.root / name
        with outside(f"lock {name}"):
            make_directory(path.parent)
            held = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            with outside(f"lock {name}"):
                fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def seats(self, name: str, count: int) -> FileSeats:
        """The same ones for the same name: threads of one process wait in one line."""
        with self._lock:
            found = self._seats.get((name, count)) or FileSeats(self.root / name, count)
            self._seats[name, count] = found
        return found

    def swap(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Under a lock on the file itself."""
        path = self.root / name
        with outside(f"write {name}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            held = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            with outside(f"write {name}"):
                fcntl.flock(held, fcntl.LOCK_EX)
                old = os.pread(held, os.fstat(held).st_size, 0)
            new = change(old)
            if new != old:
                with outside(f"write {name}"):
                    os.ftruncate(held, 0)
                    os.pwrite(held, new, 0)
        finally:
            os.close(held)

    def wait(self, attempt: int) -> None:
        """Not at all: a lock says when the other one is done."""

    def close(self) -> None:
        """Nothing: the folder is the lake."""
