"""The types of literals and of the types written in casts, and the zones that literals carry."""

from __future__ import annotations

import re

from sqlglot import exp

from transforms.analyzer.coercion import LONGEST_CHAR
from transforms.analyzer.faults import Fault
from transforms.analyzer.identifiers import plain_name
from transforms.analyzer.moment_literals import read_date, read_time, read_timestamp, skipped
from transforms.json_text import ordered
from transforms.lake_types import BIGINT, DOUBLE, INTEGER, Field, Type, array, decimal, map_of

_MOST_DIGITS = 12
_DECIMAL = re.compile(r"[+-]?(\d+(?:_\d+)*)?(?:\.(\d+(?:_\d+)*)?)?\Z")
_FLOATING = re.compile(r"[\x00-\x20]*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?|NaN|Infinity)[\x00-\x20]*\Z")
_WHOLE = re.compile(r"\s*[+-]?\d+\s*\Z")
_BITS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}
_WRITTEN = {
    exp.DType.BOOLEAN: Type("boolean"),
    exp.DType.TINYINT: Type("tinyint"),
    exp.DType.SMALLINT: Type("smallint"),
    exp.DType.INT: INTEGER,
    exp.DType.BIGINT: BIGINT,
    exp.DType.DOUBLE: DOUBLE,
    exp.DType.VARBINARY: Type("varbinary"),
    exp.DType.DATE: Type("date"),
    exp.DType.JSON: Type("json"),
    exp.DType.UUID: Type("uuid"),
    exp.DType.IPADDRESS: Type("ipaddress"),
    exp.DType.HLLSKETCH: Type("hyperloglog"),
    exp.DType.UNKNOWN: Type("unknown"),
}
_CLOCKS = {
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPTZ: "timestamp with time zone",
    exp.DType.TIME: "time",
    exp.DType.TIMETZ: "time with time zone",
}
_ELSEWHERE = {
    **dict.fromkeys(("string", "text", "str", "character", "nchar", "nvarchar", "clob", "varchar2"), "varchar"),
    **dict.fromkeys(("float", "float4"), "real"),
    **dict.fromkeys(("float8", "float64"), "double"),
    **dict.fromkeys(("int64", "int8", "long", "number"), "bigint"),
    **dict.fromkeys(("int4", "int32"), "integer"),
    **dict.fromkeys(("short", "int2", "int16"), "smallint"),
    **dict.fromkeys(("numeric", "dec", "bignumeric"), "decimal(18, 2)"),
    **dict.fromkeys(("binary", "blob", "bytea", "bytes"), "varbinary"),
    **dict.fromkeys(("datetime", "timestamp_ntz"), "timestamp"),
    **dict.fromkeys(("timestamptz", "timestamp_ltz"), "timestamp with time zone"),
    **{"bool": "boolean", "byte": "tinyint", "jsonb": "json", "struct": "row(name type)", "list": "array(type)"},
}
"""Types of other engines, and what Athena calls them."""


def number_type(text: str, node: exp.Expr) -> Type:
    """integer or bigint, whichever holds it; anything with a point or an exponent is a double on Athena."""
    if not text.lstrip("-").isdigit():
        return DOUBLE
    value = int(text)
    if -(2**31) <= value < 2**31:
        return INTEGER
    if -(2**63) <= value < 2**63:
        return BIGINT
    raise Fault(node, f"{text} is not a number that bigint can hold", write=f"write decimal '{text}'")


def unicode_text(node: exp.Expr) -> str:
    """What `U&'\\0041'` stands for; it may name another mark than the backslash by UESCAPE."""
    escape = node.args.get("escape")
    mark = re.escape(escape.name if isinstance(escape, exp.Expr) else "\\")
    code = re.compile(rf"{mark}(?:([0-9A-Fa-f]{{4}})|\+([0-9A-Fa-f]{{6}})|({mark})|)")

    def char(found: re.Match[str]) -> str:
        if found[3]:
            return found[3]
        number = int(found[1] or found[2] or "110000", 16)
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise Fault(node, f"{found[0]} is no character", write="write U&'\\3042' or U&'\\+01F600'")
        return chr(number)

    return code.sub(char, str(node.this))


def typed_literal(node: exp.Cast) -> tuple[Type, str | None]:
    """Type and zone of `decimal '1.50'`, `timestamp '2024-01-01 00:00 Asia/Tokyo'` and the like."""
    text, kind = node.this.name, node.to.this
    if not node.this.is_string:
        name, around = kind.value.lower(), node.parent
        while isinstance(around, exp.Sub) and isinstance(around.expression, exp.Literal):  # date 2024-04-01
            text, around = f"{text}-{around.expression.name}", around.parent
        raise Fault(node, f"a literal of type {name} needs quotes", write=f"write {name} '{text}'")
    if node.to.expressions:
        written = written_type(node.to)
        raise Fault(
            node.this, "the type before a literal has no parameters", write=f"write cast('{text}' as {written})"
        )
    if kind is exp.DType.DECIMAL and not node.to.expressions:
        return _decimal_literal(text, node), None
    if kind is exp.DType.CHAR and not node.to.expressions:
        return Type("char", (len(text),)), None
    if kind is exp.DType.DATE:
        if read_date(text) is None:
            raise Fault(node.this, f"'{text}' is not a date", write="write date '2024-05-01'")
        return Type("date"), None
    if kind in (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ):
        return _timestamp_literal(text, node)
    if kind in (exp.DType.TIME, exp.DType.TIMETZ):
        time = read_time(text)
        if time is None or time.digits > _MOST_DIGITS:
            raise Fault(node.this, f"'{text}' is not a time", write="write time '10:30:00'")
        return Type("time with time zone" if time.zone else "time", (time.digits,)), time.zone
    if kind is exp.DType.JSON and ordered(text) is None:
        raise Fault(node.this, f"'{text}' is not JSON", write="""write json '{"a": 1}'""")
    type_ = written_type(node.to)
    if not _holds(type_, text):
        raise Fault(node.this, f"'{text}' is not a {type_}")
    return type_, None


def _holds(type_: Type, text: str) -> bool:
    """Whether the text of `bigint '5'` and the like is one that the type can hold."""
    if type_.name in _BITS:
        return bool(_WHOLE.match(text)) and -(2 ** _BITS[type_.name]) <= int(text) < 2 ** _BITS[type_.name]
    if type_.name in ("real", "double"):
        return bool(_FLOATING.match(text))
    if type_.name == "boolean":
        return text.strip().lower() in ("true", "false", "t", "f", "1", "0")
    return True


def _decimal_literal(text: str, node: exp.Cast) -> Type:
    found = _DECIMAL.match(text)
    if not found or not (found[1] or found[2]):
        raise Fault(node.this, f"'{text}' is not a decimal", write="write decimal '1.50'")
    scale = len((found[2] or "").replace("_", ""))
    precision = max(1, len((found[1] or "").replace("_", "").lstrip("0")) + scale)
    if precision > 38:
        raise Fault(node.this, f"'{text}' has more digits than a decimal can hold", "at most 38")
    return decimal(precision, scale)


def _timestamp_literal(text: str, node: exp.Cast) -> tuple[Type, str | None]:
    found = read_timestamp(text)
    if isinstance(found, str):
        raise Fault(node.this, f'"{found}" is not a time zone', write="write a name like Asia/Tokyo, or +09:00")
    if found is None and (parts := re.fullmatch(r"\s*(\S*\d)T(\d.*)", text)):
        write = f"write timestamp '{parts[1]} {parts[2]}'"
        raise Fault(node.this, "a space stands between the day and the time", write=write)
    if found is None or found.digits > _MOST_DIGITS:
        raise Fault(node.this, f"'{text}' is not a timestamp", write="write timestamp '2024-05-01 10:30:00'")
    if skipped(found):
        raise Fault(node.this, f"the clock of {found.zone} never shows '{text}'", "summer time skips an hour there")
    return Type("timestamp with time zone" if found.zone else "timestamp", (found.digits,)), found.zone


def written_type(node: exp.DataType) -> Type:
    """The type that a cast names, in Athena's spelling."""
    kind = node.this
    plain = _WRITTEN.get(kind)
    if plain is not None:
        if node.expressions:
            raise Fault(node, f"{plain} takes no length", write=f"write {plain}")
        return plain
    parameters = [param.name for param in node.expressions if isinstance(param, exp.DataTypeParam)]
    if not all(text.isdigit() for text in parameters):
        raise Fault(node, f"({', '.join(parameters)}) are not the parameters of a type")
    numbers = tuple(map(int, parameters))
    if kind is exp.DType.VARCHAR:
        return Type("varchar", numbers)
    if kind is exp.DType.CHAR:
        if numbers and numbers[0] > LONGEST_CHAR:
            raise Fault(node, f"char({numbers[0]}) is not a type", f"at most char({LONGEST_CHAR})", "write varchar")
        return Type("char", numbers or (1,))
    if kind is exp.DType.DECIMAL:
        precision, scale = (*numbers, 0)[:2] if numbers else (38, 0)
        if not 1 <= precision <= 38 or scale > precision:
            raise Fault(node, f"decimal({precision},{scale}) is not a type", "1 to 38 digits, the scale among them")
        return decimal(precision, scale)
    if kind in _CLOCKS:
        return Type(_CLOCKS[kind], numbers or (3,))
    if kind is exp.DType.ARRAY and node.expressions:
        return array(written_type(node.expressions[0]))
    if kind is exp.DType.MAP and len(node.expressions) == 2:
        return map_of(*map(written_type, node.expressions))
    if kind is exp.DType.STRUCT:
        return Type("row", (), (), tuple(map(_written_field, node.expressions)))
    return _unusual_type(node)


def _unusual_type(node: exp.DataType) -> Type:
    if node.this is exp.DType.USERDEFINED:
        raise _unknown_type(node, str(node.args.get("kind") or "").lower())
    text = node.sql(dialect="trino").lower()
    if text == "real":
        return Type("real")
    if isinstance(node.this, exp.Interval) or text.startswith("interval"):
        unit = "year to month" if "month" in text or "year" in text else "day to second"
        return Type(f"interval {unit}")
    raise _unknown_type(node, text)


def _unknown_type(node: exp.Expr, name: str) -> Fault:
    other = _ELSEWHERE.get(name)
    return Fault(node, f"{name} is not a type in a query on Athena", write=f"write {other}" if other else "")


def _written_field(node: exp.Expr) -> Field:
    if isinstance(node, exp.ColumnDef):
        return Field(plain_name(node.this), written_type(node.args["kind"]))
    if isinstance(node, exp.DataType):
        return Field(None, written_type(node))
    raise Fault(node, "a field of a row needs a name and a type", write="write row(name varchar)")
