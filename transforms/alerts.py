"""What people must be told: each incident once to each owner, and once that it is over.

Pure: what was told before and what time it is are the caller's; sending is `connectors.alerts`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from transforms.incidents import Incident
from transforms.names import TableName
from transforms.slo import is_workday
from transforms.teams import Team


@dataclass(frozen=True, slots=True)
class Told:
    """That a team was told of an incident, and when: what is kept between runs."""

    owner: str
    key: str
    what: str
    since: datetime
    at: datetime

    def to_json(self) -> list[str]:
        """Plain JSON."""
        return [self.owner, self.key, self.what, self.since.isoformat(), self.at.isoformat()]

    @staticmethod
    def from_json(data: list[str]) -> Told:
        """Raises TypeError or ValueError on anything that `to_json` did not write."""
        owner, key, what, since, at = data
        return Told(owner, key, what, datetime.fromisoformat(since), datetime.fromisoformat(at))


@dataclass(frozen=True, slots=True)
class Message:
    """What one team is to be told now: new incidents, and those told before that are over."""

    owner: str
    new: tuple[Incident, ...] = ()
    over: tuple[Told, ...] = ()


def messages(
    incidents: Iterable[Incident],
    told: Collection[Told],
    owners: Mapping[TableName, str],
    teams: Mapping[str, Team],
    now: datetime,
    holidays: str | None = None,
) -> list[Message]:
    """What each team is to be told now: one message a team, each incident once, and once that it is over.

    While a team is left alone (`is_quiet`) only what is new and of high severity is said; all else afterwards, also
    that something is over.
    `now` carries the company's zone.
    """
    concerned: dict[str, list[Incident]] = {}
    open_ = set()
    for incident in incidents:
        open_.add(incident.key)
        for owner in sorted({incident.owner, *(owners[name] for name in incident.affected if name in owners)}):
            concerned.setdefault(owner, []).append(incident.of(owner, owners))
    known = {(one.owner, one.key) for one in told}
    found = []
    for owner in sorted({*concerned, *(one.owner for one in told)}):
        mine = [one for one in concerned.get(owner, []) if not one.folded]
        quiet = is_quiet(teams.get(owner), now, holidays)
        new = [one for one in mine if (owner, one.key) not in known and not (quiet and one.severity == "low")]
        over = [] if quiet else [one for one in told if one.owner == owner and one.key not in open_]
        if new or over:
            found.append(Message(owner, tuple(new), tuple(over)))
    return found


def is_quiet(team: Team | None, now: datetime, holidays: str | None) -> bool:
    """Whether a team is to be left alone with what can wait: in its quiet hours, and all day at weekends and on
    holidays where the target says whose holidays."""
    if holidays is not None and not is_workday(now.date(), holidays):
        return True
    if team is None or team.quiet is None:
        return False
    first, last = team.quiet
    at = now.time().replace(tzinfo=None)
    return first <= at < last if first < last else at >= first or at < last


def remembered(told: Iterable[Told], sent: Message, at: datetime) -> list[Told]:
    """What was told, after a message was sent."""
    over = {one.key for one in sent.over}
    kept = [one for one in told if not (one.owner == sent.owner and one.key in over)]
    return [*kept, *(Told(sent.owner, one.key, one.what, one.since, at) for one in sent.new)]
