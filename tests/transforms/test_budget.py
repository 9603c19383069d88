"""A promise is met on the days on which people could rely on it, and so many days may be missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from promising import ADS, BY_NINE, KPI, MONDAY, TRANSACTIONS, VIEW, at, mornings, observed, promising, ran

from transforms.budget import DAYS, PromiseStanding
from transforms.slo import Slo

DAY = timedelta(days=1)
LONG_AGO = MONDAY - 40 * DAY
WORKING = Slo(fresh_by=time(9), days_met=0.9, due="workdays")


def test_a_table_that_was_up_to_date_every_morning_keeps_its_promise() -> None:
    seen = observed(promising(), at(MONDAY, "10:00"), *mornings(LONG_AGO, MONDAY))
    (standing,) = seen.standings()
    assert (standing.due, standing.judged, standing.missed) == (28, 28, ())
    assert (standing.allowed, standing.left, standing.state) == (2, 2, "met")


def test_days_are_missed_when_nothing_ran_or_too_late_and_the_budget_is_used_up() -> None:
    runs = [run for run in mornings(LONG_AGO, MONDAY) if run.run.started.date() != MONDAY - 3 * DAY]
    late = ran(at(MONDAY - 3 * DAY, "09:01"), {})
    (standing,) = observed(promising(), at(MONDAY, "10:00"), *runs, late).standings()
    assert (standing.missed, standing.left, standing.state) == ((MONDAY - 3 * DAY,), 1, "met")
    fewer = [run for run in runs if run.run.started.date() != MONDAY - 5 * DAY]
    (standing,) = observed(promising(), at(MONDAY, "10:00"), *fewer).standings()
    assert (standing.left, standing.state) == (0, "at risk")
    fewer = [run for run in fewer if run.run.started.date() != MONDAY - 6 * DAY]
    (standing,) = observed(promising(), at(MONDAY, "10:00"), *fewer).standings()
    assert (standing.left, standing.state) == (-1, "breached")


def test_a_day_is_not_judged_before_its_deadline_unless_it_is_met_already() -> None:
    before = mornings(LONG_AGO, MONDAY - DAY)
    (waiting,) = observed(promising(), at(MONDAY, "08:59"), *before).standings()
    (met,) = observed(promising(), at(MONDAY, "08:59"), *before, ran(at(MONDAY, "07:00"), {})).standings()
    (missed,) = observed(promising(), at(MONDAY, "09:00"), *before).standings()
    assert [(one.judged, len(one.missed)) for one in (waiting, met, missed)] == [(27, 0), (28, 0), (28, 1)]


def test_days_before_a_table_was_first_seen_are_not_judged() -> None:
    (standing,) = observed(
        promising(), at(MONDAY, "10:00"), *mornings(MONDAY - 2 * DAY, MONDAY, clock="11:00")
    ).standings()
    assert (standing.judged, standing.missed) == (2, (MONDAY - DAY, MONDAY))
    (never,) = observed(promising(), at(MONDAY, "10:00")).standings()
    assert (never.judged, never.state) == (0, "unknown")


@pytest.mark.parametrize("above", [TRANSACTIONS, ADS])
def test_a_table_is_not_up_to_date_while_something_above_it_fails(above: object) -> None:
    """Although it was itself built: from what was there before."""
    before = mornings(LONG_AGO, MONDAY - DAY)
    broken = ran(at(MONDAY, "06:30"), {str(above): "failed", str(KPI): {"rows": 3}})
    (standing,) = observed(promising(), at(MONDAY, "10:00"), *before, broken).standings()
    assert standing.missed == (MONDAY,)
    mended = ran(at(MONDAY, "08:30"), {str(above): {"rows": 1}, str(KPI): {"rows": 3}})
    (standing,) = observed(promising(), at(MONDAY, "10:00"), *before, broken, mended).standings()
    assert standing.missed == ()


def test_a_table_is_not_up_to_date_before_its_sources_were_read_that_day() -> None:
    before = mornings(LONG_AGO, MONDAY - DAY)
    built = ran(at(MONDAY, "06:30"), {})
    blind = replace(built, run=replace(built.run, fresh={"core_kpi": ("*",)}))
    (standing,) = observed(promising(), at(MONDAY, "10:00"), *before, blind).standings()
    assert standing.missed == (MONDAY,)


def test_a_view_is_up_to_date_when_all_that_it_reads_is() -> None:
    content = promising(BY_NINE, VIEW)
    runs = mornings(LONG_AGO, MONDAY - DAY)
    (standing,) = observed(
        content, at(MONDAY, "10:00"), *runs, ran(at(MONDAY, "06:30"), {str(KPI): "failed"})
    ).standings()
    assert (standing.name, standing.missed) == (VIEW, (MONDAY,))
    (standing,) = observed(content, at(MONDAY, "10:00"), *runs, ran(at(MONDAY, "06:30"), {})).standings()
    assert standing.missed == ()


def test_workdays_leave_out_weekends_and_the_holidays_of_the_country() -> None:
    may_sixth = date(2024, 5, 6)  # a Monday off, because Children's Day was a Sunday
    seen = observed(promising(WORKING), at(MONDAY, "10:00"), holidays="JP")
    due = list(seen.due_days(KPI, WORKING))
    assert may_sixth not in due
    assert date(2024, 5, 7) in due
    assert all(day.weekday() < 5 for day in due)
    assert len(due) == 20 - 3  # the others are 29 April and 3 May
    elsewhere = observed(promising(WORKING), at(MONDAY, "10:00"))
    assert len(list(elsewhere.due_days(KPI, WORKING))) == 20


def test_a_source_that_is_read_every_week_is_due_when_its_week_begins() -> None:
    content = promising(BY_NINE, TRANSACTIONS)
    weekly = replace(content.sources["ads_db"], every=7 * DAY)
    content = replace(content, sources={**content.sources, "ads_db": weekly})
    due = list(observed(content, at(MONDAY, "10:00")).due_days(TRANSACTIONS, BY_NINE))
    assert [day.weekday() for day in due] == [3, 3, 3, 3]  # weeks since 1970-01-01, a Thursday


def test_rows_valid_counts_what_was_rejected_and_what_a_check_warned_of() -> None:
    slo = Slo(rows_valid=0.99)
    content = promising(slo, TRANSACTIONS, ADS)
    runs = [
        ran(at(MONDAY - 2 * DAY, "06:30"), {str(TRANSACTIONS): {"rows": 990, "rejects": 10}}),
        ran(at(MONDAY - DAY, "06:30"), {str(TRANSACTIONS): {"rows": 980, "rejects": 20}, str(ADS): {"rows": 5}}),
        ran(at(MONDAY, "06:30"), {str(ADS): {"rows": 100, "invalid": 2}}),
    ]
    seen = observed(content, at(MONDAY, "10:00"), *runs)
    missed = {standing.name: (standing.judged, standing.missed) for standing in seen.standings()}
    assert missed[TRANSACTIONS] == (2, (MONDAY - DAY,))
    assert missed[ADS] == (2, (MONDAY,))


def test_complete_compares_a_day_with_the_same_weekdays_before() -> None:
    slo = Slo(complete=0.5, fresh_by=time(9))
    usual = {MONDAY - number * DAY: 100 for number in range(2, 60)}
    for rows, met in ((100, True), (50, True), (49, False), (0, False)):
        seen = observed(promising(slo), at(MONDAY, "09:30"), rows={KPI: {**usual, MONDAY - DAY: rows}})
        assert seen.verdict(KPI, slo, "complete", MONDAY) is met, rows
    absent = observed(promising(slo), at(MONDAY, "09:30"), rows={KPI: usual})
    assert absent.verdict(KPI, slo, "complete", MONDAY) is False
    early = observed(promising(slo), at(MONDAY, "08:30"), rows={KPI: usual})
    assert early.verdict(KPI, slo, "complete", MONDAY) is None
    new = observed(promising(slo), at(MONDAY, "09:30"), rows={KPI: {MONDAY - 2 * DAY: 5}})
    assert new.verdict(KPI, slo, "complete", MONDAY - DAY) is None
    assert new.verdict(KPI, slo, "complete", MONDAY) is False


@given(st.integers(1, 100), st.integers(1, DAYS), st.integers(0, DAYS))
def test_a_promise_is_breached_exactly_when_too_few_days_were_met(percent: int, due: int, missed: int) -> None:
    missed = min(missed, due)
    days = tuple(MONDAY - number * DAY for number in range(missed))
    standing = PromiseStanding(KPI, "ads", "fresh_by", "09:00", percent / 100, due, due, days)
    assert (standing.state == "breached") == ((due - missed) * 100 < percent * due)
    assert standing.left == standing.allowed - missed
