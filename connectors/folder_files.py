"""A source's files in a folder of this machine. See `connectors.file_store`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from connectors.durable import outside
from connectors.file_store import Look, Stored
from transforms.errors import Conflict, OutsideError
from transforms.file_path import FilePath, matcher
from transforms.source import Source


class FolderFiles:
    """Every look is a whole one: to walk through folders costs little."""

    ahead = listed = 0

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def of(cls, source: Source, address: str) -> FolderFiles:
        """The folder of a plain path or a file:// address. Raises OutsideError when it is not there."""
        parts = urlsplit(address)
        path = Path(unquote(parts.path)) if parts.scheme == "file" else Path(address)
        if not path.is_dir():
            line = source.lines.get("connection", 1)
            raise OutsideError(f"{source.path}:{line}: the folder of {source.connection} is not there: {path}")
        return cls(path)

    def __str__(self) -> str:
        return str(self._root)

    def find(self, path: FilePath, look: Look) -> Iterator[Stored]:
        """Walks only through folders that the path means."""
        now = time.time()
        with outside(f"list the files of {self._root}"):
            for form in dict.fromkeys((path.text, path.text.replace("{day}", "????/??/??"))):
                for entry, name in _walk(str(self._root), "", form.split("/")):
                    if path.meaning(name) is False:
                        continue
                    with suppress(FileNotFoundError):  # gone since the walk met it
                        stat = entry.stat()
                        yield Stored(name, stat.st_size, stat.st_mtime_ns, now - stat.st_mtime)

    def any_name(self) -> str | None:
        """The first one that a walk meets."""
        return next((name for _, name in _walk(str(self._root), "", ["**", "*"])), None)

    def open(self, file: Stored) -> BinaryIO:
        """A file that was renamed into its place while it is read is read to its old end."""
        try:
            with outside(f"read {file.name}"):
                return (self._root / file.name).open("rb")
        except OutsideError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise Conflict(f"{file.name} went away after it was listed") from error
            raise


def _walk(folder: str, above: str, steps: list[str]) -> Iterator[tuple[os.DirEntry[str], str]]:
    """The files below a folder whose names may be meant; `steps` are the pattern's from here on."""
    step, *rest = steps
    deep, means = step == "**" and bool(rest), matcher(step).match
    with os.scandir(folder) as entries:
        for entry in entries:
            if deep:
                if entry.is_dir(follow_symlinks=False):
                    yield from _walk(entry.path, f"{above}{entry.name}/", steps)
            elif means(entry.name):
                if not rest and entry.is_file():
                    yield entry, above + entry.name
                elif rest and entry.is_dir():
                    yield from _walk(entry.path, f"{above}{entry.name}/", rest)
    if deep:
        yield from _walk(folder, above, rest)
