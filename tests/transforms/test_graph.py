"""The order of tables, what is above and below each, and cycles."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from transforms.graph import Graph
from transforms.names import TableName


def t(name: str) -> TableName:
    return TableName("core_x", name)


def graph(**inputs: str) -> Graph:
    return Graph({t(name): [t(above) for above in words.split()] for name, words in inputs.items()})


def names(found: object) -> list[str]:
    assert isinstance(found, (set, tuple))
    return [name.table for name in sorted(found)] if isinstance(found, set) else [name.table for name in found]


RIVER = graph(raw="", events="raw", users="raw", daily="events users", report="daily")


def test_inputs_come_first() -> None:
    assert names(RIVER.order) == ["raw", "events", "users", "daily", "report"]
    assert names(RIVER.sort([t("report"), t("users"), t("raw")])) == ["raw", "users", "report"]


def test_upstream_and_downstream_hold_the_table_itself() -> None:
    assert names(RIVER.upstream([t("daily")])) == ["daily", "events", "raw", "users"]
    assert names(RIVER.downstream([t("users")])) == ["daily", "report", "users"]
    assert names(RIVER.inputs(t("daily"))) == ["events", "users"]
    assert names(RIVER.outputs(t("raw"))) == ["events", "users"]


def test_the_height_of_a_table_is_its_longest_way_down() -> None:
    assert {name: RIVER.height(t(name)) for name in ("raw", "events", "users", "daily", "report", "unknown")} == {
        "raw": 3,
        "events": 2,
        "users": 2,
        "daily": 1,
        "report": 0,
        "unknown": 0,
    }
    assert graph(a="b", b="a").height(t("a")) >= 0


def test_a_cycle_is_named_in_reading_order() -> None:
    knot = graph(a="c", b="a", c="b raw", below="a", self="self", raw="")
    assert [names(cycle) for cycle in knot.cycles()] == [["a", "c", "b", "a"], ["self", "self"]]
    assert set(knot.order) == {t(name) for name in ("a", "b", "c", "below", "self", "raw")}


def test_a_graph_is_untied_by_leaving_out_what_a_knot_needs_of_itself() -> None:
    untied = graph(a="c raw", b="a", c="b", below="a", self="self", raw="").untied()
    assert untied.cycles() == []
    assert names(untied.inputs(t("a"))) == ["raw"]
    assert names(untied.inputs(t("below"))) == ["a"]


def test_without_cycles_there_are_none() -> None:
    assert RIVER.cycles() == []


def test_a_long_chain_needs_no_recursion() -> None:
    chain = Graph({t(f"n{i:05}"): [t(f"n{i + 1:05}")] for i in range(5000)})
    assert chain.order[0] == t("n05000")
    assert len(chain.upstream([t("n00000")])) == 5001


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_every_name_comes_after_its_inputs_or_is_part_of_a_knot(edges: list[tuple[int, int]]) -> None:
    inputs: dict[TableName, list[TableName]] = {}
    for below, above in edges:
        inputs.setdefault(t(f"n{below}"), []).append(t(f"n{above}"))
    tangled = Graph(inputs)
    order = {name: place for place, name in enumerate(tangled.order)}
    knots = {name for cycle in tangled.cycles() for name in cycle}
    for name in order:
        below_knot = tangled.upstream([name]) & knots
        assert below_knot or all(order[above] < order[name] for above in tangled.inputs(name))
    for cycle in tangled.cycles():
        assert cycle[0] == cycle[-1]
        assert all(above in tangled.inputs(name) for name, above in pairwise(cycle))
