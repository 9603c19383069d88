"""What the local Athena remembers, in one SQLite file: query executions, workgroups, saved and prepared statements.

Documents are kept as the API returns them.
"""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from threading import RLock
from typing import Any

Document = dict[str, Any]
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
_TABLES = """
create table if not exists execution (
  id text primary key, workgroup text, submitted real, token text unique, ended integer, document text, result text
) without rowid;
create index if not exists execution_of_workgroup on execution (workgroup, submitted desc, id);
create table if not exists thing (
  kind text, workgroup text, name text, document text, primary key (kind, workgroup, name)
) without rowid;
"""
_LOST = "GENERIC_INTERNAL_ERROR: the local AWS was ended while the query ran"


class AthenaStore:
    """Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma cache_size = -256")  # KiB: the file itself is in the system's cache
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_TABLES)
        self._fail_the_lost()

    def close(self) -> None:
        """Give back the file."""
        self._connection.close()

    def add(self, document: Document, token: str | None) -> str | None:
        """A new execution; gives the id of the one that this token has made before, and adds nothing then."""
        with self._lock:
            if token is not None and (known := self._rows("select id from execution where token = ?", token)):
                found: str = known[0][0]
                return found
            self._run(
                "insert into execution values (?, ?, ?, ?, 0, ?, '{}')",
                *(document["QueryExecutionId"], document["WorkGroup"], document["Status"]["SubmissionDateTime"]),
                *(token, json.dumps(document)),
            )
        return None

    def put(self, document: Document, result: Document | None = None) -> None:
        """What is known of an execution now; `result` is what GetQueryResults has to know of it."""
        ended = document["Status"]["State"] in ENDED
        sql = "update execution set document = ?, ended = ?, result = coalesce(?, result) where id = ?"
        told = None if result is None else json.dumps(result)
        self._run(sql, json.dumps(document), ended, told, document["QueryExecutionId"])

    def execution(self, id_: str) -> Document | None:
        """None when there is none."""
        return self._document("select document from execution where id = ?", id_)

    def result(self, id_: str) -> Document:
        """What `put` was told; empty for one without."""
        return self._document("select result from execution where id = ?", id_) or {}

    def executions(self, workgroup: str, after: str, size: int) -> list[str]:
        """Ids of a workgroup, newest first, those behind the one named `after`."""
        since = self._rows("select submitted from execution where id = ?", after)
        before = since[0][0] if since else time.time() + 1e9
        sql = (
            "select id from execution where workgroup = ? and (submitted < ? or (submitted = ? and id > ?)) "
            "order by submitted desc, id limit ?"
        )
        return [id_ for (id_,) in self._rows(sql, workgroup, before, before, after, size)]

    def things(self, kind: str, workgroup: str = "") -> list[Document]:
        """By name."""
        sql = "select document from thing where kind = ? and workgroup = ? order by name"
        return [json.loads(text) for (text,) in self._rows(sql, kind, workgroup)]

    def thing(self, kind: str, name: str, workgroup: str = "") -> Document | None:
        """A workgroup, a named query, a prepared statement or a data catalog; None when there is none."""
        sql = "select document from thing where kind = ? and workgroup = ? and name = ?"
        return self._document(sql, kind, workgroup, name)

    def put_thing(self, kind: str, name: str, document: Document, workgroup: str = "") -> None:
        """New, or in the place of the one of this name."""
        sql = "insert or replace into thing values (?, ?, ?, ?)"
        self._run(sql, kind, workgroup, name, json.dumps(document))

    def delete_thing(self, kind: str, name: str, workgroup: str = "") -> bool:
        """Whether there was one."""
        sql = "delete from thing where kind = ? and workgroup = ? and name = ?"
        return self._run(sql, kind, workgroup, name) > 0

    def delete_workgroup(self, name: str) -> None:
        """With all that is in it."""
        self._run("delete from thing where workgroup = ?", name)
        self._run("delete from execution where workgroup = ?", name)
        self.delete_thing("workgroup", name)

    def _fail_the_lost(self) -> None:
        for (text,) in self._rows("select document from execution where ended = 0"):
            document = json.loads(text)
            error = {"ErrorCategory": 1, "ErrorType": 233, "Retryable": True, "ErrorMessage": _LOST}
            ended = {"State": "FAILED", "StateChangeReason": _LOST, "AthenaError": error}
            document["Status"] |= {**ended, "CompletionDateTime": time.time()}
            self.put(document)

    def _run(self, sql: str, *values: object) -> int:
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def _document(self, sql: str, *values: object) -> Document | None:
        return next((json.loads(text) for (text,) in self._rows(sql, *values)), None)

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()
