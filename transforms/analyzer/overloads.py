"""Which overload of a function a call means: its arguments and lambdas are typed, and its zone is found."""

from __future__ import annotations

from itertools import permutations

from sqlglot import exp

from transforms.analyzer.coercion import castable, zoned
from transforms.analyzer.expressions import constant_zone
from transforms.analyzer.faults import Fault, brief
from transforms.analyzer.moment_literals import iso_zone, zone_offset
from transforms.analyzer.scope import Scope
from transforms.analyzer.signatures import Match, functions, resolve
from transforms.analyzer.tree import ZONE_OF_TEXT, call_of, coerce, name_of
from transforms.analyzer.walk import SESSION_ZONE, Walk, on, part_zone, share_zone
from transforms.lake_types import (
    BIGINT,
    DOUBLE,
    TIMESTAMP,
    VARBINARY,
    VARCHAR,
    Type,
)

_NO_ZONE = frozenset(("parse_datetime", "from_iso8601_timestamp", "from_iso8601_timestamp_nanos"))
_BY_UNIT = frozenset(("date_trunc", "date_diff", "date_add"))
_MOST_ORDERED = 4
"""Arguments that are tried in every order."""
_UNITS = frozenset(("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"))


def resolved(walk: Walk, node: exp.Anonymous, name: str, scope: Scope) -> Type:
    """Type the arguments, find the overload, and write both on the nodes."""
    if name in ("concat", "concat_ws"):
        counted(node, 2, 1000)
    if name in _BY_UNIT:
        _require_quotes(node, scope)
    types: list[Type | None] = []
    for arg in list(_arguments(node)):
        if isinstance(arg, exp.Star):
            raise Fault(arg, f"{name}(*) does not exist; only count(*) does")
        types.append(None if isinstance(arg, exp.Lambda) else walk.type(arg, scope))
    args = _arguments(node)
    match = resolve(name, tuple(types), lambda index, inputs: _lambda_type(walk, args, index, inputs, scope))
    if match is None:
        raise _no_overload(node, name, args, types)
    if name == "concat" and len(args) < 2:
        raise Fault(node, "concat joins two or more values")
    if name == "array_join" and not castable(match.parameters[0].element, VARCHAR):
        raise Fault(node, f"{brief(match.parameters[0].element)} cannot be cast to varchar, so it cannot be joined")
    for arg, wanted in zip(args, match.parameters, strict=True):
        coerce(arg, wanted)
    node.meta["signature"] = match.signature
    if zoned(match.returns):
        _write_zone(node, name, args, match)
    return match.returns


def _arguments(node: exp.Anonymous) -> list[exp.Expr]:
    """The arguments without DISTINCT and ORDER BY; typing them may put other nodes in their place."""
    args: list[exp.Expr] = node.expressions
    if args and (isinstance(args[0], (exp.Distinct, exp.Order)) or isinstance(args[-1], exp.Order)):
        call = call_of(node)
        assert call is not None
        return list(call.args)
    return args


def counted(node: exp.Anonymous, least: int, most: int) -> None:
    count = len(node.expressions)
    if not least <= count <= most:
        wanted = f"{least}" if least == most else f"{least} or {most}" if most == least + 1 else f"at least {least}"
        arguments = "argument" if wanted == "1" else "arguments"
        raise Fault(node, f"{name_of(node)} takes {wanted} {arguments}, not {count}")


def _require_quotes(node: exp.Anonymous, scope: Scope) -> None:
    """`date_trunc(day, x)`, where no column has that name: other engines take the unit as a word."""
    for arg in node.expressions:
        unit = arg.name.lower() if isinstance(arg, exp.Column) and len(arg.parts) == 1 else ""
        known = unit in scope.variables or any(around.find((), unit) for around in scope.outward())
        if unit in _UNITS and not known:
            raise Fault(arg, "the unit is a text", write=f"write {name_of(node)}('{unit}', ..)")


def _no_overload(node: exp.Expr, name: str, args: list[exp.Expr], types: list[Type | None]) -> Fault:
    given = ", ".join("lambda" if type_ is None else brief(type_) for type_ in types)
    overloads = functions()[name]
    alike = [signature for signature in overloads if len(signature.parameters) == len(types)] or overloads
    known = " or ".join(f"{name}{_parameters(signature.text)}" for signature in alike[:4])
    more = f" or {len(overloads) - len(alike[:4])} more" if len(overloads) > len(alike[:4]) else ""
    write = _cast_that_helps(name, types) or _order_that_helps(name, args, types)
    if name == "count" and isinstance(node.expressions[0], exp.Distinct):
        write = "write count(distinct row(a, b)) for several columns"
    what = f"{name}({given}) does not exist on Athena"
    return Fault(node, what, "" if write.startswith(f"write {name}(") else f"there is {known}{more}", write)


def _order_that_helps(name: str, args: list[exp.Expr], types: list[Type | None]) -> str:
    """The call with its arguments in the one other order that would make it valid, or with the unit that it lacks."""
    if None in types or len(types) > _MOST_ORDERED:
        return ""
    known = [type_ for type_ in types if type_ is not None]
    if name in _BY_UNIT and resolve(name, (VARCHAR, *known), lambda *_: VARCHAR) is not None:
        return f"write {name}('day', {', '.join(map(_shown, args))})"
    orders = [
        order
        for order in permutations(range(len(known)))
        if resolve(name, tuple(known[place] for place in order), lambda *_: VARCHAR) is not None
    ]
    if len(orders) != 1:
        return ""
    return f"write {name}({', '.join(_shown(args[place]) for place in orders[0])})"


def _shown(arg: exp.Expr) -> str:
    """A literal or a column as it was written, without the quotes of names that need none."""
    if isinstance(arg, exp.Literal):
        return str(arg.sql())
    return ".".join(part.name for part in arg.parts) if isinstance(arg, exp.Column) else ".."


def _cast_that_helps(name: str, types: list[Type | None]) -> str:
    """The one cast that would make the call valid."""
    if None in types:
        return ""
    for index, type_ in enumerate(types):
        if type_ is not None and type_.name == "varchar" and _takes(name, types, index, VARBINARY):
            return "write to_utf8(..) around the text"
        targets = (TIMESTAMP, BIGINT, DOUBLE) if type_ is not None and type_.name == "varchar" else (VARCHAR,)
        for target in targets:
            if _takes(name, types, index, target):
                place = f" around argument {index + 1}" if len(types) > 1 else ""
                return f"write cast(.. as {target.name}){place}"
    return ""


def _takes(name: str, types: list[Type | None], index: int, target: Type) -> bool:
    return resolve(name, (*types[:index], target, *types[index + 1 :]), lambda *_: VARCHAR) is not None


def _parameters(text: str) -> str:
    return text[text.index("(") : text.index(" -> ")].replace("(x)", "").replace("(y)", "").replace("(p)", "")


def _lambda_type(walk: Walk, args: list[exp.Expr], index: int, inputs: tuple[Type, ...], scope: Scope) -> Type:
    """The type of a lambda's body, its variables having the types that the overload gives them."""
    node = args[index]
    names = [variable.name.lower() for variable in node.expressions]
    if len(names) != len(inputs):
        raise Fault(node, f"the lambda has {len(names)} variables, but is called with {len(inputs)} values")
    zones = {part_zone(arg) for arg in args if "type" in arg.meta and zoned(arg.meta["type"])}
    zone = zones.pop() if len(zones) == 1 else None
    variables = {n: (t, zone if zoned(t) else None) for n, t in zip(names, inputs, strict=True)}
    for variable, type_ in zip(node.expressions, inputs, strict=True):
        variable.args["this"], variable.args["quoted"] = variable.name.lower(), True
        variable.meta["type"] = type_
    if node.this.find(exp.Query) is not None:
        raise Fault(node, "a lambda cannot contain a subquery", write="compute it outside of the lambda")
    calls = len(walk.aggregates) + len(walk.windows)
    body = walk.type(node.this, scope.with_variables(variables))
    if len(walk.aggregates) + len(walk.windows) > calls:
        raise Fault(node, "a lambda cannot contain an aggregate or a window function", write="compute it in a subquery")
    node.meta["type"] = Type("function", (), (*inputs, body))
    if zoned(body):
        share_zone(node, body, [node.this])
    return body


@on(exp.Lambda)
def _stray_lambda(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    raise Fault(node, "a lambda can only be an argument of a function that takes one")


def _write_zone(node: exp.Expr, name: str, args: list[exp.Expr], match: Match) -> None:
    if name == "parse_datetime":
        plain = isinstance(args[1], exp.Literal) and "z" not in str(args[1].this).lower()
        node.meta["zone"] = SESSION_ZONE if plain else ZONE_OF_TEXT
    if name == "from_iso8601_timestamp":
        node.meta["zone"] = iso_zone(args[0].this) if isinstance(args[0], exp.Literal) else ZONE_OF_TEXT
    if name in _NO_ZONE:
        return
    zone: str | None = None
    if name in ("at_timezone", "with_timezone") or (name == "from_unixtime" and len(args) == 2):
        zone = constant_zone(args[1])
    elif name == "from_unixtime" and len(args) == 3:
        hours, minutes = (whole_constant(arg) for arg in args[1:])
        if hours is not None and minutes is not None:
            zone = zone_offset(hours * 60 + minutes)
            if zone is None:
                raise Fault(node, "a time zone lies at most 14 hours from UTC")
    elif not any(zoned(parameter) for parameter in match.parameters):
        zone = SESSION_ZONE
    else:
        share_zone(node, match.returns, _makers(args, match.returns))
        return
    if zone is not None:
        node.meta["zone"] = zone


def _makers(args: list[exp.Expr], result: Type) -> list[exp.Expr]:
    """From what a call takes the moments that it gives: its last lambda makes them, or they come from its values."""
    values = [arg for arg in args if not isinstance(arg, exp.Lambda)]
    last = args[-1].this if isinstance(args[-1], exp.Lambda) else None
    if last is None or not zoned(last.meta["type"]):
        return values
    return [last, *values] if result.name == "map" and all(map(zoned, result.parts)) else [last]


def whole_constant(node: exp.Expr) -> int | None:
    sign = -1 if isinstance(node, exp.Neg) else 1
    inner = node.this if isinstance(node, exp.Neg) else node
    return sign * int(inner.this) if isinstance(inner, exp.Literal) and inner.this.isdigit() else None
