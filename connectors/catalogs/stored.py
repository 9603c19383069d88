"""How a snapshot is stored: a header, its parts by month in pages, long mappings of its state in pages too.

Pages are named by their content and shared between versions: a publish writes what changed. Decides no version, and
which of them is the current one is the catalog's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connectors.durable import outside
from connectors.storage import Storage
from transforms.errors import OutsideError
from transforms.names import TableName
from transforms.publish import chunked, paged
from transforms.snapshot import Part, Snapshot

SNAPSHOTS, PAGES = "_snapshots", "_pages"
LONG = 500
"""A mapping of the state with more keys than this is stored in pages too: ingest remembers every file it has read."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some parts, or a chunk of the state, and the name of the file that holds them."""

    file: str
    items: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """A snapshot with the pages that it is stored in: of its parts by month, of each long mapping of its state."""

    snapshot: Snapshot
    parts: Mapping[str, Page]
    state: Mapping[str, tuple[Page, ...]]

    @property
    def pages(self) -> Iterator[Page]:
        """Of the parts and of the state."""
        yield from self.parts.values()
        for pages in self.state.values():
            yield from pages


_GONE: Mapping[str, Any] = {"": None}
"""What stands for a page whose file is gone."""


class SnapshotFiles:
    """The snapshots of one table, as small files of a storage."""

    def __init__(self, storage: Storage, name: TableName) -> None:
        self._storage, self._folder = storage, f"{name.database}/{name.table}"

    def load(self, header: str, known: Stored | None, pages: dict[str, Mapping[str, Any]]) -> Stored | None:
        """The snapshot whose header has this name; None when it, or a page of it, is gone.

        `pages` are those that are known by the name of their file; it grows. `known` is another version.
        """
        name = f"{self._folder}/{SNAPSHOTS}/{header}"
        found = self._json(name)
        if found is None:
            return None
        for page in known.pages if known else ():
            pages.setdefault(page.file, page.items)
        with readable(name):
            parts = {key: self._page(file, pages, Part.from_json) for key, file in found["pages"].items()}
            state = {
                key: tuple(self._page(file, pages, _as_it_is) for file in files)
                for key, files in found.get("state_pages", {}).items()
            }
            stored = Stored(_snapshot(found, parts, state), parts, state)
        return stored if all(page.items is not _GONE for page in stored.pages) else None

    def save(self, header: str, before: Stored | None, new: Snapshot) -> Stored:
        """Writes the pages that differ from the version before, then the header under its name."""
        parts, state = {}, {}
        for key, items in paged(new.parts).items():
            old = before.parts.get(key) if before else None
            unchanged = old is not None and old.items == items
            parts[key] = old if old and unchanged else self._write(key, items, Part.to_json)
        old_chunks = {page.file: page for page in before.pages} if before else {}
        for key, value in new.state.items():
            if isinstance(value, dict) and len(value) > LONG:
                state[key] = tuple(self._write("state", chunk, _as_it_is, old_chunks) for chunk in chunked(value))
        stored = Stored(new, parts, state)
        self._storage.note(f"{self._folder}/{SNAPSHOTS}/{header}", _header(stored))
        return stored

    def forget(self, kept: Iterable[Stored], headers: Collection[str]) -> None:
        """Removes the pages and headers that no kept snapshot stands on."""
        pages = {page.file for stored in kept for page in stored.pages}
        for folder, needed in ((PAGES, pages), (SNAPSHOTS, headers)):
            for name in list(self._storage.old_notes_in(f"{self._folder}/{folder}")):
                if name.rpartition("/")[2] not in needed:
                    self._storage.unnote(name)

    def _page(self, file: str, known: dict[str, Mapping[str, Any]], read: Callable[[Any], Any]) -> Page:
        if file not in known:
            data = self._json(f"{self._folder}/{PAGES}/{file}")
            known[file] = _GONE if data is None else {key: read(item) for key, item in data.items()}
        return Page(file, known[file])

    def _write(
        self, key: str, items: Mapping[str, Any], write: Callable[[Any], Any], known: Mapping[str, Page] | None = None
    ) -> Page:
        content = json.dumps({name: write(item) for name, item in items.items()}, ensure_ascii=False).encode()
        file = f"{key}-{hashlib.sha256(content).hexdigest()[:20]}.json"
        if known and file in known:
            return known[file]
        self._storage.note(f"{self._folder}/{PAGES}/{file}", content)
        return Page(file, items)

    def _json(self, name: str) -> Any:
        """None when the file is gone: gc took an old version."""
        with outside("read the lake"):
            content = self._storage.noted(name)
        if content is None:
            return None
        with readable(name):
            return json.loads(content)


@contextmanager
def readable(place: object) -> Iterator[None]:
    """Raises OutsideError for a small file that does not hold what it should."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutsideError(
            f"{place} is damaged: {error}; `baikal rollback` repoints a table at an older version"
        ) from error


def _as_it_is(item: Any) -> Any:
    return item


def _snapshot(header: Mapping[str, Any], parts: Mapping[str, Page], state: Mapping[str, tuple[Page, ...]]) -> Snapshot:
    whole: dict[str, Part] = {}
    for page in parts.values():
        whole.update(page.items)
    long = {key: {name: item for page in pages for name, item in page.items.items()} for key, pages in state.items()}
    return Snapshot.from_header({**header, "state": {**header["state"], **long}}, whole)


def _header(stored: Stored) -> bytes:
    header = stored.snapshot.header()
    header["state"] = {key: value for key, value in header["state"].items() if key not in stored.state}
    header["pages"] = {key: page.file for key, page in stored.parts.items()}
    header["state_pages"] = {key: [page.file for page in pages] for key, pages in stored.state.items()}
    return json.dumps(header, ensure_ascii=False).encode()
