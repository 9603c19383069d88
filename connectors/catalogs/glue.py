"""The catalog of production: Glue. A publish is one UpdateTable with the VersionId that was read.

What a snapshot is, stands in the bucket (`connectors.catalogs.stored`); the table's parameters in Glue name the one
that is current, and the kept older ones. A table without days is switched with them, at once. Of a table with days the
parameters come first, with a mark that partitions are still to be switched (`connectors.catalogs.glue_days`); whoever
meets the mark does it again, so a killed publisher is made good by the next one. Decides nothing about rows.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from random import random
from typing import Any

from botocore.exceptions import ClientError

from connectors.aws.bucket import Bucket
from connectors.aws.hive import descriptor, glue_columns
from connectors.aws.session import AwsSession, asking_aws, code
from connectors.catalog import STAGING
from connectors.catalogs.glue_days import switch_days
from connectors.catalogs.glue_parts import LINKS, GlueTable, Layout
from connectors.catalogs.glue_words import (
    HISTORY,
    KEPT,
    LISTS,
    OURS,
    READ_AT,
    SWITCHING,
    VERSION,
    Table,
    described,
    given_up,
    history_of,
    is_abandoned,
    is_settled,
    parameters,
    projected,
    read_by_people,
    spelled,
    switched,
    switching,
)
from connectors.catalogs.stored import SnapshotFiles, Stored
from transforms.aws_target import Aws
from transforms.column import Column
from transforms.errors import Conflict, OutsideError
from transforms.names import TableName
from transforms.publish import at_once, evolved, referenced
from transforms.snapshot import WHOLE, Part, Snapshot

LONGEST_DESCRIPTION = 2048
"""Of a table, in Glue."""
RENEWAL_S = 60.0
"""How old the mark of a publisher at work gets, before it is written again."""
_RACED = ("ConcurrentModificationException", "AlreadyExistsException", "EntityNotFoundException")


@dataclass(frozen=True, slots=True)
class Seen:
    """What Athena's readers had under a place's name when Glue was last asked, as `GlueCatalog.get` gave it."""

    snapshot: Snapshot
    place: GlueTable
    table: Table


class GlueCatalog:
    """See Catalog. Safe for any number of machines. `owners` and `descriptions` are what Glue tells of tables."""

    def __init__(
        self,
        session: AwsSession,
        bucket: Bucket,
        aws: Aws,
        owners: Mapping[TableName, str],
        descriptions: Mapping[TableName, str],
        shared: GlueCatalog | None = None,
    ) -> None:
        """What is not here is read from `shared`, and never written there."""
        self._session, self._bucket, self._prefix, self._shared = session, bucket, aws.database_prefix, shared
        self.folder, self._planning_s = aws.folder, aws.planning_s
        self._owners, self._descriptions = owners, descriptions
        self._current: dict[TableName, Stored] = {}
        self._seen: dict[TableName, Seen | None] = {}
        self._made: set[str] = set()

    def get(self, name: TableName, version: int | None = None) -> Snapshot | None:
        """The current snapshot, or a kept older one; None where there is none.

        Days that a publisher which died has left to be switched are switched now, of what is here. Files of a table
        that is only in the shared catalog are named from the bucket's root.
        """
        holder, table = self._looked(name)
        if version is None:
            return self._now(name, holder, table)
        return self._of(holder, holder._kept(name, table, version))

    def own(self, name: TableName) -> Snapshot | None:
        """The current snapshot of what is here."""
        table = self._table(name)
        return None if table is None and self.borrows else self._now(name, self, table)

    def seen(self, name: TableName) -> Seen | None:
        """What readers had when `get` last asked Glue for the table; None: nothing, or days of two versions."""
        if name not in self._seen:
            self.get(name)
        return self._seen.get(name)

    def _now(self, name: TableName, holder: GlueCatalog, table: Table | None) -> Snapshot | None:
        found = self._of(holder, holder._kept(name, table, None, lent=holder is not self))
        if found is None or table is None:
            self._seen[name] = None
        elif is_settled(table):
            self._seen[name] = Seen(found, holder.place(name), table)
        else:
            self._seen.pop(name, None)
        return found

    def _of(self, holder: GlueCatalog, found: Snapshot | None) -> Snapshot | None:
        return found if found is None or holder is self else found.moved(f"/{holder.folder}/")

    def _kept(
        self, name: TableName, table: Table | None, version: int | None, *, lent: bool = False
    ) -> Snapshot | None:
        history = history_of(table)
        asked = max(history, default=None) if version is None else version
        if table is None or asked is None or asked not in history:
            return None
        stored = self._stored(name, history, asked)
        if stored is None:
            if version is None:
                raise OutsideError(f"version {asked} of {name} is missing in {self._bucket.url(_folder(name))}")
            return None
        if version is None and not lent and is_abandoned(table):
            with suppress(Conflict):  # whoever was quicker does it
                self._taken(table, stored.snapshot)
        return stored.snapshot

    def names(self) -> Iterator[TableName]:
        """Every published table, sorted."""
        with asking_aws("read Glue"):
            pages = self._glue.get_paginator("get_databases").paginate()
            databases = [database["Name"] for page in pages for database in page["DatabaseList"]]
            for database in sorted(name for name in databases if name.startswith(self._prefix)):
                tables = self._glue.get_paginator("get_tables").paginate(DatabaseName=database)
                found = [parameters(table) for page in tables for table in page["TableList"]]
                names = {TableName.parse(one[OURS]) for one in found if VERSION in one}
                yield from sorted(name for name in names if self.place(name).database == database)

    def versions(self, name: TableName) -> list[int]:
        """The kept versions, newest first."""
        return sorted(history_of(self._table(name)), reverse=True)

    def history(self, name: TableName) -> list[Snapshot]:
        """The kept snapshots, newest first."""
        history = history_of(self._table(name))
        found = (self._stored(name, history, version) for version in sorted(history, reverse=True))
        return [stored.snapshot for stored in found if stored]

    def commit(
        self, name: TableName, expected: int | None, new: Snapshot, *, standing_on: int | None = None
    ) -> Snapshot:
        """Make `new` the table, if it is still at version `expected` (None: not there yet), and `standing_on` is kept.

        Returns it with its version number. Raises Conflict otherwise, having changed nothing; OutsideError when
        something that is not the platform's stands in its place, or a file is not there.
        """
        table = self._table(name)
        history = history_of(table)
        current = max(history, default=None)
        if current != expected:
            found, wanted = (v if v is not None else "none" for v in (current, expected))
            raise Conflict(f"{name} was published by another run: at version {found}, not {wanted}; run again")
        if standing_on is not None and standing_on not in history:
            raise Conflict(f"version {standing_on} of {name} is kept no longer: gc takes it")
        self._require_ours(name, table)
        stored = self._stored(name, history, current) if current is not None else None
        before = stored.snapshot if stored else None
        if table is not None and before is not None and SWITCHING in parameters(table):
            table = self._made_good(table, before)
        version = (current or 0) + 1
        snapshot = replace(new, version=version, evolved=evolved(before, new))
        layout = Layout(self._bucket)
        layout.require(name, referenced([snapshot]) - referenced([before] if before else []))
        file = f"{version}-{secrets.token_hex(4)}.json"
        stored = SnapshotFiles(self._bucket, name).save(file, stored, snapshot)
        lists = ""
        if snapshot.partition is not None and at_once(before, snapshot):
            lists = f"{_folder(name)}/{LINKS}/{file.removesuffix('.json')}"
            layout.write_lists(snapshot, lists)
        mark = secrets.token_hex(8)
        self._seen.pop(name, None)
        self._published(snapshot, table, {**history, version: file}, lists, layout, mark)
        self._current[name] = stored
        if snapshot.partition is not None:
            if lists:  # who has read the table as it was may not have read its partitions yet
                time.sleep(self._planning_s)
            self._switched(mark, before if table else replace(snapshot, parts={}), snapshot, layout)
        return snapshot

    def describe(self, name: TableName, columns: Sequence[Column]) -> None:
        """Tells Glue what people read of a table, where that has changed and its rows have not."""
        seen = self.seen(name)
        table = seen.table if seen and seen.place == self.place(name) else self._table(name)
        if table is None or OURS not in parameters(table):
            return
        told = {column["Name"]: column for column in glue_columns(tuple(columns))}
        storage, keys = table["StorageDescriptor"], table.get("PartitionKeys", [])
        new = {
            **{key: table[key] for key in KEPT if key in table},
            **self._told(name),
            "StorageDescriptor": {**storage, "Columns": [told.get(c["Name"], c) for c in storage["Columns"]]},
            "PartitionKeys": [told.get(column["Name"], column) for column in keys],
        }
        if read_by_people(new) != read_by_people(table):
            with suppress(Conflict):  # whoever publishes meanwhile tells the same
                self._update(name, table, parameters(table), new)

    def view_text(self, name: TableName) -> str | None:
        """What Glue says of a view, in Athena's own form; None where there is nothing of that name."""
        table = self._table(name)
        return None if table is None else str(table.get("ViewOriginalText", ""))

    @contextmanager
    def locked(self, name: TableName) -> Iterator[None]:
        """Nothing can be locked between machines: a publish and gc meet in Glue, where one of them is refused."""
        yield

    def forget(self, name: TableName, versions: Collection[int], seen: int) -> None:
        """Keep these versions no longer. Raises Conflict when another run published since version `seen` was."""
        table = self._table(name)
        history = history_of(table)
        kept = {version: file for version, file in history.items() if version not in versions}
        if table is None or kept == history:
            return
        if max(history) != seen:
            raise Conflict(f"{name} was published by another run: at version {max(history)}, not {seen}; run again")
        self._update(name, table, {**parameters(table), HISTORY: spelled(kept)})
        left = [stored for version in kept if (stored := self._stored(name, kept, version))]
        SnapshotFiles(self._bucket, name).forget(left, set(kept.values()))

    def is_settled(self, name: TableName) -> bool:
        """Whether Athena's readers see the current version: no publisher is between the two."""
        return is_settled(self._looked(name)[1])

    def lists(self, name: TableName) -> str:
        """The folder of the lists by which a table is read while its partitions are switched; else empty."""
        return parameters(self._table(name)).get(LISTS, "")

    @property
    def staging(self) -> str:
        """The database for tables that are there only while a build is at work."""
        return f"{self._prefix}{STAGING}"

    def place(self, name: TableName) -> GlueTable:
        """Where a table stands in Glue, or would."""
        return GlueTable(f"{self._prefix}{name.database}", name.table)

    def read_place(self, name: TableName) -> GlueTable:
        """Where it is read: among the shared tables, when it is not here."""
        return self._looked(name)[0].place(name)

    @property
    def borrows(self) -> bool:
        """Whether there are shared tables beside."""
        return self._shared is not None

    @property
    def shared_bucket(self) -> Bucket:
        """Where the shared tables lie, or those here when there are none beside."""
        return self._bucket if self._shared is None else self._shared._bucket

    def _looked(self, name: TableName) -> tuple[GlueCatalog, Table | None]:
        """Which catalog has a table, and what Glue says of it; the shared one when neither has."""
        table = self._table(name)
        if table is not None or self._shared is None:
            return self, table
        return self._shared, self._shared._table(name)

    @property
    def _glue(self) -> Any:
        return self._session.client("glue")

    def _table(self, name: TableName) -> Table | None:
        place = self.place(name)
        with asking_aws(f"read {name} in Glue"):
            try:
                answer = self._glue.get_table(DatabaseName=place.database, Name=place.table)
            except ClientError as error:
                if code(error) == "EntityNotFoundException":
                    return None
                raise
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        return {**answer["Table"], READ_AT: now}

    def _stored(self, name: TableName, history: Mapping[int, str], version: int) -> Stored | None:
        known = self._current.get(name)
        if known and known.snapshot.version == version:
            return known
        stored = SnapshotFiles(self._bucket, name).load(history[version], known, {})
        if stored and version == max(history):
            self._current[name] = stored
        return stored

    def _require_ours(self, name: TableName, table: Table | None) -> None:
        if table is not None and OURS not in parameters(table):
            raise OutsideError(
                f"cannot publish {name}: Glue has a table {self.place(name)} that is not the platform's; "
                "give yours another name, or move that one away"
            )

    def _published(
        self, new: Snapshot, table: Table | None, history: Mapping[int, str], lists: str, layout: Layout, mark: str
    ) -> None:
        """The one call that publishes."""
        name, place = new.table, self.place(new.table)
        words = {**described(new), VERSION: str(new.version), HISTORY: spelled(history)}
        if new.partition is not None:
            words |= switching(mark)
            if lists or table is None:  # a new table has no rows before it has them all
                words |= projected(new, lists, self._bucket.url(lists or f"{_folder(name)}/empty"))
        asked = self._input(new, layout, lists)
        try:
            if table is not None:
                self._update(name, table, words, asked)
                return
            self.make_database(place.database)
            with asking_aws(f"publish {name}"), _racing(name):
                self._glue.create_table(DatabaseName=place.database, TableInput={**asked, "Parameters": words})
        except Conflict:  # the call is repeated when its answer is lost: it may have met itself
            self._made.discard(place.database)  # or somebody has taken the database away
            found = self._table(name)
            if found is None or history_of(found).get(new.version) != history[new.version]:
                raise

    def _update(
        self, name: TableName, table: Table, words: Mapping[str, str], asked: Mapping[str, Any] | None = None
    ) -> None:
        """Replaces the table, if it is still the one that was read. Its versions are ours to keep, not Glue's."""
        whole = asked or {key: table[key] for key in KEPT if key in table}
        with asking_aws(f"publish {name}"), _racing(name):
            self._glue.update_table(
                DatabaseName=self.place(name).database,
                TableInput={**whole, "Parameters": dict(words)},
                VersionId=table["VersionId"],
                SkipArchive=True,
            )

    def make_database(self, name: str) -> None:
        """A database of Glue, if it is not there yet; asked once for each."""
        if name in self._made:
            return
        with asking_aws(f"make the database {name} in Glue"):
            try:
                self._glue.create_database(DatabaseInput={"Name": name})
            except ClientError as error:
                if code(error) != "AlreadyExistsException":
                    raise
        self._made.add(name)

    def _told(self, name: TableName) -> dict[str, str]:
        """Whose a table is, and what it is."""
        told = " ".join(self._descriptions.get(name, "").split())[:LONGEST_DESCRIPTION]
        return {"Owner": self._owners.get(name, "baikal"), **({"Description": told} if told else {})}

    def _input(self, new: Snapshot, layout: Layout, lists: str = "") -> dict[str, Any]:
        data = glue_columns(tuple(column for column in new.columns if column.name != new.partition))
        if new.partition is None:
            storage = layout.storage(new.table, new.parts.get(WHOLE, Part((), 0, 0, "")), data)
        else:
            storage = descriptor(data, self._bucket.url(lists or _folder(new.table)), symlink=bool(lists))
        return {
            "Name": new.table.table,
            **self._told(new.table),
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": glue_columns(tuple(c for c in new.columns if c.name == new.partition)),
            "StorageDescriptor": storage,
        }

    def _made_good(self, table: Table, current: Snapshot) -> Table:
        """The table without the mark of a publisher that is dead. Raises Conflict when it is alive."""
        name = current.table
        if not is_abandoned(table):
            raise Conflict(f"{name} is being published by another run; run again")
        self._taken(table, current)
        good = self._table(name) or {}
        if history_of(good) != history_of(table):
            raise Conflict(f"{name} was published by another run; run again")
        return good

    def _taken(self, table: Table, current: Snapshot) -> None:
        """Does what is left under a mark of this run's own, by which nobody else is at work. Raises Conflict."""
        mark = secrets.token_hex(8)
        try:
            self._update(current.table, table, {**parameters(table), **switching(mark)})
        except Conflict:  # the call is repeated when its answer is lost: it may have met itself
            if parameters(self._table(current.table)).get(SWITCHING) != mark:
                raise
        self._switched(mark, None, current, Layout(self._bucket))

    def _switched(self, mark: str, before: Snapshot | None, new: Snapshot, layout: Layout) -> None:
        """Makes Glue's partitions those of `new`, and takes this run's mark away."""
        name, renewed = new.table, time.monotonic()
        held: Table | None = None

        def hold() -> None:
            nonlocal renewed, held
            held = self._marked(name, mark)
            if time.monotonic() - renewed >= RENEWAL_S:
                self._rewritten(name, mark, lambda words: words, held)
                renewed, held = time.monotonic(), None

        try:
            switch_days(self._glue, layout, self.place(name), before, new, hold)
            self._rewritten(name, mark, switched, held, self._input(new, layout))
        except Conflict:  # somebody took this run for dead, and the last batch of it may have come late
            self._settled(name)
        except OutsideError:  # such as a right that is missing: the next run need not wait until this one is dead
            with suppress(Conflict, OutsideError):
                self._rewritten(name, mark, given_up, None)
            raise

    def _marked(self, name: TableName, mark: str) -> Table:
        """The table, with the mark. Raises Conflict when it is another's by now."""
        table = self._table(name)
        if table is None or parameters(table).get(SWITCHING) != mark:
            raise Conflict(f"{name} is published by another run")
        return table

    def _rewritten(
        self,
        name: TableName,
        mark: str,
        words: Callable[[Mapping[str, str]], Mapping[str, str]],
        held: Table | None,
        asked: Mapping[str, Any] | None = None,
    ) -> None:
        """Replaces the table that has the mark, again when gc has written it meanwhile. Raises Conflict without it.

        `held` is the table with the mark as it was read a moment ago: Glue refuses it when that is not so any more.
        """
        while True:
            table = held or self._marked(name, mark)
            held = None
            with suppress(Conflict):
                return self._update(name, table, words(parameters(table)), asked)

    def _settled(self, name: TableName) -> None:
        """Returns once Glue's partitions are those of the version that stands, whoever publishes meanwhile."""
        while (table := self._table(name)) is not None and (history := history_of(table)):
            current = self._stored(name, history, max(history))
            if current is None or current.snapshot.partition is None:
                return
            if SWITCHING in parameters(table) and not is_abandoned(table):
                time.sleep(1 + random())
                continue
            with suppress(Conflict):
                return self._taken(table, current.snapshot)


def _folder(name: TableName) -> str:
    return f"{name.database}/{name.table}"


@contextmanager
def _racing(name: TableName) -> Iterator[None]:
    """Raises Conflict when Glue says that somebody else was first."""
    try:
        yield
    except ClientError as error:
        if code(error) in _RACED:
            raise Conflict(f"{name} was published by another run at the same time; run again") from error
        raise
