"""The rules for everything in an expression that is not a function call: literals, columns, operators, CASE, casts."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.coercion import NUMBERS, castable, common_of, common_type, zoned
from transforms.analyzer.faults import Fault, Unknowable, Unsupported, brief
from transforms.analyzer.identifiers import plain_name
from transforms.analyzer.interval_literals import DAY_TO_SECOND, interval_amount, interval_type
from transforms.analyzer.literals import number_type, typed_literal, unicode_text, written_type
from transforms.analyzer.moment_literals import Moment, read_timestamp, zone_name, zone_offset
from transforms.analyzer.operators import arithmetic, comparison
from transforms.analyzer.scope import Field, Relation, Scope
from transforms.analyzer.signatures import resolve
from transforms.analyzer.tree import coerce, coerce_output, is_query, name_of
from transforms.analyzer.walk import SESSION_ZONE, Walk, mixed_decimals, on, share_zone, unify
from transforms.lake_types import BIGINT, BOOLEAN, DATE, INTEGERS, UNKNOWN, VARBINARY, VARCHAR, Type, array
from transforms.lake_types import Field as RowField

_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "is not distinct from",
    exp.NullSafeNEQ: "is distinct from",
}
_CONDITIONS = (*_COMPARISONS, exp.Between, exp.In, exp.Is, exp.Like, exp.Not, exp.And, exp.Or)
_HIDDEN = frozenset(("$path", "$bucket", "$file_size", "$file_modified_time", "$partition"))
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
    share_zone(node, found, [node.this])
    return found


@on(exp.Identifier)
def _variable(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    """The variable of a lambda, which the parser has recognised."""
    name = node.name.lower()
    found = scope.variables.get(name)
    if found is None:
        raise Fault(node, f'column "{name}" does not exist here')
    node.args["this"], node.args["quoted"] = name, True
    if found[1] is not None:
        node.meta["zone"] = found[1]
    return found[0]


@on(exp.Column)
def _column(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    parts: list[exp.Expr] = list(node.parts) if isinstance(node, exp.Column) else []
    names = [_name(part) for part in parts]
    if names[0] in scope.variables:
        return _dereferenced(walk, node, parts[0], parts[1:], scope)
    relation, found, used, outward = _resolve(walk, node, names, scope)
    walk.sources |= found.sources
    walk.personal = walk.personal or found.personal
    if used < len(parts):
        column = exp.Column(this=parts[used - 1])
        _write(column, relation, found, outward)
        return _dereferenced(walk, node, column, parts[used:], scope)
    _write(node, relation, found, outward)
    return found.type


def _name(part: exp.Expr) -> str:
    if not isinstance(part, exp.Identifier):
        raise Fault(part, f"{part.key.upper()} is not a column")
    return plain_name(part)


def _write(column: exp.Expr, relation: Relation, found: Field, outward: int) -> None:
    """Bring a column into its canonical form: the alias of its relation, its own name, both quoted.

    `outward` is the number of queries between the column and the one whose FROM has it.
    """
    args, this = column.args, column.this
    this.args["this"], this.args["quoted"] = found.label or found.name, True
    args.pop("db", None)
    args.pop("catalog", None)
    if not relation.alias:
        args.pop("table", None)
    else:
        column.set("table", exp.Identifier(this=relation.alias, quoted=True))
    meta = column.meta
    meta["field"], meta["type"] = found, found.type
    if outward:
        meta["outer"] = outward
    if found.zone is not None:
        meta["zone"] = found.zone


def _resolve(walk: Walk, node: exp.Expr, names: list[str], scope: Scope) -> tuple[Relation, Field, int, int]:
    """The field that a name means, how many of its parts name it (the rest are fields of rows), how far out it is."""
    for outward, around in enumerate(scope.outward()):
        for used in range(len(names), 0, -1):
            found = around.find(tuple(names[: used - 1]), names[used - 1])
            if len(found) > 1:
                places = sorted({relation.alias for relation, _ in found if relation.alias})
                write = f"write {places[0]}.{names[used - 1]}" if len(places) > 1 else ""
                raise Fault(node, f'column "{".".join(names[:used])}" is ambiguous: it is in {_and(places)}', "", write)
            if found:
                return (*found[0], used, outward)
    raise _unknown_column(walk, node, names, scope)


def _unknown_column(walk: Walk, node: exp.Expr, names: list[str], scope: Scope) -> Fault:
    spelled = ".".join(names)
    if names[-1] in _HIDDEN:
        return Unsupported(node, f'"{spelled}" is a hidden column of Athena, which a laptop does not have')
    if len(names) > 1 and any(names[-1] in relation.hidden for relation in scope.relations):
        what = f'"{spelled}" cannot be named so: using ({names[-1]}) has made one column of both'
        return Fault(node, what, "", f"write {names[-1]}")
    if len(names) == 1 and names[0] in walk.aliases:
        what = f'"{spelled}" is an alias of the select list, which {walk.clause} cannot see'
        ordinal = "the expression or its position, as in group by 1" if walk.clause == "GROUP BY" else ""
        return Fault(node, what, "", f"write {ordinal or 'the expression itself'}")
    for around in scope.outward():
        for relation in around.relations:
            if tuple(names[:-1]) in relation.qualifiers or not names[:-1]:
                continue
            if names[-1] in relation.by_name and len(names) > 1:
                known = [r.alias for s in scope.outward() for r in s.relations if len(r.qualifiers) > 1]
                if not any(tuple(names[:-1]) in r.qualifiers for s in scope.outward() for r in s.relations):
                    return Fault(
                        node, f'"{".".join(names[:-1])}" is not in FROM', f"FROM has {_and(known)}" if known else ""
                    )
    near = scope.suggestion(names[-1])
    known = sorted({n for relation in scope.relations for n in relation.by_name if n})
    allowed = f"columns are {', '.join(known)}" if not near and 0 < len(known) <= 12 else ""
    return Fault(node, f'column "{spelled}" does not exist', allowed, near)


def _and(words: list[str]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def _dereferenced(walk: Walk, node: exp.Expr, base: exp.Expr, fields: list[exp.Expr], scope: Scope) -> Type:
    """Put `base.field.field` in place of a column whose last parts are fields of a row."""
    if "type" not in base.meta:
        walk.type(base, scope)
    result = base
    for part in fields:
        dot = exp.Dot(this=result, expression=part)
        dot.meta["type"] = _field_type(dot)
        share_zone(dot, dot.meta["type"], [result])
        result = dot
    node.replace(result)
    found: Type = result.meta["type"]
    if "zone" in result.meta:
        node.meta["zone"] = result.meta["zone"]
    return found


def _field_type(node: exp.Expr) -> Type:
    row, part = node.this.meta["type"], node.expression
    if not isinstance(part, exp.Identifier):
        raise Fault(node, "functions have no prefix on Athena", write=f"write {part.sql('trino')}")
    if row.name != "row":
        raise Fault(node, f'"{part.name}" is not a field: the value before it is {brief(row)}, not a row')
    name = part.name.lower()
    found = [field for field in row.fields if field.name is not None and field.name.lower() == name]
    if not found:
        known = ", ".join(field.name for field in row.fields if field.name)
        raise Fault(node, f'the row has no field "{name}"', f"its fields are {known}" if known else "")
    if len(found) > 1:
        raise Fault(node, f'the row has several fields "{name}"')
    part.args["this"], part.args["quoted"] = name, True
    result: Type = found[0].type
    return result


@on(exp.Dot)
def _dot(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    walk.type(node.this, scope)
    found = _field_type(node)
    share_zone(node, found, [node.this])
    return found


@on(exp.And, exp.Or)
def _logic(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    """Each side reports its own faults, so that all conditions of a query are checked at once."""
    before, walk.uncertain = walk.uncertain, False
    for side in list(node.flatten(unnest=False)):
        with walk.reporting():
            walk.boolean(side, scope, f"each side of {node.key.upper()}")
    uncertain, walk.uncertain = walk.uncertain, walk.uncertain or before
    if uncertain:
        raise Unknowable
    inner = node.this
    while isinstance(inner, type(node)):
        inner.meta["type"] = BOOLEAN
        inner = inner.this
    return BOOLEAN


@on(exp.Not)
def _not(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    walk.boolean(node.this, scope, "what stands behind NOT")
    return BOOLEAN


@on(*_COMPARISONS)
def _compare(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(node.this, node.expression)
    left = walk.type(node.this, scope)
    operator = _COMPARISONS[type(node)]
    _name_quantifier(node)
    if isinstance(node.expression, (exp.Any, exp.All)):
        return _quantified(walk, node, operator, left, scope)
    right = walk.type(node.expression, scope)
    common = comparison(operator, left, right)
    if common is None:
        raise _not_comparable(node, operator, left, right)
    sides = [node.this, node.expression]
    mixed_decimals(walk, sides)
    for side in sides:
        coerce(side, common)
    return BOOLEAN


def _plain_operands(*operands: exp.Expr) -> None:
    """What a comparison, IN, LIKE, BETWEEN or IS compares is no condition itself, unless it has parentheses."""
    for operand in operands:
        if isinstance(operand, _CONDITIONS):
            raise Fault(operand, "a condition is compared without parentheses", write="write (a = b) = c")


def _not_comparable(node: exp.Expr, operator: str, left: Type, right: Type) -> Fault:
    write = ""
    names = {left.name, right.name}
    if "varchar" in names and names & NUMBERS:
        number = next(type_ for type_ in (left, right) if type_.name in NUMBERS)
        write = f"write cast(.. as {number.name if number.name != 'decimal' else number}) around the varchar"
    elif "varchar" in names and names & {"date", "timestamp"}:
        write = f"write {'date' if 'date' in names else 'timestamp'} '..' or cast(.. as {min(names - {'varchar'})})"
    return Fault(node, f"cannot compare {brief(left)} {operator} {brief(right)}", "", write)


def _name_quantifier(node: exp.Expr) -> None:
    """`x = all (values 1)`, which the parser takes for a call."""
    call = node.expression
    if isinstance(call, exp.Anonymous) and len(call.expressions) == 1 and is_query(call.expressions[0]):
        kind = {"all": exp.All, "any": exp.Any, "some": exp.Any}.get(name_of(call))
        if kind is not None:
            node.set("expression", kind(this=call.expressions[0]))


def _quantified(walk: Walk, node: exp.Expr, operator: str, left: Type, scope: Scope) -> Type:
    right = node.expression
    found = walk.type(right.this, scope)
    common = comparison(operator, left, found)
    if common is None:
        raise _not_comparable(node, operator, left, found)
    right.meta["type"] = found
    coerce(node.this, common)
    if common.name != "row":
        coerce_output(right.this, [common])
    return BOOLEAN


@on(exp.Between)
def _between(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(*(node.args[key] for key in ("this", "low", "high")))
    for key in ("this", "low", "high"):
        walk.type(node.args[key], scope)
    sides = [node.this, node.args["low"], node.args["high"]]
    types = [side.meta["type"] for side in sides]
    common = common_of(types)
    if common is None or comparison("<=", common, common) is None:
        other = next((type_ for type_ in types[1:] if comparison("<=", types[0], type_) is None), types[1])
        raise _not_comparable(node, "between", types[0], other)
    mixed_decimals(walk, sides)
    for side in sides:
        coerce(side, common)
    return BOOLEAN


@on(exp.In)
def _in(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(node.this)
    left = walk.type(node.this, scope)
    if len(node.expressions) == 1 and is_query(node.expressions[0]):
        node.set("query", exp.Subquery(this=node.expressions[0]))
        node.set("expressions", [])
    query = node.args.get("query")
    if query is not None:
        found = walk.type(query, scope)
        common = comparison("=", left, found)
        if common is None:
            raise _not_comparable(node, "in", left, found)
        coerce(node.this, common)
        coerce(query, common)
        if common.name != "row":
            coerce_output(query, [common])
        return BOOLEAN
    if not node.expressions:
        raise Fault(node, "IN needs a list or a subquery in parentheses")
    walk.types(node.expressions, scope)
    values = [node.this, *node.expressions]
    common = common_of([value.meta["type"] for value in values])
    if common is None:
        right = next(v.meta["type"] for v in values[1:] if common_of([left, v.meta["type"]]) is None)
        raise _not_comparable(node, "in", left, right)
    mixed_decimals(walk, values)
    for value in values:
        coerce(value, common)
    return BOOLEAN


@on(exp.Is)
def _is(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(node.this)
    walk.type(node.this, scope)
    if not isinstance(node.expression, exp.Null):
        raise Fault(
            node, "IS TRUE and IS FALSE do not exist on Athena", write="write x = true, or x is not distinct from"
        )
    node.expression.meta["type"] = UNKNOWN
    return BOOLEAN


@on(exp.Like)
def _like(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(node.this, node.expression)
    for side in ("this", "expression"):
        found = walk.type(node.args[side], scope)
        if found.name not in _TEXTS:
            raise Fault(
                node.args[side], f"LIKE is for text, but this is {brief(found)}", write="write cast(.. as varchar)"
            )
    return BOOLEAN


@on(exp.Escape)
def _escape(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    mark = walk.type(node.expression, scope)
    if mark.name not in _TEXTS:
        raise Fault(node.expression, f"ESCAPE takes one character, but this is {brief(mark)}", write="write escape '!'")
    return walk.type(node.this, scope)


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
                raise _not_comparable(branch, "=", compared, found)
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
        if source.name in _TEXTS:
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


def constant_zone(zone: exp.Expr) -> str | None:
    """The zone that a constant text or interval means; None if it is no constant."""
    if isinstance(zone, exp.Literal) and zone.is_string:
        known = zone_name(zone.this)
        if known is None:
            raise Fault(zone, f'"{zone.this}" is not a time zone', write="write a name like 'Asia/Tokyo', or '+09:00'")
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


@on(exp.JSONExtract, exp.JSONValue, exp.JSONObject, exp.JSONExists)
def _json_form(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    """json_query, json_value, json_object: forms of the SQL standard with a syntax of their own."""
    walk.type(node.this, scope) if node.this is not None else None
    for pair in node.expressions if isinstance(node, exp.JSONObject) else []:
        walk.type(pair.this, scope)
        walk.type(pair.expression, scope)
    returning = node.args.get("returning")
    return written_type(returning) if isinstance(returning, exp.DataType) else VARCHAR
