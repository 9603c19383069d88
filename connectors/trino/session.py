"""Statements on a Trino cluster, over its client protocol: sent once, waited for, stopped, their errors told.

Values come as the protocol writes them. Answers are asked for again when the network fails; a statement never is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Any, Literal

from requests import RequestException, Session
from requests.adapters import HTTPAdapter
from trino import exceptions
from trino.auth import BasicAuthentication
from trino.client import ClientSession, TrinoQuery, TrinoRequest
from urllib3.util import Retry

from transforms.errors import OutsideError, Problem, Rejected, UsageError
from transforms.query_stats import SOMEBODY_ASKS, Purpose, QueryStats
from transforms.trino_target import Trino

_AGAIN = Retry(total=3, backoff_factor=0.3, status_forcelist=(429, 502, 503, 504), allowed_methods=("GET", "DELETE"))
"""A statement that could not be sent is sent again, one whose answer was lost is not: it may be at work."""
_AS_ATHENA = {"X-Trino-Client-Capabilities": ""}
"""Without the capability for parametric types timestamps come with milliseconds, as on Athena."""
_REQUEST_S = 120
_PLACE = re.compile(r"\Aline (\d+):(\d+): ")
_REASON = re.compile(r"\[Errno -?\d+\] ([^'\")]+)|timed out|certificate verify failed")
_STOPPED = ("USER_CANCELED", "ADMINISTRATIVELY_KILLED", "ADMINISTRATIVELY_PREEMPTED")
_LACKED = {
    "register_partition procedure is disabled": "hive.allow-register-partition-procedure=true",
    "Cannot write to non-managed Hive table": "hive.non-managed-table-writes-enabled=true",
}
"""What Trino says where a catalog is not as the platform needs it, and the line that is missing."""
Row = Sequence[Any]


class Failed(OutsideError):
    """Trino's own error. `code` is its name for it, `said` its sentence; `kind` is who is at fault."""

    def __init__(self, message: str, code: str, said: str, kind: Literal["user", "trino"] = "trino") -> None:
        super().__init__(message)
        self.code, self.said, self.kind = code, said, kind


@dataclass(frozen=True, slots=True)
class Result:
    """`columns` are names and Trino's types; `count` is what a statement that writes has written."""

    columns: tuple[tuple[str, str], ...]
    rows: Iterator[Row]
    count: int | None


class TrinoSession:
    """One cluster, as one user. Safe to use from several threads at once."""

    def __init__(self, place: Trino, schema: str | None = None) -> None:
        """`schema` is that of names without one."""
        self.place, self._schema = place, schema
        self._running: set[TrinoQuery] = set()
        self.ran: list[QueryStats] = []
        self._lock, self._stopped = Lock(), Event()

    def ask(self, sql: str, purpose: Purpose | None = None) -> Result:
        """Run a statement; rows stream, and hold the connection until the last one. Raises Failed or OutsideError.

        One with a purpose is told by it, in Trino and in `ran`.
        """
        rows = self._rows(purpose.before(sql) if purpose else sql, purpose)
        columns, count = next(rows)
        return Result(columns, rows, count)

    def select(self, sql: str, purpose: Purpose = SOMEBODY_ASKS) -> Result:
        """A query of somebody. Raises Rejected at its place when the query is at fault, else OutsideError."""
        with _blaming_the_query():
            found = self.ask(sql, purpose)
        return Result(found.columns, self._blamed(found.rows), found.count)

    def write(self, sql: str, purpose: Purpose) -> int:
        """How many rows a statement made of somebody's query has written. Raises as `select`."""
        with _blaming_the_query():
            return self._done(sql, purpose).count or 0

    def do(self, sql: str, doing: str) -> list[Row]:
        """A small statement of the platform's own. Raises Failed, which says what it was doing."""
        try:
            return list(self._done(sql).rows)
        except Failed as failed:
            raise Failed(f"cannot {doing}: {failed}", failed.code, failed.said) from failed

    def interrupt(self) -> None:
        """Stop what runs, from another thread; whoever waits for it raises OutsideError."""
        self._stopped.set()
        with self._lock:
            running = list(self._running)
        for query in running:
            _cancel(query)

    def _done(self, sql: str, purpose: Purpose | None = None) -> Result:
        found = self.ask(sql, purpose)
        return Result(found.columns, iter(list(found.rows)), found.count)

    def _rows(self, sql: str, purpose: Purpose | None) -> Iterator[Any]:
        """First the columns and the count, then the rows."""
        with self._asking(), self._connected() as http:
            query = TrinoQuery(
                self._request(http), sql, legacy_primitive_types=True, stats_callback=lambda _: self._require_going()
            )
            with self._at_work(query, purpose):
                rows = query.execute(additional_http_headers=_AS_ATHENA)
                columns = tuple((column["name"], column["type"]) for column in query.columns or ())
                yield columns, query.update_count
                self._require_going()
                yield from rows
                self._require_going()

    @staticmethod
    def _blamed(rows: Iterator[Row]) -> Iterator[Row]:
        with _blaming_the_query():
            yield from rows

    def _request(self, http: Session) -> TrinoRequest:
        place = self.place
        session = ClientSession(
            user=place.user,
            catalog=place.catalog,
            schema=self._schema,
            source="baikal",
            timezone="UTC",
            roles={self.place.catalog: self.place.role} if self.place.role else None,
            properties={"query_max_run_time": f"{self.place.timeout.total_seconds():.0f}s"},
        )
        return TrinoRequest(
            place.host,
            place.port,
            session,
            http_session=http,
            http_scheme=place.scheme,
            auth=self._authentication(),
            max_attempts=1,
            request_timeout=_REQUEST_S,
        )

    def _authentication(self) -> BasicAuthentication | None:
        variable = self.place.password
        if variable is None:
            return None
        password = os.environ.get(variable)
        if not password:
            raise UsageError(f"the environment variable {variable}, which the target names as its password, is not set")
        return BasicAuthentication(self.place.user, password)

    @contextmanager
    def _connected(self) -> Iterator[Session]:
        with Session() as http:
            http.mount(f"{self.place.scheme}://", HTTPAdapter(max_retries=_AGAIN))
            yield http

    @contextmanager
    def _at_work(self, query: TrinoQuery, purpose: Purpose | None) -> Iterator[None]:
        self._require_going()
        at, state = datetime.now(UTC), "FAILED"
        with self._lock:
            self._running.add(query)
        try:
            yield
            state = "SUCCEEDED"
        except exceptions.TrinoQueryError:  # it has ended by itself
            raise
        except BaseException:  # nobody waits for the rest of it
            state = "CANCELLED"
            _cancel(query)
            raise
        finally:
            with self._lock:
                self._running.discard(query)
                if purpose is not None and query.query_id is not None:
                    self.ran.append(_stats(query, purpose, at, state))

    def _require_going(self) -> None:
        if self._stopped.is_set():
            raise OutsideError("stopped")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (exceptions.Error, exceptions.HttpError, RequestException) as error:
            if self._stopped.is_set():
                raise OutsideError("stopped") from error
            told = self._told(error) if isinstance(error, exceptions.TrinoQueryError) else self._unreached(error)
            raise told from error
        except KeyError as error:  # the client takes it for granted that an answer is Trino's
            raise OutsideError(f"{self.place.url} does not answer as Trino does: it tells no {error}") from error

    def _unreached(self, error: Exception) -> OutsideError:
        """The network's error, or that of something that is not a Trino."""
        if isinstance(error, exceptions.HttpError):
            hint = "; correct user: and password: of the target" if "error 401" in str(error) else ""
            return OutsideError(f"{self.place.url} does not answer as Trino does: {_short(error)}{hint}")
        hint = "; `make trino` starts one" if self.place.is_local else ""
        return OutsideError(f"no Trino answers on {self.place.url}: {_reason(error)}{hint}")

    def _told(self, error: exceptions.TrinoQueryError) -> OutsideError:
        code, message, place = str(error.error_name), str(error.message), self.place
        if code in _STOPPED:
            return OutsideError(f"Trino's query {error.query_id} was stopped")
        if code == "CATALOG_NOT_FOUND":
            what = f"Trino on {place.url} has no catalog {place.catalog}"
            return Failed(f"{what}; correct catalog: of the target, or make that one: docs/trino.md", code, message)
        if message in _LACKED:
            what = f"Trino's catalog {place.catalog} is not set up for the platform: {message}"
            return Failed(f"{what}; write {_LACKED[message]} into its properties: docs/trino.md", code, message)
        if code == "PERMISSION_DENIED":
            return Failed(f"Trino does not let {place.user} do this: {message}", code, message)
        if error.error_type == "USER_ERROR":
            return Failed(message, code, message, "user")
        return Failed(f"Trino failed ({code}): {message}", code, message)


def _cancel(query: TrinoQuery) -> None:
    """Once; a query that cannot be told ends by itself when nobody fetches its rows."""
    if not query.cancelled:
        with suppress(exceptions.Error, exceptions.HttpError, RequestException):
            query.cancel()


def _stats(query: TrinoQuery, purpose: Purpose, at: datetime, state: str) -> QueryStats:
    """As Trino told it last; it costs what the cluster costs anyway."""
    told, count = query.stats, query.update_count
    return QueryStats(
        table=purpose.table,
        owner=purpose.owner,
        query_id=str(query.query_id),
        kind=purpose.kind,
        at=at,
        bytes=int(told.get("physicalInputBytes", 0)),
        ms=int(told.get("elapsedTimeMillis", 0)),
        queue_ms=int(told.get("queuedTimeMillis", 0)),
        rows=None if count is None else int(count),
        state=state,
        cost_usd=0.0,
    )


@contextmanager
def _blaming_the_query() -> Iterator[None]:
    """Raises Rejected for what is the query's fault."""
    try:
        yield
    except Failed as failed:
        if failed.kind != "user":
            raise
        message = str(failed)
        place = _PLACE.match(message)
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        raise Rejected([Problem(None, line, column, _PLACE.sub("", message))]) from failed


def _reason(error: Exception) -> str:
    """The last words of a chain of wrapped errors: `Connection refused`."""
    found = _REASON.search(str(error))
    return (found[1] or found[0]) if found else _short(error)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
