"""Where a source's system is, and the keys that it takes. A variable or a secret of AWS holds them; none is shown."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from connectors.reachability import Unreachable
from transforms.errors import ContentError, OutsideError, Problem
from transforms.source import Source

if TYPE_CHECKING:
    from connectors.lake import Lake


@dataclass(frozen=True, slots=True)
class Form:
    """What addresses of a kind of source look like."""

    words: str
    example: str
    pattern: re.Pattern[str]


CONNECT = "connect to"
"""What a reader cannot do when none of its tables can be read."""
_FOLDER = Form("a folder", "/data/shop", re.compile(r"(?![a-z][a-z0-9+]+:)|file:|s3://[a-z0-9][a-z0-9.-]+(/|\Z)"))
FORMS = {
    "postgres": Form(
        "the address of a PostgreSQL, with %40 for an @ in its password",
        "postgresql://user@host:5432/database",
        re.compile(r"postgres(ql)?://([^@/\s]*@)?[^@]*\Z|[a-z_]+ ?="),
    ),
    "mysql": Form(
        "the address of a MySQL or MariaDB, with %40 for an @ in its password",
        "mysql://user@host:3306/database",
        re.compile(r"(mysql|mariadb)://([^@/?#\s]*@)?[^@/?#\s]*/[^@/?#\s]+(\?[^@#\s]*)?\Z"),
    ),
    "duckdb": Form("the path of a DuckDB file", "/data/shop.duckdb", re.compile(r"(?![a-z][a-z0-9+]+:)|file:")),
    "sqlite": Form("the path of a SQLite file", "/data/shop.db", re.compile(r"(?![a-z][a-z0-9+]+:)|file:")),
    "jsonl": _FOLDER,
    "csv": _FOLDER,
    "parquet": _FOLDER,
    "logs": _FOLDER,
    "xlsx": _FOLDER,
    "sheets": Form(
        "the link of a Google spreadsheet, or its id",
        "https://docs.google.com/spreadsheets/d/1AbC",
        re.compile(r"https?://[^/@\s]+/spreadsheets/d/[\w-]+|[\w-]{20,}\Z"),
    ),
    "rest": Form("the address of an API", "https://api.example.com", re.compile("https?://")),
}


def address(lake: Lake, source: Source, word: str = "connection") -> str:
    """From where the target says that it is held. Raises ContentError when there is none, or one of another kind.

    `word` is the one of the declaration that names it.
    """
    path, line = source.path, source.lines.get(word, 1)
    name = source.addresses[word]
    place = lake.target.connections.get(name)
    if place is None:
        what = f"the target {lake.target.name} has no connection {name}"
        entry = f"{name}: {name.upper()}_URL"
        write = f"write {entry} under connections in connectors/targets.yaml"
        raise ContentError([Problem(path, line, 0, what, write=write)])
    if not is_secret(place):
        return read_address(place, source.kind, path, line)
    from connectors.aws.secrets import secret  # botocore: half a second that a laptop does not pay

    form = FORMS[source.kind]
    found = secret(lake.storage, place)
    if not form.pattern.match(found):
        raise ContentError([Problem(path, line, 0, f"{place} does not hold {form.words}", f"one is {form.example}")])
    return found


def read_from(lake: Lake, source: Source) -> tuple[str, str]:
    """The address that rows are read from, and where that is a replica, the address of what it follows; else ""."""
    if "replica" not in source.addresses:
        return address(lake, source), ""
    return address(lake, source, "replica"), address(lake, source)


def key(lake: Lake, source: Source, name: str, line: int) -> str:
    """What is held under the name of a secret, for a line of the source. Raises ContentError when there is none."""
    place = lake.target.secrets.get(name)
    if place is None:
        what = f"the target {lake.target.name} has no secret {name}"
        write = f"write {name}: {name.upper()} under secrets in connectors/targets.yaml"
        raise ContentError([Problem(source.path, line, 0, what, write=write)])
    if is_secret(place):
        from connectors.aws.secrets import secret  # as above

        return secret(lake.storage, place)
    value = os.environ.get(place)
    if not value:
        what = f"the environment variable {place} is not set, which holds the secret {name}"
        raise ContentError([Problem(source.path, line, 0, what, write=f"write export {place}=..")])
    return value


def is_secret(place: str) -> bool:
    """Whether something is held by AWS (`secretsmanager:..`, `ssm:..`), not by an environment variable."""
    return ":" in place


def read_address(variable: str, kind: str, path: str | None = None, line: int = 0) -> str:
    """What the variable holds. Raises ContentError, at a place if there is one, when `kind` cannot have such one."""
    value, form = os.environ.get(variable), FORMS[kind]
    if not value:
        problem = Problem(path, line, 0, f"the environment variable {variable} is not set", f"it holds {form.words}")
    elif not form.pattern.match(value):
        problem = Problem(path, line, 0, f"the environment variable {variable} does not hold {form.words}")
    else:
        return value
    raise ContentError([replace(problem, write=f"write export {variable}={form.example}")])


def cannot(doing: str, source: Source, reason: str, address: str) -> OutsideError:
    """The error of a system that fails, in its own words, but for those that are secret."""
    told = " ".join(without_secrets(reason, address).split())
    kind = Unreachable if doing == CONNECT else OutsideError
    return kind(f"{source.path}: cannot {doing} {source.connection}: {told}")


def without_secrets(text: str, address: str) -> str:
    """The text without the address and its password, in any spelling; of a broken address, without its words."""
    secrets = {address, *address.split()} if "connection info string" in text else {address}
    for found in (re.search(r"://[^:/@]*:([^@]+)@", address), re.search(r"password=([^&\s]+)", address)):
        if found:
            secrets |= {found[1], unquote(found[1])}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***") if secret else text
    return text
