"""People are told the root cause once, with what is affected below, and once that it is over."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from promising import ADS, CAMPAIGNS, KPI, MONDAY, TRANSACTIONS, VIEW, at, mornings, observed, promising, ran

from transforms.alerts import Message, Told, is_quiet, messages, remembered
from transforms.budget import Observed
from transforms.incidents import Incident, Watch
from transforms.slo import Slo
from transforms.teams import Team

DAY = timedelta(days=1)
CONTENT = promising()
TEAMS = CONTENT.teams
BEFORE = mornings(MONDAY - 40 * DAY, MONDAY - DAY)
FAILED = {"outcome": "failed", "cause": "check", "error": "not published", "checks": ("daily.sql:4: 1 row under 0",)}
BELOW = {"core_kpi.daily": {"outcome": "skipped", "because": ADS}}
SEVEN = at(MONDAY, "07:00")


def incidents(seen: Observed) -> list[Incident]:
    """Those that are told by themselves."""
    return [one for one in Watch(seen, seen.standings()).incidents() if not one.folded]


def told(seen: Observed, before: list[Told] | None = None, now: datetime | None = None) -> list[Message]:
    found = Watch(seen, seen.standings()).incidents()
    return messages(found, before or [], seen.content.owners, seen.content.teams, now or seen.now)


def broken() -> Observed:
    return observed(CONTENT, SEVEN, *BEFORE, ran(at(MONDAY, "06:30"), {str(ADS): FAILED, **BELOW}))


def test_a_failed_check_is_one_incident_with_all_that_is_below() -> None:
    (incident,) = incidents(broken())
    assert (incident.kind, incident.tables, incident.owner) == ("check-failed", (ADS,), "ads")
    assert incident.affected == (KPI, VIEW)
    assert incident.promised == (KPI,)
    assert incident.severity == "high"
    assert incident.since == at(MONDAY, "06:40")
    assert incident.what == "daily.sql:4: 1 row under 0"
    assert incident.look == "baikal runs 20240520T0630"
    assert incident.title == "core_ads.daily failed its checks"


def test_each_owner_is_told_once_and_others_only_of_what_is_theirs() -> None:
    seen = broken()
    ads, growth = told(seen)
    assert (ads.owner, ads.new[0].affected) == ("ads", (KPI, VIEW))
    assert (growth.owner, growth.new[0].affected, growth.new[0].owner) == ("growth", (KPI, VIEW), "ads")
    memory = remembered(remembered([], ads, SEVEN), growth, SEVEN)
    assert told(seen, memory) == []
    again = observed(
        CONTENT, at(MONDAY, "08:00"), *seen.sightings.records, ran(at(MONDAY, "07:30"), {str(ADS): FAILED})
    )
    assert incidents(again)[0].since == at(MONDAY, "06:40")
    assert told(again, memory) == []


def test_what_is_over_is_told_to_whoever_was_told_that_it_began() -> None:
    seen = broken()
    memory = [one for message in told(seen) for one in remembered([], message, SEVEN)]
    mended = observed(CONTENT, at(MONDAY, "08:00"), *seen.sightings.records, ran(at(MONDAY, "07:30"), {}))
    ads, growth = told(mended, memory)
    assert [(one.owner, len(one.new), [over.key for over in one.over]) for one in (ads, growth)] == [
        ("ads", 0, ["failed core_ads.daily"]),
        ("growth", 0, ["failed core_ads.daily"]),
    ]
    assert remembered(remembered(memory, ads, SEVEN), growth, SEVEN) == []


def test_a_source_that_is_away_is_one_incident_of_all_its_tables() -> None:
    down = {"outcome": "failed", "cause": "outside", "error": "cannot reach the database"}
    ended = {str(CAMPAIGNS): down, str(TRANSACTIONS): down, "core_ads.daily": {"outcome": "skipped"}}
    (incident,) = incidents(observed(CONTENT, SEVEN, *BEFORE, ran(at(MONDAY, "06:30"), ended)))
    assert (incident.kind, set(incident.tables)) == ("source-failed", {CAMPAIGNS, TRANSACTIONS})
    assert incident.title == "2 tables of ads_db could not be read"
    assert VIEW in incident.affected


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        ("rejects", "rows-rejected"),
        ("schema", "schema-changed"),
        ("outside", "source-failed"),
        ("data", "source-failed"),
    ],
)
def test_the_kind_of_a_sources_failure_says_which_page_to_read(cause: str, kind: str) -> None:
    ended = {str(TRANSACTIONS): {"outcome": "failed", "cause": cause}}
    (incident,) = incidents(observed(CONTENT, SEVEN, *BEFORE, ran(at(MONDAY, "06:30"), ended)))
    assert incident.kind == kind


def test_what_fails_after_what_it_reads_is_part_of_that_incident_and_what_failed_before_is_not() -> None:
    first = ran(at(MONDAY, "05:00"), {str(KPI): FAILED})
    upstream = ran(at(MONDAY, "06:30"), {str(ADS): FAILED, str(KPI): "skipped"})
    after = ran(at(MONDAY, "06:45"), {str(KPI): FAILED, str(ADS): "skipped"})
    folded = incidents(observed(CONTENT, SEVEN, *BEFORE, upstream, after))
    assert [one.tables for one in folded] == [(ADS,)]
    both = incidents(observed(CONTENT, SEVEN, *BEFORE, first, upstream))
    assert sorted(one.tables for one in both) == [(ADS,), (KPI,)]


def test_a_promise_is_late_from_its_time_on_until_it_is_kept() -> None:
    assert incidents(observed(CONTENT, at(MONDAY, "08:59"), *BEFORE)) == []
    (incident,) = incidents(observed(CONTENT, at(MONDAY, "09:05"), *BEFORE))
    assert (incident.kind, incident.tables, incident.severity) == ("late", (KPI,), "high")
    assert incident.what == "core_kpi.daily should be up to date since 09:00; not read since midnight: ads_db and app"
    assert incident.affected == (VIEW,)
    assert [one.kind for one in incidents(observed(CONTENT, at(MONDAY + DAY, "08:00"), *BEFORE))] == ["late"]
    kept = observed(CONTENT, at(MONDAY, "10:00"), *BEFORE, ran(at(MONDAY, "09:30"), {}))
    assert incidents(kept) == []


def test_what_is_late_because_of_a_failure_is_told_with_the_failure() -> None:
    seen = observed(CONTENT, at(MONDAY, "09:30"), *BEFORE, ran(at(MONDAY, "06:30"), {str(ADS): FAILED, **BELOW}))
    assert [one.kind for one in incidents(seen)] == ["check-failed"]


def test_what_was_late_and_is_explained_by_a_failure_later_is_not_over() -> None:
    late = observed(CONTENT, at(MONDAY, "09:05"), *BEFORE)
    (message,) = told(late)
    assert [one.key for one in message.new] == ["late core_kpi.daily"]
    memory = remembered([], message, SEVEN)
    failed = observed(CONTENT, at(MONDAY, "09:40"), *BEFORE, ran(at(MONDAY, "09:20"), {str(ADS): FAILED, **BELOW}))
    both = told(failed, memory)
    assert [(one.owner, [new.key for new in one.new], one.over) for one in both] == [
        ("ads", ["failed core_ads.daily"], ()),
        ("growth", ["failed core_ads.daily"], ()),
    ]
    memory = [one for each in both for one in remembered(memory, each, SEVEN)]
    kept = observed(CONTENT, at(MONDAY, "10:00"), *failed.sightings.records, ran(at(MONDAY, "09:50"), {}))
    assert {over.key for one in told(kept, memory) for over in one.over} == {
        "late core_kpi.daily",
        "failed core_ads.daily",
    }


def test_of_late_promises_that_read_each_other_the_first_is_told() -> None:
    content = promising(Slo(fresh_by=time(9), days_met=0.9), ADS, KPI, VIEW)
    (incident,) = incidents(observed(content, at(MONDAY, "09:05"), *BEFORE))
    assert (incident.tables, incident.affected) == ((ADS,), (KPI, VIEW))


def test_a_budget_that_is_spent_is_told_and_can_wait() -> None:
    runs = [run for run in BEFORE if run.run.started.date() < MONDAY - 4 * DAY]
    seen = observed(CONTENT, at(MONDAY, "10:00"), *runs, ran(at(MONDAY, "06:30"), {}))
    (incident,) = incidents(seen)
    assert (incident.kind, incident.severity, incident.affected) == ("budget-spent", "low", ())
    assert incident.what == (
        "core_kpi.daily promises fresh_by 09:00 on 90% of its due days, and missed 4 of the last 28"
    )


def test_bad_rows_and_days_that_lack_rows_are_told_until_a_better_day() -> None:
    content = promising(Slo(rows_valid=0.99, complete=0.5, days_met=0.9), ADS)
    rows = {MONDAY - number * DAY: 100 for number in range(2, 60)}
    bad = ran(at(MONDAY, "06:30"), {str(ADS): {"rows": 100, "invalid": 3}})
    now = at(MONDAY + DAY, "00:10")
    seen = observed(content, now, *BEFORE, bad, rows={ADS: rows})
    assert [(one.kind, one.since) for one in incidents(seen)] == [
        ("incomplete", at(MONDAY, "00:00")),
        ("rows-invalid", at(MONDAY, "00:00")),
    ]
    better = ran(at(MONDAY + DAY, "00:05"), {str(ADS): {"rows": 100}})
    whole = {**rows, MONDAY - DAY: 60}
    assert incidents(observed(content, now, *BEFORE, bad, better, rows={ADS: whole})) == []


def test_in_quiet_hours_and_on_days_off_only_what_cannot_wait_is_told() -> None:
    low = Incident("k", "build-failed", (ADS,), "ads", SEVEN, "w", "l")
    high = Incident("h", "build-failed", (KPI,), "ads", SEVEN, "w", "l", "high")
    teams = {"ads": Team("ads", "D", "#ads", "ADS_SLACK_URL", (time(22), time(8)))}
    (message,) = messages([low, high], [], CONTENT.owners, teams, SEVEN)
    assert message.new == (high,)
    (message,) = messages([low, high], [], CONTENT.owners, teams, at(MONDAY, "08:00"))
    assert message.new == (low, high)
    assert messages([low], [], CONTENT.owners, teams, at(MONDAY - DAY, "12:00"), "JP") == []
    over = [Told("ads", "old", "w", SEVEN, SEVEN)]
    assert messages([], over, CONTENT.owners, teams, SEVEN) == []
    assert messages([], over, CONTENT.owners, teams, at(MONDAY, "08:00")) == [Message("ads", (), tuple(over))]


OUTCOMES = st.sampled_from(["published", "failed", "skipped"])
WORKED_ON = [str(name) for name in CONTENT.names if name.layer != "view"]


@given(st.lists(st.dictionaries(st.sampled_from(WORKED_ON), OUTCOMES), min_size=1, max_size=5))
def test_what_failed_is_part_of_exactly_one_incident_and_all_below_it_is_affected(runs: list[dict[str, str]]) -> None:
    records = [ran(SEVEN + timedelta(minutes=20 * number), ended) for number, ended in enumerate(runs)]
    seen = observed(promising(Slo(rows_valid=0.5), ADS), SEVEN + timedelta(days=1), *records)
    found = [one for one in incidents(seen) if one.key.startswith("failed ")]
    failing = set()
    for name in WORKED_ON:
        told = [ended.get(name, "fresh") for ended in runs if ended.get(name) != "skipped"]
        failing |= {name} if told and told[-1] == "failed" else set()
    roots = [str(table) for one in found for table in one.tables]
    assert len(roots) == len(set(roots))
    assert set(roots) <= failing <= {*roots, *(str(name) for one in found for name in one.affected)}
    for one in found:
        below = CONTENT.graph.downstream(one.tables) - set(one.tables)
        assert set(one.affected) == below


@given(st.times(), st.times(), st.times())
def test_quiet_hours_are_from_one_time_to_another_also_over_midnight(first: time, last: time, clock: time) -> None:
    first, last, clock = (one.replace(second=0, microsecond=0) for one in (first, last, clock))
    quiet = is_quiet(Team("ads", "D", "C", None, (first, last)), datetime.combine(MONDAY, clock), None)
    other = is_quiet(Team("ads", "D", "C", None, (last, first)), datetime.combine(MONDAY, clock), None)
    assert (quiet != other) or first == last


def test_what_was_told_reads_back_as_it_was_kept() -> None:
    one = Told("ads", "failed core_ads.daily", "a & b", SEVEN, SEVEN)
    assert Told.from_json(one.to_json()) == one
