"""Looks at the promises of a lake and tells each team what it should know, once: `announce`, after a run.

Which incidents there are is `transforms.incidents`'s to decide, who is told is `transforms.alerts`'s. A message
that cannot be sent never fails a run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from connectors.lake import Lake
from connectors.ledger_files import records
from transforms.alerts import Message, Told, messages, remembered
from transforms.budget import Observed, PromiseStanding, looked_back, promises
from transforms.errors import BaikalError, OutsideError
from transforms.incidents import Incident, Watch
from transforms.names import TableName
from transforms.sightings import Sightings

TOLD = "_alerts/told.json"
LOCK = "_alerts/lock"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a lake's promises stand, and what is wrong; `folded` incidents are told with another one."""

    standings: tuple[PromiseStanding, ...]
    incidents: tuple[Incident, ...]
    folded: tuple[Incident, ...]


@dataclass(frozen=True, slots=True)
class Announcement:
    """A message, and why it was not sent; nothing when it was."""

    message: Message
    failure: str = ""

    def __str__(self) -> str:
        told = f"{self.message.owner}: {len(self.message.new)} new, {len(self.message.over)} over"
        return f"{told}, not sent: {self.failure}" if self.failure else told


def outlook(lake: Lake) -> Outlook:
    """By the ledger, as far back as 28 days need it, and the rows of what promises them. Raises OutsideError."""
    now = lake.now().astimezone(lake.target.timezone)
    seen = Sightings(tuple(records(lake, now.date() - looked_back(lake.content))))
    observed = Observed(lake.content, seen, now, lake.target.timezone, lake.target.holidays, _rows(lake))
    standings = observed.standings()
    found = Watch(observed, standings).incidents()
    told = tuple(one for one in found if not one.folded)
    return Outlook(standings, told, tuple(one for one in found if one.folded))


def announce(lake: Lake) -> list[Announcement]:
    """Tells every team that has a Slack channel what is new and what is over since it was told last.

    To be called after each run, and in the morning when none came. Raises nothing that an outside system is at fault
    for: what could not be sent is told with the next announcement, and is in the answer.
    """
    try:
        with lake.storage.alone(LOCK):
            return _announced(lake, outlook(lake))
    except (BaikalError, OSError) as error:
        return [Announcement(Message("everybody"), str(error))]


def _announced(lake: Lake, found: Outlook) -> list[Announcement]:
    content, target, now = lake.content, lake.target, lake.now().astimezone(lake.target.timezone)
    told = _told(lake)
    said = []
    for message in messages(
        (*found.incidents, *found.folded), told, content.owners, content.teams, now, target.holidays
    ):
        team = content.teams.get(message.owner)
        if team is None or team.slack is None:
            continue
        try:
            _send(lake, message, team.slack)
        except OutsideError as error:
            said.append(Announcement(message, str(error)))
            continue
        told = remembered(told, message, now)
        lake.storage.note(TOLD, json.dumps([one.to_json() for one in told], ensure_ascii=False).encode())
        said.append(Announcement(message))
    return said


def _send(lake: Lake, message: Message, variable: str) -> None:
    from connectors.slack import payload, post  # curl, which a run without alerts does not need

    url = os.environ.get(variable)
    if not url:
        raise OutsideError(f"the environment variable {variable} is not set; it holds a Slack webhook's address")
    post(url, payload(message, lake.target.timezone, lake.target.name, lake.target.runbook))


def _told(lake: Lake) -> list[Told]:
    try:
        return [Told.from_json(one) for one in json.loads(lake.storage.noted(TOLD) or b"[]")]
    except (ValueError, TypeError):  # not ours: everything is told again
        return []


def _rows(lake: Lake) -> Mapping[TableName, Mapping[date, int]]:
    """The rows by day of the tables that promise to be complete."""
    found = {}
    for name, slo in promises(lake.content).items():
        snapshot = lake.catalog.get(name) if slo.complete is not None else None
        if snapshot is not None and snapshot.partition is not None:
            found[name] = {date.fromisoformat(day): part.rows for day, part in snapshot.parts.items()}
    return found
