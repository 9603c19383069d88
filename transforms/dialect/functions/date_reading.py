"""Texts read by a pattern of dates: in the full width of the pattern by strptime, others taken apart."""

from __future__ import annotations

import re

from transforms.dialect.errors import NotPortable
from transforms.dialect.functions.pattern_pieces import Piece
from transforms.dialect.rules import Arg, helper
from transforms.dialect.types import text
from transforms.dialect.zoned import instant
from transforms.gaps import gap

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_TWO_DIGITS = {
    "M": "1[0-2]|0?[1-9]",
    "d": "3[01]|[12][0-9]|0?[1-9]",
    "H": "2[0-3]|[01]?[0-9]",
    "w": "5[0-3]|[0-4]?[0-9]",
}
_TWO_DIGITS |= {"h": "1[0-2]|0?[1-9]", "K": "1[01]|0?[0-9]", "k": "2[0-4]|1[0-9]|0?[1-9]"}
_TWO_DIGITS |= dict.fromkeys("ms", "[0-5]?[0-9]")
_STRICT = {("y", 4): "%Y", ("M", 2): "%m", ("d", 2): "%d", ("H", 2): "%H", ("m", 2): "%M", ("s", 2): "%S"}
_OFFSET = r"[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?"
_KNOWN = frozenset("yYxMwDdeEaHKhkmsSZG")
helper("read_part(s, pattern, n)", "try_cast(regexp_extract(s, pattern, n) as bigint)")
helper(
    "read_year(t)",
    "case when regexp_full_match(t, '[0-9]{2}') then (try_cast(t as bigint) + 30) % 100 + 1970 "
    "else try_cast(t as bigint) end",
)
"""Two digits mean a year from 1970 to 2069."""
helper("read_month(t)", f"list_position({[name[:3] for name in _MONTHS]}, lower(left(t, 3)))")
helper("read_weekday(t)", f"list_position({[name[:3] for name in _DAYS]}, lower(left(t, 3)))")
helper("on_weekday(d, n)", "d + cast(n - isodow(d) as integer)")
helper("read_ms(t)", "try_cast(rpad(left(t, 3), 3, '0') as bigint)")
helper("must_read(s, v)", "case when s is null or v is not null then v else fail('Invalid format', s) end")
helper("on_day(d, us)", "make_timestamp(epoch_us(d) + us)")


def stamp_read(s: Arg, pieces: tuple[Piece, ...], *, exact_years: bool = True) -> str:
    """The timestamp that the text means; an error if it is none."""
    return f"athena_must_read({s}, {_stamp(s, pieces, exact_years, True)})"


def instant_read(s: Arg, pieces: tuple[Piece, ...], zone: str | None) -> str:
    """The same for a text whose zone is UTC, or a distance from it; nothing but UTC if the query takes it for that."""
    clock = f"athena_must_read({s}, {_stamp(s, pieces, False, False)})"
    if not any(piece.letter == "Z" for piece in pieces):
        return instant(clock, "UTC")
    pattern, groups = _pattern(pieces, False, False)
    ahead = f"athena_offset_us({_part(s, pattern, groups['Z'])})"
    found = f"make_timestamptz(epoch_us({clock}) - {ahead})"
    return f"athena_utc_only({found}, {ahead})" if zone == "UTC" else found


def _stamp(s: str, pieces: tuple[Piece, ...], exact_years: bool, of_mysql: bool) -> str:
    pattern, groups = _pattern(pieces, exact_years, of_mysql)
    slow = f"athena_on_day({_day(s, pattern, groups)}, {_micros(s, pattern, groups)})"
    strict = _strict(pieces)
    if strict is None:
        return slow
    form, words = strict
    return f"case when regexp_full_match({s}, {text(form)}) then try_strptime({s}, {text(words)}) else {slow} end"


def _strict(pieces: tuple[Piece, ...]) -> tuple[str, str] | None:
    """The form of texts in full width, and strptime's words for them; None for a pattern with anything else."""
    form = words = ""
    for piece in pieces:
        if not piece.letter:
            form += _escaped(piece.text)
            words += piece.text.replace("%", "%%")
        elif (piece.letter, piece.width) in _STRICT:
            form += f"[0-9]{{{piece.width}}}"
            words += _STRICT[piece.letter, piece.width]
        else:
            return None
    return (form, words) if {"y", "M", "d"} <= {piece.letter for piece in pieces} else None


def _escaped(literal: str) -> str:
    return re.sub(r"([\\.^$|()\[\]{}*+?])", r"\\\1", literal)


@gap("parse_datetime(s, 'z')", "parse_datetime(s, 'ZZZ')")
def _pattern(pieces: tuple[Piece, ...], exact_years: bool, of_mysql: bool) -> tuple[str, dict[str, int]]:
    """A regular expression, and the group of each letter; of a letter that comes twice, the last."""
    pattern, groups, count = "", {}, 0
    for index, piece in enumerate(pieces):
        if not piece.letter:
            pattern += _escaped(piece.text)
            continue
        if piece.letter not in _KNOWN or (piece.letter == "Z" and piece.width > 2):
            raise NotPortable(
                f"a date pattern that reads {piece.letter * piece.width} is not portable yet",
                "yyyy, MM, dd, HH, mm, ss",
            )
        follows = index + 1 < len(pieces) and pieces[index + 1].number
        count += 1
        groups[_group(piece)] = count
        pattern += f"({_form(piece, follows, exact_years, of_mysql)})"
    return f"(?i)^{pattern}$", groups


def _group(piece: Piece) -> str:
    """Under which name the group of a piece is kept: MM is the name of a month, yy and xx are years of two digits."""
    if _named(piece):
        return "MM"
    letter = "y" if piece.letter == "Y" else piece.letter
    return letter * 2 if letter in "yx" and piece.width == 2 else letter


def _named(piece: Piece) -> bool:
    return piece.letter == "M" and piece.width > 2


def _form(piece: Piece, follows: bool, exact_years: bool, of_mysql: bool) -> str:
    """What a piece can look like; digits that are followed by digits have their full width."""
    letter, width = piece.letter, piece.width
    if letter in ("y", "Y", "x"):
        if width == 2 and (of_mysql or follows):
            return "[0-9]{2}"
        most = width if follows else 4 if of_mysql and exact_years else 9
        return f"[+-]?[0-9]{{{most if follows else 1},{most}}}"
    if _named(piece):
        return "|".join(f"{name}|{name[:3]}" for name in _MONTHS)
    if letter == "E":
        return "|".join(f"{name}|{name[:3]}" for name in _DAYS)
    if letter == "S":
        return f"[0-9]{{1,{9 if of_mysql else width}}}"
    if letter == "D":
        return "[0-9]{3}" if follows else "[0-9]{1,3}"
    fixed = {"a": "am|pm", "e": "[1-7]", "G": "ad|bc|ce|bce", "Z": _OFFSET}.get(letter)
    if fixed is not None:
        return fixed
    form = _TWO_DIGITS[letter]
    return form.replace("?", "") if follows else form


def _part(s: str, pattern: str, group: int) -> str:
    return f"regexp_extract({s}, {text(pattern)}, {group})"


def _number(s: str, pattern: str, groups: dict[str, int], letter: str, otherwise: str) -> str:
    if letter not in groups:
        return otherwise
    return f"athena_read_part({s}, {text(pattern)}, {groups[letter]})"


def _year(s: str, pattern: str, groups: dict[str, int], letter: str, otherwise: str) -> str:
    if letter * 2 in groups:
        return f"athena_read_year({_part(s, pattern, groups[letter * 2])})"
    return _number(s, pattern, groups, letter, otherwise)


@gap("date_parse(s, '%Y-%v')", "date_parse(s, '%x')", "date_parse(s, '%m %j')")
def _day(s: str, pattern: str, groups: dict[str, int]) -> str:
    """The date; without a year it is 2000 where a smaller part of a date is given, else 1970."""
    some = {"M", "MM", "w", "D", "d", "e", "E"} & groups.keys()
    year = _year(s, pattern, groups, "y", "2000" if some else "1970")
    weeks = {"w", "e", "x", "xx"} & groups.keys()
    years_alone = {"x", "xx"} & groups.keys() and "w" not in groups
    if years_alone or (weeks and {"y", "yy", "M", "MM", "D", "d"} & groups.keys()):
        raise NotPortable("a week beside a year, month or day is not portable yet", "xxxx-'W'ww-e")
    if "D" in groups and {"M", "MM", "d"} & groups.keys():
        raise NotPortable("a day of the year beside a month is not portable yet", "yyyy-DDD")
    if weeks:
        year = _year(s, pattern, groups, "x", "2000")
        week = _number(s, pattern, groups, "w", "1")
        return f"athena_iso_week_day({year}, {week}, {_number(s, pattern, groups, 'e', '1')})"
    if "D" in groups:
        return f"athena_iso_year_day({year}, {_number(s, pattern, groups, 'D', '1')})"
    month = _number(s, pattern, groups, "M", "1")
    if "MM" in groups:
        month = f"athena_read_month({_part(s, pattern, groups['MM'])})"
    day = f"athena_iso_date_of({year}, {month}, {_number(s, pattern, groups, 'd', '1')})"
    if "E" in groups:
        day = f"athena_on_weekday({day}, athena_read_weekday({_part(s, pattern, groups['E'])}))"
    return day


@gap("date_parse(s, '%H %h')")
def _micros(s: str, pattern: str, groups: dict[str, int]) -> str:
    """The time of the day, NULL if the text does not match."""
    halves = {"h", "K"} & groups.keys()
    if halves and {"H", "k"} & groups.keys():
        raise NotPortable(
            "a date pattern with hours of 24 and of 12 (HH and hh) is not portable yet",
            "one: HH, or hh with a (AM or PM)",
        )
    hour = "0"
    for letter in ("H", "k", "K", "h"):
        if letter in groups:
            hour = _number(s, pattern, groups, letter, "0")
            hour = f"{hour} % {24 if letter == 'k' else 12}" if letter in "kh" else hour
    if "a" in groups and not {"H", "k"} & groups.keys():
        hour = f"{hour} + case when lower({_part(s, pattern, groups['a'])}) = 'pm' then 12 else 0 end"
    minute, second = (_number(s, pattern, groups, letter, "0") for letter in "ms")
    parts = f"(cast({hour} as bigint) * 3600 + {minute} * 60 + {second}) * 1000"
    if "S" in groups:
        parts += f" + athena_read_ms({_part(s, pattern, groups['S'])})"
    return f"case when regexp_matches({s}, {text(pattern)}) then ({parts}) * 1000 end"
