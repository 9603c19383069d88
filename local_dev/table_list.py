"""`baikal show` of many: a line for each table and view, from the declarations alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local_dev.command import Answer, Call
from local_dev.console import faint, plural
from transforms.content import Content
from transforms.names import TableName


def names_many(content: Content, text: str) -> bool:
    """Whether a selector means a list: one of many names, or a database."""
    return text == "changed" or any(mark in text for mark in "*:+") or text.lower() in _databases(content)


def selector_of(content: Content, text: str) -> str:
    """A database stands for all of its tables."""
    return f"{text}.*" if text.lower() in _databases(content) else text


def table_list(call: Call, names: Iterable[TableName]) -> Answer:
    """Sorted by name: raw tables, tables and views with their owner and the first line of what they say."""
    found = [_document(call.content, name) for name in sorted(names)]
    rows = [[one["name"], one["kind"], one["owner"], one["description"].partition("\n")[0]] for one in found]
    call.console.table(["name", "kind", "owner", "description"], rows)
    call.console.say(faint(f"{plural(len(found), 'name')}; baikal show NAME tells more of one"))
    return Answer(found)


def _document(content: Content, name: TableName) -> dict[str, Any]:
    if name in content.raw:
        source, _ = content.raw[name]
        kind, owner, told = "raw", source.owner, content.descriptions[name]
    else:
        relation = content.relations[name]
        kind, owner, told = relation.kind, relation.owner, relation.description
    return {"name": str(name), "kind": kind, "owner": owner, "description": told or ""}


def _databases(content: Content) -> set[str]:
    return {name.database for name in content.names}
