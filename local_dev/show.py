"""`baikal show`: what a table is, what it promises, where it comes from, how fresh and how large it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_selector
from local_dev.console import Console, faint, plural, size
from local_dev.history import version_document, wall_time
from local_dev.rejected_rows import show_rejects
from local_dev.selection import one_name, selected
from local_dev.table_list import names_many, selector_of, table_list
from transforms.content import Content
from transforms.errors import UsageError
from transforms.fields import percent
from transforms.names import TableName
from transforms.relation import Check
from transforms.snapshot import Snapshot

VERSIONS = 3


@command("show")
@click.argument("name", required=False, shell_complete=complete_selector)
@click.option("--rejects", is_flag=True, help="The rows that could not be held: where they stood, why, their text.")
@click.option("--raw", is_flag=True, help="With --rejects, their text even where columns are personal.")
def show(call: Call, name: str | None, rejects: bool, raw: bool) -> Answer:
    """Say what a table is, what it promises, where it comes from and how fresh it is.

    Without a NAME, or with a database or another SELECTOR, list the tables and views.
    """
    if raw and not rejects:
        raise UsageError("--raw shows the text of rejects; write --rejects too")
    content, lake = call.content, call.lake
    if name is None or names_many(content, name):
        if rejects:
            raise UsageError("--rejects shows those of one table; name it, as in baikal show raw_shop.orders --rejects")
        return table_list(call, selected(content, [selector_of(content, name)] if name else []))
    table = one_name(content, name)
    if rejects:
        return show_rejects(call, table, raw=raw)
    snapshot = lake.catalog.get(table)
    history = lake.catalog.history(table)[:VERSIONS] if snapshot else []
    document = _declared(content, table) | _published(snapshot, history, lake.now())
    _print(call.console, document, lake.target.timezone)
    return Answer(document)


def _declared(content: Content, name: TableName) -> dict[str, Any]:
    facts = _of_source(content, name) if name in content.raw else _of_relation(content, name)
    columns = [
        {"name": c.name, "type": str(c.type), "description": c.description, "personal": c.personal}
        for c in content.columns(name)
    ]
    return {
        "name": str(name),
        **facts,
        "columns": columns,
        "inputs": [str(other) for other in content.graph.inputs(name)],
        "consumers": [str(other) for other in content.graph.outputs(name)],
    }


def _of_relation(content: Content, name: TableName) -> dict[str, Any]:
    relation = content.relations[name]
    return {
        "kind": relation.kind,
        "path": relation.path,
        "description": relation.description,
        "owner": relation.owner,
        "partition": relation.partition,
        "key": list(relation.key),
        "tags": list(relation.tags),
        "slo": relation.slo.document if relation.slo else {},
        "deprecated": relation.deprecated,
        "checks": [_check(check) for check in relation.checks],
        "problems": [str(problem) for problem in content.errors if problem.path == relation.path],
    }


def _of_source(content: Content, name: TableName) -> dict[str, Any]:
    source, table = content.raw[name]
    return {
        "kind": "raw",
        "path": source.path,
        "description": content.descriptions[name],
        "owner": source.owner,
        "partition": "day" if table.day else None,
        "key": list(table.key),
        "source": source.name,
        "mode": table.mode,
        "slo": source.slo.document if source.slo else {},
        "every_s": int(source.every.total_seconds()),
        "checks": [],
        "problems": [str(problem) for problem in content.errors if problem.path == source.path],
    }


def _check(check: Check) -> dict[str, Any]:
    return {"kind": check.kind, "arguments": check.arguments, "severity": check.severity}


def _published(snapshot: Snapshot | None, history: list[Snapshot], now: datetime) -> dict[str, Any]:
    if snapshot is None:
        return {"published": None, "versions": []}
    days = sorted(snapshot.days)
    return {
        "published": {
            **version_document(snapshot),
            "age_s": int((now - snapshot.published_at).total_seconds()),
            "first_day": days[0].isoformat() if days else None,
            "last_day": days[-1].isoformat() if days else None,
        },
        "versions": [version_document(one) for one in history],
    }


def _print(console: Console, found: dict[str, Any], zone: ZoneInfo) -> None:
    console.show(f"{found['name']}  {faint(found['kind'])}")
    console.show(found["description"])
    if found.get("deprecated"):
        console.show(f"deprecated: {found['deprecated']}")
    console.show()
    facts = [("owner", found["owner"]), ("file", found["path"])]
    facts += [("days", f"by {found['partition']}")] if found["partition"] else []
    facts += [("key", ", ".join(found["key"]))] if found["key"] else []
    facts += [("tags", ", ".join(found["tags"]))] if found.get("tags") else []
    facts += [("ingested", f"{found['mode']} from {found['source']}")] if "mode" in found else []
    facts += [("promise", ", ".join(f"{k} {_share(v)}" for k, v in found["slo"].items()))] if found.get("slo") else []
    facts += [("reads", ", ".join(found["inputs"]) or "nothing")] if found["kind"] != "raw" else []
    facts += [("read by", ", ".join(found["consumers"]) or "nobody"), *_freshness(found)]
    for label, text in facts:
        console.show(f"{faint(f'{label:<9}')} {text}")
    for problem in found["problems"]:
        console.show(problem)
    console.show()
    columns = [
        [c["name"], c["type"], "; ".join(filter(None, ("personal" * c["personal"], c["description"])))]
        for c in found["columns"]
    ]
    console.table(["column", "type", "description"], columns)
    if found["checks"]:
        console.show()
        rows = [[check["kind"], _plain(check["arguments"]), check["severity"]] for check in found["checks"]]
        console.table(["check", "on", "severity"], rows)
    if found["versions"]:
        console.show()
        rows = [
            [v["version"], wall_time(datetime.fromisoformat(v["published_at"]), zone), v["rows"], size(v["bytes"])]
            for v in found["versions"]
        ]
        console.table(["version", f"published ({zone.key})", "rows", "size"], rows)


def _freshness(found: dict[str, Any]) -> list[tuple[str, str]]:
    if found["kind"] == "view":
        return []
    published = found["published"]
    if published is None:
        todo = f"source:{found['source']}" if found["kind"] == "raw" else f"+{found['name']}"
        return [("data", f"none yet; write baikal run {todo}")]
    days = f", {published['first_day']} to {published['last_day']}" if published["first_day"] else ""
    rejects = f", {plural(published['reject_rows'], 'reject')} (--rejects shows them)" * bool(published["reject_rows"])
    return [
        ("data", f"{plural(published['rows'], 'row')}, {size(published['bytes'])}{days}{rejects}"),
        ("fresh", f"published {_age(published['age_s'])} ago"),
    ]


def _age(seconds: int) -> str:
    for word, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return plural(seconds // length, word)
    return plural(max(seconds, 0), "second")


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(item)}" for key, item in value.items())
    return str(value)


def _share(value: Any) -> str:
    """A share as it is declared; a time stays as it is."""
    return percent(value) if isinstance(value, int | float) else str(value)
