"""Keeps the run ledger in the lake: a small file a run, below a folder a month, written anew with each table that ends.

A kill loses at most what was being worked on. A ledger that cannot be written never fails a run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Literal, Protocol

from connectors.commit import Commit
from connectors.lake import Lake
from connectors.ledger_files import file_of
from connectors.reachability import Reachability
from connectors.user import login
from transforms.errors import OutsideError
from transforms.ledger import (
    Record,
    RunEntry,
    TableEntry,
    TableOutcome,
    cause_of,
    grouped,
    lines_of,
)
from transforms.names import TableName
from transforms.query_stats import QueryStats

PIECE = 64
"""Tables in one file at most: it is written anew with each of them."""


class Done(Protocol):
    """What was done with a table."""

    def noted(self, entry: TableEntry) -> TableEntry:
        """The entry with what the ledger keeps of it."""


class Ledger:
    """One run, what it leaves, and which sources it cannot reach. Safe to use from several threads; to be had from
    `open_ledger`.
    """

    def __init__(self, lake: Lake, command: str, who: str | None) -> None:
        self.lake, self.run = lake, lake.new_run()
        self._commit = Commit(lake.content.home)
        self._entry = RunEntry(self.run, command, lake.target.name, who or _who(), lake.now())
        self._tables: list[TableEntry] = []
        self._before = len(lake.queries)
        self._asked = [0]
        self._fresh: set[TableName] = set()
        self._lock = Lock()
        self._stopping = False
        self.reachability = Reachability()
        self._write(1)

    def note(self, name: TableName, done: Done) -> None:
        """The entry of a table with which something was done."""
        self._note(done.noted(self._blank(name, "published")))

    @contextmanager
    def noting(self, name: TableName) -> Iterator[Callable[[Done], None]]:
        """The entry of a table: what the block tells that it has done, or why it failed, which is raised on."""
        began = self.lake.now()
        try:
            yield partial(self.note, name)
        except Exception as error:
            line, checks = lines_of(error)
            failed = replace(self._blank(name, "failed"), cause=cause_of(error), error=line, checks=checks)
            self._note(replace(failed, seconds=(failed.at - began).total_seconds()))
            raise

    def skip(self, name: TableName, because: TableName) -> None:
        """Notes that a table was not worked on, because of a failure above it."""
        self._note(replace(self._blank(name, "skipped"), because=because))

    def stop(self) -> None:
        """Interrupts what runs. What is published all the same is noted, also after the end; failures are not: they
        are of the stopping."""
        self._stopping = True
        self.lake.interrupt()

    def end(self, outcome: Literal["done", "failed", "stopped"], error: BaseException | None = None) -> None:
        """Notes how the run ended; one that is done has failed all the same when a table did."""
        with self._lock:
            if outcome == "done" and Record(self._entry, tuple(self._tables)).failed:
                outcome = "failed"
            commit, dirty = self._commit.state()
            self._entry = replace(
                self._entry,
                finished=self.lake.now(),
                outcome=outcome,
                commit=commit,
                dirty=dirty,
                error=lines_of(error)[0] if error else "",
                fresh=self._idle(),
            )
            for number in {1, len(self._asked)}:
                self._write(number)

    def _blank(self, name: TableName, outcome: TableOutcome) -> TableEntry:
        return TableEntry(name, outcome, self.lake.now(), self.lake.content.owners.get(name, ""))

    def _note(self, entry: TableEntry) -> None:
        with self._lock:
            if entry.outcome == "fresh":
                self._fresh.add(entry.table)
                if not entry.surprises:
                    return
            if self._stopping and entry.outcome in ("failed", "skipped"):
                return
            self._tables.append(entry)
            if entry.outcome != "fresh":
                self._fresh.discard(entry.table)
            commit, dirty = self._commit.state()
            self._entry = replace(self._entry, commit=commit, dirty=dirty)
            if len(self._tables) > PIECE * len(self._asked):
                self._asked.append(len(self._queries))
            self._write(len(self._asked))

    def _idle(self) -> Mapping[str, tuple[str, ...]]:
        content = self.lake.content
        declared = [name for name in content.names if self.lake.keeps_views or content.kind(name) != "view"]
        return grouped(self._fresh, declared)

    def _write(self, number: int) -> None:
        """A piece of the run: the first holds its newest state, each holds some tables and the queries beside them."""
        first, *later = self._asked[number - 1 : number + 1]
        queries = tuple(self._queries[first : later[0] if later else None])
        tables = tuple(self._tables[(number - 1) * PIECE : number * PIECE])
        with suppress(OutsideError):
            self.lake.storage.note(file_of(self.run, number), Record(self._entry, tables, queries).written())

    @property
    def _queries(self) -> Sequence[QueryStats]:
        """Those of this run that have ended."""
        return self.lake.queries[self._before :]


@contextmanager
def open_ledger(lake: Lake, command: str, *, who: str | None = None) -> Iterator[Ledger]:
    """The ledger of a run that begins now; `command` is what was asked for, as a person would write it."""
    ledger = Ledger(lake, command, who)
    try:
        yield ledger
    except Exception as error:
        ledger.end("failed", error)
        raise
    except BaseException:  # Ctrl-C, or a cancellation
        ledger.stop()
        ledger.end("stopped")
        raise
    ledger.end("done")


def _who() -> str:
    return f"{login() or 'unknown'}@{os.uname().nodename}"
