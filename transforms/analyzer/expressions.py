"""The rules for literals, arithmetic, CASE, casts, subscripts and zones."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from transforms.analyzer.coercion import NUMBERS, castable, common_type, zoned
from transforms.analyzer.conditions import not_comparable
from transforms.analyzer.faults import Fault, Unsupported, brief
from transforms.analyzer.interval_literals import DAY_TO_SECOND, interval_amount, interval_type
from transforms.analyzer.literals import number_type, typed_literal, unicode_text, written_type
from transforms.analyzer.moment_literals import Moment, read_timestamp, zone_name, zone_offset
from transforms.analyzer.operators import arithmetic, comparison
from transforms.analyzer.scope import Scope
from transforms.analyzer.signatures import resolve
from transforms.analyzer.tree import coerce, is_try
from transforms.analyzer.walk import SESSION_ZONE, Walk, mixed_decimals, on, share_zone, unify
from transforms.gaps import gap
from transforms.lake_types import BIGINT, BOOLEAN, DATE, INTEGERS, UNKNOWN, VARBINARY, VARCHAR, Type, array
from transforms.lake_types import Field as RowField

_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_TEXTS = ("varchar", "char", "unknown")
_NOW: dict[type[exp.Expr], Type] = {
    exp.CurrentDate: DATE,
    exp.CurrentTimestamp: Type("timestamp with time zone", (3,)),
    exp.Localtimestamp: Type("timestamp", (3,)),
    exp.CurrentTime: Type("time with time zone", (3,)),
    exp.Localtime: Type("time", (3,)),
    exp.CurrentUser: VARCHAR,
    exp.CurrentCatalog: VARCHAR,
    exp.CurrentSchema: VARCHAR,
}


@on(exp.Literal)
def _literal(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    if node.is_string:
        return Type("varchar", (len(node.this),))
    return number_type(node.this, node)


@on(exp.Null)
def _null(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    return UNKNOWN


@on(exp.Boolean)
def _boolean(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    return BOOLEAN


@on(exp.HexString)
def _binary(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    if len(node.this) % 2:
        raise Fault(node, f"x'{node.this}' has an odd number of digits")
    return VARBINARY


@on(exp.UnicodeString)
def _unicode(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    node.set("this", unicode_text(node))
    return Type("varchar", (len(node.this),))


@on(exp.Interval)
def _interval(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    assert isinstance(node, exp.Interval)
    return interval_type(node)


@on(exp.Extract)
def _extract(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    fields = "year, quarter, month, week, day, day_of_week, day_of_year, year_of_week, hour, minute, second"
    raise Fault(node.expression, f"extract has no field {node.name.lower()}", f"fields are {fields}")


@on(exp.Placeholder)
def _placeholder(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    if node.name.lower() in ("start", "end"):
        node.args["this"] = node.name.lower()
    else:
        what = f":{node.name} is not known" if node.name not in ("", "?") else "a ? has no value here"
        raise Fault(node, what, "the days of the run are :start and :end")
    return DATE


@on(*_NOW)
def _now(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    found = _NOW[type(node)]
    if zoned(found):
        node.meta["zone"] = SESSION_ZONE
    return found


@on(exp.Paren)
def _paren(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    found = walk.type(node.this, scope)
    if node.meta.get("plus") and (found.name not in NUMBERS or found.name == "decimal"):
        raise Fault(node, f"+ does not stand before {brief(found)} on Athena", write="remove the +")
    share_zone(node, found, [node.this])
    return found


@on(*_ARITHMETIC)
def _arithmetic(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    left, right = walk.type(node.this, scope), walk.type(node.expression, scope)
    operator = _ARITHMETIC[type(node)]
    found = arithmetic(operator, left, right)
    if found is None:
        write = ""
        if "varchar" in (left.name, right.name):
            write = "write || to join texts, or cast the varchar" if operator == "+" else "cast the varchar"
        elif DATE in (left, right) and {left.name, right.name} & set(INTEGERS):
            write = "write date_add('day', n, x), or x + interval '1' day"
        raise Fault(node, f"there is no {brief(left)} {operator} {brief(right)} on Athena", "", write)
    result, one, other = found
    mixed_decimals(walk, [node.this, node.expression])
    if operator == "/" and result.name == "decimal":
        what = f"decimals are divided with {result.numbers[1]} digits behind the point here, and Athena may keep more"
        walk.warn(node, what, write="write cast(.. as double) / .., or cast to the decimal that you want")
    coerce(node.this, one)
    coerce(node.expression, other)
    share_zone(node, result, [node.this, node.expression])
    return result


@on(exp.Neg)
def _negated(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        found = number_type(f"-{inner.this}", node)
        inner.meta["type"] = found
        return found
    found = walk.type(inner, scope)
    if (found.name not in NUMBERS and not found.name.startswith("interval")) or found == UNKNOWN:
        raise Fault(node, f"{brief(found)} cannot be negated")
    return found


@on(exp.DPipe)
def _joined(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    """`||` is concat of two, from the left."""
    left, right = walk.type(node.this, scope), walk.type(node.expression, scope)
    match = resolve("concat", (left, right), lambda *_: UNKNOWN)
    if match is None:
        write = "write cast(.. as varchar)" if "varchar" in (left.name, right.name) else ""
        raise Fault(node, f"there is no {brief(left)} || {brief(right)} on Athena", "", write)
    coerce(node.this, match.parameters[0])
    coerce(node.expression, match.parameters[1])
    share_zone(node, match.returns, [node.this, node.expression])
    return match.returns


@on(exp.Case)
def _case(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    operand = node.args.get("this")
    compared = walk.type(operand, scope) if operand is not None else None
    for branch in node.args["ifs"]:
        if compared is None:
            walk.boolean(branch.this, scope, "what stands behind WHEN")
        else:
            found = walk.type(branch.this, scope)
            common = comparison("=", compared, found)
            if common is None:
                raise not_comparable(branch, "=", compared, found)
            coerce(branch.this, common)
        walk.type(branch.args["true"], scope)
    if node.args.get("default") is not None:
        walk.type(node.args["default"], scope)
    results = [branch.args["true"] for branch in node.args["ifs"]]
    if node.args.get("default") is not None:
        results.append(node.args["default"])
    found = unify(walk, results, "the results of CASE")
    share_zone(node, found, results)
    return found


@on(exp.Array)
def _array(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    walk.types(node.expressions, scope)
    element = unify(walk, node.expressions, "the elements of an array") if node.expressions else UNKNOWN
    share_zone(node, element, node.expressions)
    return array(element)


@on(exp.Tuple)
def _tuple(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    if not node.expressions:
        raise Fault(node, "() is no value", write="write null")
    found = walk.types(node.expressions, scope)
    result = Type("row", (), (), tuple(RowField(None, type_) for type_ in found))
    share_zone(node, result, node.expressions)
    return result


@on(exp.Bracket)
def _subscript(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    whole = walk.type(node.this, scope)
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        raise Fault(node, "a subscript is one value", write="write slice(x, start, length) for a part of an array")
    index = walk.type(node.expressions[0], scope)
    if whole.name == "array" and (index.name in INTEGERS or index == UNKNOWN):
        coerce(node.expressions[0], BIGINT)
        result = whole.element
    elif whole.name == "map" and (key := common_type(whole.parts[0], index)) is not None:
        coerce(node.this, Type("map", (), (key, whole.parts[1])))
        coerce(node.expressions[0], key)
        result = whole.parts[1]
    elif whole.name == "row":
        result = _numbered_field(node, whole)
    elif whole == UNKNOWN:
        result = UNKNOWN
    else:
        raise Fault(node, f"{brief(whole)} has no subscript of type {brief(index)}")
    share_zone(node, result, [node.this])
    return result


def _numbered_field(node: exp.Expr, row: Type) -> Type:
    index = node.expressions[0]
    if not isinstance(index, exp.Literal) or not index.this.isdigit() or not 1 <= int(index.this) <= len(row.fields):
        raise Fault(node, "the subscript of a row is a number", f"from 1 to {len(row.fields)}")
    found: Type = row.fields[int(index.this) - 1].type
    return found


@on(exp.Cast, exp.TryCast)
def _cast(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    if node.meta_get("literal"):
        assert isinstance(node, exp.Cast)
        found, zone = typed_literal(node)
        node.this.meta["type"] = VARCHAR
        if zone is not None:
            node.meta["zone"] = zone
        return found
    source, target = walk.type(node.this, scope), written_type(node.args["to"])
    if not castable(source, target):
        raise Fault(node, f"{brief(source)} cannot be cast to {brief(target)}")
    if zoned(target):
        zone = node.this.meta_get("zone") if zoned(source) else SESSION_ZONE
        if source.name in _TEXTS and source != UNKNOWN:
            zone = _zone_of_text(node.this)
        if zone is not None:
            node.meta["zone"] = zone
    return target


def _zone_of_text(node: exp.Expr) -> str | None:
    """The zone that a constant text names when it is cast to a timestamp with time zone."""
    found = read_timestamp(node.this.strip()) if isinstance(node, exp.Literal) and node.is_string else None
    return (found.zone or SESSION_ZONE) if isinstance(found, Moment) else None


@on(exp.AtTimeZone)
def _at_time_zone(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    value, zone = walk.type(node.this, scope), node.args["zone"]
    zone_type = walk.type(zone, scope)
    base = value.name.removesuffix(" with time zone")
    if base not in ("timestamp", "time"):
        write = "write cast(.. as timestamp) at time zone .." if value == DATE else ""
        raise Fault(node, f"AT TIME ZONE is for timestamps, but this is {brief(value)}", "", write)
    if zone_type.name not in ("varchar", "interval day to second"):
        raise Fault(zone, f"a time zone is a text, but this is {brief(zone_type)}")
    result = Type(f"{base} with time zone", value.numbers)
    if value != result:
        coerce(node.this, result)
    if not isinstance(zone, (exp.Literal, exp.Interval)):
        raise Fault(zone, "AT TIME ZONE takes a quoted name or an interval", write="write at_timezone(x, zone)")
    known = constant_zone(zone)
    if known is not None:
        node.meta["zone"] = known
    return result


def _calls_around(node: exp.Expr) -> Iterator[exp.Expr]:
    around = node.find_ancestor(exp.Anonymous)
    while around is not None:
        yield around
        around = around.find_ancestor(exp.Anonymous)


@gap("try(at_timezone(z, 'Nowhere'))")
def constant_zone(zone: exp.Expr) -> str | None:
    """The zone that a constant text or interval means; None if it is no constant."""
    if isinstance(zone, exp.Literal) and zone.is_string:
        known = zone_name(zone.this)
        if known is None:
            told, write = f'"{zone.this}" is not a time zone', "write a name like 'Asia/Tokyo', or '+09:00'"
            tried = any(is_try(call) for call in _calls_around(zone))
            raise (Unsupported if tried else Fault)(zone, told, write=write)
        return known
    sign, inner = 1, zone
    while isinstance(inner, (exp.Neg, exp.Paren)):
        sign, inner = (-sign if isinstance(inner, exp.Neg) else sign), inner.this
    if not isinstance(inner, exp.Interval) or zone.meta["type"] != DAY_TO_SECOND:
        return None
    minutes, rest = divmod(sign * interval_amount(inner), 60_000)
    known = None if rest else zone_offset(minutes)
    if known is None:
        raise Fault(
            zone, "a time zone lies whole minutes from UTC, and at most 14 hours", "", "write interval '9' hour"
        )
    return known
