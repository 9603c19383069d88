"""How often ingest must look: as often as the most frequent source is due, and no schedule repeats what sources say."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from math import gcd

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
