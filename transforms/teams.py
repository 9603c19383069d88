"""Teams: who may own a source or a table, and where to reach them. Read from `transforms/teams.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from transforms.errors import Problem
from transforms.fields import Fields
from transforms.target import VARIABLE
from transforms.yaml_file import Document

TEAMS_FILE = "transforms/teams.yaml"
_AT = r"((?:[01][0-9]|2[0-3]):[0-5][0-9])"
_HOURS = re.compile(rf"{_AT} ?- ?{_AT}\Z")


@dataclass(frozen=True, slots=True)
class Team:
    """`contact` is where people ask: a chat channel or a mail address.

    `slack` is the environment variable that holds the address of an incoming webhook. In the `quiet` hours, from one
    time of the company's clock to another, only what cannot wait is sent there.
    """

    name: str
    description: str
    contact: str
    slack: str | None = None
    quiet: tuple[time, time] | None = None


def read_teams(document: Document) -> tuple[Mapping[str, Team], list[Problem]]:
    """The teams of the file, with everything that is wrong in it.

    ads: {description: Sells and measures advertising, contact: "#ads"}
    """
    problems = list(document.problems)
    teams: dict[str, Team] = {}
    top = Fields(document, problems)
    if document.value is not None and not isinstance(document.value, dict):
        top.problem(None, "teams.yaml must have one key per team", write=f"write {_example('ads')}")
    for name in top.values:
        team = top.inner(name, _example(name))
        if team is None:
            if top.values[name] is None:
                top.problem(name, f"team {name} says nothing", write=f"write {_example(name)}")
            continue
        team.known(("description", "contact", "slack", "quiet"))
        team.required("description", f"description: What {name} does")
        team.required("contact", f'contact: "#{name}"')
        description, contact = team.text("description") or "", team.text("contact") or ""
        teams[name] = Team(name, description, contact, _slack(name, team), _quiet(team))
    return teams, problems


def _slack(name: str, team: Fields) -> str | None:
    example = f"slack: {name.upper()}_SLACK_URL"
    variable = team.text("slack", example)
    if variable is not None and not VARIABLE.match(variable):
        what = "slack must name an environment variable in capitals; the address is never in this file"
        team.problem("slack", what, write=f"write {example}")
        return None
    return variable


def _quiet(team: Fields) -> tuple[time, time] | None:
    text = team.text("quiet", 'quiet: "22:00-08:00"')
    found = _HOURS.match(text) if text else None
    if found is not None and found[1] != found[2]:
        return time.fromisoformat(found[1]), time.fromisoformat(found[2])
    if text:
        team.problem("quiet", f'"{text}" is not from one time to another', write='write quiet: "22:00-08:00"')
    return None


def _example(name: str) -> str:
    return f'{name}: {{description: What the team does, contact: "#{name}"}}'
