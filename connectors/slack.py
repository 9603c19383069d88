"""Tells a team on Slack, through an incoming webhook: one message of Block Kit within its limits.

Decides how a message looks. The webhook's address is a secret: no error and no log shows it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connectors.exchange import Broken, Exchange
from connectors.exchange import Message as HttpMessage
from connectors.retry_after import AGAIN, retry_after
from transforms.alerts import Message, Told
from transforms.errors import OutsideError
from transforms.fields import listed
from transforms.incidents import Incident
from transforms.names import TableName

BLOCKS, HEADER, SECTION, FIELD = 50, 150, 3000, 2000
"""Slack's limits: blocks of a message, characters of a header, of a section's text, and of one of its fields."""
SHOWN = 12
"""The most incidents that a message tells in full: three blocks each."""
ATTEMPTS = 4
LONGEST_WAIT_S = 30.0
"""A longer wait is not worth a run's time: what was not told is told after the next run."""
_PATIENCE_S = 10
_MOST_NAMES = 30
_MARKS = {"high": ":red_circle:", "low": ":large_yellow_circle:"}


def payload(message: Message, zone: ZoneInfo, target: str, runbook: str | None = None) -> dict[str, Any]:
    """The message as Slack takes it; times are of the company's clock."""
    title = f"{target}: {_title(message)}"
    blocks: list[dict[str, Any]] = [{"type": "header", "text": {"type": "plain_text", "text": _cut(title, HEADER)}}]
    for incident in message.new[:SHOWN]:
        blocks += _incident(incident, zone, target, runbook)
    if len(message.new) > SHOWN:
        blocks.append(_section(f"and {len(message.new) - SHOWN} more: `baikal slo --target {target}` lists them"))
    if message.over:
        blocks.append(_section("\n".join(_over(one, zone) for one in message.over)))
    return {"text": _cut(_escaped(title), SECTION), "blocks": blocks[:BLOCKS]}


def post(url: str, message: dict[str, Any], sleep: Callable[[float], None] = time.sleep) -> None:
    """Sends a message, again where that may help, as long after as Slack asks for. Raises OutsideError."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise OutsideError("cannot tell Slack: what the variable holds is no address")
    reason, exchange = "", Exchange(_PATIENCE_S)
    asked = HttpMessage(url, {"Content-Type": "application/json"}, json.dumps(message).encode())
    for attempt in range(ATTEMPTS):
        wait = 2.0**attempt
        try:
            reply = exchange.send(asked)
        except Broken as broken:
            reason = str(broken)
        else:
            if reply.good:
                return
            said = " ".join(reply.content.decode("utf-8", "replace").split())
            reason = f"{reply.status} {_cut(_without_address(said, url), 100)}"
            if reply.status not in AGAIN:
                break
            wait = retry_after(reply.headers, wait)
        if wait > LONGEST_WAIT_S or attempt == ATTEMPTS - 1:
            break
        sleep(wait)
    raise OutsideError(f"cannot tell Slack: {reason}")


def _title(message: Message) -> str:
    """What is read on a locked phone."""
    if not message.new:
        names = [one.key.partition(" ")[2] for one in message.over]
        return f"over: {listed(names)}"
    more = f", and {len(message.new) - 1} more" if len(message.new) > 1 else ""
    return f"{message.new[0].title}{more}"


def _without_address(said: str, url: str) -> str:
    """What a server says, which may repeat what it was asked for, without any part of the address but its host."""
    asked = urlsplit(url)
    parts = sorted(filter(None, re.split("[/?&=]", f"{asked.path}?{asked.query}")), key=len, reverse=True)
    return re.sub("|".join(map(re.escape, parts)), "..", said) if parts else said


def _incident(incident: Incident, zone: ZoneInfo, target: str, runbook: str | None) -> list[dict[str, Any]]:
    head = f"{_MARKS[incident.severity]} *{_escaped(incident.title)}*"
    what = _escaped(incident.what)
    room = SECTION - len(head) - 10
    fields = [f"*Since*\n{_moment(incident.since, zone)}", f"*Owner*\n{_escaped(incident.owner)}"]
    for label, names in _affected(incident):
        fields.append(f"*{label}*\n{_listed(names)}")
    page = f"docs/operate.md#{incident.kind}"
    link = f"<{runbook}#{incident.kind}|{page}>" if runbook else page
    look = f"`{_escaped(incident.look)} --target {target}`"
    return [
        _section(f"{head}\n```{_cut(what, room)}```"),
        {"type": "section", "fields": [_text(_cut(field, FIELD)) for field in fields]},
        {"type": "context", "elements": [_text(_cut(f"{look}  {link}", FIELD))]},
    ]


def _affected(incident: Incident) -> Iterable[tuple[str, list[TableName]]]:
    """What is not what it should be, by what people know it as."""
    if len(incident.tables) > 1:
        yield "Failed together", list(incident.tables)
    views = [name for name in incident.affected if name.layer == "view"]
    tables = [name for name in incident.affected if name.layer != "view"]
    if tables:
        yield "Tables below", tables
    if views:
        yield "Views that people read", views
    if incident.promised:
        yield "Promised", list(incident.promised)


def _over(told: Told, zone: ZoneInfo) -> str:
    name, since = _escaped(told.key.partition(" ")[2]), _moment(told.since, zone)
    return f":large_green_circle: *{name}* is as it should be again; since {since} it was not"


def _listed(names: list[TableName]) -> str:
    more = f"\nand {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return "\n".join(f"`{name}`" for name in names[:_MOST_NAMES]) + more


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(_cut(text, SECTION))}


def _text(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def _escaped(text: str) -> str:
    """The three characters that mean something to Slack; backquotes would end a block of code."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("```", "'''")


def _cut(text: str, most: int) -> str:
    """At most so many characters, never ending within an escaped one."""
    if len(text) <= most:
        return text
    head = text[: most - 2]
    begun = head.rfind("&", max(0, len(head) - 5))
    if begun >= 0 and ";" not in head[begun:]:
        head = head[:begun]
    return f"{head} …"
