"""The catalog of a lake on a Trino cluster: the manifests of a laptop, and views by which everybody else reads them.

A publish is the manifest's rename; then, under the table's lock, one `create or replace view` shows that version. What
people read is a view over that view, which stays as long as the columns do, and with it what was granted on it.
Whoever meets a table whose newest version is not shown, because its publisher died, shows it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime

from connectors.catalogs.manifest import ManifestCatalog
from connectors.catalogs.stored import readable
from connectors.engines.relations import with_columns
from connectors.storage import Folder
from connectors.trino.part_tables import NOW, SCHEMA, PartTables, parts_table
from connectors.trino.session import Failed, TrinoSession
from connectors.trino.sweeping import sweep
from transforms.column import Column
from transforms.errors import OutsideError
from transforms.names import TableName
from transforms.publish import GRACE
from transforms.snapshot import Snapshot

SHOWN, GRANTS = "_trino.json", "_trino_grants.json"
"""What Trino's readers have of a table, and whom it is to be granted again; beside its manifest."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """Which version Trino's readers have, by which of the tables over parts, and in which catalog of which cluster."""

    version: int
    table: str
    place: str


class TrinoCatalog(ManifestCatalog):
    """See Catalog. Safe for any number of machines that share the folder and its locks."""

    def __init__(self, storage: Folder, session: TrinoSession) -> None:
        super().__init__(storage.root)
        self.session, self.parts = session, PartTables(session, storage)
        self._place = f"{session.place.url}/{session.place.catalog}"
        self._shown: dict[TableName, _Shown] = {}
        self._swept = False

    def get(self, name: TableName, version: int | None = None) -> Snapshot | None:
        """The current snapshot, or a kept older one. What a publisher that died has not shown is shown now."""
        snapshot = super().get(name, version)
        if version is None and snapshot is not None and not self._is_shown(snapshot):
            self._show(name)
        return snapshot

    def commit(
        self, name: TableName, expected: int | None, new: Snapshot, *, standing_on: int | None = None
    ) -> Snapshot:
        """Make `new` the table, if it is still at version `expected` and `standing_on` is kept, and show it.

        Raises Conflict having changed nothing; OutsideError when something that is not the platform's is in its place.
        """
        self.parts.ensure(new)
        there = self._has_view(name) if self._noted(name) is None else None
        published = super().commit(name, expected, new, standing_on=standing_on)
        self._show(name, there)
        return published

    def forget(self, name: TableName, versions: Collection[int], seen: int) -> None:
        """Remove these versions, and what Trino has of those that were removed before."""
        super().forget(name, versions, seen)
        now = datetime.now(UTC)
        sweep(self.parts, name, self.history(name), now)
        if not self._swept:
            self.parts.drop_staged(now - GRACE)
            self._swept = True

    def select(self, snapshot: Snapshot, columns: Iterable[Column]) -> str:
        """A relation with the rows of exactly this version, published or not; a column that it lacks is NULL."""
        current = super().get(snapshot.table)
        if not (
            current is not None
            and self._is_shown(current)
            and parts_table(current) == parts_table(snapshot)
            and all(current.parts.get(value) == part for value, part in snapshot.parts.items())
        ):
            self.parts.ensure(snapshot)
        return with_columns(f"({self.parts.select(snapshot)})", snapshot, columns)

    def place(self, name: TableName) -> str:
        """The view that people read, as statements name it."""
        return self.parts.name(name.table, name.database)

    def read_place(self, name: TableName) -> str:
        """The same: it borrows nothing."""
        return self.place(name)

    @property
    def borrows(self) -> bool:
        """No: nobody has tables of their own beside the shared ones."""
        return False

    def view_text(self, name: TableName) -> str | None:
        """What a view says, in Trino's own form; empty for a table; None where there is nothing of that name."""
        tables = f'"{self.session.place.catalog}".information_schema'
        asked = (
            f"select v.view_definition from {tables}.tables t left join {tables}.views v "
            "on t.table_schema = v.table_schema and t.table_name = v.table_name "
            f"where t.table_schema = '{name.database}' and t.table_name = '{name.table}'"
        )
        found = self.session.do(asked, f"read {name}")
        return (found[0][0] or "") if found else None

    def _is_shown(self, snapshot: Snapshot) -> bool:
        known = self._shown.get(snapshot.table)
        if known is None or known.version != snapshot.version:
            known = self._noted(snapshot.table)
        return known is not None and known.version == snapshot.version

    def _noted(self, name: TableName) -> _Shown | None:
        """None also where it was shown elsewhere: the folder belongs to another cluster now."""
        content = self._storage.noted(_note(name))
        if content is None:
            return None
        with readable(_note(name)):
            found = _Shown(*json.loads(content))
        if found.place != self._place:
            return None
        self._shown[name] = found
        return found

    def _show(self, name: TableName, there: bool | None = None) -> None:
        """Readers of Trino have the newest version from here on, at once; under the lock, so that none comes before.

        `there` tells whether what people read is there already, if that is known.
        """
        with self.locked(name):
            snapshot, noted = super().get(name), self._noted(name)
            if snapshot is None or (noted and noted.version == snapshot.version):
                return
            self.parts.ensure(snapshot, again=True)  # a gc may have taken some, and cannot while the lock is held
            table = parts_table(snapshot)
            view = self.parts.name(f"{table}{NOW}")
            self.session.do(f"create or replace view {view} as {self.parts.select(snapshot)}", f"publish {name}")
            if noted is None or noted.table != table:
                self._show_columns(snapshot, view, self._has_view(name) if there is None else there)
            shown = _Shown(snapshot.version, table, self._place)
            self._storage.note(_note(name), json.dumps(astuple(shown)).encode())
            self._shown[name] = shown

    def _show_columns(self, snapshot: Snapshot, view: str, there: bool) -> None:
        """What people read, made or replaced. Trino takes grants with a view that it replaces: they are given again.

        They are noted before, so that they are given again, too, when this process dies between the two.
        """
        name, note = snapshot.table, _note(snapshot.table, GRANTS)
        if not there:
            self.parts.make_schema(name.database)
        grants = json.loads(self._storage.noted(note) or b"[]") or (self._grants(name) if there else [])
        if grants:
            self._storage.note(note, json.dumps(grants).encode())
        items = ", ".join(f'"{column.name}"' for column in snapshot.columns)
        self.session.do(f"create or replace view {self.place(name)} as select {items} from {view}", f"publish {name}")
        for grantee, privilege, option in grants:
            self.session.do(f"grant {privilege} on {self.place(name)} to {grantee}{option}", f"grant on {name} again")
        if grants:
            self._storage.unnote(note)

    def _grants(self, name: TableName) -> list[tuple[str, str, str]]:
        """Whom, what, and with which option; the owner has everything anyway. None where the catalog keeps none."""
        tables = f'"{self.session.place.catalog}".information_schema'
        asked = (
            f"select grantee_type, grantee, privilege_type, is_grantable from {tables}.table_privileges "
            f"where table_schema = '{name.database}' and table_name = '{name.table}' and grantee <> current_user"
        )
        try:
            found = self.session.do(asked, f"read the grants on {name}")
        except Failed as failed:
            if failed.code == "NOT_SUPPORTED":
                return []
            raise
        return [
            (f'{kind} "{grantee}"', privilege, " with grant option" if option == "YES" else "")
            for kind, grantee, privilege, option in found
        ]

    def _has_view(self, name: TableName) -> bool:
        """Whether what people read is there. Raises OutsideError when a table or view that is not ours has the name."""
        text = self.view_text(name)
        if text is not None and f"{SCHEMA}." not in text.replace('"', ""):
            raise OutsideError(
                f"cannot publish {name}: Trino has {self.place(name)}, which is not the platform's; "
                "give yours another name, or move that one away"
            )
        return text is not None


def _note(name: TableName, file: str = SHOWN) -> str:
    return f"{name.database}/{name.table}/{file}"
