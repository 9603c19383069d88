"""The fuzzer without engines: what it draws is typed and always the same; what it shrinks becomes small."""

from __future__ import annotations

import random
from pathlib import Path

from tests.parity.fuzz.__main__ import Tally
from tests.parity.fuzz.expressions import plain
from tests.parity.fuzz.node import NOTHING, Node, call, listed
from tests.parity.fuzz.shrink import shrunk
from tests.parity.fuzz.statements import Statement, Statements
from tests.parity.fuzz.tables import ROWS, tables
from tests.parity.replay import Case, Laptop, Outcome
from transforms.compile import compile_sql
from transforms.errors import Refused, Rejected
from transforms.lake_types import BIGINT, BOOLEAN, Type

TABLES = tables(1)
SCHEMA = {table.full_name: table.declared for table in TABLES}


def drawn(seed: int, count: int = 30) -> list[str]:
    statements = Statements(random.Random(seed), TABLES, 2)
    source = f" from {statements.full('t')}"
    expressions = [f"select {each} as c0{source}" for each in statements.expressions(count)]
    return expressions + [str(statements.any().node) for _ in range(count)]


def test_a_seed_always_gives_the_same_statements() -> None:
    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)


def test_the_analyzer_accepts_nearly_all_that_is_drawn() -> None:
    rejected = [problem for sql in drawn(3) if (problem := rejection(sql))]
    assert len(rejected) <= 2, rejected


def rejection(sql: str) -> str:
    """What is wrong with it, in Athena's eyes."""
    try:
        compile_sql(sql, SCHEMA)
    except Refused:
        return ""
    except Rejected as rejected:
        return f"{rejected}: {sql}"
    return ""


def test_statements_of_all_kinds_are_drawn() -> None:
    text = "\n".join(drawn(4, 120))
    for word in (" join ", "group by", " over (", "unnest(", "exists", "union", "with w as", "case ", " -> ", "limit"):
        assert word in text, word


def test_tables_have_keys_that_differ_and_rows_of_every_type() -> None:
    t, u = TABLES
    assert len({row[0] for row in t.rows}) == ROWS
    assert {row[0] for row in t.rows} & {row[0] for row in u.rows}
    assert {type_.name for type_ in t.columns.values()} >= {"decimal", "varbinary", "map", "row", "timestamp"}


def test_a_difference_is_made_as_small_as_the_fault() -> None:
    fault = call("abs", BIGINT, Node("n", (), BIGINT))
    nested = Node(
        "({} + {})", (Node("7", (), BIGINT), Node("case when b then {} else 2 end", (fault,), BIGINT)), BIGINT
    )
    items = listed(Node("s"), nested, Node("d"))
    statement = Node("select {} from t{}", (items, Node(" where {}", (Node("b", (), BOOLEAN),), optional=True)))
    small = shrunk(statement, lambda nodes: ["abs(" in str(node) for node in nodes], plain)
    assert str(small) == "select abs(n) from t"


def test_a_value_that_does_not_matter_becomes_a_plain_one() -> None:
    statement = Node("select f({}, {})", (call("g", BIGINT, Node("n")), Node("x")))
    small = shrunk(statement, lambda nodes: ["x)" in str(node) for node in nodes], plain)
    assert str(small) == "select f(g(n), x)"
    wide = Node("select f({}, {})", (call("g", BIGINT, Node("some_column_with_a_name")), Node("x")))
    assert "some" not in str(shrunk(wide, lambda nodes: ["x)" in str(node) for node in nodes], plain))


def test_rows_that_do_not_matter_go() -> None:
    table = TABLES[0].inlined("k, n")
    small = shrunk(table, lambda nodes: ["bigint '3'" in str(node) for node in nodes], plain)
    assert str(small).count("bigint '") == 1


def test_text_with_braces_stays_as_it_is() -> None:
    assert str(call("json_parse", Type("json"), Node("""'{"a": 1}'"""), NOTHING)) == """json_parse('{"a": 1}', )"""


def test_a_difference_is_written_when_it_is_found(tmp_path: Path) -> None:
    tally = Tally(tmp_path / "fuzz" / "7.txt")
    tally.add([(Statement(Node("select 1"), 1), Outcome("same"))])
    assert not tally.path.exists()
    tally.add([(Statement(Node("select 2"), 1), Outcome("different", "[[2]], here [[3]]"))])
    assert tally.path.read_text() == "[different] select 2\n    [[2]], here [[3]]\n"
    tally.add([(Statement(Node("select 3"), 1), Outcome("failed"))])
    assert tally.path.read_text().count("\n") == 4
    assert len(tally.bad) == 2


def test_rows_are_judged_as_a_bag_unless_they_are_ordered() -> None:
    rows = ((1, {"a": 1, "b": 2}), (1, {"c": 3}))
    sql = "select g, m from (values (1, map(array['c'], array[3])), (1, map(array['b', 'a'], array[2, 1]))) as t(g, m)"
    laptop = Laptop()
    for case, verdict in (
        (Case("", sql, ("integer", "map(varchar(1), integer)"), rows, None), "same"),
        (Case("", f"{sql} order by g", ("integer", "map(varchar(1), integer)"), rows, None), "different"),
        (Case("", sql, ("integer", "map(varchar(1), integer)"), (rows[0], rows[0]), None), "different"),
        (Case("", sql, ("integer", "map(varchar(1), integer)"), (rows[0],), None), "different"),
    ):
        assert laptop.judge(case).verdict == verdict, case
    laptop.engine.close()
