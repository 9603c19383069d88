"""Targets: where a run happens. Read from `connectors/targets.yaml`; names only, no secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from transforms.errors import Problem, did_you_mean
from transforms.fields import Fields
from transforms.yaml_file import Document

TARGETS_FILE = "connectors/targets.yaml"
DEFAULT_TARGET = "laptop"
ENGINES = ("duckdb",)
_KEYS = ("engine", "timezone", "connections", "threads", "memory_limit")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_MEMORY = re.compile(r"[1-9][0-9]*(MB|GB)\Z")


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


def default_targets() -> Mapping[str, Target]:
    """What a home without a targets file has: a laptop on UTC."""
    return {DEFAULT_TARGET: Target(DEFAULT_TARGET, "duckdb", ZoneInfo("UTC"))}


def read_targets(document: Document) -> tuple[Mapping[str, Target], list[Problem]]:
    """The targets of the file, with everything that is wrong in it."""
    problems = list(document.problems)
    top = Fields(document, problems)
    if document.value is not None and not isinstance(document.value, dict):
        top.problem(None, "targets.yaml must have one key per target", write="write laptop: {engine: duckdb}")
    targets = {}
    for name in top.values:
        fields = top.inner(name, f"{name}: {{engine: duckdb, timezone: Asia/Tokyo}}")
        if fields is not None:
            targets[name] = _target(name, fields)
    near = next((name for name in targets if did_you_mean(name, (DEFAULT_TARGET,))), None)
    if near and DEFAULT_TARGET not in targets:
        what = f"no target is named {DEFAULT_TARGET}, which every command takes that names none"
        top.problem(near, what, write=f"write {DEFAULT_TARGET}: instead of {near}:")
    return targets, problems


def _target(name: str, fields: Fields) -> Target:
    fields.known(_KEYS)
    fields.required("engine", "engine: duckdb")
    fields.required("timezone", "timezone: Asia/Tokyo")
    return Target(
        name=name,
        engine=fields.choice("engine", ENGINES) or ENGINES[0],
        timezone=_timezone(fields),
        connections=_connections(fields),
        threads=fields.whole("threads", least=1) or Target.threads,
        memory_limit=_memory_limit(fields),
    )


def _timezone(fields: Fields) -> ZoneInfo:
    name = fields.text("timezone", "timezone: Asia/Tokyo")
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fields.problem("timezone", f'"{name}" is not a time zone', write="write timezone: Asia/Tokyo")
        return ZoneInfo("UTC")


def _connections(fields: Fields) -> Mapping[str, str]:
    inner = fields.inner("connections", "connections: {ads_db: ADS_DB_URL}")
    connections = {}
    for name, variable in inner.values.items() if inner else ():
        if isinstance(variable, str) and _VARIABLE.match(variable):
            connections[name] = variable
        elif inner:
            what = f"connection {name} must name an environment variable in capitals; addresses are never in this file"
            inner.problem(name, what, write=f"write {name}: {name.upper()}_URL")
    return connections


def _memory_limit(fields: Fields) -> str:
    limit = fields.text("memory_limit", "memory_limit: 4GB") or Target.memory_limit
    if not _MEMORY.match(limit):
        fields.problem("memory_limit", f'"{limit}" is not an amount of memory', write="write memory_limit: 4GB")
        return Target.memory_limit
    return limit
