"""What nobody needs any more of a lake in a bucket: old versions, folders of runs that never published, lists of files.

Deletes only after a grace period, and only what carries our marker or that a snapshot of ours speaks of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from connectors.aws.athena import RESULTS
from connectors.aws.bucket import Bucket
from connectors.aws.hive import links_name
from connectors.aws.session import asking_aws, code
from connectors.catalogs.glue import GlueCatalog
from connectors.catalogs.glue_parts import LINKS
from connectors.cleaned import Cleaned
from connectors.location import MARKER, STAGED, is_ours
from transforms.errors import Conflict
from transforms.names import TableName
from transforms.publish import droppable, location_of, referenced
from transforms.snapshot import Snapshot

ATTEMPTS = 3
"""A table that is published all the time is left to the next gc."""
_STAGING = re.compile(r"t_[0-9a-f]{16}")
_RESULT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}([-.]|\Z)")


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Takes what is older than `before`; `dry` only tells what would go."""

    bucket: Bucket
    catalog: GlueCatalog
    before: datetime
    dry: bool

    def tables(self) -> Iterator[TableName]:
        """Tables that have a folder in the bucket, whether or not they were published."""
        for database in self.bucket.folders(""):
            for table in self.bucket.folders(database):
                name = _name(f"{database}.{table}")
                if name is not None:
                    yield name

    def clean(self, name: TableName) -> Cleaned:
        """One table; again when a run publishes meanwhile: what it stands on (a rollback) is needed from then on."""
        for _ in range(ATTEMPTS):
            with suppress(Conflict):
                return self._clean(name)
        return Cleaned(name)

    def _clean(self, name: TableName) -> Cleaned:
        """Versions are forgotten first: what a killed gc leaves, the next one finds unreferenced.

        Readers of a table whose days are being switched may still see the version before: the next gc takes it.
        """
        if not self.catalog.is_settled(name):
            return Cleaned(name)
        home = f"{name.database}/{name.table}"
        snapshots = self.catalog.history(name)
        gone = droppable([(one.version, one.published_at) for one in snapshots], self.before)
        kept = [one for one in snapshots if one.version not in gone]
        found = list(self.bucket.dated_objects(home))
        files = {file: size for file, size, _ in found}
        runs = {location_of(file) for file in files if file.endswith(f"/{MARKER}")}
        owned = {run: made for run in runs if (made := self._made(run, name))}
        needed = referenced(kept)
        in_use = {location_of(file) for file in needed}
        whole = {run for run in owned.keys() - in_use if owned[run] < self.before}
        single = {
            file for one in snapshots if one.version in gone for file in referenced([one]) if location_of(file) in owned
        }
        single -= needed | {file for file in single if location_of(file) in whole}
        links = {file for file, _, at in found if file.startswith(f"{home}/{LINKS}/") and at < self.before}
        links -= set(_links(home, kept))
        if lists := self.catalog.lists(name):
            links = {file for file in links if not file.startswith(f"{lists}/")}
        taken = [file for file in files if file in single | links or (location_of(file) in whole and is_ours(file))]
        if not self.dry:
            self.catalog.forget(name, set(gone), max((one.version for one in snapshots), default=0))
            self._take(taken, whole)
            for note in self.bucket.notes(home, STAGED):
                made = owned.get(note.removesuffix(f"/{STAGED}"))
                if made is not None and made < self.before:  # a run that died after it had published
                    self.bucket.unnote(note)
        size = sum(files[file] for file in taken if not file.endswith(MARKER))
        places = tuple(sorted(run.rpartition("/")[2] for run in whole))
        return Cleaned(name, tuple(gone), places, tuple(sorted(single)), size)

    def _take(self, taken: Iterable[str], whole: Iterable[str]) -> None:
        self.bucket.delete(file for file in taken if not file.endswith(f"/{MARKER}"))
        for run in whole:
            self.bucket.unnote(f"{run}/{STAGED}")
            if all(file.endswith(f"/{MARKER}") for file, _ in self.bucket.objects(run)):
                self.bucket.delete([f"{run}/{MARKER}"])

    def results(self) -> None:
        """Deletes the results of queries that Athena wrote: nobody asks for those of last week."""
        old = [name for name, _, at in self.bucket.dated_objects(RESULTS) if at < self.before]
        if not self.dry:
            self.bucket.delete(name for name in old if _RESULT.match(name.rpartition("/")[2]))

    def _made(self, run: str, name: TableName) -> datetime | None:
        """When the run was begun, by its marker; None for one that is not this table's."""
        try:
            data = json.loads(self.bucket.read(f"{run}/{MARKER}"))
            return datetime.fromisoformat(data["created"]) if data["table"] == str(name) else None
        except (ValueError, KeyError, TypeError):
            return None

    def staging(self, database: str) -> None:
        """Deletes the tables that killed builds left in the staging database."""
        glue: Any = self.bucket.session.client("glue")
        with asking_aws("clean the staging database in Glue"):
            try:
                pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
                found: list[Mapping[str, Any]] = [table for page in pages for table in page["TableList"]]
            except ClientError as error:
                if code(error) != "EntityNotFoundException":
                    raise
                return
            for table in found:
                if _STAGING.fullmatch(table["Name"]) and table["CreateTime"] < self.before and not self.dry:
                    glue.delete_table(DatabaseName=database, Name=table["Name"])


def _links(home: str, kept: Iterable[Snapshot]) -> Iterator[str]:
    """The lists that stand for parts of these versions."""
    for snapshot in kept:
        for part in snapshot.parts.values():
            if part.files:
                yield f"{home}/{LINKS}/{links_name(part)}/files.txt"


def _name(text: str) -> TableName | None:
    try:
        return TableName.parse(text)
    except ValueError:
        return None
