"""Statements that are kept: named queries, which people save, and prepared statements, which EXECUTE runs."""

from __future__ import annotations

import time
from uuid import uuid4

from local_dev.aws.athena.requests import invalid, page_of
from local_dev.aws.athena.store import AthenaStore, Document
from local_dev.aws.athena.workgroups import PRIMARY, WorkGroups
from local_dev.aws.json_service import AwsError

_NAMED, PREPARED = "named_query", "prepared_statement"


class SavedStatements(WorkGroups):
    """The operations on both."""

    _store: AthenaStore

    def create_named_query(self, given: Document) -> Document:
        """Its id is the service's."""
        id_ = str(uuid4())
        group = self._work_group(given.get("WorkGroup", PRIMARY))["Name"]
        kept: Document = {key: given[key] for key in ("Name", "Description", "Database", "QueryString") if key in given}
        self._store.put_thing(_NAMED, id_, {**kept, "NamedQueryId": id_, "WorkGroup": group})
        return {"NamedQueryId": id_}

    def get_named_query(self, given: Document) -> Document:
        """One."""
        return {"NamedQuery": self._named_query(given["NamedQueryId"])}

    def batch_get_named_query(self, given: Document) -> Document:
        """At most 50; those that there are none of come back as unprocessed."""
        found = [(id_, self._store.thing(_NAMED, id_)) for id_ in given["NamedQueryIds"]]
        return {
            "NamedQueries": [one for _, one in found if one],
            "UnprocessedNamedQueryIds": [{"NamedQueryId": id_} for id_, one in found if one is None],
        }

    def list_named_queries(self, given: Document) -> Document:
        """The ids of those in a workgroup."""
        group = self._work_group(given.get("WorkGroup", PRIMARY))["Name"]
        ids = [each["NamedQueryId"] for each in self._store.things(_NAMED) if each["WorkGroup"] == group]
        page, more = page_of(ids, given, 50, str)
        return {"NamedQueryIds": page, **more}

    def update_named_query(self, given: Document) -> None:
        """Its text, name and description."""
        changes: Document = {key: given[key] for key in ("Name", "Description", "QueryString") if key in given}
        old = self._named_query(given["NamedQueryId"])
        self._store.put_thing(_NAMED, old["NamedQueryId"], {**old, **changes})

    def delete_named_query(self, given: Document) -> None:
        """No error when there is none."""
        self._store.delete_thing(_NAMED, given["NamedQueryId"])

    def create_prepared_statement(self, given: Document) -> None:
        """In a workgroup, under a name of its own."""
        group = self._work_group(given["WorkGroup"])["Name"]
        if self._store.thing(PREPARED, given["StatementName"], group) is not None:
            raise invalid(f"PreparedStatement {given['StatementName']} already exists in workGroup {group}")
        self._put_prepared(given, group)

    def get_prepared_statement(self, given: Document) -> Document:
        """One."""
        return {"PreparedStatement": self._prepared(given["StatementName"], given["WorkGroup"])}

    def batch_get_prepared_statement(self, given: Document) -> Document:
        """Those that there are none of come back as unprocessed."""
        group = self._work_group(given["WorkGroup"])["Name"]
        found = [(name, self._store.thing(PREPARED, name, group)) for name in given["PreparedStatementNames"]]
        return {
            "PreparedStatements": [one for _, one in found if one],
            "UnprocessedPreparedStatementNames": [{"StatementName": name} for name, one in found if one is None],
        }

    def list_prepared_statements(self, given: Document) -> Document:
        """Those of a workgroup by name."""
        group = self._work_group(given["WorkGroup"])["Name"]
        told = [
            {key: each[key] for key in ("StatementName", "LastModifiedTime")}
            for each in self._store.things(PREPARED, group)
        ]
        page, more = page_of(told, given, 50, _statement_name)
        return {"PreparedStatements": page, **more}

    def update_prepared_statement(self, given: Document) -> None:
        """The whole of it."""
        self._put_prepared(given, self._prepared(given["StatementName"], given["WorkGroup"])["WorkGroupName"])

    def delete_prepared_statement(self, given: Document) -> None:
        """One that is there."""
        group = self._prepared(given["StatementName"], given["WorkGroup"])["WorkGroupName"]
        self._store.delete_thing(PREPARED, given["StatementName"], group)

    def _named_query(self, id_: str) -> Document:
        found = self._store.thing(_NAMED, id_)
        if found is None:
            raise invalid(f"NamedQuery {id_} was not found")
        return found

    def _prepared(self, name: str, group: str) -> Document:
        found = self._store.thing(PREPARED, name, self._work_group(group)["Name"])
        if found is None:
            what = f"PreparedStatement {name} was not found in workGroup {group}"
            raise AwsError("ResourceNotFoundException", what)
        return found

    def _put_prepared(self, given: Document, group: str) -> None:
        put_prepared(self._store, given["StatementName"], given["QueryStatement"], group, given.get("Description", ""))


def put_prepared(store: AthenaStore, name: str, sql: str, group: str, description: str = "") -> None:
    """New, or in the place of the one of this name."""
    document = {
        "StatementName": name,
        "QueryStatement": sql,
        "WorkGroupName": group,
        "Description": description,
        "LastModifiedTime": time.time(),
    }
    store.put_thing(PREPARED, name, document, group)


def _statement_name(document: Document) -> str:
    return str(document["StatementName"])
