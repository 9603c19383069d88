"""IN: a list of values, or a subquery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from transforms.analyzer.tree import coerced_of, type_of
from transforms.dialect.casts import cast
from transforms.dialect.comparisons import comparable, computed, matched, never_nan, same_values
from transforms.dialect.connectors import connected
from transforms.dialect.constants import is_constant, is_folded, is_written_null
from transforms.dialect.equality import NESTED, holds, missing
from transforms.dialect.errors import NotPortable
from transforms.dialect.fallible import may_fail
from transforms.dialect.macros import failing
from transforms.dialect.operators import writes
from transforms.dialect.strictness import is_always_null, must_wait, only_chooses
from transforms.dialect.trino_bugs import refuse_lossy_in
from transforms.dialect.types import row_fields, text
from transforms.gaps import gap
from transforms.lake_types import FLOATING, INTEGERS, Type
from transforms.names import quoted

if TYPE_CHECKING:
    from transforms.dialect.rewrite import Writer


@writes(exp.In, parts=("query",))
@gap(
    "i in (1, 2, null)",
    "i in (i, cardinality(array[i]))",
    "i in (i, nullif(i, 2))",
    "i in (i, try(i + 1))",
    "i in (i, if(i in (i, 2), 3, 4))",
    "i in (i, case i when 1 then 2 end)",
    "m in (map(), map(array['a'], array[1]))",
    "array[x] in (array[x])",
)
def membership(writer: Writer, node: exp.Expr) -> str:
    """A list of values, or a subquery."""
    kind = coerced_of(node.this)
    query = node.args.get("query")
    if is_always_null(node):
        return "cast(null as boolean)"
    if len(node.expressions) > 1:
        refuse_lossy_in(node.expressions)
    if kind.name in NESTED and query is None:
        return _nested_membership(writer, node, kind)
    if kind.name == "row" and not holds(kind, *NESTED[:2], *FLOATING):
        return writer.lift(lambda: _row_in_query(writer, node, kind))
    comparable(kind, kind, "in")
    if query is not None:
        inner = query.this if isinstance(query, exp.Subquery) else query
        return writer.lift(lambda: computed(node, writer.value(node.this), f"in ({writer.query(inner)})"))
    known = sum(1 for each in node.expressions if not is_written_null(each))
    if kind.name in (*INTEGERS, "date") and 1 < known < len(node.expressions):
        raise NotPortable(
            "NULL in a list of numbers or dates makes Athena answer false, or NULL, by how it runs the list",
            "the list without NULL",
        )
    plain = f"({writer.value(node.this)} in ({', '.join(map(writer.value, node.expressions))}))"
    calm = kind.name not in FLOATING or all(map(never_nan, node.expressions))
    if calm and not any(map(must_wait, node.expressions)):
        return plain
    return connected("or", [matched(writer, node.this, each) for each in _as_computed(node.expressions)])


@gap("row(i) in (select 1)")
def _row_in_query(writer: Writer, node: exp.Expr, kind: Type) -> str:
    """`(a, b) in (select ..)`: where it alone lets a row pass, Athena joins, and NULL in a row matches nothing.

    Elsewhere it looks for the same row, in which NULL is like NULL; the answer is never unknown.
    """
    query = node.args["query"]
    inner, names = query.this if isinstance(query, exp.Subquery) else query, [name for name, _ in row_fields(kind)]
    columns = [f"c{index}" for index in range(len(names))]
    source = f"({writer.query(inner)}) as q({', '.join(columns)})"
    types = zip(columns, type_of(query).fields, kind.fields, strict=True)
    cells = [cast(f"q.{name}", here.type, to.type) for name, here, to in types]
    value = writer.value(node.this)
    above = node.parent
    while isinstance(above, (exp.And, exp.Paren)):
        above = above.parent
    if isinstance(above, exp.Where):
        pairs = zip(names, cells, strict=True)
        same = " and ".join(f"struct_extract({value}, {text(name)}) = {cell}" for name, cell in pairs)
        return f"exists (select 1 from {source} where {same})"
    if len(names) == 1:
        raise NotPortable("IN of rows with one field is not portable", "the field itself")
    fields = ", ".join(f"{quoted(name)} := {cell}" for name, cell in zip(names, cells, strict=True))
    return f"({value} in (select struct_pack({fields}) from {source}))"


def _as_computed(values: Sequence[exp.Expr]) -> list[exp.Expr]:
    """The values of a list in the order in which Athena compares them, until one is found: constants first."""
    if not any(map(must_wait, values)):
        return [*values]
    plain = [each for each in values if is_folded(each) and not may_fail(each)]
    return [*plain, *(each for each in reversed(values) if not any(each is other for other in plain))]


def _nested_membership(writer: Writer, node: exp.Expr, kind: Type) -> str:
    """IN of arrays, rows or maps. Among constants Trino finds NULL, or nothing, for a value in which a NULL stands.

    It compares one after the other only where there is one, or where columns stand beside the constants.
    """
    if holds(kind, *FLOATING) and node.this in node.expressions:
        raise NotPortable(
            f"IN of {kind.name}s that hold numbers, one of which is itself, is not portable", "is not null"
        )
    for each in node.expressions:
        writer.value(each)  # what may fail is known once it is written
    found = connected("or", [same_values(writer, node.this, each) for each in _as_computed(node.expressions)])
    constant = [*map(is_constant, node.expressions)]
    computed = any(not isinstance(each, exp.Column) for each in node.expressions if not is_constant(each))
    if len(constant) < 2 or only_chooses(node) or not any(constant) or not (computed or all(constant)):
        return found
    if holds(kind, "map"):
        raise NotPortable("IN of maps is not portable", "= and OR")
    unlike = f"not {found}" if all(constant) else f"{found} is not true"
    unclear = f"{missing(writer.value(node.this), kind)} and {unlike}"
    return failing(f"case when {unclear} then unportable('IN, for {kind.name}s with NULL inside,') else {found} end")
