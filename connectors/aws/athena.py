"""Athena's queries: started once whatever gets lost, waited for, stopped, counted. Decides nothing about their SQL.

What may be tried again and what may not (a user's error, a cutoff, a cancelled query never) is decided here.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Any

from botocore.exceptions import ClientError

from connectors.aws.bucket import Bucket
from connectors.aws.session import TARGETS, asking_aws, code
from connectors.aws.slots import Lease, Slots
from transforms.aws_target import Aws
from transforms.cost import query_cost
from transforms.errors import OutsideError, Problem, Rejected, Stopped
from transforms.query_stats import SOMEBODY_ASKS, Purpose, QueryStats

RESULTS = "_athena"
"""The folder of the lake for what Athena writes of its own."""
FIRST_POLL_S, LAST_POLL_S = 0.02, 1.0
"""How long to wait between two looks at a query: between these a twelfth of its time, so its end is seen 4 % late."""
LOCAL_POLL_S = 0.1
"""The longest wait of an AWS on this machine, which nobody shares."""
_INVALID = "InvalidRequestException"
_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
_USER = 2
"""Athena's category of errors for which the statement or its data is at fault."""
_ENFORCED = "enforces a centralized output location"
_DENIED = re.compile(
    r"access ?denied|permission_denied|insufficient (lake formation )?permission|not authorized to perform", re.I
)
_CUTOFF = "Bytes scanned limit"
_PLACE = re.compile(r"line (\d+):(\d+): ?")
_CODE = re.compile(r"\A(?:[A-Z]+(?:_[A-Z]+)+: )?")


class Ended(OutsideError):
    """The query has failed, or was not even begun."""


class Retryable(Ended):
    """The query failed for a reason of Athena's own, and may be sent again, to a fresh location."""


class NotThere(OutsideError):
    """Athena does not know the query, or not any more."""


class Queries:
    """Runs statements on one workgroup; a lake has at most `aws.queries` at once. Safe to use from several threads."""

    def __init__(self, bucket: Bucket, aws: Aws, output: str) -> None:
        """`bucket` has the slots, `output` is an address in a bucket for what Athena writes beside the results."""
        self._session, self._aws, self._output = bucket.session, aws, output
        self._running: set[str] = set()
        self._lock, self._stopped = Lock(), Event()
        self._slots = Slots(bucket, aws.queries, self._stopped)
        self._ran: dict[str, QueryStats] = {}

    @property
    def ran(self) -> tuple[QueryStats, ...]:
        """Every query that has ended, in the order of their ends."""
        with self._lock:
            return tuple(self._ran.values())

    def run(
        self,
        sql: str,
        purpose: Purpose = SOMEBODY_ASKS,
        *,
        token: str | None = None,
        started: Callable[[str], None] = lambda id_: None,
    ) -> str:
        """The id of the query, once it has succeeded. A start whose answer is lost never starts a second query.

        By its `token` it is the same query whoever sends it, and when. `started` is told the id before it has ended.
        Raises Rejected, Retryable or OutsideError.
        """
        with self._slot(purpose) as lease:
            id_ = self._start(purpose.before(sql), token or secrets.token_hex(16))
            found = self._followed(id_, purpose, lease, started)
        _require_success(found)
        return id_

    def outcome(self, id_: str, sql: str, purpose: Purpose, token: str) -> tuple[str, str | None]:
        """A query that another process has sent; and where Athena tells which files it wrote, None: it did not succeed.

        Without its id it is sent again by its token, which may start it. It is waited for and never stopped: that
        process may be alive, and wait for it, too. Raises NotThere, OutsideError.
        """
        with self._slot(purpose) as lease:
            id_ = id_ or self._again(purpose.before(sql), token)
            found = self._ended(id_, lease)
        self._tell(found, purpose)
        if found["Status"]["State"] != "SUCCEEDED":
            return id_, None
        return id_, str(found.get("Statistics", {}).get("DataManifestLocation", ""))

    def _again(self, sql: str, token: str) -> str:
        try:
            return self._start(sql, token)
        except (OutsideError, Rejected) as error:
            if isinstance(error.__cause__, ClientError) and code(error.__cause__) == _INVALID:
                raise NotThere(f"Athena does not take a query with the token {token} again") from error
            raise

    @contextmanager
    def _slot(self, purpose: Purpose) -> Iterator[Lease | None]:
        """DDL is counted by itself, and is over at once."""
        if purpose.kind == "view":
            yield None
            return
        with self._slots.taken() as lease:
            yield lease

    def _followed(
        self, id_: str, purpose: Purpose, lease: Lease | None, started: Callable[[str], None]
    ) -> dict[str, Any]:
        """The query as it is when it has ended; it is stopped when nobody waits for it any more."""
        with self._lock:
            self._running.add(id_)
        try:
            started(id_)
            found = self._ended(id_, lease)
        except BaseException:
            self._stop(id_)
            raise
        finally:
            with self._lock:
                self._running.discard(id_)
        self._tell(found, purpose)
        return found

    def _tell(self, found: dict[str, Any], purpose: Purpose) -> None:
        with self._lock:
            self._ran[found["QueryExecutionId"]] = _stats(found, purpose)

    def counted(self, id_: str, rows: int) -> None:
        """Notes how many rows a query gave or wrote: Athena does not tell with its end."""
        with self._lock:
            if id_ in self._ran:
                self._ran[id_] = replace(self._ran[id_], rows=rows)

    def rows(self, id_: str) -> Iterator[list[str | None]]:
        """The rows of a query that succeeded, in Athena's text form, without the names above them."""
        count = 0
        with asking_aws("read the result of a query"):
            pages = self._athena.get_paginator("get_query_results").paginate(QueryExecutionId=id_)
            for number, page in enumerate(pages):
                for row in page["ResultSet"]["Rows"][1 if number == 0 else 0 :]:
                    count += 1
                    yield [value.get("VarCharValue") for value in row["Data"]]
        self.counted(id_, count)

    def interrupt(self) -> None:
        """Stops every query that runs, from another thread; whoever waits for one raises OutsideError."""
        self._stopped.set()
        with self._lock:
            running = list(self._running)
        for id_ in running:
            self._stop(id_)
        self.close()

    def close(self) -> None:
        """Gives back what this process has of the lake's slots and no query needs."""
        self._slots.give_back()

    @property
    def _athena(self) -> Any:
        return self._session.client("athena")

    def _start(self, sql: str, token: str) -> str:
        """botocore repeats a start whose answer was lost; by its token it is the same query."""
        if self._stopped.is_set():
            raise Stopped("stopped")
        try:
            with asking_aws("start a query on Athena"):
                started = self._athena.start_query_execution(
                    QueryString=sql,
                    ClientRequestToken=token,
                    WorkGroup=self._aws.workgroup,
                    ResultConfiguration={"OutputLocation": self._output},
                )
        except OutsideError as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and _is_refusal(cause):
                told = str(cause.response["Error"].get("Message"))
                if code(cause) == _INVALID and _PLACE.match(told):  # it cannot be read: no query is made of it
                    raise Rejected([_problem(told)]) from cause
                raise Ended(str(error)) from cause
            raise
        return str(started["QueryExecutionId"])

    def _ended(self, id_: str, lease: Lease | None) -> dict[str, Any]:
        began, until = time.monotonic(), time.monotonic() + self._aws.timeout.total_seconds()
        longest = LOCAL_POLL_S if self._aws.is_local else LAST_POLL_S
        while True:
            found = self._asked(id_)
            if found["Status"]["State"] in _ENDED:
                return found
            if time.monotonic() > until:
                raise Stopped(f"Athena's query {id_} ran longer than {self._aws.timeout}, the target's timeout")
            scanned = found.get("Statistics", {}).get("DataScannedInBytes", 0)
            if self._aws.scan_limit is not None and scanned > self._aws.scan_limit:
                raise Stopped(f"Athena's query {id_} read more than the scan_limit, {self._aws.scan_limit:,} bytes")
            if lease is not None:
                lease.renew()
            if self._stopped.wait(min(max(FIRST_POLL_S, (time.monotonic() - began) / 12), longest)):
                raise Stopped(f"Athena's query {id_} was stopped")

    def _asked(self, id_: str) -> dict[str, Any]:
        with asking_aws("ask Athena for a query"):
            try:
                found: dict[str, Any] = self._athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
            except ClientError as error:
                if code(error) == _INVALID:
                    raise NotThere(f"Athena does not know the query {id_}") from error
                raise
        return found

    def _stop(self, id_: str) -> None:
        with suppress(OutsideError), asking_aws("stop a query on Athena"):
            self._athena.stop_query_execution(QueryExecutionId=id_)


def _is_refusal(error: ClientError) -> bool:
    """Whether nothing was begun: of 5xx and lost answers nobody knows."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)) < 500


def _stats(found: dict[str, Any], purpose: Purpose) -> QueryStats:
    told, state = found.get("Statistics", {}), found["Status"]["State"]
    scanned = int(told.get("DataScannedInBytes", 0))
    return QueryStats(
        purpose.table,
        purpose.owner,
        found["QueryExecutionId"],
        purpose.kind,
        found["Status"].get("SubmissionDateTime") or datetime.now(UTC),
        scanned,
        int(told.get("TotalExecutionTimeInMillis", 0)),
        int(told.get("QueryQueueTimeInMillis", 0)),
        None,
        state,
        query_cost(scanned, state, ddl=purpose.kind == "view"),
    )


def _require_success(found: dict[str, Any]) -> None:
    status = found["Status"]
    if status["State"] == "SUCCEEDED":
        return
    reason = str(status.get("StateChangeReason") or status.get("AthenaError", {}).get("ErrorMessage") or "no reason")
    error = status.get("AthenaError", {})
    if status["State"] == "CANCELLED" or _CUTOFF in reason:
        raise Stopped(f"Athena's query {found['QueryExecutionId']} was stopped: {reason}")
    if error.get("Retryable"):
        raise Retryable(f"Athena failed: {reason}")
    if _ENFORCED in reason:
        raise Ended(enforces(str(found.get("WorkGroup", ""))))
    if _DENIED.search(reason):
        raise Ended(f"Athena may not do this: {reason}; ask for the permission, or correct role: {TARGETS}")
    if error.get("ErrorCategory") == _USER:
        raise Rejected([_problem(reason)])
    raise Ended(f"Athena failed: {reason}")


def enforces(workgroup: str) -> str:
    """What to tell of a workgroup that puts rows where it likes."""
    return (
        f"Athena's workgroup {workgroup} enforces a location of its own for results, so no table can be staged; "
        f'turn off "Override client-side settings" there, or correct workgroup: {TARGETS}'
    )


def _problem(reason: str) -> Problem:
    """Athena's sentence at its place; the code before it is left out."""
    plain = _CODE.sub("", reason)
    place = _PLACE.search(plain)
    line, column = (int(place[1]), int(place[2])) if place else (0, 0)
    return Problem(None, line, column, _PLACE.sub("", plain, count=1))
