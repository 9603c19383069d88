"""The footers of Parquet files, read once for each version of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

MOST = 20_000
"""Of files whose footers are remembered."""
Ask = Callable[[str, list[Any]], list[tuple[Any, ...]]]
_Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """By the name of each column, in lower case, its compressed bytes, its bounds where they are known, and what
    Parquet holds of it, unless there are fields in it.
    """

    sizes: dict[str, int]
    bounds: dict[str, tuple[str, str]]
    kinds: dict[str, str]


@dataclass(frozen=True, slots=True)
class Footer:
    """A file without rows has no groups."""

    groups: tuple[RowGroup, ...]

    @property
    def columns(self) -> frozenset[str]:
        """Those that the file holds."""
        return frozenset(self.groups[0].sizes) if self.groups else frozenset()


class Footers:
    """Those of the files that statements have read so far. Safe to use from several threads."""

    def __init__(self, ask: Ask) -> None:
        """`ask` runs a statement of DuckDB's own with parameters."""
        self._ask = ask
        self._known: dict[_Key, Footer] = {}
        self._lock = Lock()

    def of(self, files: Iterable[str]) -> dict[str, Footer]:
        """The footer of each file."""
        keys = {file: _key(file) for file in files}
        with self._lock:
            found = {file: self._known[key] for file, key in keys.items() if key in self._known}
        if unknown := [file for file in keys if file not in found]:
            read = self._read(unknown)
            found |= read
            with self._lock:
                if len(self._known) > MOST:
                    self._known.clear()
                self._known.update({keys[file]: footer for file, footer in read.items()})
        return {file: found[file] for file in keys}

    def _read(self, files: Sequence[str]) -> dict[str, Footer]:
        sql = (
            "select file_name, row_group_id, lower(split_part(path_in_schema, ', ', 1)), sum(total_compressed_size), "
            "min(stats_min_value), max(stats_max_value), min(type), bool_or(contains(path_in_schema, ', ')) "
            "from parquet_metadata(?) group by all order by 1, 2"
        )
        groups: dict[str, dict[int, RowGroup]] = {file: {} for file in files}
        for file, number, column, size, low, high, kind, nested in self._ask(sql, [list(files)]):
            group = groups[file].setdefault(number, RowGroup({}, {}, {}))
            group.sizes[column] = int(size)
            if not nested:
                group.kinds[column] = kind
            if low is not None and high is not None and not nested:
                group.bounds[column] = (low, high)
        return {file: Footer(tuple(found[number] for number in sorted(found))) for file, found in groups.items()}


def _key(file: str) -> _Key:
    stat = Path(file).stat()
    return file, stat.st_size, stat.st_mtime_ns
