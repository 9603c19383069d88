"""Targets: where a run happens. Read from `connectors/targets.yaml`; names only, no secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Target:
    """`connections` maps a source's connection name to the environment variable that holds its address.

    `timezone` decides what a calendar day is. `threads` bounds the tables built at once.
    """

    name: str
    engine: str
    timezone: ZoneInfo
    connections: Mapping[str, str] = field(default_factory=dict)
    threads: int = 4
    memory_limit: str = "4GB"
