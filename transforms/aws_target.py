"""A target on AWS, as `connectors/targets.yaml` declares it. Names only: no credentials are in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from transforms.fields import Fields

AWS_KEYS = (
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
_SIZE = re.compile(r"([1-9][0-9]*) ?(MB|GB|TB)\Z")
_BYTES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
_FORMS = {
    "region": ("eu-central-1", re.compile(r"[a-z]{2}(-[a-z]+)+-\d\Z")),
    "bucket": ("company-lake-dev", re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")),
    "folder": ("lake", re.compile(r"[a-z0-9][a-z0-9/_-]*[a-z0-9]\Z")),
    "workgroup": ("primary", re.compile(r"[a-zA-Z0-9._-]{1,128}\Z")),
    "database_prefix": ("dev_", re.compile(r"[a-z][a-z0-9_]*_\Z")),
    "role": ("baikal", re.compile(r"[a-zA-Z0-9_+=,.@/-]{1,64}\Z")),
    "endpoint": ("http://127.0.0.1:5566", re.compile(r"https?://\S+\Z")),
}
"""What the words of such a target look like: an example, and the form."""
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


def read_aws(fields: Fields) -> Aws:
    """Reports whatever is wrong; what it then returns is not used."""
    for key in ("region", "bucket"):
        fields.required(key, f"{key}: {_FORMS[key][0]}")
    words = {key: fields.word(key, *form) for key, form in _FORMS.items()}
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
