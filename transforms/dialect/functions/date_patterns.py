"""date_format, date_parse, format_datetime and parse_datetime: a constant pattern becomes DuckDB's own functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from transforms.dialect.errors import NotPortable
from transforms.dialect.functions.date_reading import instant_read, stamp_read
from transforms.dialect.functions.dates import clock
from transforms.dialect.functions.pattern_pieces import BadPattern, Piece, joda, mysql
from transforms.dialect.macros import failing
from transforms.dialect.moments import digits_of, rounded
from transforms.dialect.rules import Arg, Invocation, family, rule_of_call
from transforms.dialect.types import duckdb_type, text
from transforms.dialect.zoned import fixed, known
from transforms.gaps import gap
from transforms.lake_types import TIMESTAMP

family("Dates and times")

_WORDS = {
    **{("y", 2): "%y", ("y", 4): "%Y", ("x", 4): "%G", ("M", 1): "%-m", ("M", 2): "%m", ("M", 3): "%b", ("M", 4): "%B"},
    **{("d", 1): "%-d", ("d", 2): "%d", ("H", 1): "%-H", ("H", 2): "%H", ("h", 1): "%-I", ("h", 2): "%I"},
    **{("m", 1): "%-M", ("m", 2): "%M", ("s", 1): "%-S", ("s", 2): "%S", ("S", 3): "%g", ("a", 1): "%p"},
    **{("E", 3): "%a", ("E", 4): "%A", ("e", 1): "%u", ("D", 1): "%-j", ("D", 3): "%j", ("w", 2): "%V"},
}
"""strftime's words for a letter so many times."""
_FIELDS = {
    **{"C": "year({t}) // 100", "y": "year({t})", "x": "isoyear({t})", "M": "month({t})", "w": "weekofyear({t})"},
    **{"D": "dayofyear({t})", "d": "day({t})", "e": "isodow({t})", "H": "hour({t})", "K": "hour({t}) % 12"},
    **{"h": "(hour({t}) + 11) % 12 + 1", "k": "(hour({t}) + 23) % 24 + 1", "m": "minute({t})", "s": "second({t})"},
}


@gap("date_format(t, s)", "date_parse(s, s)", "format_datetime(t, s)", "parse_datetime(s, s)")
def _pieces(call: Invocation, read: Callable[[str], tuple[Piece, ...]]) -> tuple[Piece, ...]:
    pattern = call.args[1].constant
    if pattern is None:
        raise NotPortable("a date pattern that varies by row", "a constant pattern")
    return read(pattern)


def _with_pattern(write: Callable[[Invocation], str]) -> Callable[[Invocation], str]:
    """A pattern that no value can use is an error of the rows that use it, which NULL does not."""

    @wraps(write)
    def written(call: Invocation) -> str:
        try:
            return write(call)
        except BadPattern as bad:
            failure = failing(f"fail({text(str(bad))})")
            return f"cast(case when {call.args[0]} is not null then {failure} end as {duckdb_type(call.type)})"

    return written


@rule_of_call("date_format(timestamp|timestamp with time zone, varchar) -> varchar")
@_with_pattern
def date_format(call: Invocation) -> str:
    """MySQL's letters: %i are minutes, %M is the month's name."""
    return _written(call.args[0], _pieces(call, mysql))


@rule_of_call("format_datetime(timestamp|timestamp with time zone, varchar) -> varchar")
@_with_pattern
def format_datetime(call: Invocation) -> str:
    """Java's letters: mm are minutes, MM is the month."""
    pieces = _pieces(call, joda)
    if call.args[0].type.name == "timestamp" and any(piece.letter in ("z", "Z") for piece in pieces):
        raise BadPattern("format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format")
    return _written(call.args[0], pieces)


def _written(x: Arg, pieces: tuple[Piece, ...]) -> str:
    """strftime where it has words, joined with what it has none for; both in milliseconds."""
    shown = clock(x)
    if digits_of(x.type) > 3:
        shown = rounded(shown, TIMESTAMP)
    parts: list[str] = []
    words = ""
    for piece in pieces:
        word = piece.text.replace("%", "%%") if not piece.letter else _word(piece)
        if word is not None:
            words += word
            continue
        if words:
            parts.append(f"strftime({shown}, {text(words)})")
            words = ""
        parts.append(_expression(piece, shown, x))
    if words or not parts:
        parts.append(f"strftime({shown}, {text(words)})")
    whole = parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"
    return whole if str(x) in whole else f"case when {x} is not null then {whole} end"


def _word(piece: Piece) -> str | None:
    letter, width = "y" if piece.letter == "Y" else piece.letter, piece.width
    if letter == "E":
        width = max(3, min(width, 4))
    if letter == "M" and width > 4:
        width = 4
    if letter == "a":
        width = 1
    if letter == "S" and width > 3:
        return "%g" + "0" * (width - 3)
    return _WORDS.get((letter, width))


def _expression(piece: Piece, shown: str, x: Arg) -> str:
    letter, width = "y" if piece.letter == "Y" else piece.letter, piece.width
    if letter == "G":
        return f"case when year({shown}) > 0 then 'AD' when year({shown}) <= 0 then 'BC' end"
    if letter == "S":
        return f"left(strftime({shown}, '%g'), {width})"
    if letter in ("z", "Z"):
        return _zone(piece, shown, x)
    value = _FIELDS[letter].format(t=shown)
    if letter in ("y", "x") and width == 2:
        return f"printf('%02d', abs({value}) % 100)"
    return f"printf('%0{width}d', {value})"


@gap("format_datetime(z, 'z')", "format_datetime(z, 'zzzz')")
def _zone(piece: Piece, shown: str, x: Arg) -> str:
    if piece.letter == "Z" and piece.width > 2:
        return text(known(x.zone))
    if piece.letter == "Z":
        minutes = f"((epoch_us({shown}) - epoch_us({x})) // 60000000)"
        mark = ":" if piece.width == 2 else ""
        return (
            f"(case when {minutes} < 0 then '-' else '+' end "
            f"|| printf('%02d{mark}%02d', abs({minutes}) // 60, abs({minutes}) % 60))"
        )
    if piece.width < 4 and fixed(known(x.zone)):
        return text(known(x.zone))
    raise NotPortable("the name of a time zone in a date pattern is not portable yet", "ZZ, the distance from UTC")


@rule_of_call("date_parse(varchar, varchar) -> timestamp")
@_with_pattern
def date_parse(call: Invocation) -> str:
    """What is missing is taken from 1970-01-01, or from 2000 where a month or a day is given."""
    return stamp_read(call.args[0], _pieces(call, mysql), exact_years=call.args[1].constant != "%Y-%m-%d")


@rule_of_call("parse_datetime(varchar, varchar) -> timestamp with time zone")
@_with_pattern
def parse_datetime(call: Invocation) -> str:
    """In UTC, or in the zone that the text names."""
    return instant_read(call.args[0], _pieces(call, joda), call.zone)
