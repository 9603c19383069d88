"""Looks after published tables: their history, a rollback, and gc of what nobody reads any more.

Deletes only after a grace period, only in folders with our marker, and never what a kept snapshot speaks of.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from connectors.catalog import Catalog
from connectors.cleaned import Cleaned
from connectors.durable import outside
from connectors.lake import TEMPORARY, Lake
from connectors.ledger_files import forget
from connectors.location import abandoned, marker, remove, table_folder
from transforms.content import Content
from transforms.errors import UsageError, did_you_mean
from transforms.layout import RELATION_FOLDERS, SOURCE_FOLDER
from transforms.ledger import TableEntry
from transforms.names import TableName
from transforms.publish import GRACE, droppable, location_of, referenced, rolled_back
from transforms.snapshot import Snapshot

_UNBORN = re.compile(r"\..+\.[0-9a-f]{8}")
UNBORN_SECONDS = 3600
_SCRATCH = re.compile(r".+-(\d+)-[0-9a-f]{8}")
_ENGINE_FOLDER = re.compile(r"duckdb-(\d+)-[0-9a-f]{8}")


def history(lake: Lake, name: TableName) -> list[Snapshot]:
    """The kept versions of a table, newest first. Raises UsageError when there is none."""
    found = lake.catalog.history(name)
    if not found:
        raise _unpublished(lake, name)
    return found


@dataclass(frozen=True, slots=True)
class RolledBack:
    """A table at its new version, whose rows are those of an older one."""

    snapshot: Snapshot

    def noted(self, entry: TableEntry) -> TableEntry:
        """For the run ledger."""
        return replace(entry, outcome="repointed", version=self.snapshot.version)


def older_version(lake: Lake, name: TableName, version: int | None = None) -> int:
    """The version that a table can be rolled back to, None: the one before the current. Raises UsageError."""
    return _current_and_older(lake, name, version)[1].version


def rollback(lake: Lake, name: TableName, version: int | None = None, *, run: str) -> Snapshot:
    """Repoints a table at an older version (default: the one before the current), as a new version.

    Raises UsageError for a version that is not kept, Conflict when another run published meanwhile.
    """
    current, old = _current_and_older(lake, name, version)
    new = rolled_back(current, old, run, lake.now())
    return lake.catalog.commit(name, current.version, new, standing_on=old.version)


def _current_and_older(lake: Lake, name: TableName, version: int | None) -> tuple[Snapshot, Snapshot]:
    current = lake.catalog.own(name)
    if current is None:
        raise _unpublished(lake, name)
    kept = [known for known in lake.catalog.versions(name) if known < current.version]
    asked = version if version is not None else next(iter(kept), None)
    old = lake.catalog.get(name, asked) if asked in kept else None
    if old is None:
        known = f"older versions are {', '.join(map(str, kept))}" if kept else "no older version is kept"
        problem = f"has no older version {version}" if version is not None else "cannot be rolled back"
        raise UsageError(f"{name} {problem}; {known}")
    return current, old


def undeclared(lake: Lake) -> list[TableName]:
    """Published tables that no file declares any more. One whose file is only at fault is declared."""
    content = lake.content
    return [name for name in lake.catalog.names() if name not in content.names and not _has_file(content, name)]


def _has_file(content: Content, name: TableName) -> bool:
    if name.layer == "raw":
        if name.source in content.sources:
            return any(problem.path == content.sources[name.source].path for problem in content.errors)
        return (content.home / SOURCE_FOLDER / f"{name.source}.yaml").is_file()
    return any((content.home / folder / name.database / f"{name.table}.sql").is_file() for folder in RELATION_FOLDERS)


def gc(lake: Lake, *, grace: timedelta = GRACE, dry: bool = False) -> list[Cleaned]:
    """Takes what was superseded or abandoned longer than `grace` ago; tables with nothing to take are left out.

    `dry` only tells what would go. What is older than the run ledger is kept goes, too, and is not told.
    """
    before = lake.now() - grace
    if not dry:
        forget(lake)
    if lake.storage.shared:
        from connectors.aws.place import cleaned_place  # botocore: half a second that a laptop does not pay

        if not dry:
            _clean_scratch(lake)
        return cleaned_place(lake.storage, lake.catalog, before, dry=dry)
    with outside("read the lake"):
        names = sorted({*lake.catalog.names(), *_staged_to(lake.root)})
    cleaned = [_clean(lake.catalog, lake.root, name, before, dry) for name in names]
    if not dry:
        _clean_engine_folders(lake.root / TEMPORARY)
    return [one for one in cleaned if one.versions or one.locations or one.files]


def _clean(catalog: Catalog, root: Path, name: TableName, before: datetime, dry: bool) -> Cleaned:
    """One table, under its lock: nobody publishes between the decision and the deletion.

    Files go first and the snapshot that speaks of them last, so that a gc that was killed can be repeated.
    """
    home = table_folder(root, name)
    with outside(f"clean {name}"), catalog.locked(name):
        snapshots = catalog.history(name)
        gone = droppable([(s.version, s.published_at) for s in snapshots], before)
        kept = referenced(s for s in snapshots if s.version not in gone)
        owned = dict(_owned(home, name))
        in_use = {_run_folder(file) for file in kept}
        whole = {place for place in owned.keys() - in_use if owned[place] < before and _is_abandoned(home / place)}
        dropped = referenced(s for s in snapshots if s.version in gone) - kept
        single = {file for file in dropped if _run_folder(file) in owned.keys() - whole}
        size = sum(_size(root / file) for file in single)
        size += sum(_size(file) for place in whole for file in (home / place).rglob("*") if file.name[0] != "_")
        if not dry:
            for file in single:
                (root / file).unlink(missing_ok=True)
                with suppress(OSError):
                    (root / file).parent.rmdir()
            for place in whole:
                with abandoned(home / place) as free:  # held, so that no build takes over what is being removed
                    if free:
                        remove(home / place)
            catalog.forget(name, gone, max((s.version for s in snapshots), default=0))
            _clean_unborn(home)
        return Cleaned(name, tuple(gone), tuple(sorted(whole)), tuple(sorted(single)), size)


def _run_folder(file: str) -> str:
    """The name of the run's folder that holds a file, which is named from the lake's root."""
    return location_of(file).rpartition("/")[2]


def _clean_unborn(home: Path) -> None:
    """Folders whose run was killed before it could mark them; they are empty, or they are not ours."""
    for path in home.glob(".*"):
        if _UNBORN.fullmatch(path.name) and path.is_dir() and path.stat().st_mtime < time.time() - UNBORN_SECONDS:
            with suppress(OSError):
                path.rmdir()


def _staged_to(root: Path) -> Iterator[TableName]:
    """Tables that have a folder of a run, whether or not it was published."""
    for home in root.glob("[!_.]*/[!_.]*/"):
        if any(marker(path) for path in home.iterdir() if path.is_dir()):
            with suppress(ValueError):
                yield TableName.parse(f"{home.parent.name}.{home.name}")


def _owned(home: Path, name: TableName) -> Iterator[tuple[str, datetime]]:
    """The folders of runs that carry this table's marker, and when they were made."""
    for path in home.iterdir():
        if path.is_dir() and not path.is_symlink() and (found := marker(path)) and found.table == str(name):
            yield path.name, found.created


def _is_abandoned(path: Path) -> bool:
    with abandoned(path) as free:
        return free


def _clean_engine_folders(folder: Path) -> None:
    """What an engine that was killed had spilled to the disk."""
    for path in folder.glob("duckdb-*"):
        found = _ENGINE_FOLDER.fullmatch(path.name)
        if found and not _is_alive(int(found[1])):
            for file in path.glob("duckdb_temp*"):
                file.unlink(missing_ok=True)
            with suppress(OSError):
                path.rmdir()


def _clean_scratch(lake: Lake) -> None:
    """What processes that were killed had on this machine of a lake elsewhere."""
    for path in lake.root.parent.glob(f"{lake.target.name}-*"):
        found = _SCRATCH.fullmatch(path.name)
        if found and not _is_alive(int(found[1])):
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size if not file.is_dir() else 0
    except FileNotFoundError:
        return 0


def _unpublished(lake: Lake, name: TableName) -> UsageError:
    if lake.borrows(name):
        return UsageError(
            f"{name} is a shared table, and no one of your own; the shared ones are those of BAIKAL_USER=''"
        )
    hint = did_you_mean(str(name), map(str, lake.catalog.names()))
    return UsageError(f"{name} was never published" + (f"; {hint}" if hint else ""))
