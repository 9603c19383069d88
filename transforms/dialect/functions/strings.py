"""Strings. Positions and lengths count characters (code points) on both engines, and start at 1."""

from __future__ import annotations

import string
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from transforms.dialect.casts import cast
from transforms.dialect.errors import Invalid, NotPortable
from transforms.dialect.fallible import may_fail
from transforms.dialect.java_format import PATTERN, Directive
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import Arg, Invocation, family, helper, macro, refuse, rule, rule_of_call, same, sql
from transforms.dialect.types import text
from transforms.gaps import gap
from transforms.lake_types import INTEGERS, VARCHAR

family("Strings")

same("lower(varchar) -> varchar")
sql("upper(s varchar) -> varchar", "replace(upper({s}), 'ẞ', 'ß')")


@rule_of_call("reverse(char) -> char")
@gap("reverse(cast(s as char(3)))")
def reverse_of_char(call: Invocation) -> str:
    """Athena fails where the text is blank."""
    raise NotPortable(f"reverse of {call.args[0].type} is not portable", "reverse(cast(.. as varchar))")


sql("reverse(s varchar) -> varchar", "array_to_string(list_reverse(string_split({s}, '')), '')")
same("length(varchar) -> bigint")
same("starts_with(varchar, varchar) -> boolean", duckdb="prefix")  # its starts_with(x, '') forgets where x is NULL
same("replace(varchar, varchar, varchar) -> varchar", duckdb="athena_replace")
same("translate(varchar, varchar, varchar) -> varchar")
helper(
    "replace(s, x, y)",
    "case when x <> '' then replace(s, x, y) when s is null or x is null or y is null then null when s = '' then y "
    "else y || array_to_string(list_transform(string_split(s, ''), lambda c: c || y), '') end",
)
sql("replace(s varchar, x varchar) -> varchar", "replace({s}, {x}, '')")
sql("length(b varbinary) -> bigint", "octet_length({b})")
sql("strpos(s varchar, x varchar) -> bigint", "strpos({s}, {x})")
# Found from the end, a place is one of Java's texts: a character beyond U+FFFF counts twice.
macro(
    "strpos(s varchar, x varchar, n bigint) -> bigint",
    "case when n = 0 then fail('instance must be a positive or negative number') when x = '' then 1 "
    "else coalesce(list_transform(list_filter(range(1, length(s) + 1), lambda i: substr(s, i, length(x)) = x), "
    "lambda i: i + case when n > 0 then 0 else "
    "length(regexp_replace(substr(s, 1, i - 1), '[^\\x{10000}-\\x{10FFFF}]', '', 'g')) end)[n], 0) end",
    name="strpos_instance",
)
sql("position(x varchar, s varchar) -> bigint", "strpos({s}, {x})")
macro(
    "codepoint(c varchar) -> integer",
    "case when c <> '' then unicode(c) else fail('Input string must be a single character string') end",
)
sql("trim(s varchar) -> varchar", "trim({s}, athena_blanks())")
sql("ltrim(s char) -> varchar", "trim({s}, athena_blanks())")
sql("ltrim(s varchar) -> varchar", "ltrim({s}, athena_blanks())")
sql("rtrim(s varchar) -> varchar", "rtrim({s}, athena_blanks())")
for _trim in ("trim", "ltrim", "rtrim"):
    sql(f"{_trim}(s char, chars varchar) -> varchar", f"{_trim}(rtrim({{s}}, ' '), {{chars}})")
sql("trim(s varchar, chars varchar) -> varchar", "trim({s}, {chars})")
sql("ltrim(s varchar, chars varchar) -> varchar", "ltrim({s}, {chars})")
sql("rtrim(s varchar, chars varchar) -> varchar", "rtrim({s}, {chars})")
helper(
    "blanks()",
    "'\t\n\v\f\r' || chr(28) || chr(29) || chr(30) || chr(31) || ' ' || chr(5760) || chr(8192) || chr(8193) || "
    "chr(8194) || chr(8195) "
    "|| chr(8196) || chr(8197) || chr(8198) || chr(8200) || chr(8201) || chr(8202) || chr(8232) || chr(8233) "
    "|| chr(8287) || chr(12288)",
)
macro(
    "substr(s varchar, i bigint) -> varchar",
    "case when i = 0 or abs(i) > length(s) then left(s, cast(i * 0 as bigint)) else substr(s, i) end",
    name="substr_from",
)
macro(
    "substr(s varchar, i bigint, n bigint) -> varchar",
    "case when i = 0 or abs(i) > length(s) or n <= 0 then left(s, cast(i * 0 + n * 0 as bigint)) else "
    "substr(s, i, n) end",
    name="substr_of",
)
sql("substring(s varchar, i bigint) -> varchar", "athena_substr_from({s}, {i})")
sql("substring(s varchar, i bigint, n bigint) -> varchar", "athena_substr_of({s}, {i}, {n})")
macro(
    "split_part(s varchar, d varchar, i bigint) -> varchar",
    "case when i <= 0 then fail('Index must be greater than zero') when s is null or d is null then null "
    "when d = '' then nullif(substr(s, i, 1), '') else string_split(s, d)[i] end",
)
macro(
    "split(s varchar, d varchar) -> array(varchar)",
    "case when d = '' then fail('The delimiter may not be the empty string') when d is null then null else "
    "string_split(s, d) end",
)
macro(
    "split(s varchar, d varchar, n bigint) -> array(varchar)",
    "case when n <= 0 then fail('Limit must be positive') when d = '' then fail('The delimiter may not be the "
    "empty string') "
    "when d is null or n is null then null when len(string_split(s, d)) <= n then string_split(s, d) "
    "else list_append(string_split(s, d)[1:n - 1], substr(s, cast(coalesce(list_sum(list_transform("
    "string_split(s, d)[1:n - 1], lambda piece: length(piece) + length(d))), 0) as bigint) + 1)) end",
    name="split_at_most",
)


for _side in ("lpad", "rpad"):
    macro(
        f"{_side}(s varchar, n bigint, p varchar) -> varchar",
        "case when p = '' then fail('Padding string must not be empty') when n < 0 then fail('Target length "
        "must be 0 or more') "
        f"else {_side}(s, cast(n as integer), p) end",
    )
macro(
    "levenshtein_distance(a varchar, b varchar) -> bigint",
    "case when strlen(a) = length(a) and strlen(b) = length(b) then levenshtein(a, b) else athena_edits(a, b) end",
)
_ENDLESS = "contains(a, chr(0)) or contains(b, chr(0))"
"""A character 0 has no length for Athena's hamming_distance, so that the lengths differ; in both it never ends."""
macro(
    "hamming_distance(a varchar, b varchar) -> bigint",
    f"case when length(a) <> length(b) or {_ENDLESS} then fail('The texts must have the same length') "
    "when a <> '' and strlen(a) = length(a) and strlen(b) = length(b) then hamming(a, b) else cast(len(list_filter("
    "list_zip(string_split(a, ''), string_split(b, '')), lambda pair: pair[1] <> pair[2])) as bigint) end",
)


@row_by_row("edits(varchar, varchar) -> bigint")
def edits(a: str, b: str) -> int:
    """levenshtein_distance by characters."""
    row = list(range(len(b) + 1))
    for position, char in enumerate(a, 1):
        before, row[0] = row[0], position
        for index, other in enumerate(b, 1):
            before, row[index] = row[index], min(row[index] + 1, row[index - 1] + 1, before + (char != other))
    return row[-1]


@row_by_row("normalized(varchar, varchar) -> varchar")
def normalized(s: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> str:
    """normalize(x, NFKC) and the other forms."""
    return unicodedata.normalize(form, s)


helper(
    "composed(s)",
    "case when contains(s, chr(0)) then athena_normalized(s, 'NFC') else nfc_normalize(s) end",
)
"""DuckDB's ends at a NUL."""


@rule("normalize(varchar, varchar) -> varchar", "normalize(varchar) -> varchar")
def normalize(s: Arg, form: Arg | None = None) -> str:
    """NFC by default, which DuckDB has."""
    return f"athena_composed({s})" if form is None or form.constant == "NFC" else f"athena_normalized({s}, {form})"


_SOUNDS = dict(zip(string.ascii_uppercase, "01230120022455012623010202", strict=True))


_LAST_OF_ONE = "\uffff"


@row_by_row("soundex(varchar) -> varchar")
def soundex(s: str) -> str:
    """A letter and three digits; H and W do not part letters of one sound. What Java writes as two is no letter."""
    code, last = "", ""
    for char in (each for each in s.upper() if each.isalpha() and each <= _LAST_OF_ONE):
        if len(code) == 4:
            break
        if char not in _SOUNDS:
            raise ValueError(f"The character is not mapped: {char}")
        if not code:
            code, last = char, _SOUNDS[char]
        elif char not in "HW":
            code += _SOUNDS[char].strip("0" + last)
            last = _SOUNDS[char]
    return f"{code}000"[:4] if code else ""


sql("soundex(s varchar) -> varchar", "athena_soundex({s})")
macro(
    "luhn_check(s varchar) -> boolean",
    "case when regexp_full_match(s, '[0-9]*') then s <> '' and list_sum(list_transform(range(1, length(s) + 1), "
    "lambda i: case when i % 2 = 1 then cast(s[-i] as integer) else (cast(s[-i] as integer) * 2) // 10 + "
    "(cast(s[-i] as integer) * 2) % 10 end)) % 10 = 0 when s is not null then fail('Input contains non-digit') end",
)
macro(
    "ngrams(a array(T), n integer) -> array(array(T))",
    "case when n <= 0 then fail('N must be positive') else list_transform(range(1, greatest(len(a) - n + 1, 1) + 1), "
    "lambda i: a[i:i + n - 1]) end",
)
macro("chr(n bigint) -> varchar", "chr(cast(n as integer))")


@rule_of_call("concat(varchar...) -> varchar")
def concat(call: Invocation) -> str:
    """NULL if one of them is."""
    return f"({' || '.join(call.args)})"


@rule_of_call("concat_ws(varchar, varchar...) -> varchar")
def concat_ws(call: Invocation) -> str:
    """NULLs are left out. Behind a delimiter that is NULL nothing is computed."""
    delimiter, *values = call.args
    if any(may_fail(each.node) for each in values):
        return f"case when {delimiter} is not null then concat_ws({', '.join(call.args)}) end"
    return f"concat_ws({', '.join(call.args)})"


@rule("concat_ws(varchar, array(varchar)) -> varchar")
def concat_ws_of(d: Arg, a: Arg) -> str:
    """NULLs are left out; DuckDB joins an array only by a constant."""
    if d.constant is not None:
        return f"case when {a} is not null then coalesce(array_to_string({a}, {d}), '') end"
    return f"athena_strung({d}, {a})"


helper(
    "strung(d, a)",
    "case when d is not null and a is not null then substr(list_reduce(list_prepend('', list_filter(a, lambda each: "
    "each is not null)), lambda text, each: text || d || each), length(d) + 1) end",
)


@rule_of_call("format(varchar, T...) -> varchar")
@gap("format(s, i)")
def format_(call: Invocation) -> str:
    """Java's format with a constant pattern; every value becomes a text of its own."""
    pattern = call.args[0].constant
    if pattern is None:
        raise NotPortable("format with a pattern that varies by row", "a constant pattern")
    parts, used, end, following, last = list[str](), list[str](), 0, 1, 0
    for found in PATTERN.finditer(pattern):
        parts.append(_braced(pattern[end : found.start()]))
        end = found.end()
        directive = Directive.read(found)
        if directive.letter in "%n":
            parts.append("\n" if directive.letter == "n" else directive.shown("text", "%"))
            continue
        if found["again"] is None:
            last = int(found["index"] or following)
            following += found["index"] is None
        if not 0 < last < len(call.args):
            raise Invalid(f"format has no value for {found[0]!r}", "as many values as %")
        parts.append("{}")
        used.append(_formatted(directive, call.args[last]))
    parts.append(_braced(pattern[end:]))
    return f"format({', '.join([text(''.join(parts)), *used])})"


def _braced(literal: str) -> str:
    return literal.replace("{", "{{").replace("}", "}}")


_FORMATTED = {"decimal": "decimal", "double": "double", "real": "real", "boolean": "boolean", "timestamp": "timestamp"}
helper(
    "grouped(s)",
    "case when starts_with(s, '-') then '-' else '' end "
    "|| format('{:,}', cast(split_part(ltrim(s, '-'), '.', 1) as hugeint)) "
    "|| case when contains(s, '.') then '.' || split_part(s, '.', 2) else '' end",
)


@gap("format('%s', z)")
def _formatted(directive: Directive, value: Arg) -> str:
    """DuckDB's own functions for the usual, Java's words for the rest."""
    kind = "whole" if value.type.name in INTEGERS else _FORMATTED.get(value.type.name, "text")
    if value.is_null:
        return text(directive.null())
    if not directive.takes(kind):
        raise Invalid(f"format with {directive.text!r} fails on Athena for {value.type}", "%s")
    if value.type.name in ("array", "map", "row", "varbinary"):
        raise Invalid(f"format of {value.type} does not exist on Athena", "cast(.. as varchar), or its parts")
    if value.type.name not in (*INTEGERS, *_FORMATTED, "varchar", "char", "date", "json", "interval day to second"):
        raise NotPortable(f"format of {value.type} is not portable yet", "cast(.. as varchar)")
    if kind == "real" and directive.letter.lower() == "s":
        written = f"athena_fewest({value})"
    else:
        written = f"cast(cast({value} as double) as varchar)" if kind in ("double", "real") else _text_of(value)
    slow = f"athena_formatted({text(directive.text)}, {text(kind)}, {written})"
    return f"coalesce({_usual(directive, kind, value, slow)}, {text(directive.null())})"


def _text_of(value: Arg) -> str:
    """A JSON value as its text, a far day with a sign, anything else as a cast writes it."""
    if value.type.name == "date":
        return f"(case when {value} > date '9999-12-31' then '+' else '' end || cast({value} as varchar))"
    return f"cast({value} as varchar)" if value.type.name == "json" else cast(value, value.type, VARCHAR)


def _usual(directive: Directive, kind: str, value: Arg, slow: str) -> str:
    flags, letter, plain = directive.flags, directive.letter, not directive.width and directive.precision is None
    if letter == "s" and plain and kind not in ("double", "real", "timestamp"):
        return _text_of(value)
    if letter == "d" and ((plain and flags in ("", ",")) or (flags == "0" and directive.width)):
        spec = {"": "d", ",": ",", "0": f"0{directive.width}d"}[flags]
        return f"format('{{:{spec}}}', cast({value} as bigint))"
    scale = 6 if directive.precision is None else directive.precision
    if letter != "f" or kind not in ("double", "decimal") or flags not in ("", ",") or directive.width or scale > 15:
        return slow
    number = f"cast({value} as varchar)" if kind == "double" else str(value)
    shown = f"cast(cast({number} as decimal(38,{scale})) as varchar)"
    shown = f"athena_grouped({shown})" if flags else shown
    least = f"1e-{scale}" if kind == "double" else f"0.{'0' * (scale - 1)}1" if scale else "1"
    size = f"abs({value}) < 1e15 and ({value} >= 1e-4 or cast({value} as varchar) = '0.0'" if kind == "double" else ""
    ordinary = f"{size} or {value} <= -{least})" if size else f"{value} >= 0 or {value} <= -{least}"
    return f"case when {ordinary} then {shown} else {slow} end"


@row_by_row("formatted(varchar, varchar, varchar) -> varchar")
def formatted(directive: str, kind: str, value: str) -> str:
    """A value by one directive."""
    found = PATTERN.fullmatch(directive)
    assert found
    return Directive.read(found).shown(kind, value)


@row_by_row("number_in_short(bigint) -> varchar")
def number_in_short(count: int) -> str:
    """format_number: thousands as K, millions as M; three digits, of which those behind the point may be missing."""
    value, unit = float(count), ""
    for each in "KMBTQ":
        if abs(value) < 1000:
            break
        value, unit = value / 1000, each
    places = 2 if value < 10 else 1 if value < 100 else 0
    shown = f"{Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    return f"{shown.rstrip('0').rstrip('.') if places else shown}{unit}"


macro("format_number(x bigint) -> varchar", "athena_number_in_short(x)", name="format_whole")
macro(
    "format_number(x double) -> varchar",
    "athena_number_in_short(case when isnan(x) then 0 else coalesce(try_cast(trunc(x) as bigint), "
    "case when x > 0 then 9223372036854775807 when x < 0 then -9223372036854775808 end) end)",
)
refuse("word_stem", "DuckDB has none", "a table of stems that is joined")
