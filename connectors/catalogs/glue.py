"""The catalog of production: Glue. A publish is one UpdateTable with the VersionId that was read.

What a snapshot is, stands in the bucket (`connectors.catalogs.stored`); the table's parameters in Glue name the one
that is current, and the kept older ones. A table without days is switched with them, at once. Of a table with days the
parameters come first, with a mark that partitions are still to be switched (`connectors.catalogs.glue_days`); whoever
meets the mark does it again, so a killed publisher is made good by the next one. Decides nothing about rows.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from connectors.aws.bucket import Bucket
from connectors.aws.hive import descriptor, glue_columns
from connectors.aws.session import AwsSession, asking_aws, code
from connectors.catalog import STAGING
from connectors.catalogs.glue_days import switch_days
from connectors.catalogs.glue_parts import Place, storage_of
from connectors.catalogs.stored import SnapshotFiles, Stored, readable
from transforms.errors import Conflict, OutsideError
from transforms.names import TableName
from transforms.publish import evolved
from transforms.snapshot import WHOLE, Part, Snapshot
from transforms.target import Aws

VERSION, HISTORY, SWITCHING, OURS = "baikal.version", "baikal.history", "baikal.switching", "baikal.table"
"""Parameters of a table: its version; the kept ones as `version:file` with commas; since when its days are being
switched; its name, by which it is known as ours."""
SWITCHING_TIME = timedelta(minutes=5)
"""How long a run has for its days before another one takes it for dead, and does what is left."""
_RACED = ("ConcurrentModificationException", "AlreadyExistsException", "EntityNotFoundException")
_KEPT = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType")
"""What UpdateTable takes of what GetTable gives."""
Table = Mapping[str, Any]


class GlueCatalog:
    """See Catalog. Safe for any number of machines."""

    def __init__(self, session: AwsSession, bucket: Bucket, aws: Aws, shared: GlueCatalog | None = None) -> None:
        """What is not here is read from `shared`, and never written there."""
        self._session, self._bucket, self._prefix, self._shared = session, bucket, aws.database_prefix, shared
        self.folder = aws.folder
        self._current: dict[TableName, Stored] = {}

    def get(self, name: TableName, version: int | None = None) -> Snapshot | None:
        """The current snapshot, or a kept older one; None where there is none.

        Days that a publisher which died has left to be switched are switched now. Files of a table that is only in the
        shared catalog are named from the bucket's root.
        """
        holder = self._holder(name)
        if holder is self:
            return self._kept(name, version)
        borrowed = holder.get(name, version)
        return borrowed and borrowed.moved(f"/{holder.folder}/")

    def own(self, name: TableName) -> Snapshot | None:
        """The current snapshot of what is here."""
        return self._kept(name, None)

    def _kept(self, name: TableName, version: int | None) -> Snapshot | None:
        table = self._table(name)
        history = _history(table)
        asked = max(history, default=None) if version is None else version
        if table is None or asked is None or asked not in history:
            return None
        stored = self._stored(name, history, asked)
        if stored is None:
            if version is None:
                raise OutsideError(f"version {asked} of {name} is missing in {self._bucket.url(_folder(name))}")
            return None
        if version is None and _is_abandoned(table):
            self._switched(table, None, stored.snapshot)
        return stored.snapshot

    def names(self) -> Iterator[TableName]:
        """Every published table, sorted."""
        with asking_aws("read Glue"):
            pages = self._glue.get_paginator("get_databases").paginate()
            databases = [database["Name"] for page in pages for database in page["DatabaseList"]]
            for database in sorted(name for name in databases if name.startswith(self._prefix)):
                tables = self._glue.get_paginator("get_tables").paginate(DatabaseName=database)
                found = [_parameters(table) for page in tables for table in page["TableList"]]
                names = {TableName.parse(one[OURS]) for one in found if VERSION in one}
                yield from sorted(name for name in names if self.place(name).database == database)

    def versions(self, name: TableName) -> list[int]:
        """The kept versions, newest first."""
        return sorted(_history(self._table(name)), reverse=True)

    def history(self, name: TableName) -> list[Snapshot]:
        """The kept snapshots, newest first."""
        history = _history(self._table(name))
        found = (self._stored(name, history, version) for version in sorted(history, reverse=True))
        return [stored.snapshot for stored in found if stored]

    def commit(self, name: TableName, expected: int | None, new: Snapshot) -> Snapshot:
        """Make `new` the table, if it is still at version `expected` (None: not there yet).

        Returns it with its version number. Raises Conflict otherwise, having changed nothing; OutsideError when
        something that is not the platform's stands in its place.
        """
        table = self._table(name)
        history = _history(table)
        current = max(history, default=None)
        if current != expected:
            found, wanted = (v if v is not None else "none" for v in (current, expected))
            raise Conflict(f"{name} was published by another run: at version {found}, not {wanted}; run again")
        before = self._stored(name, history, current) if current is not None else None
        if table is not None and before is not None and SWITCHING in _parameters(table):
            if not _is_abandoned(table):
                raise Conflict(f"{name} is being published by another run; run again")
            table = self._switched(table, None, before.snapshot)
            if _history(table) != history:
                raise Conflict(f"{name} was published by another run; run again")
        version = (current or 0) + 1
        snapshot = replace(new, version=version, evolved=evolved(before.snapshot if before else None, new))
        file = f"{version}-{secrets.token_hex(4)}.json"
        stored = SnapshotFiles(self._bucket, name).save(file, before, snapshot)
        table = self._published(snapshot, table, {**history, version: file})
        self._current[name] = stored
        if snapshot.partition is not None:
            self._switched(table, before.snapshot if before else None, snapshot)
        return snapshot

    def view_text(self, name: TableName) -> str | None:
        """What Glue says of a view, in Athena's own form; None where there is nothing of that name."""
        table = self._table(name)
        return None if table is None else str(table.get("ViewOriginalText", ""))

    @contextmanager
    def locked(self, name: TableName) -> Iterator[None]:
        """Nothing can be locked between machines: a publish and gc meet in Glue, where one of them is refused."""
        yield

    def forget(self, name: TableName, versions: Collection[int]) -> None:
        """Keep these versions no longer. Raises Conflict when another run published meanwhile."""
        table = self._table(name)
        history = _history(table)
        kept = {version: file for version, file in history.items() if version not in versions}
        if table is None or kept == history:
            return
        self._update(name, table, {**_parameters(table), HISTORY: _spelled(kept)})
        left = [stored for version in kept if (stored := self._stored(name, kept, version))]
        SnapshotFiles(self._bucket, name).forget(left, set(kept.values()))

    def is_settled(self, name: TableName) -> bool:
        """Whether Glue's partitions are those of the current version: no publisher is between the two."""
        return SWITCHING not in _parameters(self._holder(name)._table(name) or {})

    @property
    def staging(self) -> str:
        """The database for tables that are there only while a build is at work."""
        return f"{self._prefix}{STAGING}"

    def place(self, name: TableName) -> Place:
        """Where a table stands in Glue, or would."""
        return Place(f"{self._prefix}{name.database}", name.table)

    def read_place(self, name: TableName) -> Place:
        """Where it is read: among the shared tables, when it is not here."""
        return self._holder(name).place(name)

    @property
    def borrows(self) -> bool:
        """Whether there are shared tables beside."""
        return self._shared is not None

    def _holder(self, name: TableName) -> GlueCatalog:
        return self if self._shared is None or self._table(name) is not None else self._shared

    @property
    def _glue(self) -> Any:
        return self._session.client("glue")

    def _table(self, name: TableName) -> Table | None:
        place = self.place(name)
        with asking_aws(f"read {name} in Glue"):
            try:
                found: Table = self._glue.get_table(DatabaseName=place.database, Name=place.table)["Table"]
            except ClientError as error:
                if code(error) == "EntityNotFoundException":
                    return None
                raise
        return found

    def _stored(self, name: TableName, history: Mapping[int, str], version: int) -> Stored | None:
        known = self._current.get(name)
        if known and known.snapshot.version == version:
            return known
        stored = SnapshotFiles(self._bucket, name).load(history[version], known, {})
        if stored and version == max(history):
            self._current[name] = stored
        return stored

    def _published(self, new: Snapshot, table: Table | None, history: Mapping[int, str]) -> Table:
        """The one call that publishes; the table as it is then."""
        name, place = new.table, self.place(new.table)
        if table is not None and OURS not in _parameters(table):
            raise OutsideError(
                f"cannot publish {name}: Glue has a table {place} that is not the platform's; "
                "give yours another name, or move that one away"
            )
        parameters = {**_described(new), VERSION: str(new.version), HISTORY: _spelled(history)}
        if new.partition is not None:
            parameters[SWITCHING] = datetime.now(UTC).isoformat()
        asked = {**self._input(new), "Parameters": parameters}
        try:
            if table is not None:
                return self._update(name, table, parameters, asked)
            self.make_database(name)
            with asking_aws(f"publish {name}"), _racing(name):
                self._glue.create_table(DatabaseName=place.database, TableInput=asked)
        except Conflict:  # the call is repeated when its answer is lost: it may have met itself
            found = self._table(name)
            if found is None or _history(found).get(new.version) != history[new.version]:
                raise
        return self._table(name) or {}

    def _update(
        self, name: TableName, table: Table, parameters: Mapping[str, str], asked: Mapping[str, Any] | None = None
    ) -> Table:
        """Replaces the table, if it is still the one that was read."""
        whole = asked or {key: table[key] for key in _KEPT if key in table}
        with asking_aws(f"publish {name}"), _racing(name):
            self._glue.update_table(
                DatabaseName=self.place(name).database,
                TableInput={**whole, "Parameters": dict(parameters)},
                VersionId=table["VersionId"],
            )
        return self._table(name) or {}

    def make_database(self, name: TableName) -> None:
        """The database of a table or view, if it is not there yet."""
        with asking_aws(f"make the database of {name}"):
            try:
                self._glue.create_database(DatabaseInput={"Name": self.place(name).database})
            except ClientError as error:
                if code(error) != "AlreadyExistsException":
                    raise

    def _input(self, new: Snapshot) -> dict[str, Any]:
        data = glue_columns(tuple(column for column in new.columns if column.name != new.partition))
        if new.partition is None:
            storage = storage_of(self._bucket, new.table, new.parts.get(WHOLE, Part((), 0, 0, "")), data)
        else:
            storage = descriptor(data, self._bucket.url(_folder(new.table)))
        return {
            "Name": new.table.table,
            "Owner": "baikal",
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": glue_columns(tuple(c for c in new.columns if c.name == new.partition)),
            "StorageDescriptor": storage,
        }

    def _switched(self, table: Table, before: Snapshot | None, new: Snapshot) -> Table:
        """The table without its mark, once Glue's partitions are those of `new`."""
        switch_days(self._glue, self._bucket, self.place(new.table), before, new)
        parameters = {key: value for key, value in _parameters(table).items() if key != SWITCHING}
        try:
            return self._update(new.table, table, parameters)
        except Conflict:  # somebody took this run for dead, or cleaned: what stands now is not known
            return self._settled(new.table)

    def _settled(self, name: TableName) -> Table:
        """The table, once Glue's partitions are those of the version that stands, whoever publishes meanwhile."""
        while (table := self._table(name)) is not None and (history := _history(table)):
            current = self._stored(name, history, max(history))
            if current is not None:
                switch_days(self._glue, self._bucket, self.place(name), None, current.snapshot)
            parameters = {key: value for key, value in _parameters(table).items() if key != SWITCHING}
            with suppress(Conflict):
                return self._update(name, table, parameters)
        return {}


def _folder(name: TableName) -> str:
    return f"{name.database}/{name.table}"


def _parameters(table: Table) -> Mapping[str, str]:
    return table.get("Parameters") or {}


def _is_abandoned(table: Table) -> bool:
    """Whether days are still to be switched, and whoever began must be dead."""
    since = _parameters(table).get(SWITCHING)
    return since is not None and datetime.now(UTC) - datetime.fromisoformat(since) >= SWITCHING_TIME


def _described(new: Snapshot) -> dict[str, str]:
    """What people and other tools see of a table in Glue."""
    return {
        "EXTERNAL": "TRUE",
        "classification": "parquet",
        OURS: str(new.table),
        "baikal.run": new.run,
        "baikal.published_at": new.published_at.isoformat(),
        "numRows": str(new.rows),
        "totalSize": str(new.bytes),
    }


def _history(table: Table | None) -> dict[int, str]:
    """The kept versions and the names of their headers; empty for what is not ours."""
    text = _parameters(table).get(HISTORY, "") if table else ""
    with readable("the history in Glue"):
        return {int(version): file for version, file in (each.split(":") for each in text.split(",") if each)}


def _spelled(history: Mapping[int, str]) -> str:
    return ",".join(f"{version}:{history[version]}" for version in sorted(history))


@contextmanager
def _racing(name: TableName) -> Iterator[None]:
    """Raises Conflict when Glue says that somebody else was first."""
    try:
        yield
    except ClientError as error:
        if code(error) in _RACED:
            raise Conflict(f"{name} was published by another run at the same time; run again") from error
        raise
