"""The rules for function calls: which overload, special forms, lambdas, aggregates, windows."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from transforms.analyzer.coercion import CLOCKS, INTERVALS, NUMBERS, castable, comparable, orderable, zoned
from transforms.analyzer.expressions import constant_zone
from transforms.analyzer.faults import Fault, brief
from transforms.analyzer.moment_literals import iso_zone, zone_offset
from transforms.analyzer.operators import arithmetic, comparison
from transforms.analyzer.scope import Scope
from transforms.analyzer.signatures import Match, functions, kind_of, resolve
from transforms.analyzer.tree import ZONE_OF_TEXT, Call, bare, call_of, coerce, is_query, name_of
from transforms.analyzer.walk import SESSION_ZONE, Walk, on, part_zone, share_zone, unify
from transforms.errors import did_you_mean
from transforms.lake_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    INTEGERS,
    TIMESTAMP,
    UNKNOWN,
    VARCHAR,
    Field,
    Type,
)

_FRAMELESS = frozenset(("row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"))
_NULL_SKIPPING = frozenset(("first_value", "last_value", "nth_value", "lag", "lead"))
_NOT_PERSONAL = frozenset(("count", "approx_distinct", "count_if"))
"""Aggregates whose value tells nothing of the person behind a row."""
_NO_ZONE = frozenset(("parse_datetime", "from_iso8601_timestamp", "from_iso8601_timestamp_nanos"))
_CLOCK_FIELDS = frozenset(("hour", "minute", "second", "timezone_hour", "timezone_minute"))
_ELSEWHERE = {
    "ifnull": "coalesce(x, y)",
    "nvl": "coalesce(x, y)",
    "isnull": "x is null",
    "len": "length(x)",
    "charindex": "strpos(text, part)",
    "instr": "strpos(text, part)",
    "locate": "strpos(text, part)",
    "getdate": "now()",
    "curdate": "current_date",
    "datediff": "date_diff('day', a, b)",
    "dateadd": "date_add('day', n, x)",
    "date_sub": "date_add('day', -n, x)",
    "datetrunc": "date_trunc('day', x)",
    "to_date": "date(x), or date_parse(x, '%Y-%m-%d')",
    "to_timestamp": "from_unixtime(x), or date_parse(x, '%Y-%m-%d')",
    "to_char": "date_format(x, '%Y-%m-%d')",
    "strftime": "date_format(x, '%Y-%m-%d')",
    "unix_timestamp": "to_unixtime(x)",
    "string_agg": "listagg(x, ',') within group (order by x)",
    "group_concat": "listagg(x, ',') within group (order by x)",
    "collect_list": "array_agg(x)",
    "collect_set": "array_agg(distinct x)",
    "median": "a percentile by row_number() over (order by x)",
    "array_length": "cardinality(x)",
    "array_size": "cardinality(x)",
    "list_contains": "contains(x, y)",
    "array_contains": "contains(x, y)",
    "left": "substr(x, 1, n)",
    "right": "substr(x, -n)",
    "iff": "if(condition, x, y)",
    "decode": "case x when .. end",
    "safe_cast": "try_cast(x as type)",
    "countif": "count_if(x)",
    "sumif": "sum(x) filter (where ..)",
    "uuid_string": "cast(uuid() as varchar)",
    "log10e": "log10(x)",
    "explode": "cross join unnest(x)",
    "get_json_object": "json_extract_scalar(x, '$.key')",
    "regexp_matches": "regexp_like(x, pattern)",
    "regexp_substr": "regexp_extract(x, pattern)",
    "mean": "avg(x)",
    "any": "any_value(x)",
    "first": "min_by(x, order)",
    "last": "max_by(x, order)",
}
Special = Callable[[Walk, exp.Anonymous, Scope], Type]
_SPECIAL: dict[str, Special] = {}


def _special(*names: str) -> Callable[[Special], Special]:
    def declare(rule: Special) -> Special:
        _SPECIAL.update(dict.fromkeys(names, rule))
        return rule

    return declare


@on(exp.Anonymous)
def _call(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    assert isinstance(node, exp.Anonymous)
    name = name_of(node)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(walk, node, scope)
    if node.meta_get("extract"):
        return _extracted(walk, node, name, scope)
    kind = kind_of(name)
    if kind is None:
        raise _unknown_function(node, name)
    if kind == "window":
        raise Fault(node, f"{name} is a window function", write=f"write {name}(..) over (order by ..)")
    call = call_of(node)
    assert call is not None
    if name == "listagg" and not isinstance(node.parent, exp.WithinGroup):
        raise Fault(node, "listagg needs an order", write="write listagg(x, ',') within group (order by x)")
    if kind == "scalar":
        if call.distinct or call.order is not None:
            word = "DISTINCT" if call.distinct else "ORDER BY"
            raise Fault(node, f"{name} is not an aggregate and takes no {word}")
        return _resolved(walk, node, name, scope)
    return _aggregated(walk, call, scope, node)


def _extracted(walk: Walk, node: exp.Anonymous, name: str, scope: Scope) -> Type:
    """`extract(hour from x)`: unlike `hour(x)`, only of a type that has hours itself."""
    found = _resolved(walk, node, name, scope)
    source = node.expressions[0].meta["type"]
    no_clock = source == DATE and name in _CLOCK_FIELDS
    no_zone = not zoned(source) and name.startswith("timezone")
    if no_clock or no_zone or (source.name.startswith("interval") and name == "day_of_month"):
        raise Fault(node, f"{brief(source)} has no {name} to extract")
    return found


def _unknown_function(node: exp.Expr, name: str) -> Fault:
    write = f"write {_ELSEWHERE[name]}" if name in _ELSEWHERE else did_you_mean(name, [*functions(), *_SPECIAL])
    return Fault(node, f'function "{name}" does not exist on Athena', "", write)


def _resolved(walk: Walk, node: exp.Anonymous, name: str, scope: Scope) -> Type:
    """Type the arguments, find the overload, and write both on the nodes."""
    if name in ("concat", "concat_ws"):
        _counted(node, 2, 1000)
    types: list[Type | None] = []
    for arg in list(_arguments(node)):
        if isinstance(arg, exp.Star):
            raise Fault(arg, f"{name}(*) does not exist; only count(*) does")
        types.append(None if isinstance(arg, exp.Lambda) else walk.type(arg, scope))
    args = _arguments(node)
    match = resolve(name, tuple(types), lambda index, inputs: _lambda_type(walk, args, index, inputs, scope))
    if match is None:
        raise _no_overload(node, name, types)
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


def _no_overload(node: exp.Expr, name: str, types: list[Type | None]) -> Fault:
    given = ", ".join("lambda" if type_ is None else brief(type_) for type_ in types)
    overloads = functions()[name]
    known = " or ".join(f"{name}{_parameters(signature.text)}" for signature in overloads[:4])
    more = f" or {len(overloads) - 4} more" if len(overloads) > 4 else ""
    return Fault(
        node, f"{name}({given}) does not exist on Athena", f"there is {known}{more}", _cast_that_helps(name, types)
    )


def _cast_that_helps(name: str, types: list[Type | None]) -> str:
    """The one cast that would make the call valid."""
    if None in types:
        return ""
    for index, type_ in enumerate(types):
        targets = (TIMESTAMP, BIGINT, DOUBLE) if type_ is not None and type_.name == "varchar" else (VARCHAR,)
        for target in targets:
            if resolve(name, (*types[:index], target, *types[index + 1 :]), lambda *_: VARCHAR) is not None:
                place = f" around argument {index + 1}" if len(types) > 1 else ""
                return f"write cast(.. as {target.name}){place}"
    return ""


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
        hours, minutes = (_constant(arg) for arg in args[1:])
        if hours is not None and minutes is not None:
            zone = zone_offset(hours * 60 + minutes)
            if zone is None:
                raise Fault(node, "a time zone lies at most 14 hours from UTC")
    elif not any(zoned(parameter) for parameter in match.parameters):
        zone = SESSION_ZONE
    else:
        share_zone(node, match.returns, args)
        return
    if zone is not None:
        node.meta["zone"] = zone


def _constant(node: exp.Expr) -> int | None:
    sign = -1 if isinstance(node, exp.Neg) else 1
    inner = node.this if isinstance(node, exp.Neg) else node
    return sign * int(inner.this) if isinstance(inner, exp.Literal) and inner.this.isdigit() else None


def _aggregated(walk: Walk, call: Call, scope: Scope, outermost: exp.Expr) -> Type:
    """An aggregate call in a GROUP BY query; what it is computed from may be personal, its count is not."""
    if walk.inside_aggregate:
        raise Fault(call.node, f"{call.name} stands inside another aggregate", write="aggregate in a subquery first")
    if walk.clause in ("WHERE", "GROUP BY", "ON", "UNNEST", "VALUES"):
        write = "write having .." if walk.clause == "WHERE" else ""
        raise Fault(call.node, f"{walk.clause} cannot contain an aggregate ({call.name})", "", write)
    windows = len(walk.windows)
    walk.aggregates.append(outermost)
    walk.inside_aggregate = True
    try:
        found = _aggregate_type(walk, call, scope)
    finally:
        walk.inside_aggregate = False
    if len(walk.windows) > windows:
        raise Fault(call.node, f"{call.name} contains a window function", write="compute it in a subquery first")
    return found


def _aggregate_type(walk: Walk, call: Call, scope: Scope) -> Type:
    node, personal = call.node, walk.personal
    if call.name == "count" and len(call.args) == 1 and isinstance(call.args[0], exp.Star):
        if call.distinct:
            raise Fault(node, "count(distinct *) does not exist", write="write count(distinct column)")
        node.meta["signature"] = functions()["count"][0]
        node.meta["type"] = BIGINT
        return BIGINT
    found = _resolved(walk, node, call.name, scope)
    call = call_of(node) or call
    if call.distinct:
        for arg in call.args:
            if not comparable(arg.meta["type"]):
                raise Fault(arg, f"DISTINCT is not for {brief(arg.meta['type'])}")
    if call.order is not None:
        _order(walk, call.order, scope)
        _check_distinct_order(call, call.order)
    if call.name in _NOT_PERSONAL:
        walk.personal = personal
    node.meta["type"] = found
    return found


def _check_distinct_order(call: Call, order: exp.Expr) -> None:
    arguments = [bare(arg) for arg in call.args]
    for item in order.expressions if call.distinct else ():
        if bare(item.this) not in arguments:
            raise Fault(order, "with DISTINCT, ORDER BY is for the arguments")


def _arguments(node: exp.Anonymous) -> list[exp.Expr]:
    """The arguments without DISTINCT and ORDER BY; typing them may put other nodes in their place."""
    args: list[exp.Expr] = node.expressions
    if args and (isinstance(args[0], (exp.Distinct, exp.Order)) or isinstance(args[-1], exp.Order)):
        call = call_of(node)
        assert call is not None
        return list(call.args)
    return args


def _order(walk: Walk, order: exp.Expr, scope: Scope) -> None:
    for item in list(order.expressions):
        found = walk.type(item.this, scope)
        if not orderable(found):
            raise Fault(item.this, f"ORDER BY is not for {brief(found)}")
        item.meta["type"] = found


@on(exp.Filter)
def _filter(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    call = call_of(node)
    if call is None or kind_of(call.name) != "aggregate":
        raise Fault(node, "FILTER is only for aggregates")
    condition = node.expression.this
    aggregates = len(walk.aggregates)
    with walk.unnoticed():
        walk.boolean(condition, scope, "what stands in FILTER")
    if len(walk.aggregates) > aggregates:
        raise Fault(condition, "FILTER cannot contain an aggregate")
    found = walk.type(node.this, scope)
    share_zone(node, found, [node.this])
    return found


@on(exp.WithinGroup)
def _within_group(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    call = call_of(node)
    if call is None or call.name != "listagg":
        raise Fault(node, "WITHIN GROUP is only for listagg")
    found = walk.type(node.this, scope)
    _order(walk, node.expression, scope)
    _check_distinct_order(call_of(node) or call, node.expression)
    return found


@on(exp.IgnoreNulls, exp.RespectNulls)
def _nulls(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    raise Fault(node, "IGNORE NULLS is only for window functions", write="write filter (where x is not null)")


@on(exp.Window)
def _window(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    call = call_of(node)
    if call is None:
        raise Fault(node, "OVER needs a function before it")
    kind = kind_of(call.name)
    if kind is None:
        raise _unknown_function(call.node, call.name)
    if kind == "scalar":
        raise Fault(call.node, f"{call.name} is not a window function")
    if walk.clause not in ("SELECT", "ORDER BY"):
        raise Fault(node, f"{walk.clause} cannot contain a window function", "", "filter in an outer query")
    if walk.inside_window:
        raise Fault(node, "a window function stands inside another", write="compute it in a subquery first")
    _check_window(walk, node, call, kind)
    walk.windows.append(node)
    walk.inside_window = True
    try:
        _definition(walk, node, scope)
        found = _windowed(walk, node, call, scope)
    finally:
        walk.inside_window = False
    return found


def _windowed(walk: Walk, node: exp.Expr, call: Call, scope: Scope) -> Type:
    personal = walk.personal
    found = _resolved_window(walk, call, scope)
    if call.name in _NOT_PERSONAL:
        walk.personal = personal
    wrapper = node.this
    while wrapper is not call.node:
        wrapper.meta["type"] = found
        share_zone(wrapper, found, [call.node])
        wrapper = wrapper.this
    share_zone(node, found, [call.node])
    return found


def _resolved_window(walk: Walk, call: Call, scope: Scope) -> Type:
    if call.name == "count" and len(call.args) == 1 and isinstance(call.args[0], exp.Star):
        call.node.meta["signature"] = functions()["count"][0]
        found = BIGINT
    else:
        found = _resolved(walk, call.node, call.name, scope)
    if call.order is not None:
        _order(walk, call.order, scope)
        _check_distinct_order(call, call.order)
    call.node.meta["type"] = found
    return found


def _check_window(walk: Walk, node: exp.Expr, call: Call, kind: str) -> None:
    _inline(walk, node)
    spec = node.args.get("spec")
    if call.order is not None and kind == "window":
        raise Fault(node, "ORDER BY belongs into OVER (..) here")
    if call.filter is not None:
        raise Fault(node, "FILTER does not exist in window functions", write="write sum(if(condition, x)) over (..)")
    if spec is not None and call.name in _FRAMELESS:
        raise Fault(node, f"{call.name} takes no frame (ROWS or RANGE)", write="remove the frame")
    if _skips_nulls(node) and call.name not in _NULL_SKIPPING:
        raise Fault(node, f"{call.name} takes no IGNORE NULLS", f"{', '.join(sorted(_NULL_SKIPPING))} do")
    if call.name in ("lag", "lead") and node.args.get("order") is None:
        raise Fault(node, f"{call.name} needs an order", write=f"write {call.name}(..) over (order by ..)")


def _skips_nulls(node: exp.Expr) -> bool:
    inner = node.this
    while isinstance(inner, (exp.Filter, exp.WithinGroup)):
        inner = inner.this
    return isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls))


def _inline(walk: Walk, node: exp.Expr) -> None:
    """Write the definition of a named window in place of its name, also where it builds on another one."""
    alias = node.args.get("alias")
    if alias is None:
        return
    definition = walk.named_windows.get(alias.name.lower())
    if definition is None or definition is node:
        raise Fault(alias, f'window "{alias.name}" does not exist', write="write over (..), or window name as (..)")
    _inline(walk, definition)
    _check_reuse(node, definition, alias.name)
    for key in ("partition_by", "order", "spec"):
        value = definition.args.get(key)
        if value and not node.args.get(key):
            node.set(key, [part.copy() for part in value] if isinstance(value, list) else value.copy())
    node.set("alias", None)


def _check_reuse(node: exp.Expr, definition: exp.Expr, name: str) -> None:
    """What stands beside the name in OVER (w ..) adds to the window, and replaces nothing of it."""
    own, known = node.args, definition.args
    if own.get("partition_by"):
        raise Fault(node, f'PARTITION BY belongs into the definition of window "{name}"')
    if own.get("order") and known.get("order"):
        raise Fault(node, f'window "{name}" has an ORDER BY already')
    if known.get("spec") and (own.get("order") or own.get("spec")):
        raise Fault(node, f'window "{name}" has a frame, so it cannot be built upon', write=f"write over {name}")


def _definition(walk: Walk, node: exp.Expr, scope: Scope) -> None:
    """PARTITION BY, ORDER BY and the frame of a window: they choose rows, and are no source of the value."""
    with walk.unnoticed():
        for part in list(node.args.get("partition_by") or ()):
            found = walk.type(part, scope)
            if not comparable(found):
                raise Fault(part, f"PARTITION BY is not for {brief(found)}")
        order = node.args.get("order")
        if order is not None:
            _order(walk, order, scope)
        spec = node.args.get("spec")
        if spec is not None:
            _frame(walk, spec, order, scope)


def _frame(walk: Walk, spec: exp.Expr, order: exp.Expr | None, scope: Scope) -> None:
    if spec.args.get("exclude"):
        raise Fault(spec, "a frame has no EXCLUDE on Athena")
    kind = str(spec.args.get("kind") or "").upper()
    ends = [(spec.args.get("start"), spec.args.get("start_side")), (spec.args.get("end"), spec.args.get("end_side"))]
    if ends[0][0] is None or any(isinstance(value, exp.Expr) and not side for value, side in ends):
        raise Fault(spec, "the frame is not complete", write="write rows between 1 preceding and current row")
    values = [value for value, _ in ends if isinstance(value, exp.Expr)]
    for value in values:
        found = walk.type(value, scope)
        if kind in ("ROWS", "GROUPS") and found.name not in INTEGERS:
            raise Fault(value, f"{kind} counts rows, but this is {brief(found)}")
    if kind == "GROUPS" and order is None:
        raise Fault(spec, "a frame of GROUPS needs an order")
    if kind == "RANGE" and values:
        if order is None or len(order.expressions) != 1:
            raise Fault(spec, "RANGE with a value needs exactly one ORDER BY column")
        for value in values:
            _range_distance(order.expressions[0].this, value)
    first, last = (_position(value, side) for value, side in ends)
    last = 2 if last is None else last  # a frame that names only its start ends at the current row
    if first is not None and first > last:
        raise Fault(spec, "the frame ends before it starts")


def _range_distance(key: exp.Expr, value: exp.Expr) -> None:
    """RANGE adds the value to the ORDER BY column."""
    sorted_by, distance = key.meta["type"], value.meta["type"]
    if sorted_by.name not in NUMBERS | CLOCKS | INTERVALS | {"date"}:
        raise Fault(key, f"RANGE with a value is not for {brief(sorted_by)}", "numbers, dates and timestamps")
    if distance == UNKNOWN or arithmetic("+", sorted_by, distance) is None:
        raise Fault(value, f"{brief(distance)} cannot be added to the ORDER BY column, which is {brief(sorted_by)}")


def _position(value: object, side: object) -> int | None:
    """Where an end of a frame lies: 0 unbounded preceding .. 4 unbounded following."""
    if value is None:
        return None
    word, side = str(value).upper(), str(side or "").upper()
    if word == "CURRENT ROW":
        return 2
    if word == "UNBOUNDED":
        return 0 if side == "PRECEDING" else 4
    return 1 if side == "PRECEDING" else 3


def _counted(node: exp.Anonymous, least: int, most: int) -> None:
    count = len(node.expressions)
    if not least <= count <= most:
        wanted = f"{least}" if least == most else f"{least} or {most}" if most == least + 1 else f"at least {least}"
        arguments = "argument" if wanted == "1" else "arguments"
        raise Fault(node, f"{name_of(node)} takes {wanted} {arguments}, not {count}")


@_special("coalesce")
def _coalesce(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    _counted(node, 2, 1000)
    walk.types(node.expressions, scope)
    found = unify(walk, node.expressions, "the arguments of coalesce")
    share_zone(node, found, node.expressions)
    return found


@_special("nullif")
def _nullif(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    _counted(node, 2, 2)
    one, other = walk.types(node.expressions, scope)
    if comparison("=", one, other) is None:
        raise Fault(node, f"nullif cannot compare {brief(one)} with {brief(other)}")
    share_zone(node, one, node.expressions[:1])
    return one


@_special("if")
def _if(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    _counted(node, 2, 3)
    walk.boolean(node.expressions[0], scope, "the first argument of if")
    for index in range(1, len(node.expressions)):
        walk.type(node.expressions[index], scope)
    found = unify(walk, node.expressions[1:], "the results of if")
    share_zone(node, found, node.expressions[1:])
    return found


@_special("try")
def _try(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    _counted(node, 1, 1)
    found = walk.type(node.expressions[0], scope)
    share_zone(node, found, node.expressions)
    return found


@_special("row")
def _row(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    _counted(node, 1, 1000)
    for item in node.expressions:
        if isinstance(item, exp.Alias):
            raise Fault(item, "row(..) gives its fields no names", write="write cast(row(1) as row(name integer))")
    found = walk.types(node.expressions, scope)
    result = Type("row", (), (), tuple(Field(None, type_) for type_ in found))
    share_zone(node, result, node.expressions)
    return result


@_special("format")
def _format(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    _counted(node, 2, 1000)
    found = walk.types(node.expressions, scope)
    if found[0].name not in ("varchar", "unknown"):
        raise Fault(node, f"the first argument of format is a text, not {brief(found[0])}")
    return VARCHAR


@_special("exists")
def _exists(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    """`exists (values 1)`, which the parser takes for a call."""
    _counted(node, 1, 1)
    if not is_query(node.expressions[0]):
        raise Fault(node, "EXISTS needs a subquery in parentheses", write="write exists (select 1 from ..)")
    query = exp.Exists(this=node.expressions[0])
    node.replace(query)
    return walk.type(query, scope)


@_special("grouping")
def _grouping(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    if not walk.grouping:
        raise Fault(node, "grouping needs a GROUP BY")
    walk.types(node.expressions, scope)
    return INTEGER if len(node.expressions) <= 32 else BIGINT


@_special("current_timestamp", "localtimestamp", "current_time", "localtime")
def _precise_now(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    _counted(node, 1, 1)
    digits = _constant(node.expressions[0])
    if digits is None or not 0 <= digits <= 12:
        raise Fault(node, f"the precision of {name_of(node)} is a number", "from 0 to 12")
    node.expressions[0].meta["type"] = INTEGER
    name = name_of(node)
    base = "timestamp" if name.endswith("timestamp") else "time"
    if name.startswith("current"):
        node.meta["zone"] = SESSION_ZONE
        return Type(f"{base} with time zone", (digits,))
    return Type(base, (digits,))


@_special("json_array")
def _json_array(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    walk.types(node.expressions, scope)
    return VARCHAR


@_special("json_exists")
def _json_exists(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    walk.types(node.expressions, scope)
    return BOOLEAN
