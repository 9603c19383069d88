"""What is written like a call and has no overloads: a rule of its own for each."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from transforms.analyzer.faults import Fault, brief
from transforms.analyzer.operators import comparison
from transforms.analyzer.overloads import counted, whole_constant
from transforms.analyzer.scope import Scope
from transforms.analyzer.tree import is_query, name_of
from transforms.analyzer.walk import SESSION_ZONE, Walk, share_zone, unify
from transforms.lake_types import (
    BIGINT,
    INTEGER,
    VARCHAR,
    Field,
    Type,
)

Special = Callable[[Walk, exp.Anonymous, Scope], Type]
SPECIAL: dict[str, Special] = {}


def special(*names: str) -> Callable[[Special], Special]:
    def declare(rule: Special) -> Special:
        SPECIAL.update(dict.fromkeys(names, rule))
        return rule

    return declare


@special("coalesce")
def _coalesce(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    counted(node, 2, 1000)
    walk.types(node.expressions, scope)
    found = unify(walk, node.expressions, "the arguments of coalesce")
    share_zone(node, found, node.expressions)
    return found


@special("nullif")
def _nullif(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    counted(node, 2, 2)
    one, other = walk.types(node.expressions, scope)
    if comparison("=", one, other) is None:
        raise Fault(node, f"nullif cannot compare {brief(one)} with {brief(other)}")
    share_zone(node, one, node.expressions[:1])
    return one


@special("if")
def _if(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    counted(node, 2, 3)
    walk.boolean(node.expressions[0], scope, "the first argument of if")
    for index in range(1, len(node.expressions)):
        walk.type(node.expressions[index], scope)
    found = unify(walk, node.expressions[1:], "the results of if")
    share_zone(node, found, node.expressions[1:])
    return found


@special("try")
def _try(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    counted(node, 1, 1)
    found = walk.type(node.expressions[0], scope)
    share_zone(node, found, node.expressions)
    return found


@special("row")
def _row(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    counted(node, 1, 1000)
    for item in node.expressions:
        if isinstance(item, exp.Alias):
            raise Fault(item, "row(..) gives its fields no names", write="write cast(row(1) as row(name integer))")
    found = walk.types(node.expressions, scope)
    result = Type("row", (), (), tuple(Field(None, type_) for type_ in found))
    share_zone(node, result, node.expressions)
    return result


@special("format")
def _format(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    counted(node, 2, 1000)
    found = walk.types(node.expressions, scope)
    if found[0].name not in ("varchar", "unknown"):
        raise Fault(node, f"the first argument of format is a text, not {brief(found[0])}")
    return VARCHAR


@special("exists")
def _exists(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    """`exists (values 1)`, which the parser takes for a call."""
    counted(node, 1, 1)
    if not is_query(node.expressions[0]):
        raise Fault(node, "EXISTS needs a subquery in parentheses", write="write exists (select 1 from ..)")
    query = exp.Exists(this=node.expressions[0])
    node.replace(query)
    return walk.type(query, scope)


@special("grouping")
def _grouping(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    if not walk.grouping:
        raise Fault(node, "grouping needs a GROUP BY")
    walk.types(node.expressions, scope)
    return INTEGER if len(node.expressions) <= 32 else BIGINT


@special("version")
def _version(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    """It is in no list of functions."""
    counted(node, 0, 0)
    return VARCHAR


@special("current_timestamp", "localtimestamp", "current_time", "localtime")
def _precise_now(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    counted(node, 1, 1)
    digits = whole_constant(node.expressions[0])
    if digits is None or not 0 <= digits <= 12:
        raise Fault(node, f"the precision of {name_of(node)} is a number", "from 0 to 12")
    node.expressions[0].meta["type"] = INTEGER
    name = name_of(node)
    base = "timestamp" if name.endswith("timestamp") else "time"
    if name.startswith("current"):
        node.meta["zone"] = SESSION_ZONE
        return Type(f"{base} with time zone", (digits,))
    return Type(base, (digits,))
