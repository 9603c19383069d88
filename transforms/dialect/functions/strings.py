"""Strings. Positions and lengths count characters (code points) on both engines, and start at 1."""

from __future__ import annotations

import re

from transforms.dialect.casts import cast
from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Arg, Invocation, family, helper, macro, refuse, rule_of_call, same, sql
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
same("length(varchar) -> bigint", "starts_with(varchar, varchar) -> boolean")
same("replace(varchar, varchar, varchar) -> varchar", duckdb="athena_replace")
same("translate(varchar, varchar, varchar) -> varchar")
same("hamming_distance(varchar, varchar) -> bigint", duckdb="hamming")
helper(
    "replace(s, x, y)",
    "case when x <> '' then replace(s, x, y) when s is null or x is null or y is null then null "
    "else y || array_to_string(list_transform(string_split(s, ''), lambda c: c || y), '') end",
)
sql("replace(s varchar, x varchar) -> varchar", "replace({s}, {x}, '')")
sql("length(b varbinary) -> bigint", "octet_length({b})")
sql("strpos(s varchar, x varchar) -> bigint", "strpos({s}, {x})")
macro(
    "strpos(s varchar, x varchar, n bigint) -> bigint",
    "case when n = 0 then fail('instance must be a positive or negative number') "
    "when x = '' then unportable('strpos of an empty text') else coalesce(list_filter(range(1, length(s) + 1), "
    "lambda i: substr(s, i, length(x)) = x)[n], 0) end",
    name="strpos_instance",
)
sql("position(x varchar, s varchar) -> bigint", "strpos({s}, {x})")
sql("codepoint(c varchar) -> integer", "unicode({c})")
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
    "else list_append(string_split(s, d)[1:n - 1], array_to_string(string_split(s, d)[n:], d)) end",
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
    "normalize(s varchar) -> varchar",
    "nfc_normalize(s)",
)
gap("normalize(s)")
macro(
    "levenshtein_distance(a varchar, b varchar) -> bigint",
    "case when length(a) = octet_length(encode(a)) and length(b) = octet_length(encode(b)) then levenshtein(a, b) "
    "when a is null or b is null then null "
    "else unportable('levenshtein_distance of characters beyond ASCII') end",
)
macro("chr(n bigint) -> varchar", "chr(cast(n as integer))")


@rule_of_call("concat(varchar...) -> varchar")
def concat(call: Invocation) -> str:
    """NULL if one of them is."""
    return f"({' || '.join(call.args)})"


@rule_of_call("concat_ws(varchar, varchar...) -> varchar")
def concat_ws(call: Invocation) -> str:
    """NULLs are left out."""
    return f"concat_ws({', '.join(call.args)})"


sql(
    "concat_ws(d varchar, a array(varchar)) -> varchar",
    "case when {d} is not null and {a} is not null then array_to_string({a}, {d}) end",
)

_DIRECTIVE = re.compile(r"%(\d+\$)?([-,0+# (]*)(\d+)?(\.\d+)?([a-zA-Z%])")


@rule_of_call("format(varchar, T...) -> varchar")
@gap("format(s, i)", "format('%2$s', i, i)", "format('%s', i, i)")
def format_(call: Invocation) -> str:
    """Java's patterns %s, %d, %,d, %05d, %.2f, %% with a constant pattern."""
    pattern = call.args[0].constant
    if pattern is None:
        raise NotPortable("format with a pattern that varies by row", "a constant pattern")
    values, parts, used, end = iter(call.args[1:]), [], [], 0
    for found in _DIRECTIVE.finditer(pattern):
        parts.append(_braced(pattern[end : found.start()]))
        end = found.end()
        if found[5] == "%" and found[0] == "%%":
            parts.append("%")
            continue
        value = next(values, None)
        if found[1] or value is None:
            raise NotPortable(f"format with {found[0]} is not portable yet", "%s, %d, %.2f")
        placeholder, sql_ = _directive(found, value)
        parts.append(placeholder)
        used.append(sql_)
    parts.append(_braced(pattern[end:]))
    if any(each is not None for each in values) or "%" in _DIRECTIVE.sub("", pattern):
        raise NotPortable("format whose pattern does not use its values", "one %s for each value")
    return f"format({', '.join([text(''.join(parts)), *used])})"


def _braced(literal: str) -> str:
    return literal.replace("{", "{{").replace("}", "}}")


helper(
    "finite_text(x)",
    "case when x is null then null when not isfinite(x) then unportable('format of an infinite number') "
    "when abs(x) >= 1e15 or abs(x) < 1e-6 and x < 0 then unportable('format of a number of this size') "
    "else cast(x as varchar) end",
)
helper(
    "grouped(s)",
    "case when starts_with(s, '-') then '-' else '' end "
    "|| format('{:,}', cast(split_part(ltrim(s, '-'), '.', 1) as hugeint)) "
    "|| case when contains(s, '.') then '.' || split_part(s, '.', 2) else '' end",
)


@gap("format('%x', i)", "format('%s', x)")
def _directive(found: re.Match[str], value: Arg) -> tuple[str, str]:
    """The placeholder is `{}`; a NULL is the word null, padded and cut as Java does it."""
    flags, width, digits, kind = found[2], found[3] or "", found[4] or "", found[5]
    if kind == "s" and not (flags or width or digits) and value.type.name in (*INTEGERS, "varchar", "boolean", "date"):
        shown, null = cast(value, value.type, VARCHAR), "null"
    elif kind == "d" and value.type.name in INTEGERS and flags in ("", ",", "0") and not (flags == "," and width):
        spec = {"": f":{width}d", ",": ":,", "0": f":0{width}d"}[flags]
        shown, null = f"format('{{{spec}}}', cast({value} as bigint))", "null".rjust(int(width or 0))
    elif kind == "f" and flags in ("", ",") and not width and value.type.name in ("decimal", "double"):
        scale = int((digits or ".6")[1:])
        written = f"athena_finite_text({value})" if value.type.name == "double" else str(value)
        shown, null = f"cast(cast({written} as decimal(38,{scale})) as varchar)", "null"[:scale]
        if flags:
            shown = f"athena_grouped({shown})"
    else:
        raise NotPortable(f"format with {found[0]} of {value.type} is not portable yet", "cast(round(x, 2) as varchar)")
    return "{}", f"coalesce({shown}, {text(null)})"


refuse("soundex", "DuckDB has none")
refuse("format_number", "DuckDB has none", "round(x, 2)")
refuse("luhn_check", "DuckDB has none", "a list of the valid numbers that is joined")
refuse("word_stem", "DuckDB has none", "a table of stems that is joined")
