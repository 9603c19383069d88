"""The catalog of a lake on a Trino cluster: the manifests of a laptop, and views by which everybody else reads them.

A publish is the manifest's rename; then, under the table's lock, one `create or replace view` shows that version. What
people read is a view over that view, which stays as long as the columns do, and with it what was granted on it.
Whoever meets a table whose newest version is not shown, because its publisher died, shows it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime

from connectors.catalogs.manifest import ManifestCatalog
from connectors.catalogs.stored import readable
from connectors.engines.relations import with_columns
from connectors.storage import Folder
from connectors.trino.fronts import Fronts
from connectors.trino.part_tables import NOW, PartTables, digest, parts_table
from connectors.trino.session import TrinoSession
from connectors.trino.sweeping import sweep
from transforms.column import Column
from transforms.names import TableName
from transforms.publish import GRACE
from transforms.snapshot import Snapshot

SHOWN = "_trino.json"
"""What Trino's readers have of a table, beside its manifest."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What Trino's readers have: which version, by which of the tables over parts, and what is said of it.

    `words` is a digest, `place` the catalog of the cluster.
    """

    version: int
    table: str
    words: str
    place: str


class TrinoCatalog(ManifestCatalog):
    """See Catalog. Safe for any number of machines that share the folder and its locks."""

    def __init__(self, storage: Folder, session: TrinoSession, descriptions: Mapping[TableName, str]) -> None:
        super().__init__(storage.root)
        self.session, self.parts = session, PartTables(session, storage)
        self.fronts = Fronts(self.parts, descriptions)
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
        there = self.fronts.is_there(name) if self._noted(name) is None else None
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

    def describe(self, name: TableName, columns: Sequence[Column]) -> None:
        """Tells people what they read of a table, where that has changed and its rows have not."""
        snapshot, told = self.get(name), {column.name: column for column in columns}
        if snapshot is None:
            return
        columns = [told.get(column.name, column) for column in snapshot.columns]
        words = digest(*self.fronts.words(name, columns))
        noted = self._noted(name)
        if noted is None or noted.words == words:
            return
        with self.locked(name):
            if self._noted(name) == noted:  # else whoever publishes meanwhile tells the same
                self.fronts.put(name, columns, self.parts.name(f"{noted.table}{NOW}"), there=self.fronts.is_there(name))
                self._note(name, replace(noted, words=words))

    def place(self, name: TableName) -> str:
        """The view that people read, as statements name it."""
        return self.fronts.place(name)

    def read_place(self, name: TableName) -> str:
        """The same: it borrows nothing."""
        return self.place(name)

    @property
    def borrows(self) -> bool:
        """No: nobody has tables of their own beside the shared ones."""
        return False

    def view_text(self, name: TableName) -> str | None:
        """What a view says, in Trino's own form; empty for a table; None where there is nothing of that name."""
        return self.fronts.text(name)

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
            words = digest(*self.fronts.words(name, snapshot.columns))
            if noted is None or (noted.table, noted.words) != (table, words):
                self.fronts.put(
                    name, snapshot.columns, view, there=self.fronts.is_there(name) if there is None else there
                )
            self._note(name, _Shown(snapshot.version, table, words, self._place))

    def _note(self, name: TableName, shown: _Shown) -> None:
        self._storage.note(_note(name), json.dumps(astuple(shown)).encode())
        self._shown[name] = shown


def _note(name: TableName) -> str:
    return f"{name.database}/{name.table}/{SHOWN}"
