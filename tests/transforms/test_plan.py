"""What is stale, day by day, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.analysis import Analysis, Input, Reach
from transforms.column import OutputColumn
from transforms.content import Content
from transforms.errors import DataError
from transforms.lake_types import BIGINT, DATE, VARCHAR
from transforms.names import TableName
from transforms.plan import Fingerprints, Published, Step, plan, step_for
from transforms.relation import Check, Relation
from transforms.snapshot import WHOLE
from transforms.source import Source, SourceTable
from transforms.window import Window

FIRST = date(2024, 5, 1)
TODAY = date(2024, 5, 31)
EVENTS, USERS, DAILY = (TableName.parse(name) for name in ("raw_app.events", "raw_db.users", "core_app.daily"))
COLUMNS = (OutputColumn("users", BIGINT), OutputColumn("day", DATE))


def day(number: int) -> date:
    """The first of May is 1."""
    return FIRST + timedelta(days=number - 1)


def relation(**changes: object) -> Relation:
    whole = Relation(DAILY, "table", "daily.sql", "select", "D", "app", partition="day")
    return replace(whole, **changes)  # type: ignore[arg-type]  # the tests change fields of several types


def analysis(*inputs: Input, fingerprint: str = "sql") -> Analysis:
    return Analysis(COLUMNS, inputs, fingerprint)


def by_day(**days: str) -> Fingerprints:
    """`d1="a"` is the first of May with fingerprint a."""
    return Fingerprints("day", {day(int(name[1:])).isoformat(): print_ for name, print_ in days.items()})


def whole(print_: str) -> Fingerprints:
    return Fingerprints(None, {WHOLE: print_})


def after(current: Published, step: Step | None, columns: tuple[OutputColumn, ...] = COLUMNS) -> Fingerprints | None:
    """The table once the step is built."""
    if step is None:
        assert not isinstance(current, type(None))
        return current if isinstance(current, Fingerprints) else None
    kept = current.parts if isinstance(current, Fingerprints) and not step.replaces else {}
    partition = None if step.days is None else "day"
    return Fingerprints(partition, {**kept, **step.wanted}, tuple(column.column for column in columns))


def steps(
    published: Mapping[TableName, Published],
    current: Published = None,
    *,
    of: Relation | None = None,
    by: Analysis | None = None,
    window: Window | None = None,
    full: bool = False,
    today: date = TODAY,
    check_texts: tuple[str, ...] = (),
) -> Step | None:
    by = by or analysis(*(Input(name, Reach()) for name in published))
    return step_for(of or relation(), by, published.get, current, window, full, today, check_texts)


def days_of(step: Step | None) -> list[int]:
    assert step is not None
    assert step.days is not None
    return [(one - FIRST).days + 1 for one in step.days]


def test_the_first_build_has_every_day_of_the_input() -> None:
    step = steps({EVENTS: by_day(d3="a", d1="b")})
    assert (days_of(step), step and step.reason, step and step.replaces) == ([1, 3], "first build", True)


def test_nothing_is_stale_after_a_build() -> None:
    published = {EVENTS: by_day(d1="a", d2="b")}
    assert steps(published, after(None, steps(published))) is None


def test_only_changed_and_new_days_are_stale() -> None:
    built = after(None, steps({EVENTS: by_day(d1="a", d2="b", d3="c")}))
    step = steps({EVENTS: by_day(d1="a", d2="B", d3="c", d4="d")}, built)
    assert days_of(step) == [2, 4]
    assert step is not None
    assert step.reason == "1 new day, the inputs of 1 day changed"
    assert list(step.wanted) == ["2024-05-02", "2024-05-04"]


def test_a_day_that_left_the_input_is_left_alone() -> None:
    built = after(None, steps({EVENTS: by_day(d1="a", d2="b")}))
    assert steps({EVENTS: by_day(d2="b")}, built) is None


def test_a_week_that_ends_on_the_day_makes_seven_days_stale() -> None:
    week = analysis(Input(EVENTS, Reach(-6, 0)))
    days = {f"d{n}": "x" for n in range(1, 21)}
    built = after(None, steps({EVENTS: by_day(**days)}, by=week))
    step = steps({EVENTS: by_day(**{**days, "d5": "y"})}, built, by=week)
    assert days_of(step) == [5, 6, 7, 8, 9, 10, 11]


def test_days_without_rows_of_their_own_count_when_a_reach_covers_them() -> None:
    week = analysis(Input(EVENTS, Reach(-6, 0)))
    assert days_of(steps({EVENTS: by_day(d1="a", d5="b")}, by=week)) == [1, 2, 3, 4, 5]
    assert days_of(steps({EVENTS: by_day(d1="a", d20="b")}, by=week)) == [1, 2, 3, 4, 5, 6, 7, 20]


@pytest.mark.parametrize(
    ("reach", "days"),
    [
        (Reach(-1, -1), [2, 3]),
        (Reach(1, 3), [-2, -1, 0, 1]),
        (Reach(0, 2), [-1, 0, 1, 2]),
        (Reach(-6, 0), [1, 2]),
    ],
)
def test_a_reach_beside_the_day_shifts_the_days(reach: Reach, days: list[int]) -> None:
    assert days_of(steps({EVENTS: by_day(d1="a", d2="b")}, by=analysis(Input(EVENTS, reach)))) == days


def test_a_change_in_an_input_without_reach_matters_to_every_day() -> None:
    both = analysis(Input(EVENTS, Reach()), Input(USERS))
    events = by_day(d1="a", d2="b")
    built = after(None, steps({EVENTS: events, USERS: whole("u")}, by=both))
    step = steps({EVENTS: events, USERS: whole("v")}, built, by=both)
    assert days_of(step) == [1, 2]
    assert step is not None
    assert step.reason == "the inputs of 2 days changed"


def test_with_a_lookback_it_matters_to_the_newest_days_only() -> None:
    both, late = analysis(Input(EVENTS, Reach()), Input(USERS)), relation(lookback_days=3)
    days = {f"d{n}": "x" for n in range(1, 11)}
    built = after(None, steps({EVENTS: by_day(**days), USERS: whole("u")}, of=late, by=both))
    changed = {EVENTS: by_day(**{**days, "d2": "y"}), USERS: whole("v")}
    step = steps(changed, built, of=late, by=both)
    assert days_of(step) == [2, 8, 9, 10]
    assert steps(changed, after(built, step), of=late, by=both) is None


def test_a_day_in_the_future_does_not_use_up_the_lookback() -> None:
    both, late = analysis(Input(EVENTS, Reach()), Input(USERS)), relation(lookback_days=2)
    events = by_day(d1="a", d2="b", d3="c", d400="dirty")
    built = after(None, steps({EVENTS: events, USERS: whole("u")}, of=late, by=both))
    assert days_of(steps({EVENTS: events, USERS: whole("v")}, built, of=late, by=both)) == [2, 3, 400]


def test_a_window_asks_for_its_days_and_the_lookback_before_them() -> None:
    days = {f"d{n}": "x" for n in range(1, 21)}
    window = Window(day(10), day(12))
    assert days_of(steps({EVENTS: by_day(**days)}, window=window)) == [10, 11, 12]
    late = relation(lookback_days=3)
    assert days_of(steps({EVENTS: by_day(**days)}, of=late, window=window)) == [7, 8, 9, 10, 11, 12]


def test_a_window_looks_at_old_days_in_spite_of_the_lookback() -> None:
    both, late = analysis(Input(EVENTS, Reach()), Input(USERS)), relation(lookback_days=1)
    events = by_day(**{f"d{n}": "x" for n in range(1, 11)})
    built = after(None, steps({EVENTS: events, USERS: whole("u")}, of=late, by=both))
    step = steps({EVENTS: events, USERS: whole("v")}, built, of=late, by=both, window=Window(day(3), day(4)))
    assert days_of(step) == [2, 3, 4]


def test_a_window_of_fresh_days_is_nothing_to_do_unless_full() -> None:
    published = {EVENTS: by_day(d1="a", d2="b", d3="c")}
    built = after(None, steps(published))
    assert steps(published, built, window=Window(day(2), day(3))) is None
    step = steps(published, built, window=Window(day(2), day(3)), full=True)
    assert (days_of(step), step and step.reason) == ([2, 3], "asked for in full")


def test_an_empty_input_makes_an_empty_table_once() -> None:
    empty = Fingerprints("day", {})
    step = steps({EVENTS: empty})
    assert (days_of(step), step and step.wanted) == ([], {})
    assert steps({EVENTS: empty}, after(None, step)) is None


def test_an_input_that_was_never_published_is_told_with_the_command_to_run() -> None:
    message = "core_app.daily reads raw_app.events, which has not been ingested yet; write baikal run +core_app.daily"
    with pytest.raises(DataError, match=message.replace("+", r"\+")):
        step_for(relation(), analysis(Input(EVENTS)), {}.get, None, None, False, TODAY)


@pytest.mark.parametrize(
    "edited",
    [
        {"by": analysis(Input(EVENTS, Reach()), fingerprint="other sql")},
        {"of": relation(checks=(Check("not_null", ["users"], "error", 3),))},
        {"of": relation(key=("day",))},
        {"check_texts": ("select 1",)},
        {"by": replace(analysis(Input(EVENTS, Reach())), columns=(OutputColumn("new", BIGINT), *COLUMNS))},
    ],
)
def test_editing_the_declaration_makes_every_day_stale(edited: dict[str, object]) -> None:
    published = {EVENTS: by_day(d1="a", d2="b")}
    step = steps(published, after(None, steps(published)), **edited)  # type: ignore[arg-type]  # of several types
    assert (days_of(step), step and step.reason) == ([1, 2], "its SQL, columns or checks changed")
    assert step is not None
    assert not step.replaces


def test_moving_a_check_to_another_line_changes_nothing() -> None:
    published = {EVENTS: by_day(d1="a")}
    checked = relation(checks=(Check("not_null", ["users"], "error", 3),))
    moved = relation(checks=(Check("not_null", ["users"], "error", 9),))
    assert steps(published, after(None, steps(published, of=checked)), of=moved) is None


def test_a_column_of_another_type_replaces_all_days_even_in_a_window() -> None:
    published = {EVENTS: by_day(d1="a", d2="b")}
    built = after(None, steps(published), (OutputColumn("users", VARCHAR), COLUMNS[1]))
    step = steps(published, built, window=Window(day(2), day(2)))
    assert step is not None
    assert (days_of(step), step.replaces, step.reason) == ([1, 2], True, "its columns or its days changed")


def test_a_table_that_gets_days_replaces_the_one_without() -> None:
    published = {EVENTS: by_day(d1="a")}
    built = after(None, steps(published, of=relation(partition=None)))
    step = steps(published, built)
    assert step is not None
    assert (days_of(step), step.replaces) == ([1], True)


def test_a_table_without_days_is_all_or_nothing() -> None:
    flat, users = relation(partition=None), {USERS: whole("u")}
    step = steps(users, of=flat)
    assert step is not None
    assert (step.days, list(step.wanted)) == (None, [WHOLE])
    built = after(None, step)
    assert steps(users, built, of=flat) is None
    assert steps(users, built, of=flat, window=Window(day(1), day(2))) is None
    assert steps(users, built, of=flat, full=True) is not None
    changed = steps({USERS: whole("v")}, built, of=flat)
    assert changed is not None
    assert changed.reason == "its inputs changed"


def test_days_without_any_reach_are_those_of_the_inputs() -> None:
    assert days_of(steps({EVENTS: by_day(d1="a", d3="b")}, by=analysis(Input(EVENTS)))) == [1, 3]


@pytest.mark.parametrize("partition", [None, "week"])
def test_a_reach_into_a_table_that_is_not_split_by_day_narrows_nothing(partition: str | None) -> None:
    def events(print_: str) -> Fingerprints:
        return Fingerprints(partition, {"2024-05-01": print_} if partition else {WHOLE: print_})

    both = analysis(Input(EVENTS, Reach()), Input(USERS, Reach()))
    users = by_day(d1="a", d2="b")
    built = after(None, steps({EVENTS: events("x"), USERS: users}, by=both))
    assert days_of(steps({EVENTS: events("y"), USERS: users}, built, by=both)) == [1, 2]


def test_a_pending_input_makes_a_pending_step() -> None:
    published = {EVENTS: replace(by_day(d1="a"), pending=True)}
    built = after(None, steps({EVENTS: by_day(d1="a")}))
    step = steps(published, built)
    assert step is not None
    assert (step.pending, step.reason, days_of(step)) == (True, "after raw_app.events", [])


def test_ten_thousand_days_are_compared_in_a_blink() -> None:
    import time

    parts = {(FIRST + timedelta(days=n)).isoformat(): str(n) for n in range(10_000)}
    published = {EVENTS: Fingerprints("day", parts)}
    built = after(None, steps(published))
    began = time.process_time()
    assert steps({EVENTS: Fingerprints("day", {**parts, FIRST.isoformat(): "new"})}, built) is not None
    assert time.process_time() - began < 1


REACHES = st.tuples(st.integers(-8, 8), st.integers(0, 8)).map(lambda pair: Reach(pair[0], pair[0] + pair[1]))
INPUTS = st.lists(st.one_of(st.none(), REACHES), min_size=1, max_size=3)
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 2),  # which input changes
        st.integers(1, 12),  # which of its days
        st.one_of(st.none(), st.tuples(st.integers(-3, 16), st.integers(0, 8))),  # the window of the run after it
        st.booleans(),  # --full
    ),
    max_size=12,
)


@settings(max_examples=150)
@given(INPUTS, CHANGES)
def test_any_order_of_partial_runs_ends_as_one_full_run(
    reaches: list[Reach | None], changes: list[tuple[int, int, tuple[int, int] | None, bool]]
) -> None:
    names = [TableName("raw_x", f"t{n}") for n in range(len(reaches))]
    by = analysis(*(Input(name, reach) for name, reach in zip(names, reaches, strict=True)))
    parts: dict[TableName, dict[str, str]] = {name: {} for name in names}
    current: Fingerprints | None = None
    for turn, (which, number, window, full) in enumerate(changes):
        parts[names[which % len(names)]][day(number).isoformat()] = f"version {turn}"
        published = {name: Fingerprints("day", dict(days)) for name, days in parts.items()}
        asked = Window(day(window[0]), day(window[0] + window[1])) if window else None
        step = steps(published, current, by=by, window=asked, full=full)
        current = after(current, step) if step else current
    published = {name: Fingerprints("day", dict(days)) for name, days in parts.items()}
    last = steps(published, current, by=by)
    current = after(current, last) if last else current
    once = after(None, steps(published, by=by, full=True))
    assert current is not None
    assert once is not None
    assert current.parts == once.parts
    assert steps(published, current, by=by) is None


@settings(max_examples=60)
@given(CHANGES, st.integers(1, 5))
def test_with_a_lookback_the_days_that_inputs_reach_are_never_left_stale(
    changes: list[tuple[int, int, tuple[int, int] | None, bool]], lookback: int
) -> None:
    late, by = relation(lookback_days=lookback), analysis(Input(EVENTS, Reach(-1, 0)), Input(USERS))
    events: dict[str, str] = {}
    current: Fingerprints | None = None
    published: dict[TableName, Published] = {}
    for turn, (which, number, window, full) in enumerate([*changes, (0, 1, None, False)]):
        events[day(number).isoformat()] = f"version {turn}"
        published = {EVENTS: Fingerprints("day", dict(events)), USERS: whole(f"users {turn if which else 0}")}
        asked = Window(day(window[0]), day(window[0] + window[1])) if window else None
        step = steps(published, current, of=late, by=by, window=asked, full=full)
        current = after(current, step) if step else current
    once = after(None, steps(published, of=late, by=by, full=True))
    assert current is not None
    assert once is not None
    assert current.parts.keys() == once.parts.keys()
    newest = sorted(once.parts)[-lookback:]
    for value, print_ in once.parts.items():
        assert current.parts[value].rpartition("-")[0] == print_.rpartition("-")[0]
        assert value not in newest or current.parts[value] == print_


RAW = SourceTable(EVENTS, "append", (), day="at")
USERS_TABLE = SourceTable(USERS, "snapshot", ())
REPORT = TableName("core_app", "report")
VIEW = TableName("app", "daily")


def river() -> Content:
    """events -> daily -> report, with the users read by report; and a view over daily."""
    declared = {
        DAILY: (relation(), analysis(Input(EVENTS, Reach()))),
        REPORT: (relation(name=REPORT, partition=None), analysis(Input(DAILY), Input(USERS))),
        VIEW: (relation(name=VIEW, kind="view", partition=None), analysis(Input(DAILY))),
    }
    return Content(
        home=Path(),
        sources={
            "app": Source("app", "app.yaml", "postgres", "app", "D", "app", (RAW,)),
            "db": Source("db", "db.yaml", "postgres", "app", "D", "db", (USERS_TABLE,)),
        },
        relations={name: one for name, (one, _) in declared.items()},
        teams={},
        targets={},
        analyses={name: one for name, (_, one) in declared.items()},
    )


def planned(published: Mapping[TableName, Published], **options: Any) -> list[Step]:
    content = river()
    return list(plan(content, options.pop("names", content.names), published.get, today=TODAY, **options))


def test_a_plan_foresees_the_fingerprints_that_a_run_will_have() -> None:
    published: dict[TableName, Published] = {EVENTS: by_day(d1="a", d2="b"), USERS: whole("u")}
    steps_ahead = planned(published)
    assert [step.table for step in steps_ahead] == [DAILY, REPORT]
    for step in steps_ahead:
        content = river()
        built = step_for(
            content.relations[step.table], content.analyses[step.table], published.get, None, None, False, TODAY
        )
        assert built == step
        published[step.table] = after(None, built)
    assert planned(published) == []
    published[EVENTS] = by_day(d1="a", d2="B")
    daily, report = planned(published)
    assert (days_of(daily), report.days, report.reason) == ([2], None, "its inputs changed")


def test_a_plan_of_some_tables_takes_the_others_as_they_are() -> None:
    published: dict[TableName, Published] = {EVENTS: by_day(d1="a"), USERS: whole("u")}
    for step in planned(published):
        published[step.table] = after(None, step)
    published[EVENTS] = by_day(d1="A")
    assert planned(published, names=[REPORT]) == []
    assert [step.table for step in planned(published, names=[DAILY])] == [DAILY]


def test_what_a_due_source_will_bring_is_not_known_before() -> None:
    daily, report = planned({}, due={EVENTS, USERS})
    assert (daily.pending, daily.days, daily.reason) == (True, (), "after raw_app.events")
    assert (report.pending, report.reason) == (True, "after core_app.daily, raw_db.users")
    assert daily.certain


def test_what_a_due_source_may_leave_fresh_is_not_certain() -> None:
    published: dict[TableName, Published] = {EVENTS: by_day(d1="a"), USERS: whole("u")}
    for step in planned(published):
        published[step.table] = after(None, step)
    assert [(step.table, step.certain) for step in planned(published, due={EVENTS})] == [
        (DAILY, False),
        (REPORT, False),
    ]


def test_a_plan_without_the_data_that_it_reads_says_what_to_run() -> None:
    with pytest.raises(DataError, match=r"raw_app\.events, which has not been ingested yet"):
        planned({USERS: whole("u")})
