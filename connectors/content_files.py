"""The files that declare things: found by folder and suffix, read once, remembered by their signature.

A file whose time, size and inode are as remembered is not opened. Says nothing about what a file means.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from transforms.errors import Problem
from transforms.yaml_file import Document

_TICK_NS = 50_000_000
_WHOLE_SECONDS_NS = 2_000_000_000
"""File systems whose times are whole seconds, of which some count in twos."""


@dataclass(frozen=True, slots=True)
class ContentFile:
    """A file as it was read. `digest` is of the bytes; `document` is its YAML or its header's, if it has one."""

    path: str
    signature: tuple[int, int, int]
    digest: str
    text: str
    document: Document

    def to_json(self) -> list[Any]:
        """For the cache; only for files without problems."""
        return [*self.signature, self.digest, self.text, self.document.value, self.document.lines]

    @staticmethod
    def from_json(path: str, data: list[Any]) -> ContentFile:
        """The file that `to_json` wrote."""
        modified, size, inode, digest, text, value, lines = data
        return ContentFile(path, (modified, size, inode), digest, text, Document(path, value, lines))


Parse = Callable[[str, str], Document]
"""text, path -> Document."""


class ContentFiles:
    """Reads files below a home, taking from `remembered` (path to JSON) what did not change.

    `problems` are entries of folders that cannot be looked at; those of a file are in its document.
    """

    def __init__(self, home: Path, remembered: Mapping[str, list[Any]]) -> None:
        self.home = home
        self.read: dict[str, ContentFile] = {}
        self.problems: list[Problem] = []
        self._remembered = remembered
        self._now = time.time_ns()
        self._opened = 0

    def file(self, path: str, parse: Parse, state: os.stat_result | None = None) -> ContentFile | None:
        """The file, or None where there is none; what cannot be read is a problem of its document."""
        try:
            state = state or (self.home / path).stat()
        except FileNotFoundError:
            return None
        signature = (state.st_mtime_ns, state.st_size, state.st_ino)
        data = self._remembered.get(path)
        if data is not None and (data[0], data[1], data[2]) == signature:
            file = ContentFile.from_json(path, data)
        elif stat.S_ISREG(state.st_mode):
            file = self._read(path, parse, signature, data)
        else:
            file = _faulty(path, signature, Problem(path, 0, 0, "this is not a file", write="put a file of text here"))
        self.read[path] = file
        return file

    def folder(self, path: str) -> Iterator[tuple[str, bool, os.stat_result]]:
        """The visible entries of a folder by name: path, is it a folder, its state. A missing folder is empty."""
        try:
            with os.scandir(self.home / path) as found:
                entries = sorted((e.name, e) for e in found if e.name[0] != "." and e.name != "__pycache__")
        except FileNotFoundError:
            return
        except OSError as error:
            self.problems.append(Problem(path, 0, 0, f"this folder cannot be read: {error.strerror}"))
            return
        for name, entry in entries:
            inner = f"{path}/{name.encode(errors='replace').decode()}"
            try:
                state = entry.stat()
            except OSError as error:
                self.problems.append(Problem(inner, 0, 0, f"this file cannot be read: {error.strerror}"))
                continue
            yield inner, stat.S_ISDIR(state.st_mode), state

    @property
    def changed(self) -> bool:
        """Whether what is remembered is not what is there."""
        return self._opened > 0 or self.read.keys() != self._remembered.keys()

    def to_json(self) -> Mapping[str, list[Any]]:
        """What to remember: files without problems, unless they are too young to be known by their signature."""
        return {
            path: file.to_json()
            for path, file in self.read.items()
            if not file.document.problems and self._settled(file.signature[0])
        }

    def _settled(self, modified: int) -> bool:
        """Whether a later change would show: not if it fell into the same tick of the file system's clock."""
        return modified < self._now - (_WHOLE_SECONDS_NS if modified % 1_000_000_000 == 0 else _TICK_NS)

    def _read(self, path: str, parse: Parse, signature: tuple[int, int, int], data: list[Any] | None) -> ContentFile:
        self._opened += 1
        try:
            content = (self.home / path).read_bytes()
        except OSError as error:
            return _faulty(path, signature, Problem(path, 0, 0, f"this file cannot be read: {error.strerror}"))
        digest = blake2b(content, digest_size=12).hexdigest()
        if data is not None and data[3] == digest:
            return ContentFile.from_json(path, [*signature, *data[3:]])
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return _faulty(path, signature, Problem(path, line, 0, "this is not UTF-8 text", write="save it as UTF-8"))
        text = text.replace("\r\n", "\n")
        return ContentFile(path, signature, digest, text, parse(text, path))


def _faulty(path: str, signature: tuple[int, int, int], problem: Problem) -> ContentFile:
    return ContentFile(path, signature, "", "", Document(path, None, {}, (problem,)))
