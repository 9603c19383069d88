"""Teams are read, or told what is missing."""

from __future__ import annotations

from datetime import time

from transforms.teams import Team, read_teams
from transforms.yaml_file import read_yaml


def faults(text: str) -> list[str]:
    return [str(problem) for problem in read_teams(read_yaml(text, "teams.yaml"))[1]]


def test_teams_have_a_description_and_a_contact() -> None:
    teams, problems = read_teams(read_yaml('ads: {description: Sells ads, contact: "#ads"}', "teams.yaml"))
    assert (teams, problems) == ({"ads": Team("ads", "Sells ads", "#ads")}, [])


def test_what_is_missing_is_told_with_the_line_to_write() -> None:
    assert faults("ads: {description: Sells ads}\nsales:\ngrowth: {descripton: x, contact: y}") == [
        'teams.yaml:1: contact is missing; write contact: "#ads"',
        'teams.yaml:2: team sales says nothing; write sales: {description: What the team does, contact: "#sales"}',
        'teams.yaml:3: unknown key "descripton"; keys are description, contact, slack and quiet; did you mean '
        '"description"?',
        "teams.yaml:3: description is missing; write description: What growth does",
    ]


def test_a_team_says_where_it_is_told_and_when_it_is_left_alone() -> None:
    said = 'ads: {description: Sells ads, contact: "#ads", slack: ADS_SLACK_URL, quiet: "22:00-08:00"}'
    teams, problems = read_teams(read_yaml(said, "teams.yaml"))
    assert problems == []
    assert (teams["ads"].slack, teams["ads"].quiet) == ("ADS_SLACK_URL", (time(22), time(8)))
    wrong = 'ads:\n  {description: D, contact: C, slack: "https://hooks.example.com/T0/secret", quiet: "8-9"}'
    assert faults(wrong) == [
        "teams.yaml:2: slack must name an environment variable in capitals; the address is never in this file; write "
        "slack: ADS_SLACK_URL",
        'teams.yaml:2: "8-9" is not from one time to another; write quiet: "22:00-08:00"',
    ]


def test_a_list_of_teams_is_not_understood() -> None:
    assert faults("- ads") == [
        "teams.yaml:1: teams.yaml must have one key per team; write ads: {description: What the team does, "
        'contact: "#ads"}'
    ]
