"""Which of Athena's functions a random expression may call, and with which constants."""

from __future__ import annotations

from functools import cache
from random import Random

from transforms.analyzer.coercion import comparable, orderable
from transforms.analyzer.signatures import Pattern, Signature, functions
from transforms.lake_types import DATE, DOUBLE, VARCHAR, Type, array, decimal, map_of

BIGINT = Type("bigint")
ZONED = Type("timestamp with time zone", (3,))
SIMPLE = (BIGINT, VARCHAR, DOUBLE, DATE, Type("integer"), Type("boolean"))
"""What a variable of a signature stands for when nothing else says it."""
_HELD = frozenset(
    (
        *("boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal", "varchar", "varbinary"),
        *("date", "timestamp", "timestamp with time zone", "array", "map", "function"),
    )
)
_OTHERWISE = frozenset(
    (
        *("rand", "random", "shuffle", "uuid", "now", "current_date", "current_timezone", "murmur3", "combinations"),
        *("empty_approx_set", "concat", "typeof", "format_number", "sequence", "repeat", "from_unixtime_nanos"),
        *("from_iso8601_timestamp_nanos", "to_iso8601", "parse_datetime", "ngrams", "inverse_beta_cdf", "word_stem"),
        *("array_histogram", "great_circle_distance"),
    )
)
"""Without a fixed answer or a fixed order of entries, too large, or with forms of their own."""
_ROUNDED = frozenset(
    (
        *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
        *("exp", "ln", "log", "log2", "log10", "pow", "power", "cbrt"),
    )
)
"""Java leaves their last digit to the machine: none is drawn inside of another, as `cast(sin(x) as varchar)` is."""
_DEMANDS = {"orderable": orderable, "comparable": comparable}
_UNITS = tuple(f"'{unit}'" for unit in ("second", "minute", "hour", "day", "week", "month", "quarter", "year"))
_SMALL = ("0", "1", "2", "3", "-1", "5")
_SIZES = ("0", "1", "3", "7", "12")
_PATTERNS = tuple(
    f"'{regex}'" for regex in ("a", "[a-z]+", "(\\d+)", "^.", "\\s", "b|c", "(a)(b)?", "[^a-c ]{2}", "x*")
)
_ZONES = ("'UTC'", "'Asia/Tokyo'", "'America/New_York'", "'+05:30'")
_SEPARATORS = ("','", "' '", "'a'", "'語'", "'ab'")
_JSON = ("""'{"a": 1, "b": [1, 2, null], "c": {"d": "x"}}'""", "'[1, \"2\", true]'", "'null'", "'x'", "'{}'")
_PATHS = ("'$.a'", "'$.b[1]'", "'$.c.d'", "'$[0]'", "'$.b'", "'$'")
_FORMATS = ("'%Y-%m-%d'", "'%H:%i:%s'", "'%y/%c/%e'", "'%a %b %d'", "'%j'", "'%T'", "'%Y%m'")
_JAVA = ("'yyyy-MM-dd'", "'HH:mm:ss'", "'yyyy/M/d'", "'yyyyMM'", "'EEE d MMM'")
_URLS = ("'https://u@x.example:8080/p/a?q=1&r=%20#f'", "'/p?q'", "'http://x/'", "'mailto:a@b'", "''")
_CONSTANTS: dict[str, dict[int, tuple[str, ...]]] = {
    "date_trunc": {0: _UNITS},
    "date_add": {0: _UNITS, 1: ("0", "1", "-1", "13", "-30", "400")},
    "date_diff": {0: _UNITS},
    "lpad": {1: _SIZES, 2: ("'x'", "'語'", "'ab'")},
    "rpad": {1: _SIZES, 2: ("'x'", "'語'", "'ab'")},
    "chr": {0: ("65", "0", "128512", "26085")},
    "split_part": {1: _SEPARATORS, 2: ("1", "2", "3", "5")},
    "split": {1: _SEPARATORS, 2: ("1", "2", "3")},
    "split_to_map": {0: ("'a=1,b=2'", "''", "'a=1'", "'a=1,a=2'"), 1: ("','",), 2: ("'='",)},
    "split_to_multimap": {0: ("'a=1,b=2,a=3'", "''"), 1: ("','",), 2: ("'='",)},
    **{f"regexp_{what}": {1: _PATTERNS} for what in ("like", "count", "split")},
    "regexp_extract": {1: _PATTERNS, 2: ("0", "1")},
    "regexp_extract_all": {1: _PATTERNS, 2: ("0", "1")},
    "regexp_position": {1: _PATTERNS, 2: ("1", "2"), 3: ("1", "2")},
    "regexp_replace": {1: _PATTERNS, 2: ("''", "'<$0>'", "'-'")},
    **{f"json_{what}": {0: _JSON, 1: _PATHS} for what in ("extract_scalar", "extract", "size")},
    "json_array_length": {0: _JSON},
    "json_array_get": {0: _JSON, 1: _SMALL},
    "json_array_contains": {0: _JSON},
    "json_parse": {0: _JSON},
    "date_format": {1: _FORMATS},
    "format_datetime": {1: _JAVA},
    "date_parse": {0: ("'2024-02-29'", "'2023-13-01'", "'x'"), 1: ("'%Y-%m-%d'",)},
    "from_base": {0: ("'ff'", "'10'", "'-7'", "'zz'"), 1: ("2", "10", "16", "36")},
    "to_base": {1: ("2", "10", "16", "36")},
    **{f"bitwise_{side}_shift": {1: _SMALL} for side in ("left", "right")},
    "bitwise_right_shift_arithmetic": {1: _SMALL},
    "round": {1: ("0", "1", "2", "-1")},
    "truncate": {1: ("0", "1", "2", "-1")},
    "slice": {1: ("1", "2", "-1", "-2"), 2: ("0", "1", "2", "5")},
    "trim_array": {1: ("0", "1", "2")},
    "element_at": {1: ("1", "2", "-1", "5")},
    "at_timezone": {1: _ZONES},
    "with_timezone": {1: _ZONES},
    "from_unixtime": {0: ("1709200000", "0", "-1.5e0", "1.7e9"), 1: _ZONES, 2: ("0", "30")},
    **{f"url_extract_{part}": {0: _URLS, 1: ("'q'", "'r'", "'z'")} for part in ("host", "path", "port", "protocol")},
    **{f"url_extract_{part}": {0: _URLS, 1: ("'q'", "'r'", "'z'")} for part in ("query", "fragment", "parameter")},
    "url_decode": {0: ("'a%20b'", "'%E8%AA%9E'", "'a+b'")},
    "array_join": {1: _SEPARATORS, 2: ("'-'", "''")},
    "concat_ws": {0: _SEPARATORS},
    "from_iso8601_date": {0: ("'2024-02-29'", "'2024-060'", "'x'", "'2024-W09-4'")},
    "from_iso8601_timestamp": {0: ("'2024-02-29T10:11:12Z'", "'2024-02-29'", "'x'", "'2024-02-29T10:11+09:00'")},
    "substr": {1: ("1", "2", "-2", "0", "9"), 2: ("0", "1", "3")},
    "substring": {1: ("1", "2", "-2", "0", "9"), 2: ("0", "1", "3")},
    "strpos": {1: ("'a'", "'l'", "'語'"), 2: ("1", "2", "-1")},
    "translate": {1: ("'ab'", "'l語'"), 2: ("'xy'", "''")},
    "normalize": {1: ("NFC", "NFKC")},
    "width_bucket": {1: ("0e0",), 2: ("10e0",), 3: ("4",)},
    "from_hex": {0: ("'00ff'", "'E38182'", "''", "'x'")},
    "from_base64": {0: ("'AP8='", "'YQ=='", "''")},
    "from_base64url": {0: ("'AP8='", "''")},
    "from_base32": {0: ("'ME======'", "''")},
    "parse_data_size": {0: ("'1kB'", "'2.5MB'")},
    "parse_presto_data_size": {0: ("'1kB'", "'2.5MB'")},
    "human_readable_seconds": {0: ("0", "93784", "3600")},
    "codepoint": {0: ("'a'", "'語'", "'😀'")},
}


@cache
def callable_functions() -> tuple[Signature, ...]:
    """Every overload of a scalar function whose types a table of the lake holds, or a time zone."""
    return tuple(
        signature
        for name, overloads in functions().items()
        if name not in _OTHERWISE | _ROUNDED and not name.startswith(("st_", "bing_", "geometry"))
        for signature in overloads
        if signature.kind == "scalar" and all(map(_held, (*signature.parameters, signature.returns)))
    )


@cache
def rounded_functions() -> tuple[Signature, ...]:
    """Those that give doubles whose last digit may differ."""
    return tuple(signature for name in sorted(_ROUNDED) for signature in functions()[name])


def constants(signature: Signature, index: int) -> tuple[str, ...]:
    """What may stand for a parameter that cannot be any value; nothing for one that can."""
    pattern = signature.parameters[min(index, len(signature.parameters) - 1)]
    if pattern.generic or pattern.name in ("array", "map"):
        return ()
    texts = _CONSTANTS.get(signature.name, {}).get(index, ())
    of_a_date = any(parameter.name == "date" for parameter in signature.parameters)
    return texts[3:] if texts is _UNITS and of_a_date else texts


def returning(wanted: Type) -> list[tuple[Signature, dict[str, Type]]]:
    """The overloads whose value may have a type, with what their variables then stand for."""
    return _returning(wanted)


@cache
def _returning(wanted: Type) -> list[tuple[Signature, dict[str, Type]]]:
    found = []
    for signature in callable_functions():
        bound: dict[str, Type] = {}
        if _match(signature.returns, wanted, bound) and _met(signature, bound):
            found.append((signature, bound))
    return found


def concrete(pattern: Pattern, bound: dict[str, Type], random: Random) -> Type:
    """A type for a parameter; variables that are not bound yet become bound."""
    if pattern.variable:
        if pattern.name not in bound:
            bound[pattern.name] = random.choice(SIMPLE)
        return bound[pattern.name]
    parts = tuple(concrete(part, bound, random) for part in pattern.parts)
    if pattern.name == "decimal":
        return decimal(10, 2)
    if pattern.name.startswith("timestamp"):
        return Type(pattern.name, (3,))
    if pattern.name == "array":
        return array(parts[0])
    return map_of(*parts) if pattern.name == "map" else Type(pattern.name, (), parts)


def _held(pattern: Pattern) -> bool:
    return pattern.variable or (pattern.name in _HELD and all(map(_held, pattern.parts)))


def _met(signature: Signature, bound: dict[str, Type]) -> bool:
    if signature.demands is None or signature.demands[0] not in bound:
        return True
    return _DEMANDS[signature.demands[1]](bound[signature.demands[0]])


def _match(pattern: Pattern, wanted: Type, bound: dict[str, Type]) -> bool:
    if pattern.variable:
        return bound.setdefault(pattern.name, wanted) == wanted
    if pattern.name != wanted.name or pattern.name == "decimal":
        return False
    return all(_match(part, type_, bound) for part, type_ in zip(pattern.parts, wanted.parts, strict=True))
