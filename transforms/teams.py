"""Teams: who may own a source or a table, and where to reach them. Read from `transforms/teams.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transforms.errors import Problem
from transforms.fields import Fields
from transforms.yaml_file import Document

TEAMS_FILE = "transforms/teams.yaml"


@dataclass(frozen=True, slots=True)
class Team:
    """`contact` is where people ask: a chat channel or a mail address."""

    name: str
    description: str
    contact: str


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
        team.known(("description", "contact"))
        team.required("description", f"description: What {name} does")
        team.required("contact", f'contact: "#{name}"')
        teams[name] = Team(name, team.text("description") or "", team.text("contact") or "")
    return teams, problems


def _example(name: str) -> str:
    return f'{name}: {{description: What the team does, contact: "#{name}"}}'
