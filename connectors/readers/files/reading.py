"""Which files a source table has, and which of them are new or changed.

A file that changed since it was read is read again and replaces its own rows. Never looks into a file.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from connectors.durable import outside
from connectors.file_store import FileStore, Look, Stored, file_store
from connectors.reader import Asked, Reading
from connectors.readers.files.contents import Content, Found, contents, opened
from connectors.readers.files.manner import Manner
from transforms.errors import DataError
from transforms.fields import read_span
from transforms.file_path import FilePath
from transforms.source import Source, SourceTable

MARGIN = timedelta(days=2)
"""How far before the newest day every run looks for files; the first one of a day looks everywhere."""
MANY = 10_000
"""Names of a bucket that every run lists again, when it is worth telling: a request names a thousand."""
Known = Mapping[str, Any]
"""Of each file its size, version and checksum, and where its rows have other names in `_file` than its own, those."""


@dataclass(frozen=True)
class FileReading:
    """The files to read, and the reading that the kind of file gives its batches to."""

    store: FileStore
    files: list[Found]
    reading: Reading
    manner: Manner

    def contents(self) -> Iterator[Content]:
        """What is in the files, in their order; when the last one was read, the state knows them."""
        for file, raw in opened(self.store, self.files):
            names, checksum = [], None
            for content in contents(file, raw):
                yield content
                names.append(content.name)
                checksum = content.checksum
            self.know(file, checksum, names)

    def know(self, file: Found, checksum: int | None, names: list[str]) -> None:
        """Remembers a file that was read. `names` are those that its rows have in `_file`."""
        entry: list[Any] = [file.stored.size, file.stored.version, checksum]
        if names != [file.name]:
            entry = [file.stored.size, file.stored.version, None, names]
        self.reading.state["files"][file.name] = entry


class _Search:
    """The files of a table as they are now, beside those that are known."""

    def __init__(self, asked: Asked, store: FileStore) -> None:
        self.asked, self.store = asked, store
        self.path = FilePath(str(asked.table.options["path"]))
        self.known: Known = asked.state.get("files", {})
        look = self._look()
        self.everywhere = look.since is None and not look.after
        settle = read_span(asked.table.options.get("settle", asked.source.options.get("settle", 0))) or timedelta(0)
        found = [Found(stored, self.path.meaning(stored.name) or None) for stored in store.find(self.path, look)]
        self.moving = {file.name for file in found if settle and file.stored.age_s < settle.total_seconds()}
        self.found = sorted(
            (file for file in found if file.name not in self.moving), key=lambda file: (file.day or date.min, file.name)
        )
        self.here = {file.name for file in found} | (set() if self.everywhere else self.known.keys())

    def _look(self) -> Look:
        """All over for who asks for everything, and once a day of the company; else where new files may be."""
        asked, known = self.asked, self.known
        last = asked.last.astimezone(asked.now.tzinfo).date() if asked.last else None
        if asked.full or asked.table.mode == "snapshot" or not known or last != asked.now.date():
            return Look(known=known)
        if self.path.has_day:
            days = [day for name in known if (day := self.path.meaning(name))]
            margin = read_span(asked.table.options.get("margin")) or MARGIN
            return Look(max(days) - margin if days else None, known=known)
        grow = asked.table.options.get("names") == "growing"
        return Look(after=max(known) if grow else "", known=known)

    def fresh(self) -> tuple[list[Found], dict[str, Any]]:
        """The files that must be read, and what to remember of the others.

        A known file of the same size and version is not opened. Of the same size and another version, its bytes decide.
        """
        fresh, kept = [], dict(self.known)
        for file in self.found:
            stored, before = file.stored, self.known.get(file.name)
            if before is None:
                fresh.append(file)
                continue
            size, version, checksum, *names = before
            if (size, version) == (stored.size, stored.version):
                continue
            if size == stored.size and checksum is not None and _checksum(self.store, stored) == checksum:
                kept[file.name] = [size, stored.version, checksum, *names]
            else:
                fresh.append(_again(file))
        return fresh, kept


def file_reading(asked: Asked) -> FileReading:
    """What must be read: new and changed files; with `full`, and for a snapshot that changed, every file.

    A file that is gone keeps its rows with `full` too, as long as the path means it. A snapshot waits for files that
    are being written.
    """
    source, table, state, full = asked.source, asked.table, asked.state, asked.full
    store = file_store(source, asked.address, asked.storage)
    search = _Search(asked, store)
    known, found = search.known, search.found
    manner = Manner(source, table, state, lambda path, name: FilePath(path).meaning(name))
    fresh, kept = search.fresh()
    if full and known and not found:
        raise DataError(
            f"{source.path}:{table.line}: {table.name}: no file of {store} matches path: {search.path.text}, "
            "so that --full would leave no row; nothing was published"
        )
    if full and table.mode != "snapshot":
        fresh = [_again(file) if file.name in known else file for file in found]
        gone = (name for name in known if name not in search.here and search.path.meaning(name) is not False)
        kept = {name: known[name] for name in (*gone, *(search.moving & known.keys()))}
        if kept and table.mode == "upsert":
            raise _rows_of_gone_files(source, table, kept)
    elif table.mode == "snapshot" and search.moving:
        fresh, kept = [], dict(known)
    elif table.mode == "snapshot":
        again = full or bool(fresh or manner.changed or known.keys() - search.here)
        fresh, kept = (found, {}) if again else ([], kept)
    if full or not kept:
        manner.forget()
    reading = Reading(iter(()), {"files": kept}, unchanged=not (fresh or full) and kept == known and bool(state))
    reading.expected_bytes = sum(file.stored.size for file in fresh)
    if table.mode != "snapshot":
        replaced = known.keys() - kept.keys() if full else {file.name for file in fresh if file.changed}
        reading.replaced_files = {name for file in replaced for name in _names(file, known)}
        reading.whole = full and not kept
        if unnamed := replaced - search.here:
            reading.warnings.append(
                f"{table.name}: path: does not name every file that was read; the rows of the others are gone, "
                f"such as those of {min(unnamed)}"
            )
    reading.warnings.extend(filter(None, [_nothing_found(search), _all_listed(search), manner.warning()]))
    return FileReading(store, fresh, reading, manner)


def whole_content(asked: Asked, name: str) -> bytes | None:
    """The bytes of a file, or of a zip file's member, by its name in `_file`; None when it is gone."""
    store, path = file_store(asked.source, asked.address, asked.storage), FilePath(str(asked.table.options["path"]))
    found = [Found(one, None) for one in store.find(path, Look()) if f"{name}/".startswith(f"{one.name}/")]
    for file, raw in opened(store, found):
        for content in contents(file, raw):
            if content.name == name:
                return b"".join(content.pieces())
    return None


def _nothing_found(search: _Search) -> str | None:
    if search.found or not search.everywhere:
        return None
    if search.moving:
        some = min(search.moving)
        return f"every file of {search.store} that matches path: changed less than settle: ago, such as {some}"
    first = search.store.any_name()
    there = f"there is {first}" if first else "there is no file at all"
    return f"no file of {search.store} matches path: {search.path.text}; {there}"


def _all_listed(search: _Search) -> str | None:
    """Told where a word would spare the next runs most of the listing; a snapshot needs all of it."""
    table, path, listed = search.asked.table, search.path, search.store.listed
    if listed <= MANY or path.has_day or table.options.get("names") == "growing" or table.mode == "snapshot":
        return None
    return (
        f"{table.name}: every run lists all {listed:,} names of {search.store} that may match path: {path.text}; "
        "write {day} in path: where the names have their day, or names: growing where each new name comes behind "
        "all older ones"
    )


def _again(file: Found) -> Found:
    return Found(file.stored, file.day, changed=True)


def _names(file: str, known: Known) -> list[str]:
    """The names that the rows of a known file have."""
    names: list[str] = known[file][3] if len(known[file]) > 3 else [file]
    return names


def _rows_of_gone_files(source: Source, table: SourceTable, gone: Collection[str]) -> DataError:
    """Rows that came after those of other files would be replaced by them."""
    return DataError(
        f"{source.path}:{table.line}: {table.name}: files that were read are gone, such as {min(gone)}; "
        "--full would put older rows of the other files in the place of their rows; nothing was published; bring them "
        "back, or give the table a new name, under which the files that are there land anew"
    )


def _checksum(store: FileStore, file: Stored) -> int:
    checksum = 0
    with outside("read a file"), store.open(file) as raw:
        while piece := raw.read(1 << 20):
            checksum = zlib.crc32(piece, checksum)
    return checksum
