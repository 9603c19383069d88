"""The header of a table or view: YAML in the first block comment of its SQL file, turned into a Relation.

Decides which keys there are and what they may say. What the SQL means is the compiler's; what checks and columns
mean together is `transforms.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from transforms.errors import Problem
from transforms.fields import Fields
from transforms.names import TableName
from transforms.relation import HEADER_KEYS, Check, Kind, Relation
from transforms.slo import Objective, read_slo
from transforms.yaml_file import Document, read_yaml

_COMMENT = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z))*/\*(.*?)\*/", re.DOTALL)
_ONLY_BEGIN = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z))*/\*")
_ONLY_END = re.compile(rf"(?:\s|--[^\n]*(?:\n|\Z))*((?:{'|'.join(HEADER_KEYS)})[ \t]*:(?:\s|\Z))")
_CRON_PART = re.compile(r"(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/[1-9][0-9]?)?\Z")
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_BEGIN_OF_QUERY = re.compile(r"^[ \t(]*(?:select|with|values)\b", re.IGNORECASE | re.MULTILINE)
_EXAMPLE = "write above the query: /* {description: What a row is, owner: your team} */"


def read_header(text: str, path: str) -> Document:
    """The YAML of the first block comment; its value is None when there is none."""
    found = _COMMENT.match(text)
    if found is None:
        return Document(path, None, {"": 1}, (_absent(text, path),))
    document = read_yaml(found[1], path, text.count("\n", 0, found.start(1)) + 1)
    if any("this quote has no end" in problem.what for problem in document.problems):
        what = "the header ends inside quotes: */ ends it, in quotes too"
        line = document.problems[0].line
        problem = Problem(path, line, 0, what, write="close the quotes; in a schedule write 0-59/15 for */15")
        return Document(path, None, document.lines, (problem,))
    if not document.problems and not isinstance(document.value, dict):
        problem = Problem(path, document.line(), 0, "the first comment is not a header", write=_EXAMPLE)
        return Document(path, None, {"": document.line()}, (problem,))
    return document


def query_below(text: str) -> str:
    """The text without a header that lacks its beginning or its end: the query stands in its own lines.

    >>> query_below("owner: ads\\n*/\\nselect 1")
    '          \\n  \\nselect 1'
    """
    if not _is_half_open(text):
        return text
    end = text.find("*/") + 2
    begin = _BEGIN_OF_QUERY.search(text)
    start = end if end > 1 else begin.start() if begin else len(text)
    return re.sub(r"[^\n]", " ", text[:start]) + text[start:]


def _is_half_open(text: str) -> bool:
    return _ONLY_END.match(text) is not None or (_ONLY_BEGIN.match(text) is not None and not _COMMENT.match(text))


def _absent(text: str, path: str) -> Problem:
    if not _is_half_open(text):
        return Problem(path, 1, 0, "there is no header", write=_EXAMPLE)
    if (keys := _ONLY_END.match(text)) is not None:
        line = text.count("\n", 0, keys.start(1)) + 1
        return Problem(path, line, 0, "the header has no beginning", write="write /* on a line above it")
    line = text.count("\n", 0, text.index("/*")) + 1
    what = "the comment that begins here has no end"
    return Problem(path, line, 0, what, write="write */ on a line below the header")


def read_relation(name: TableName, kind: Kind, text: str, header: Document) -> tuple[Relation, list[Problem]]:
    """The relation, as far as it can be read, with everything that is wrong in its header."""
    problems = list(header.problems)
    fields = Fields(header, problems)
    fields.known(HEADER_KEYS)
    if isinstance(header.value, dict):
        fields.required("description", "description: What a row is")
        fields.required("owner", "owner: your team")
    if kind == "view":
        _tables_only(fields)
    lookback = fields.days("lookback")
    if lookback is not None and fields.values.get("partition") is None and kind == "table":
        fields.problem("lookback", "lookback needs days", write="write partition: day, or remove lookback")
    relation = Relation(
        name=name,
        kind=kind,
        path=header.path,
        text=query_below(text),
        description=fields.text("description", "description: What a row is") or "",
        owner=fields.text("owner", "owner: your team") or "",
        partition=fields.text("partition", "partition: day"),
        key=fields.words("key", "key: [day, id]"),
        lookback_days=lookback,
        checks=tuple(_checks(fields)),
        slo=read_slo(fields, refused=tuple(_without_days(fields, kind))),
        readers=fields.words("readers", "readers: [ads, growth]"),
        tags=fields.words("tags", "tags: [kpi]"),
        schedule=_schedule(fields),
        deprecated=fields.text("deprecated", 'deprecated: "use core_ads.campaign_daily"'),
        lines=header.lines,
    )
    return relation, problems


def _tables_only(fields: Fields) -> None:
    for key in ("partition", "lookback", "checks", "schedule"):
        if key in fields.values:
            fields.problem(key, f"a view has no {key}: it stores nothing", write="put it on the table that it reads")


def _checks(fields: Fields) -> list[Check]:
    """The items of `checks:`; whether a kind exists and its arguments fit is decided by `transforms.checks`."""
    items = fields.values.get("checks")
    if items is None:
        return []
    if not isinstance(items, list):
        fields.problem("checks", "checks must be a list", write="write   - not_null: [id]")
        return []
    checks = []
    for index, item in enumerate(items):
        inner = Fields(fields.document, fields.problems, "checks", index)
        kinds = [key for key in inner.values if key != "severity"]
        if len(kinds) != 1:
            inner.problem(None, "a check is one kind with its arguments", write="write - not_null: [id]")
            continue
        severity = inner.choice("severity", ("error", "warn")) or "error"
        line = fields.document.line("checks", index, kinds[0])
        checks.append(Check(kinds[0], item[kinds[0]], "warn" if severity == "warn" else "error", line))
    return checks


def _without_days(fields: Fields, kind: Kind) -> Iterator[tuple[Objective, str]]:
    """The objectives that mean nothing for what stores no rows, or has no days."""
    if kind == "view":
        yield "rows_valid", "a view stores no rows"
        yield "complete", "a view stores no rows"
    elif fields.values.get("partition") is None:
        yield "complete", "the table has no days"


def _schedule(fields: Fields) -> str | None:
    """Five fields of cron, on the company's clock: minute, hour, day of the month, month, day of the week."""
    schedule = fields.text("schedule", 'schedule: "0 6 * * *"')
    if schedule is not None and not _is_cron(schedule):
        fields.problem("schedule", f'"{schedule}" is not a cron schedule', write='write schedule: "0 6 * * *"')
        return None
    return schedule


def _is_cron(schedule: str) -> bool:
    parts = schedule.split()
    return len(parts) == len(_CRON_RANGES) and all(
        (found := _CRON_PART.match(item)) is not None
        and all(first <= int(number) <= last for number in found.groups() if number)
        for part, (first, last) in zip(parts, _CRON_RANGES, strict=True)
        for item in part.split(",")
    )
