"""Regular expressions: Joni's on Athena. RE2, DuckDB's own, does what it does alike; the rest are row functions.

A constant pattern that means the same to RE2 stays with it, but for strings that it reads otherwise: word boundaries
beyond ASCII, `$` before a newline, letters that are alike to several letters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from transforms.dialect import joni
from transforms.dialect.errors import Invalid, NotPortable
from transforms.dialect.joni import Pattern
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import Arg, Invocation, family, rule, rule_of_call
from transforms.dialect.types import text

family("Regular expressions")

_REPLACED = re.compile(r"\\(?P<plain>.)|\$(?:(?P<number>\d+)|\{(?P<name>[A-Za-z]\w*)\}?)|(?P<bad>[\\$])|[^\\$]+", re.S)


def _read(pattern: str) -> Pattern:
    try:
        return joni.read(pattern)
    except NotPortable as problem:
        raise ValueError(problem.why) from None


@row_by_row("regexp_test(varchar, varchar) -> boolean")
def test(s: str, pattern: str) -> bool:
    """regexp_like."""
    return _read(pattern).compiled.search(s) is not None


@row_by_row("regexp_find(varchar, varchar, bigint) -> varchar")
def find(s: str, pattern: str, group: int) -> str | None:
    """regexp_extract."""
    read = _with_group(pattern, group)
    found = read.compiled.search(s)
    return None if found is None else found[group]


@row_by_row("regexp_all(varchar, varchar, bigint) -> varchar[]")
def find_all(s: str, pattern: str, group: int) -> list[str | None]:
    """regexp_extract_all."""
    return [found[group] for found in _with_group(pattern, group).compiled.finditer(s)]


def _with_group(pattern: str, group: int) -> Pattern:
    read = _read(pattern)
    if group < 0:
        raise ValueError("Group cannot be negative")
    if group > read.groups:
        raise ValueError(f"Pattern has {read.groups} groups. Cannot access group {group}")
    return read


@row_by_row("regexp_swap(varchar, varchar, varchar) -> varchar")
def swap(s: str, pattern: str, by: str) -> str:
    """regexp_replace. What is wrong with the replacement is told when something matches."""
    read = _read(pattern)
    parts: list[str | int | None] = []

    def replaced(found: re.Match[str]) -> str:
        if not parts:
            parts.extend(replacement(by, read) or [""])
        return "".join(part if isinstance(part, str) else found[part or 0] or "" for part in parts)

    return read.compiled.sub(replaced, s)


@lru_cache(maxsize=256)
def replacement(by: str, pattern: Pattern) -> list[str | int]:
    """Texts and numbers of groups. A number is as long as there are such groups; a backslash makes plain."""
    parts: list[str | int] = []
    for found in _REPLACED.finditer(by):
        if found["bad"] or (found["name"] and found["name"] not in pattern.compiled.groupindex):
            raise ValueError(f"Illegal replacement sequence: {by}")
        if found["number"]:
            digits, length = found["number"], 1
            while length < len(digits) and int(digits[: length + 1]) <= pattern.groups:
                length += 1
            if int(digits[:length]) > pattern.groups:
                raise ValueError(f"Illegal replacement sequence: unknown group {digits[:length]}")
            parts += [int(digits[:length]), digits[length:]]
        elif found["name"]:
            parts.append(pattern.compiled.groupindex[found["name"]])
        else:
            parts.append(found["plain"] or found[0])
    return [part for part in parts if part != ""]


@row_by_row("regexp_pieces(varchar, varchar) -> varchar[]")
def pieces(s: str, pattern: str) -> list[str]:
    """regexp_split."""
    out, end = [], 0
    for found in _read(pattern).compiled.finditer(s):
        out.append(s[end : found.start()])
        end = found.end()
    return [*out, s[end:]]


@row_by_row("regexp_groups(varchar, varchar) -> varchar[][]")
def groups_of_all(s: str, pattern: str) -> list[list[str | None]]:
    """The groups of every match."""
    return [list(found.groups()) for found in _read(pattern).compiled.finditer(s)]


@row_by_row("regexp_number(varchar, varchar) -> bigint")
def number(s: str, pattern: str) -> int:
    """regexp_count."""
    return sum(1 for _ in _read(pattern).compiled.finditer(s))


@row_by_row("regexp_place(varchar, varchar, bigint, bigint) -> integer")
def place(s: str, pattern: str, start: int, occurrence: int) -> int:
    """regexp_position: counted from 1, or -1."""
    if start < 1 or occurrence < 1:
        raise ValueError(f"{'start position' if start < 1 else 'occurrence'} cannot be smaller than 1")
    matches = _read(pattern).compiled.finditer(s, start - 1) if start <= len(s) else iter(())
    found = next(islice(matches, occurrence - 1, None), None)
    return -1 if found is None else found.start() + 1


def _known(s: Arg, p: Arg) -> Pattern | None:
    """A constant pattern; None if it varies by row, or if nothing is looked for."""
    return None if p.constant is None or s.is_null else joni.read(p.constant)


def _by_re2(s: Arg, pattern: Pattern, native: str, by_rows: str) -> str:
    """RE2 where it means the same: `native` has `{p}` for the pattern in its words."""
    if pattern.re2 is None:
        return by_rows
    native = native.replace("{p}", text(pattern.re2))
    apart = [
        *(["strlen({s}) <> length({s})"] if pattern.has_boundary else []),
        *(["ends_with({s}, chr(10))"] if pattern.has_end else []),
        *([f"regexp_matches({{s}}, {text(joni.FOLDED)})"] if pattern.ignores_case else []),
    ]
    if not apart:
        return native
    return f"case when {' or '.join(apart).replace('{s}', s)} then {by_rows} else {native} end"


@rule("regexp_like(varchar, varchar) -> boolean")
def regexp_like(s: Arg, p: Arg) -> str:
    """Anywhere in the string."""
    by_rows, pattern = f"athena_regexp_test({s}, {p})", _known(s, p)
    return by_rows if pattern is None else _by_re2(s, pattern, f"regexp_matches({s}, {{p}})", by_rows)


@rule("regexp_extract(varchar, varchar) -> varchar", "regexp_extract(varchar, varchar, bigint) -> varchar")
def regexp_extract(s: Arg, p: Arg, group: Arg | None = None) -> str:
    """NULL without a match, and for a group that took no part in it."""
    by_rows, pattern = f"athena_regexp_find({s}, {p}, {group or 0})", _known(s, p)
    which = _group(pattern, group)
    if pattern is None or which is None or (which and pattern.has_optional_group):
        return by_rows
    found = f"case when regexp_matches({s}, {{p}}) then regexp_extract({s}, {{p}}, {which}) end"
    return _by_re2(s, pattern, found, by_rows)


def _group(pattern: Pattern | None, group: Arg | None) -> int | None:
    """The number of a group that is known; one that the pattern has not is invalid."""
    which = 0 if group is None else group.number
    if pattern is not None and which is not None and not 0 <= which <= pattern.groups:
        raise Invalid(f"the pattern has no group {which}", f"a group from 0 to {pattern.groups}")
    return which


@rule(
    "regexp_extract_all(varchar, varchar) -> array(varchar)",
    "regexp_extract_all(varchar, varchar, bigint) -> array(varchar)",
)
def regexp_extract_all(s: Arg, p: Arg, group: Arg | None = None) -> str:
    """All matches, in order."""
    by_rows, pattern = f"athena_regexp_all({s}, {p}, {group or 0})", _known(s, p)
    which = _group(pattern, group)
    if pattern is None or which is None or pattern.matches_nothing or (which and pattern.has_optional_group):
        return by_rows
    return _by_re2(s, pattern, f"regexp_extract_all({s}, {{p}}, {which})", by_rows)


@rule("regexp_replace(varchar, varchar) -> varchar", "regexp_replace(varchar, varchar, varchar) -> varchar")
def regexp_replace(s: Arg, p: Arg, by: Arg | None = None) -> str:
    r"""Every match; $1 is written \1 for RE2, and what is plain there is doubled."""
    by_rows, pattern = f"athena_regexp_swap({s}, {p}, {by or text('')})", _known(s, p)
    given = "" if by is None else by.constant
    if pattern is None or given is None:
        return by_rows
    try:
        parts = replacement(given, pattern)
    except ValueError:
        return by_rows
    if pattern.matches_nothing or any(part for part in parts if isinstance(part, int) and part > 9):
        return by_rows
    written = "".join(f"\\{part}" if isinstance(part, int) else part.replace("\\", "\\\\") for part in parts)
    return _by_re2(s, pattern, f"regexp_replace({s}, {{p}}, {text(written)}, 'g')", by_rows)


@rule_of_call("regexp_replace(varchar, varchar, function(array(varchar),varchar)) -> varchar")
def regexp_replace_by(call: Invocation) -> str:
    """Every match becomes what the lambda makes of its groups; NULL counts as empty."""
    s, p, function = call.args
    _known(s, p)
    made = f"list_transform(athena_regexp_groups({s}, {p}), lambda groups: coalesce({function.applied('groups')}, ''))"
    zipped = f"list_zip(athena_regexp_pieces({s}, {p}), {made})"
    joined = f"array_to_string(list_transform({zipped}, lambda pair: pair[1] || coalesce(pair[2], '')), '')"
    return f"case when {s} is not null and {p} is not null then {joined} end"


@rule("regexp_split(varchar, varchar) -> array(varchar)")
def regexp_split(s: Arg, p: Arg) -> str:
    """The pieces between the matches."""
    by_rows, pattern = f"athena_regexp_pieces({s}, {p})", _known(s, p)
    if pattern is None or pattern.matches_nothing:
        return by_rows
    return _by_re2(s, pattern, f"regexp_split_to_array({s}, {{p}})", by_rows)


@rule("regexp_count(varchar, varchar) -> bigint")
def regexp_count(s: Arg, p: Arg) -> str:
    """How many matches."""
    by_rows, pattern = f"athena_regexp_number({s}, {p})", _known(s, p)
    if pattern is None or pattern.matches_nothing:
        return by_rows
    return _by_re2(s, pattern, f"cast(len(regexp_extract_all({s}, {{p}})) as bigint)", by_rows)


@rule(
    "regexp_position(varchar, varchar) -> integer",
    "regexp_position(varchar, varchar, integer) -> integer",
    "regexp_position(varchar, varchar, integer, integer) -> integer",
)
def regexp_position(s: Arg, p: Arg, start: Arg | None = None, occurrence: Arg | None = None) -> str:
    """Where the match begins, counted from 1; -1 without one."""
    _known(s, p)
    return f"athena_regexp_place({s}, {p}, {start or 1}, {occurrence or 1})"
