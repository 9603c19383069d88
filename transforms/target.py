"""Targets: where a run happens. Read from `connectors/targets.yaml`; names only, no secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from transforms.errors import Problem, did_you_mean
from transforms.fields import Fields
from transforms.trino_target import TRINO_KEYS, Trino, read_trino
from transforms.yaml_file import Document

TARGETS_FILE = "connectors/targets.yaml"
DEFAULT_TARGET = "laptop"
ENGINES = ("duckdb", "athena", "trino")
_KEYS = ("engine", "timezone", "connections", "threads", "protected", "holidays", "runbook")
_DUCKDB_KEYS = ("memory_limit",)
_AWS_KEYS = (
    "region",
    "bucket",
    "folder",
    "workgroup",
    "database_prefix",
    "own_tables",
    "role",
    "endpoint",
    "queries",
    "timeout",
    "scan_limit",
)
_ENGINE_KEYS = {"athena": _AWS_KEYS, "trino": TRINO_KEYS}
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_SECRET = re.compile(r"(secretsmanager|ssm):[A-Za-z0-9/_+=.@-]+(#[A-Za-z0-9_.-]+)?\Z")
_MEMORY = re.compile(r"[1-9][0-9]*(MB|GB)\Z")
_SIZE = re.compile(r"([1-9][0-9]*) ?(MB|GB|TB)\Z")
_BYTES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
_FORMS = {
    "region": ("eu-central-1", re.compile(r"[a-z]{2}(-[a-z]+)+-\d\Z")),
    "bucket": ("company-lake-dev", re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")),
    "folder": ("lake", re.compile(r"[a-z0-9][a-z0-9/_-]*[a-z0-9]\Z")),
    "workgroup": ("primary", re.compile(r"[a-zA-Z0-9._-]{1,128}\Z")),
    "database_prefix": ("dev_", re.compile(r"[a-z][a-z0-9_]*_\Z")),
    "role": ("baikal", re.compile(r"[a-zA-Z0-9_+=,.@/-]{1,64}\Z")),
    "holidays": ("JP", re.compile(r"[A-Z]{2}\Z")),
    "runbook": ("https://git.example.com/data/docs/operate.md", re.compile(r"https?://[^\s|<>]+\Z")),
    "endpoint": ("http://127.0.0.1:5566", re.compile(r"https?://\S+\Z")),
}
"""What the words of a target look like: an example, and the form."""
_LEAST_SCAN = 10_000_000


@dataclass(frozen=True)
class Aws:
    """Where a target lives on AWS.

    `folder` is the lake's place in the bucket, `database_prefix` stands before its databases in Glue. With `own_tables`
    each person builds tables of their own there. `role` is the name of a role in the account that is signed in to, and
    is assumed for everything; without one, the machine's own credentials do it. `endpoint` is only for an AWS that is
    not Amazon's. `queries` run at once on Athena at most; one is stopped after `timeout`, or when it would read more
    than `scan_limit` bytes (None: what the workgroup allows).
    """

    region: str
    bucket: str
    folder: str = "lake"
    workgroup: str = "primary"
    database_prefix: str = ""
    own_tables: bool = False
    role: str | None = None
    endpoint: str | None = None
    queries: int = 10
    timeout: timedelta = timedelta(minutes=30)
    scan_limit: int | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is an AWS on this machine, which takes any credentials."""
        return "//127.0.0.1:" in (self.endpoint or "")

    def of(self, user: str) -> Aws:
        """The same for the tables that one person builds: databases and a folder beside the shared ones."""
        prefix, folder = f"{self.database_prefix}{user}_", f"{self.folder}_{user}"
        return replace(self, database_prefix=prefix, folder=folder)

    @property
    def planning_s(self) -> float:
        """Seconds that a query may take from reading a table in Glue to reading the partitions of it."""
        return 2.0 if self.is_local else 10.0


@dataclass(frozen=True)
class Target:
    """`connections` maps a source's connection name to where its address is held: an environment variable, or a secret
    of AWS as `secretsmanager:NAME#key` or `ssm:NAME`.

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
        connections=_connections(fields, engine == "athena"),
        threads=fields.whole("threads", least=1) or Target.threads,
        memory_limit=_memory_limit(fields),
        protected=fields.flag("protected"),
        holidays=fields.word("holidays", *_FORMS["holidays"]),
        runbook=fields.word("runbook", *_FORMS["runbook"]),
        aws=_aws(fields) if engine == "athena" else None,
        trino=read_trino(fields) if engine == "trino" else None,
    )


def _aws(fields: Fields) -> Aws:
    for key in ("region", "bucket"):
        fields.required(key, f"{key}: {_FORMS[key][0]}")
    words = {key: fields.word(key, *form) for key, form in _FORMS.items() if key in _AWS_KEYS}
    return Aws(
        region=words["region"] or _FORMS["region"][0],
        bucket=words["bucket"] or _FORMS["bucket"][0],
        folder=words["folder"] or Aws.folder,
        workgroup=words["workgroup"] or Aws.workgroup,
        database_prefix=words["database_prefix"] or Aws.database_prefix,
        own_tables=fields.flag("own_tables"),
        role=words["role"],
        endpoint=words["endpoint"],
        queries=fields.whole("queries", least=1) or Aws.queries,
        timeout=fields.span("timeout", "30m") or Aws.timeout,
        scan_limit=_scan_limit(fields),
    )


def _scan_limit(fields: Fields) -> int | None:
    """In bytes; Athena takes 10 MB at least."""
    text = fields.text("scan_limit", "scan_limit: 100GB")
    found = _SIZE.match(text) if text else None
    size = int(found[1]) * _BYTES[found[2]] if found else 0
    if text and size < _LEAST_SCAN:
        fields.problem("scan_limit", f'"{text}" is not an amount of data from 10MB on', write="write scan_limit: 100GB")
        return None
    return size or None


def _connections(fields: Fields, on_aws: bool) -> Mapping[str, str]:
    inner = fields.inner("connections", "connections: {ads_db: ADS_DB_URL}")
    connections = {}
    for name, place in inner.values.items() if inner else ():
        if isinstance(place, str) and (VARIABLE.match(place) or (on_aws and _SECRET.match(place))):
            connections[name] = place
        elif inner:
            kinds = "environment variable in capitals" + (" or a secret of AWS" if on_aws else "")
            other = f" or {name}: secretsmanager:baikal/{name}" if on_aws else ""
            what = f"connection {name} must name an {kinds}; addresses are never in this file"
            inner.problem(name, what, write=f"write {name}: {name.upper()}_URL{other}")
    return connections


def _memory_limit(fields: Fields) -> str:
    limit = fields.text("memory_limit", "memory_limit: 4GB") or Target.memory_limit
    if not _MEMORY.match(limit):
        fields.problem("memory_limit", f'"{limit}" is not an amount of memory', write="write memory_limit: 4GB")
        return Target.memory_limit
    return limit
