"""The views that people read, one for each table, over the view of the version that is published.

A front is replaced only when its columns or what is said of them change, and grants on it are given again then: Trino
takes them with a view that it replaces. Decides no version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from connectors.storage import Folder
from connectors.trino.part_tables import SCHEMA, PartTables, text
from connectors.trino.session import Failed, TrinoSession
from transforms.column import Column
from transforms.errors import OutsideError
from transforms.names import TableName

GRANTS = "_trino_grants.json"
"""Whom a front is to be granted again, beside the table's manifest, for as long as that may be lost."""


class Fronts:
    """Of one lake in one catalog; `descriptions` are told of its tables."""

    def __init__(self, parts: PartTables, descriptions: Mapping[TableName, str]) -> None:
        self._session: TrinoSession = parts.session
        self._storage: Folder = parts.storage
        self._parts, self._descriptions = parts, descriptions
        self._information = f'"{parts.session.place.catalog}".information_schema'

    def place(self, name: TableName) -> str:
        """As statements name it."""
        return self._parts.name(name.table, name.database)

    def words(self, name: TableName, columns: Sequence[Column]) -> list[str]:
        """What is said of a table and its columns."""
        return [self._descriptions.get(name, ""), *(f"{column.name} {column.description}" for column in columns)]

    def text(self, name: TableName) -> str | None:
        """What any view says, in Trino's own form; empty for a table; None where there is nothing of that name."""
        asked = (
            f"select v.view_definition from {self._information}.tables t left join {self._information}.views v "
            "on t.table_schema = v.table_schema and t.table_name = v.table_name "
            f"where t.table_schema = '{name.database}' and t.table_name = '{name.table}'"
        )
        found = self._session.do(asked, f"read {name}")
        return (found[0][0] or "") if found else None

    def is_there(self, name: TableName) -> bool:
        """Raises OutsideError when a table or view that is not ours has the name."""
        found = self.text(name)
        if found is not None and f"{SCHEMA}." not in found.replace('"', ""):
            raise OutsideError(
                f"cannot publish {name}: Trino has {self.place(name)}, which is not the platform's; "
                "give yours another name, or move that one away"
            )
        return found is not None

    def put(self, name: TableName, columns: Sequence[Column], view: str, *, there: bool) -> None:
        """Makes or replaces a front; to be called under the table's lock.

        Its grants are noted before, so that they are given again, too, when this process dies on the way.
        """
        note = f"{name.database}/{name.table}/{GRANTS}"
        if not there:
            self._parts.make_schema(name.database)
        grants = json.loads(self._storage.noted(note) or b"[]") or (self._grants(name) if there else [])
        if grants:
            self._storage.note(note, json.dumps(grants).encode())
        for statement in self._statements(name, columns, view):
            self._session.do(statement, f"publish {name}")
        for grantee, privilege, option in grants:
            self._session.do(f"grant {privilege} on {self.place(name)} to {grantee}{option}", f"grant on {name} again")
        if grants:
            self._storage.unnote(note)

    def _statements(self, name: TableName, columns: Sequence[Column], view: str) -> list[str]:
        items = ", ".join(f'"{column.name}"' for column in columns)
        about = self._descriptions.get(name)
        comment = f" comment {text(' '.join(about.split()))}" if about else ""
        return [
            f"create or replace view {self.place(name)}{comment} as select {items} from {view}",
            *(
                f'comment on column {self.place(name)}."{column.name}" is {text(column.description)}'
                for column in columns
                if column.description
            ),
        ]

    def _grants(self, name: TableName) -> list[tuple[str, str, str]]:
        """Whom, what, and with which option; the owner has everything anyway. None where the catalog keeps none."""
        asked = (
            f"select grantee_type, grantee, privilege_type, is_grantable from {self._information}.table_privileges "
            f"where table_schema = '{name.database}' and table_name = '{name.table}' and grantee <> current_user"
        )
        try:
            found = self._session.do(asked, f"read the grants on {name}")
        except Failed as failed:
            if failed.code == "NOT_SUPPORTED":
                return []
            raise
        return [
            (f'{kind} "{grantee}"', privilege, " with grant option" if option == "YES" else "")
            for kind, grantee, privilege, option in found
        ]
