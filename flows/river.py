"""Takes tables down the river: each is submitted once all its upstreams ended, and waits for them in Prefect's graph.

Decides what is submitted next, and that a table below a failed one is not run. Never how a table is landed or built.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import Any

from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

from transforms.names import TableName

THREADS: Any = ThreadPoolTaskRunner(max_workers=64)
"""Each flow run gets a pool of its own like this one. Most threads wait: at a gate of `flows.limits`, for a source that
does not answer, until a task is tried again; none of these may keep another source's tables from being read.
"""
Futures = dict[TableName, PrefectFuture[Any]]
Submit = Callable[[TableName, list[PrefectFuture[Any]], list[TableName]], PrefectFuture[Any]]
"""Submits the task of one table: its name, the futures that it waits for, and whose failures keep it from running."""


def take_down(upstream: Mapping[TableName, Collection[TableName]], submit: Submit, flowing: Futures) -> Futures:
    """The futures of all tables of `upstream`, ended. `flowing` are tables already submitted, from further up.

    Upstreams that are neither in `upstream` nor `flowing` are taken as they are published. Submitting only what is
    ready keeps every thread of the task runner busy, and starts nothing more once the flow is cancelled.
    """
    known = upstream.keys() | flowing.keys()
    order = TopologicalSorter({name: sorted(known & set(inputs)) for name, inputs in upstream.items()})
    order.prepare()
    futures = dict(flowing)
    causes: dict[TableName, set[TableName]] = {}
    ended: SimpleQueue[TableName] = SimpleQueue()
    while order.is_active():
        for name in order.get_ready():
            if name not in futures:
                above = sorted(known & set(upstream[name]))
                causes[name] = set().union(*(causes.get(table, ()) for table in above))
                futures[name] = submit(name, [futures[table] for table in above], sorted(causes[name]))
            futures[name].add_done_callback(partial(_tell, ended, name))
        name = ended.get()
        if not succeeded(futures[name]):
            causes[name] = causes.get(name) or {name}
        order.done(name)
    return {name: futures[name] for name in upstream}


def succeeded(future: PrefectFuture[Any]) -> bool:
    """Whether a task ended well; waits for it. (The state of a future is only final after a wait.)"""
    future.wait()
    return future.state.is_completed()


def _tell(ended: SimpleQueue[TableName], name: TableName, _: PrefectFuture[Any]) -> None:
    ended.put(name)
