"""Runs statements in a few threads: from QUEUED by RUNNING to the end, which is written down before anybody is told."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from local_dev.aws.athena.order import Order
from local_dev.aws.athena.store import ENDED, AthenaStore, Document

if TYPE_CHECKING:
    from local_dev.aws.athena.engine import StatementEngine
    from local_dev.aws.athena.lake import Lake
    from local_dev.aws.glue_store import GlueStore
    from local_dev.aws.s3_store import Store

SLOTS = 8
"""Statements at once; the others are queued."""
MEMORY = "2GB"


@dataclass
class _Run:
    """One that has not ended. Under the runner's lock: `engine` while it is at work, `cancelled` once it is to end."""

    document: Document
    order: Order
    done: Event = field(default_factory=Event)
    engine: StatementEngine | None = None
    cancelled: bool = False


class Runner:
    """Imports the compiler and DuckDB for the first statement, or in the background once it is told to."""

    def __init__(self, store: AthenaStore, glue: GlueStore, objects: Store, spill: Path) -> None:
        self._store = store
        self._glue = glue
        self._objects = objects
        self._spill = spill
        self._lock = Lock()
        self._runs: dict[str, _Run] = {}
        self._slots = ThreadPoolExecutor(SLOTS, "athena")
        self._opening = Lock()
        self._opened: Lake | None = None

    def warm(self) -> None:
        """Be ready for the first statement before it comes."""
        self._slots.submit(lambda: self._lake)

    def close(self) -> None:
        """End what is running."""
        for id_ in list(self._runs):
            self.stop(id_)
        self._slots.shutdown(wait=True, cancel_futures=True)
        if self._opened is not None:
            self._opened.engine.close()

    def start(self, document: Document, order: Order) -> None:
        """Run a statement that the store has already."""
        run = _Run(document, order)
        with self._lock:
            self._runs[document["QueryExecutionId"]] = run
        self._slots.submit(self._run, run)

    def stop(self, id_: str) -> None:
        """End it, if it has not ended."""
        with self._lock:
            run = self._runs.get(id_)
            if run is None:
                return
            run.cancelled = True
            engine = run.engine
        if engine is not None:
            engine.stop()

    def wait(self, id_: str, seconds: float) -> None:
        """Until it has ended, but no longer than this: who asks at once need not ask again."""
        run = self._runs.get(id_)
        if run is not None:
            run.done.wait(seconds)

    @property
    def _lake(self) -> Lake:
        from local_dev.aws.athena.engine import StatementEngine
        from local_dev.aws.athena.lake import Lake

        with self._opening:
            if self._opened is None:
                engine = StatementEngine(self._spill.parent, self._spill, MEMORY)
                self._opened = Lake(self._glue, self._objects, self._store, engine)
            return self._opened

    def _run(self, run: _Run) -> None:
        document = run.document
        begun = time.time()
        try:
            if self._begin(run, self._lake):
                self._execute(run, begun)
        finally:
            if document["Status"]["State"] not in ENDED:
                self._end(run, "CANCELLED" if run.cancelled else "FAILED", begun)
            with self._lock:
                del self._runs[document["QueryExecutionId"]]
            run.done.set()

    def _begin(self, run: _Run, lake: Lake) -> bool:
        """Whether it is to run."""
        with self._lock:
            if run.cancelled:
                return False
            run.engine = lake.engine.session()
        run.document["Status"]["State"] = "RUNNING"
        self._store.put(run.document)
        return True

    def _execute(self, run: _Run, begun: float) -> None:
        from local_dev.aws.athena.execution import execute
        from local_dev.aws.athena.failures import BytesExceeded, failure_of

        assert run.engine
        try:
            outcome = execute(self._lake, run.engine, run.document, run.order)
        except BytesExceeded as error:
            run.document["Status"]["StateChangeReason"] = error.message
            self._end(run, "CANCELLED", begun)
            return
        except Exception as error:  # noqa: BLE001  whatever it is, the statement has failed and not the service
            failure = failure_of(error)
            if not run.cancelled:
                run.document["Status"] |= {"StateChangeReason": failure.message, "AthenaError": failure.document}
                self._end(run, "FAILED", begun)
            return
        finally:
            with self._lock:
                engine, run.engine = run.engine, None
            engine.close()
        run.document["Statistics"] |= outcome.statistics
        if outcome.location:
            run.document["ResultConfiguration"]["OutputLocation"] = outcome.location
        self._end(run, "SUCCEEDED", begun, {"columns": outcome.columns, "rows": outcome.rows})

    def _end(self, run: _Run, state: str, begun: float, result: Document | None = None) -> None:
        now, status, told = time.time(), run.document["Status"], run.document["Statistics"]
        if state == "CANCELLED":
            status.setdefault("StateChangeReason", "Query cancelled by user")
        submitted = status["SubmissionDateTime"]
        told["QueryQueueTimeInMillis"] = round(1000 * (begun - submitted))
        told["EngineExecutionTimeInMillis"] = round(1000 * (now - begun))
        told["TotalExecutionTimeInMillis"] = round(1000 * (now - submitted))
        status |= {"CompletionDateTime": now, "State": state}
        self._store.put(run.document, result)
