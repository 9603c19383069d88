"""Files that survive a power cut: written beside, synced, renamed. Turns the disk's errors into sentences.

Never decides what is written or deleted.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from transforms.errors import OutsideError

SYNCS_AT_ONCE = 8


@contextmanager
def outside(doing: str) -> Iterator[None]:
    """Raises OutsideError for any failure of the operating system: `cannot <doing>: No space left on device`."""
    try:
        yield
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise OutsideError(f"cannot {doing}: {error.strerror or error}{place}") from error


def sync(path: Path) -> None:
    """Makes the bytes of a file, or the names in a directory, durable, whoever wrote them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_files(files: Iterable[Path], under: Path) -> None:
    """Makes files and every directory between them and `under` durable.

    Several at once: the disk then writes its journal once for all of them, which takes a tenth of the time.
    """
    paths: set[Path] = {under}
    for file in files:
        paths.add(file)
        for parent in file.parents:
            if parent in paths or not parent.is_relative_to(under):
                break
            paths.add(parent)
    with ThreadPoolExecutor(SYNCS_AT_ONCE) as threads:
        for _ in threads.map(sync, sorted(paths)):
            pass


def make_directory(path: Path) -> None:
    """Creates a directory and its parents; the new names are durable."""
    missing = [path, *path.parents]
    missing = missing[: next(i for i, parent in enumerate(missing) if parent.is_dir())]
    path.mkdir(parents=True, exist_ok=True)
    for made in missing:
        sync(made.parent)


def write_file(path: Path, content: bytes) -> None:
    """Replaces a file: readers see the old bytes or the new ones, never a part; durable when this returns."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync(path.parent)
