"""Which keys the objects of JSON files have, read once for each version of a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from local_dev.aws.athena.footers import Ask

MOST = 20_000
"""Of files whose keys are remembered."""
_Key = tuple[str, int, int]


class JsonKeys:
    """Safe to use from several threads."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[_Key, frozenset[str]] = {}
        self._lock = Lock()

    def of(self, files: Iterable[str]) -> dict[str, frozenset[str]]:
        """The keys of each file, spelled as they are."""
        return {file: self._keys(file) for file in files}

    def _keys(self, file: str) -> frozenset[str]:
        stat = Path(file).stat()
        version = (file, stat.st_size, stat.st_mtime_ns)
        with self._lock:
            if version in self._known:
                return self._known[version]
        sql = (
            "select distinct unnest(json_keys(json)) from read_ndjson_objects(?, ignore_errors=true) "
            "where json_type(json) = 'OBJECT'"
        )
        found = frozenset(str(key) for (key,) in self._ask(sql, [file]))
        with self._lock:
            if len(self._known) > MOST:
                self._known.clear()
            self._known[version] = found
        return found
