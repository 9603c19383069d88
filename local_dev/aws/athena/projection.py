"""Partition projection: which partitions a table has is computed from its properties; Glue need not know any.

A value without a folder is an empty partition. An `injected` one is looked for among the folders, where Athena wants it
to be given in the query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from urllib.parse import unquote

from local_dev.aws.athena.failures import StatementError
from local_dev.aws.athena.locations import Location
from local_dev.aws.athena.partition_names import Values, partition_folder
from local_dev.aws.glue_store import Document

MOST = 1_000_000
"""Partitions that a table may project."""
Folders = Callable[[Location], Sequence[str]]
"""The names of the folders at a location."""
_JAVA = (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))
_NOW = re.compile(r"NOW\s*(?:([+-])\s*(\d+)\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?", re.I)
_UNITS = {"WEEK": 604_800, "DAY": 86_400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}
_SMALLEST = (("%S", "SECOND"), ("%M", "MINUTE"), ("%H", "HOUR"), ("%d", "DAY"), ("%m", "MONTH"), ("%Y", "YEAR"))


def is_projected(table: Document) -> bool:
    """Whether Glue's partitions are not looked at."""
    return str(table.get("Parameters", {}).get("projection.enabled", "false")).lower() == "true"


def projected(table: Document, folders: Folders) -> Iterator[tuple[Values, Location]]:
    """The values of each partition, and where it is. Raises StatementError for properties that cannot be."""
    parameters = {key.lower(): str(value) for key, value in table.get("Parameters", {}).items()}
    keys = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
    place = Location.parse(table["StorageDescriptor"]["Location"])
    ranges = []
    for index, key in enumerate(keys):
        given = {name.removeprefix(f"projection.{key}."): value for name, value in parameters.items()}
        kind = parameters.get(f"projection.{key}.type", "").lower()
        if kind == "injected":
            ranges.append(_injected(place, index, key, folders))
        elif kind in _RANGES:
            ranges.append(_RANGES[kind](given))
        else:
            what = f"Table {table['DatabaseName']}.{table['Name']} is configured for partition projection, but the "
            raise _invalid(f"{what}type of partition column '{key}' is {kind or 'missing'}")
    count = 1
    for each in ranges:
        count *= len(each)
    if count > MOST:
        raise _invalid(f"{count} partitions are projected, more than {MOST}")
    template = parameters.get("storage.location.template")
    for values in product(*ranges):
        where = partition_folder(place, keys, values) if template is None else _filled(template, keys, values)
        yield values, where


def _filled(template: str, keys: Sequence[str], values: Values) -> Location:
    for key, value in zip(keys, values, strict=True):
        template = template.replace(f"${{{key}}}", value)
    return Location.parse(template)


def _enum(given: Mapping[str, str]) -> list[str]:
    return [value.strip() for value in given.get("values", "").split(",")]


def _integers(given: Mapping[str, str]) -> list[str]:
    try:
        first, last = (int(part) for part in given.get("range", "").split(","))
        step, digits = int(given.get("interval", "1")), int(given.get("digits", "0"))
    except ValueError as error:
        raise _invalid(str(error)) from None
    return [str(value).zfill(digits) for value in range(first, last + 1, step)]


def _dates(given: Mapping[str, str]) -> list[str]:
    pattern = given.get("format", "yyyy-MM-dd").replace("'", "")
    for java, python in _JAVA:
        pattern = pattern.replace(java, python)
    smallest = next((unit for sign, unit in _SMALLEST if sign in pattern), "DAY")
    unit = given.get("interval.unit", smallest).upper().removesuffix("S")
    try:
        first, last = (_moment(part.strip(), pattern) for part in given.get("range", "").split(","))
        step = int(given.get("interval", "1"))
    except ValueError as error:
        raise _invalid(str(error)) from None
    found = []
    while first <= last:
        found.append(first.strftime(pattern))
        first = _later(first, step, unit)
    return list(dict.fromkeys(found))


def _moment(told: str, pattern: str) -> datetime:
    now = _NOW.fullmatch(told)
    if now is None:
        return datetime.strptime(told, pattern).replace(tzinfo=UTC)
    moment = datetime.now(UTC)
    if now[1] is not None:
        moment = _later(moment, int(f"{now[1]}{now[2]}"), now[3].upper())
    return datetime.strptime(moment.strftime(pattern), pattern).replace(tzinfo=UTC)


def _later(moment: datetime, count: int, unit: str) -> datetime:
    if unit in _UNITS:
        return moment + timedelta(seconds=count * _UNITS[unit])
    months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "YEAR" else 1)
    return moment.replace(year=months // 12, month=months % 12 + 1, day=min(moment.day, 28))


def _injected(place: Location, index: int, key: str, folders: Folders) -> list[str]:
    """The values of a key among the folders; those above it have any value."""
    places = [place]
    for _ in range(index):
        places = [each.below(f"{name}/") for each in places for name in folders(each)]
    names = {name for each in places for name in folders(each)}
    return sorted(unquote(name.partition("=")[2]) for name in names if name.lower().startswith(f"{key}="))


def _invalid(message: str) -> StatementError:
    return StatementError(f"INVALID_TABLE_PROPERTY: {message}")


_RANGES: dict[str, Callable[[Mapping[str, str]], list[str]]] = {"enum": _enum, "integer": _integers, "date": _dates}
