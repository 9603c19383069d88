"""What sources and tables say of when they are wanted, as schedules: no schedule repeats it.

Ingest looks as often as the most frequent source is due; a table's `schedule:` is one of build's, for it and all that
it reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from math import gcd
from typing import Any

from transforms.relation import Relation
from transforms.source import Source

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def ingest_cron(sources: Iterable[Source]) -> str:
    """A cron line that meets every tick of every source: each counts its steps from midnight.

    >>> from dataclasses import replace
    >>> from datetime import timedelta
    >>> source = Source("s", "", "rest", "", "", "", (), timedelta(hours=6))
    >>> ingest_cron([source, replace(source, every=timedelta(minutes=45))])
    '*/15 * * * *'
    >>> ingest_cron([source]), ingest_cron([])
    ('0 */6 * * *', '0 0 * * *')
    """
    step = reduce(gcd, (int(source.every.total_seconds()) for source in sources), _DAY)
    if step < _HOUR or step % _HOUR:
        minutes = gcd(step, _HOUR) // _MINUTE
        return f"*/{max(minutes, 1)} * * * *"
    return "0 0 * * *" if step == _DAY else f"0 */{step // _HOUR} * * *"


def build_schedules(relations: Iterable[Relation], timezone: str) -> list[dict[str, Any]]:
    """One for all tables with the same `schedule:`, in the words of prefect.yaml; selectors are its parameters."""
    tables: dict[str, list[str]] = {}
    for relation in sorted(relations, key=lambda one: one.name):
        if relation.schedule is not None:
            tables.setdefault(relation.schedule, []).append(f"+{relation.name}")
    return [
        {"cron": cron, "timezone": timezone, "slug": f"tables-{number}", "parameters": {"selectors": selectors}}
        for number, (cron, selectors) in enumerate(sorted(tables.items()), 1)
    ]
