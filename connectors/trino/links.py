"""The files of a part in one folder that holds nothing else, which is how Trino reads a partition.

A part whose files lie so already is read where it is; of others the files are linked, or copied where that cannot be.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from connectors.durable import make_directory, outside, sync
from transforms.names import TableName
from transforms.snapshot import Part

LINKS = "links"
"""The folder of a table for the parts that lie in several folders, or beside other files."""


def part_key(part: Part) -> str:
    """Of the list of a part's files: equal files, equal key. No two parts of a table share one, as 64 bits go."""
    return hashlib.sha256("\n".join(part.files).encode()).hexdigest()[:16]


def part_folder(root: Path, table: TableName, part: Part) -> str:
    """From the lake's root, a folder with the files of the part and no others. Raises OutsideError."""
    folders = {file.rpartition("/")[0] for file in part.files}
    if len(folders) == 1:
        (folder,) = folders
        with outside(f"read {folder}"):
            if set(_readable(root, folder)) == set(part.files):
                return folder
    home = f"{table.database}/{table.table}/{LINKS}"
    place = f"{home}/{part_key(part)}"
    if not (root / place).is_dir():
        with outside(f"link the files of {table}"):
            _link(root, part.files, root / home, place.rpartition("/")[2])
    return place


def linked(file: Path, place: Path) -> None:
    """The same bytes under another name."""
    try:
        os.link(file, place)
    except OSError:
        shutil.copyfile(file, place)


def linked_keys(root: Path, table: TableName) -> list[str]:
    """The parts of a table that `part_folder` has linked."""
    with outside(f"read {table}"):
        return [path.name for path in (root / table.database / table.table / LINKS).glob("[!.]*")]


def unlink_part(root: Path, table: TableName, key: str) -> None:
    """Takes away what `part_folder` made, if it is there; the files themselves stay."""
    place = root / table.database / table.table / LINKS / key
    if place.is_dir():
        with outside(f"clean {table}"):
            _remove(place)


def _readable(root: Path, folder: str) -> Iterator[str]:
    """The files that Hive reads in a folder: none whose way from there has a hidden name in it."""
    for path in (root / folder).rglob("*"):
        if path.is_file() and all(piece[0] not in "_." for piece in path.relative_to(root / folder).parts):
            yield path.relative_to(root).as_posix()


def _link(root: Path, files: Iterable[str], home: Path, key: str) -> None:
    """The folder is complete when it gets its name."""
    make_directory(home)
    hidden = home / f".{key}.{os.urandom(4).hex()}"
    hidden.mkdir()
    for number, file in enumerate(files):
        linked(root / file, hidden / f"{number}.parquet")
    sync(hidden)
    try:
        hidden.rename(home / key)
    except OSError:
        if not (home / key).is_dir():  # else somebody else was first, with the same files
            raise
        _remove(hidden)
    sync(home)


def _remove(folder: Path) -> None:
    for file in folder.glob("*.parquet"):
        file.unlink()
    with suppress(OSError):
        folder.rmdir()
