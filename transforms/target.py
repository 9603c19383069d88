"""Targets: where a run happens. Read from `connectors/targets.yaml`; names only, no secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from transforms.aws_target import AWS_KEYS, Aws, read_aws
from transforms.errors import Problem, did_you_mean
from transforms.fields import Fields
from transforms.trino_target import TRINO_KEYS, Trino, read_trino
from transforms.yaml_file import Document

TARGETS_FILE = "connectors/targets.yaml"
DEFAULT_TARGET = "laptop"
ENGINES = ("duckdb", "athena", "trino")
_KEYS = ("engine", "timezone", "connections", "secrets", "threads", "protected", "holidays", "runbook")
_DUCKDB_KEYS = ("memory_limit",)
_ENGINE_KEYS = {"athena": AWS_KEYS, "trino": TRINO_KEYS}
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_SECRET = re.compile(r"(secretsmanager|ssm):[A-Za-z0-9/_+=.@-]+(#[A-Za-z0-9_.-]+)?\Z")
_MEMORY = re.compile(r"[1-9][0-9]*(MB|GB)\Z")
_FORMS = {
    "holidays": ("JP", re.compile(r"[A-Z]{2}\Z")),
    "runbook": ("https://git.example.com/data/docs/operate.md", re.compile(r"https?://[^\s|<>]+\Z")),
}
"""What the words of a target look like: an example, and the form."""


@dataclass(frozen=True)
class Target:
    """`connections` maps a source's connection name to where its address is held: an environment variable, or a secret
    of AWS as `secretsmanager:NAME#key` or `ssm:NAME`. `secrets` does the same for the keys of hashes and of APIs.

    `timezone` decides what a calendar day is. `threads` bounds the tables built at once. A `protected` one is meant
    only by who names it, and takes only what the main branch has. `holidays` is the country whose public holidays are
    no workdays, `runbook` where people read docs/operate.md. `aws` is there when the engine is Athena, `trino` when it
    is Trino.
    """

    name: str
    engine: str
    timezone: ZoneInfo
    connections: Mapping[str, str] = field(default_factory=dict)
    threads: int = 4
    memory_limit: str = "4GB"
    protected: bool = False
    holidays: str | None = None
    runbook: str | None = None
    aws: Aws | None = None
    trino: Trino | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Whether everything happens on this machine: the laptop, a local AWS, a Trino of one's own."""
        place = self.aws or self.trino
        return self.name == DEFAULT_TARGET or (place is not None and place.is_local)


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
    engine = fields.values.get("engine")
    fields.known((*_KEYS, *_ENGINE_KEYS.get(str(engine), _DUCKDB_KEYS)))
    fields.required("engine", "engine: duckdb")
    fields.required("timezone", "timezone: Asia/Tokyo")
    return Target(
        name=name,
        engine=fields.choice("engine", ENGINES) or ENGINES[0],
        timezone=fields.zone("timezone") or ZoneInfo("UTC"),
        connections=_held(fields, "connections", "{ads_db: ADS_DB_URL}", "_URL", engine == "athena"),
        secrets=_held(fields, "secrets", "{people_key: PEOPLE_KEY}", "", engine == "athena"),
        threads=fields.whole("threads", least=1) or Target.threads,
        memory_limit=_memory_limit(fields),
        protected=fields.flag("protected"),
        holidays=fields.word("holidays", *_FORMS["holidays"]),
        runbook=fields.word("runbook", *_FORMS["runbook"]),
        aws=read_aws(fields) if engine == "athena" else None,
        trino=read_trino(fields) if engine == "trino" else None,
    )


def _held(fields: Fields, key: str, example: str, ending: str, on_aws: bool) -> Mapping[str, str]:
    """Names, and where what nobody may see is held."""
    inner = fields.inner(key, f"{key}: {example}")
    held, noun = {}, key.removesuffix("s")
    for name, place in inner.values.items() if inner else ():
        if isinstance(place, str) and (VARIABLE.match(place) or (on_aws and _SECRET.match(place))):
            held[name] = place
        elif inner:
            kinds = "environment variable in capitals" + (" or a secret of AWS" if on_aws else "")
            other = f" or {name}: secretsmanager:baikal/{name}" if on_aws else ""
            what = f"{noun} {name} must name an {kinds}; addresses and keys are never in this file"
            inner.problem(name, what, write=f"write {name}: {name.upper()}{ending}{other}")
    return held


def _memory_limit(fields: Fields) -> str:
    limit = fields.text("memory_limit", "memory_limit: 4GB") or Target.memory_limit
    if not _MEMORY.match(limit):
        fields.problem("memory_limit", f'"{limit}" is not an amount of memory', write="write memory_limit: 4GB")
        return Target.memory_limit
    return limit
