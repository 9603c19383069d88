"""Keys as paths: which keys a folder can hold, and the order in which S3 lists them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from local_dev.aws.s3_errors import S3Error

HIDDEN = ".s3"
"""The folder in a bucket's folder for what is not an object: uploads that are under way."""
LONGEST_KEY = 1024
LONGEST_NAME = 255


def path_of(folder: Path, key: str) -> Path:
    """The file of an object. Raises S3Error for a key that S3, or a folder, does not take."""
    if len(key.encode()) > LONGEST_KEY:
        raise S3Error("KeyTooLongError", "Your key is too long")
    parts = key.removesuffix("/").split("/")
    for part in parts:
        if part in ("", ".", "..") or "\0" in part or len(part.encode()) > LONGEST_NAME:
            what = f"objects are files here, and {part!r} in the key {key!r} cannot be the name of one"
            raise S3Error("InvalidArgument", what)
    if parts[0] == HIDDEN:
        raise S3Error("InvalidArgument", f"keys that begin with {HIDDEN}/ are the local S3's own")
    return folder.joinpath(*parts)


@dataclass(frozen=True)
class Listing:
    """One page of keys, or of what they begin with up to the delimiter; `next` is what the next page begins after."""

    keys: list[str]
    prefixes: list[str]
    next: str | None


def page(folder: Path, markers: Collection[str], *, prefix: str, delimiter: str, after: str, size: int) -> Listing:
    """At most `size` keys and prefixes together, in the order of their UTF-8 bytes, after `after`.

    `markers` are the keys that end with a slash: objects that name a folder.
    """
    keys: list[str] = []
    prefixes: list[str] = []
    last = ""
    for key in _keys(f"{folder}/", "", markers, _Wanted(prefix, after, delimiter == "/")):
        common = _common(key, prefix, delimiter)
        if common is not None and (common == last or after.startswith(common)):
            continue
        if len(keys) + len(prefixes) == size:
            return Listing(keys, prefixes, last)
        if common is None:
            keys.append(key)
        else:
            prefixes.append(common)
        last = key if common is None else common
    return Listing(keys, prefixes, None)


@dataclass(frozen=True)
class _Wanted:
    """`flat`: of a folder below the prefix one key is enough."""

    prefix: str
    after: str
    flat: bool

    def enters(self, folder: str) -> bool:
        """Whether keys that begin with this, which ends with a slash, may be wanted."""
        if not (folder.startswith(self.prefix) or self.prefix.startswith(folder)):
            return False
        return self.after.startswith(folder) or self.after.encode() < folder.encode()

    def has(self, key: str) -> bool:
        return key.startswith(self.prefix) and key.encode() > self.after.encode()


def _keys(path: str, base: str, markers: Collection[str], wanted: _Wanted) -> Iterator[str]:
    """The keys below a folder in S3's order: as if the name of a folder ended with a slash, as the path does."""
    if base in markers and wanted.has(base):
        yield base
    try:
        with os.scandir(path) as entries:
            names = sorted(((f"{e.name}/" if e.is_dir() else e.name) for e in entries), key=str.encode)
    except FileNotFoundError:  # deleted meanwhile
        return
    for name in names:
        key = base + name
        if not name.endswith("/"):
            if wanted.has(key):
                yield key
        elif key != f"{HIDDEN}/" and wanted.enters(key):
            below = _keys(path + name, key, markers, wanted)
            if wanted.flat and key.startswith(wanted.prefix) and key != wanted.prefix:
                yield from (first for first in [next(below, None)] if first is not None)
            else:
                yield from below


def _common(key: str, prefix: str, delimiter: str) -> str | None:
    if not delimiter:
        return None
    at = key.find(delimiter, len(prefix))
    return None if at < 0 else key[: at + len(delimiter)]
