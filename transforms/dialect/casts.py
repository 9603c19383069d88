"""Every pair of a cast: the text that DuckDB takes too leniently, the numbers that it rounds otherwise, the formats."""

from __future__ import annotations

import re
from decimal import MAX_PREC, Context, Decimal

from transforms.dialect import java_digits, json_casts, moment_texts
from transforms.dialect.errors import NotPortable
from transforms.dialect.intervals import interval_text
from transforms.dialect.macros import failing
from transforms.dialect.moments import date_text, moved, stamp_text, time_text
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import helper
from transforms.dialect.types import duckdb_type, row_fields, text
from transforms.dialect.zoned import known, local
from transforms.gaps import gap
from transforms.json_text import ordered
from transforms.lake_types import FLOATING, INTEGERS, NUMBERS, Type
from transforms.names import quoted

assert java_digits  # importing it declares its function

_BLANK = r"[\x00-\x20]*"
_DIGITS = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"
_NUMBER = rf"{_DIGITS}([eE][+-]?[0-9]+)?"
_FORMS = {
    "whole": rf"{_BLANK}[+-]?[0-9]+{_BLANK}",
    "floating": rf"{_BLANK}({_NUMBER}|[+-]?(NaN|Infinity)){_BLANK}",
    "decimal": _DIGITS,
    "boolean": r"(?i)(t|f|true|false|1|0)",
}
_UNMARKED = r"regexp_replace(s, '([0-9.])[dDfF]([\x00-\x20]*)$', '\1\2')"
_NARROW = "translate(s, '０１２３４５６７８９', '0123456789')"
_HEXADECIMAL = rf"{_BLANK}[+-]?0[xX]([0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+[dDfF]?{_BLANK}"
_READ_AS = {
    "whole": {_NARROW: f"regexp_full_match({_NARROW}, {text(_FORMS['whole'])})"},
    "decimal": {f"athena_written_out({_NARROW})": f"regexp_full_match({_NARROW}, {text(_NUMBER)})"},
    "floating": {
        _UNMARKED: f"regexp_full_match({_UNMARKED}, {text(_FORMS['floating'])})",
        "athena_from_hexadecimal(s)": f"regexp_full_match(s, {text(_HEXADECIMAL)})",
    },
}
"""Texts that Java reads as well: digits of full width, `1.5f`, `0x1p3`, `125e-2` for a decimal of two digits."""
for _name, _form in _FORMS.items():
    _cond = f"regexp_full_match(s, {text(_form)})"
    _other = "".join(f"when {condition} then {read} " for read, condition in _READ_AS.get(_name, {}).items())
    _kind = {"whole": "a whole number", "floating": "a number"}.get(_name, _name)
    helper(
        f"{_name}_text(s)",
        f"case when s is null or {_cond} then s {_other}else fail('Cannot cast text to {_kind}', s) end",
    )
    helper(f"{_name}_text_or_null(s)", f"case when {_cond} then s {_other}end")


@row_by_row("written_out(varchar) -> varchar")
def written_out(number: str) -> str:
    """A number without its exponent; DuckDB takes no exponent with more digits before it than the decimal has."""
    digits, _, exponent = number.lower().partition("e")
    places = int(exponent or 0)
    if abs(places) > _FURTHEST:
        return number if places > 0 else "0"
    return f"{Decimal(digits).scaleb(places, Context(prec=MAX_PREC)):f}"


_FURTHEST = 10_000
"""What is more digits from the point is too large for a decimal, or 0."""


@row_by_row("from_hexadecimal(varchar) -> varchar")
def from_hexadecimal(number: str) -> str:
    """A double that is written like `0x1.8p3`."""
    try:
        return repr(float.fromhex(number.strip(_BLANKS).rstrip("dDfF")))
    except OverflowError:
        return "-Infinity" if "-" in number.partition("0")[0] else "Infinity"


_BLANKS = "".join(map(chr, range(33)))

helper("double_digits(s)", "ltrim(replace(replace(split_part(s, 'e', 1), '.', ''), '-', ''), '0')")
helper(
    "double_exponent(s)",
    "case when contains(s, 'e') then cast(split_part(s, 'e', 2) as integer) "
    "when ltrim(s, '-') >= '1' then length(split_part(ltrim(s, '-'), '.', 1)) - 1 "
    "else length(ltrim(split_part(s, '.', 2), '0')) - length(split_part(s, '.', 2)) - 1 end",
)
helper(
    "scientific(s)",
    "case s when 'nan' then 'NaN' when '-nan' then 'NaN' when 'inf' then 'Infinity' when '-inf' then '-Infinity' "
    "when '0.0' then "
    "'0E0' "
    "when '-0.0' then '-0E0' else (case when starts_with(s, '-') then '-' else '' end) "
    "|| left(athena_double_digits(s), 1) || '.' || coalesce(nullif(rtrim(substr(athena_double_digits(s), 2), "
    "'0'), ''), '0') "
    "|| 'E' || athena_double_exponent(s) end",
)
helper(  # what is asked first DuckDB computes once for all branches
    "double_text(x)",
    "case when cast(x as varchar) is null then null when abs(x) >= 9007199254740992 and isfinite(x) or abs(x) < 6e-8 "
    "and x <> 0 then athena_odd_double(x) else athena_scientific(cast(x as varchar)) end",
)
helper(  # with the fewest digits, but two
    "scientific_double(x)",
    "case when cast(x as varchar) is null then null when abs(x) <= 1e-322 and x <> 0 then upper(printf('%.1e', x)) "
    "else athena_scientific(cast(x as varchar)) end",
)
_shown = "printf('%.{}e', cast(x as double))".format
_fewest = " ".join(f"when cast({_shown(n)} as real) = x then {_shown(n)}" for n in range(1, 8))
helper("fewest(x)", f"cast(cast(case {_fewest} else {_shown(8)} end as double) as varchar)")
helper("scientific_real(x)", "list_transform([athena_fewest(x)], lambda s: athena_scientific(s))[1]")
for _name, _usual in (("double", "cast(x as varchar)"), ("real", "athena_fewest(x)")):
    helper(
        f"java_{_name}(x)",
        f"case when x = 0 or (abs(x) >= 1e-3 and abs(x) < 1e7) then {_usual} else athena_scientific_{_name}(x) end",
    )
helper(  # in Java's rounding of doubles, a whole number that lies in the middle goes up
    "seven_digits(x)",
    "printf('%.6e', case when abs(x) >= 1e7 and regexp_matches(printf('%.0f', x), '^-?[0-9]{7}50*$') "
    "then nextafter(x, x * cast('inf' as double)) else x end)",
)
helper(
    "real_text(x)",
    "list_transform([cast(cast(athena_seven_digits(cast(athena_fewest(x) as double)) as double) as varchar)], "
    "lambda s: athena_scientific(s))[1]",
)
helper(
    "leading_zero(s)",
    "case when starts_with(s, '.') then '0' || s when starts_with(s, '-.') then '-0' || substr(s, 2) else s end",
)
helper(
    "fits(s, n)",
    "case when length(s) <= n or s is null then s else fail('Value cannot be represented as varchar(n)', s) end",
)


def cast(sql: str, here: Type, to: Type, *, zone: str | None = None, safe: bool = False) -> str:
    """The value of type `here` as Trino casts it to `to`; `safe` is TRY_CAST: NULL where the cast would raise.

    `zone` is that of the value, or the one that a text is known to name.
    """
    if here == to:
        return sql
    result = _cast(sql, here, to, zone, safe)
    if safe and here.name in _SINGLE and to.name in _SINGLE:
        return f"try_{result}" if result.startswith("cast(") else result
    return result if not safe or _never_raises(result, here, to) else f"try({result})"


_SINGLE = frozenset((*NUMBERS, "boolean"))
"""Among these a cast is one call of DuckDB; only that is tried, so that errors of the value itself stay errors."""


def _never_raises(result: str, here: Type, to: Type) -> bool:
    return result.startswith("try_cast(") or (to.name == "varchar" and not to.numbers and here.name != "json")


@gap("cast(s as ipaddress)")
def _cast(sql: str, here: Type, to: Type, zone: str | None, safe: bool) -> str:
    if here.name == "unknown":
        return f"cast({sql} as {duckdb_type(to)})"
    if "json" in (here.name, to.name):
        return json_casts.cast(sql, here, to, zone)
    if to.name in ("array", "map", "row"):
        return _nested(sql, here, to, zone)
    if "uuid" in (to.name, here.name):
        return _UUID[here.name, to.name].format(sql)
    if to.name == "varchar":
        return _to_varchar(sql, here, to, zone)
    if to.name == "char":
        return f"rpad({sql}, {to.numbers[0]}, ' ')"
    if "ipaddress" in (to.name, here.name):
        raise NotPortable(f"a cast from {here} to {to} is not portable yet", "cast(.. as varchar)")
    if here.name == "varchar":
        return _from_varchar(sql, to, safe)
    if to.name in ("date", "timestamp", "timestamp with time zone", "time"):
        return moved(sql, here, to, zone)
    return _to_number(sql, here, to)


_UUID = {
    ("varchar", "uuid"): "cast(athena_uuid_text({}) as uuid)",
    ("varbinary", "uuid"): "cast(athena_uuid_hex({}) as uuid)",
    ("uuid", "varchar"): "cast({} as varchar)",
    ("uuid", "varbinary"): "unhex(replace(cast({} as varchar), '-', ''))",
}
helper(
    "uuid_text(s)",
    "case when s is null or regexp_full_match(s, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}') then s "
    "when length(s) = 36 and regexp_full_match(s, '([^-]+-){4}[^-]+') and regexp_full_match(s, '[0-9a-fA-F+-]+') "
    "then unportable('a uuid with groups of other lengths') else fail('Cannot cast value to UUID', s) end",
)
helper(
    "uuid_hex(b)",
    "case when b is null or octet_length(b) = 16 then hex(b) else fail('Invalid UUID binary length') end",
)


def _to_number(sql: str, here: Type, to: Type) -> str:
    target = duckdb_type(to)
    if here.name in FLOATING and to.name in INTEGERS:
        return f"cast(round({sql}) as {target})"
    if here.name in FLOATING and to.name == "decimal":
        return f"cast(cast({sql} as varchar) as {target})"
    if here.name == "double" and to.name == "real":
        return f"{_TO_REAL}({sql})"
    if here.name == "boolean" and to.name == "decimal" and to.numbers[0] == to.numbers[1]:
        # Trino gives 1, for which the type has no digit; DuckDB the smallest decimal
        return failing(f"case when {sql} then unportable('true as {to}') else cast({sql} as {target}) end")
    if here.name == "decimal" and to.name == "boolean":
        return f"({sql} <> 0)"
    known = (*NUMBERS, "boolean")
    if here.name in known and to.name in known:
        return f"cast({sql} as {target})"
    if here.name.startswith("interval") or to.name.startswith("interval") or "varbinary" in (here.name, to.name):
        raise NotPortable(f"a cast from {here} to {to} is not portable yet")
    return f"cast({sql} as {target})"


_TO_REAL = helper(
    "to_real(x)",
    "case when isfinite(x) and abs(x) > 3.4028235677973362e38 then cast(case when x > 0 then 'inf' else '-inf' "
    "end as real) "
    "else cast(x as real) end",
)


def _from_varchar(sql: str, to: Type, safe: bool) -> str:
    target = duckdb_type(to)
    if to.name in INTEGERS:
        form = "whole"
    elif to.name in FLOATING:
        form = "floating"
    elif to.name in ("decimal", "boolean"):
        form = to.name
    elif to.name == "varbinary":
        return f"encode({sql})"
    else:
        return moment_texts.read(sql, to, safe)
    if safe:
        return f"try_cast(athena_{form}_text_or_null({sql}) as {target})"
    return f"cast(athena_{form}_text({sql}) as {target})"


def _to_varchar(sql: str, here: Type, to: Type, zone: str | None) -> str:
    if here.name in ("varchar", "char"):
        shorter = to.numbers and (not here.numbers or here.numbers[0] > to.numbers[0])
        return f"left({sql}, {to.numbers[0]})" if shorter else sql
    shown = _text(sql, here, zone)
    return f"athena_fits({shown}, {to.numbers[0]})" if to.numbers else shown


def _text(sql: str, here: Type, zone: str | None) -> str:
    if here.name in (*INTEGERS, "boolean"):
        return f"cast({sql} as varchar)"
    if here.name == "date":
        return date_text(sql)
    if here.name == "time":
        return time_text(sql, here)
    if here.name in FLOATING:
        return f"athena_{here.name}_text({sql})"
    if here.name == "decimal":
        shown = f"cast({sql} as varchar)"
        return f"athena_leading_zero({shown})" if here.numbers[0] == here.numbers[1] else shown
    if here.name == "timestamp":
        return stamp_text(sql, here)
    if here.name == "timestamp with time zone":
        return f"({stamp_text(local(sql, zone), here)} || {text(' ' + known(zone))})"
    if here.name.startswith("interval"):
        return interval_text(sql, here)
    raise NotPortable(f"a cast from {here} to varchar is not portable yet", "date_format(..) or another function")


def _nested(sql: str, here: Type, to: Type, zone: str | None) -> str:
    """Element by element; the value is written several times, which DuckDB computes once."""
    if here.name != to.name:
        raise NotPortable(f"a cast from {here} to {to} is not portable yet", "json_extract_scalar for single values")
    if _plain(here) and _plain(to):
        return sql if duckdb_type(here) == duckdb_type(to) else f"cast({sql} as {duckdb_type(to)})"
    if to.name == "array":
        inner = cast("item", here.element, to.element, zone=zone)
        return f"list_transform({sql}, lambda item: {inner})"
    if to.name == "map":
        key = cast("entry['key']", here.parts[0], to.parts[0], zone=zone)
        value = cast("entry['value']", here.parts[1], to.parts[1], zone=zone)
        pair = f"struct_pack(key := {key}, value := {value})"
        return f"map_from_entries(list_transform(map_entries({sql}), lambda entry: {pair}))"
    parts = []
    for (old, before), (new, after) in zip(row_fields(here), row_fields(to), strict=True):
        part = cast(f"struct_extract({sql}, {text(old)})", before.type, after.type, zone=zone)
        parts.append(f"{quoted(new)} := {part}")
    return f"case when {sql} is not null then struct_pack({', '.join(parts)}) end"


def _plain(kind: Type) -> bool:
    """Whether DuckDB's own cast is right for all that can be inside, when it only widens or is NULL."""
    if kind.name in ("array", "map"):
        return all(map(_plain, kind.parts))
    return kind.name in ("unknown", "boolean", "date", *INTEGERS) or (kind.name == "varchar" and not kind.numbers)


@gap("time '10:00:00 +09:00'")
def literal(value: str, to: Type) -> str:
    """A typed literal: `decimal '1.50'`, `date '2024-01-05'`, `timestamp '2024-01-05 10:11:12.5 Asia/Tokyo'`."""
    if to.name in ("date", "time", "timestamp", "timestamp with time zone"):
        return moment_texts.literal(value, to)
    if to.name in FLOATING:
        return f"cast({text(re.sub('[dDfF](?=[^a-zA-Z]*$)', '', value))} as {to})"
    if to.name in ("decimal", *INTEGERS):
        return f"cast({text(value if to.name != 'decimal' else value.replace('_', ''))} as {duckdb_type(to)})"
    if to.name in ("varchar", "char"):
        return text(value)
    if to.name == "varbinary":
        return f"encode({text(value)})"
    if to.name == "uuid":
        return f"cast({text(value)} as uuid)"
    if to.name == "json":
        return f"cast({text(ordered(value) or 'null')} as json)"
    if to.name == "boolean":
        return f"cast({text(value)} as boolean)"
    raise NotPortable(f"a literal of type {to} is not portable yet")
