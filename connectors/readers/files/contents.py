"""What is in a file: its bytes decompressed, or those of each member of a zip file. Looks at bytes, never at names.

Never parses a line.
"""

from __future__ import annotations

import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import islice
from typing import IO, Any, BinaryIO

import pyarrow as pa
from isal import isal_zlib

from connectors.durable import outside
from connectors.file_store import FileStore, Stored

BLOCK_BYTES = 1 << 20
"""What comes out of a file at once."""
_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a source table. `changed`: older rows of it are replaced."""

    stored: Stored
    day: date | None
    changed: bool = False

    @property
    def name(self) -> str:
        """From the connection's place."""
        return self.stored.name


class Content:
    """The decompressed bytes of a file, or of a zip file's member, with the checksum of what was read.

    `cut` is set when a compressed file ends too early or is damaged: the bytes before that are good.
    """

    def __init__(self, name: str, day: date | None, raw: IO[bytes]) -> None:
        self.name, self.day = name, day
        self.checksum = 0
        self.raw_bytes = 0
        self.cut = ""
        self.header: tuple[str, ...] = ()
        self._raw = raw

    def pieces(self) -> Iterator[bytes]:
        """Decompressed pieces, none larger than BLOCK_BYTES."""
        with outside(f"read {self.name}"):
            start = self._read(4)
            if start[:2] == _GZIP:
                yield from self._inflated(start)
            elif start == _ZSTD:
                yield from self._unzstd(start)
            else:
                piece = start + self._read(BLOCK_BYTES - len(start))
                while piece:
                    yield piece
                    piece = self._read(BLOCK_BYTES)

    def _read(self, size: int) -> bytes:
        try:
            piece = self._raw.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError):  # only a member of a zip file
            self.cut = "the zip file is damaged from here on"
            return b""
        self.checksum = zlib.crc32(piece, self.checksum)
        self.raw_bytes += len(piece)
        return piece

    def _inflated(self, start: bytes) -> Iterator[bytes]:
        """All members of a gzip file: collectors append. What isal holds back of a file that is cut, zlib gives."""
        given = 0
        try:
            for piece in _gunzipped(start, self._read, isal_zlib.decompressobj):
                given += len(piece)
                yield piece
        except EOFError:
            self.cut = self.cut or "the gzip file ends too early"
            yield from self._held_back(given)
        except ValueError:
            self.cut = "the gzip file is damaged from here on"
            while self._read(1 << 20):
                pass

    def _held_back(self, given: int) -> Iterator[bytes]:
        """What stands behind so many bytes, as far as zlib can read it."""
        with suppress(EOFError, ValueError, zipfile.BadZipFile, zlib.error):
            self._raw.seek(0)
            for piece in _gunzipped(b"", self._raw.read, zlib.decompressobj):
                if given < len(piece):
                    yield piece[given:]
                given = max(given - len(piece), 0)

    def _unzstd(self, start: bytes) -> Iterator[bytes]:
        stream = pa.CompressedInputStream(pa.PythonFile(_Tapped(start, self._read), mode="r"), "zstd")
        while True:
            try:
                piece = stream.read(BLOCK_BYTES)
            except (OSError, pa.ArrowInvalid):
                self.cut = "the zstd file ends too early or is damaged"
                return
            if not piece:
                return
            yield piece


def _gunzipped(start: bytes, read: Callable[[int], bytes], inflater: Callable[[int], Any]) -> Iterator[bytes]:
    """What is in the members of a gzip file. Raises EOFError when it ends too early, ValueError when it is damaged."""
    inflate, rest, begun, full = inflater(31), start, False, False
    while True:
        data = rest or (b"" if full else read(1 << 18))
        if not data and not full:
            break
        try:
            piece = inflate.decompress(data, BLOCK_BYTES)
        except (zlib.error, isal_zlib.error) as error:  # type: ignore[misc]  # its stub takes the class for an instance
            raise ValueError(str(error)) from error
        begun, full = True, len(piece) == BLOCK_BYTES  # isal may hold more than it gives, with no input left
        rest = inflate.unconsumed_tail
        if inflate.eof:
            rest = inflate.unused_data.lstrip(b"\0")
            inflate, begun, full = inflater(31), False, False
        if piece:
            yield piece
    if begun:
        raise EOFError


class _Tapped:
    """Bytes that were read already and those that follow, in the form that Arrow takes."""

    closed = False

    def __init__(self, start: bytes, read: Callable[[int], bytes]) -> None:
        self._start, self._read = start, read

    def read(self, size: int = -1) -> bytes:
        start, self._start = self._start[:size], self._start[size:]
        return start or self._read(size)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def contents(file: Found, raw: BinaryIO) -> Iterator[Content]:
    """What is in a file, each part to be read before the next one is asked for."""
    with outside(f"read {file.name}"):
        start = raw.read(4)
        raw.seek(0)
    if start not in _ZIP:
        yield Content(file.name, file.day, raw)
        return
    try:
        with outside(f"read {file.name}"):
            members = zipfile.ZipFile(raw)
    except zipfile.BadZipFile:
        yield _broken(file, "the zip file ends too early or is damaged")
        return
    for member in members.infolist():
        if not member.is_dir() and not _is_hidden(member.filename):
            yield from _member(file, members, member)


def _member(file: Found, members: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[Content]:
    place = Found(Stored(f"{file.name}/{member.filename}", member.file_size, 0, 0), file.day)
    try:
        with outside(f"read {place.name}"):
            opened = members.open(member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # RuntimeError: it needs a password
        yield _broken(place, f"cannot be read from the zip file: {error}")
        return
    with opened:
        yield Content(place.name, file.day, opened)


def _is_hidden(name: str) -> bool:
    """What file managers add."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _broken(file: Found, reason: str) -> Content:
    content = Content(file.name, file.day, BytesIO())
    content.cut = reason
    return content


def opened(store: FileStore, files: Sequence[Found]) -> Iterator[tuple[Found, BinaryIO]]:
    """The files in their order, the next ones opened while one is read where that takes time."""
    if not store.ahead:
        for file in files:
            with store.open(file.stored) as raw:
                yield file, raw
        return
    waiting: deque[tuple[Found, Future[BinaryIO]]] = deque()
    following = iter(files)
    with ThreadPoolExecutor(store.ahead, thread_name_prefix="open") as threads:
        try:
            while True:
                for file in islice(following, store.ahead - len(waiting)):
                    waiting.append((file, threads.submit(store.open, file.stored)))
                if not waiting:
                    return
                file, future = waiting.popleft()
                with future.result() as raw:
                    yield file, raw
        finally:
            for _, future in waiting:
                future.add_done_callback(_close)


def _close(future: Future[BinaryIO]) -> None:
    if not future.exception():
        future.result().close()
