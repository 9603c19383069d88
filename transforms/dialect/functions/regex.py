"""Regular expressions: Joni's on Athena, RE2 on DuckDB. Patterns must be constant and mean the same in both.

Where they differ only for some strings, a guard raises for those strings: `\\b` beyond ASCII, `$` before a newline.
"""

from __future__ import annotations

import re

from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Arg, family, helper, refuse, rule
from transforms.dialect.types import text
from transforms.gaps import gap

family("Regular expressions")

_ONLY_JAVA = re.compile(
    r"\(\?(?:[=!>(#P]|<[=!])|\\[1-9GRXhHvVkNceZ]|(?<!\\)[*+?}]\+|&&|\\p\{(?!L\}|Lu\}|Ll\}|N\}|Nd\}|P\})|\[[^\]]*\["
)
_MOST_REPEATS = 1000


@gap(
    "regexp_like('a', s)",
    "regexp_extract('a', s)",
    "regexp_extract_all('a', s)",
    "regexp_replace('a', s)",
    "regexp_split('a', s)",
    "regexp_count('a', s)",
    "regexp_like(s, '(?=a)b')",
    "regexp_like(s, '(?x)a')",
)
def pattern(arg: Arg) -> str:
    """The pattern in RE2's words; refused if it varies or has something that RE2 lacks."""
    java = arg.constant
    if java is None:
        raise NotPortable("a regular expression that varies by row", "a constant pattern")
    if _ONLY_JAVA.search(java):
        raise NotPortable(
            f"the regular expression {java!r} has a construct that DuckDB's engine lacks", "a simpler pattern"
        )
    _compiled(java)
    if re.search(r"\(\?[a-z]*[xudU]", java):
        raise NotPortable(
            f"the regular expression {java!r} has a flag that DuckDB's engine lacks", "(?i), (?s) or (?m)"
        )
    return text(_blanks(_named(java)))


@gap("regexp_like(s, 'a{1001}')")
def _compiled(java: str) -> re.Pattern[str]:
    """The pattern as Python reads it; refused where it does not, or where it counts further than RE2."""
    try:
        read = re.compile(_named(java))
    except (re.error, OverflowError) as error:
        raise NotPortable(f"the regular expression {java!r} cannot be read: {error}", "a pattern as Java's") from error
    if any(int(count) > _MOST_REPEATS for count in re.findall(r"\d+(?=,?\d*\})", java)):
        raise NotPortable(
            f"the regular expression {java!r} repeats more often than DuckDB's engine can",
            f"a count up to {_MOST_REPEATS}",
        )
    return read


helper(
    "ascii(s)",
    "case when strlen(s) = length(s) then s when s is not null then unportable('\\\\b beyond ASCII') end",
)
helper(
    "one_line(s)",
    "case when not ends_with(s, chr(10)) then s when s is not null then unportable('$ before a newline') end",
)


def subject(s: Arg, p: Arg) -> str:
    """The string, guarded where the pattern would mean something else on it."""
    java, guarded = p.constant or "", str(s)
    if re.search(r"(?<!\\)(\\\\)*\\[bB]", java):
        guarded = f"athena_ascii({guarded})"
    if re.search(r"(?<!\\)(\\\\)*\$", java):
        guarded = f"athena_one_line({guarded})"
    return guarded


@gap(r"regexp_like(s, '[\S,]')")
def _blanks(java: str) -> str:
    r"""\s holds the vertical tab, which RE2 leaves out."""
    out, inside, position = "", False, 0
    while position < len(java):
        piece = java[position : position + 2] if java[position] == "\\" else java[position]
        if piece == "\\S" and inside:
            raise NotPortable(f"the regular expression {java!r} has \\S in brackets", "[^..]")
        inside = piece == "[" or (inside and piece != "]")
        blank = r"\t-\r " if inside else r"[\t-\r ]"
        out += {"\\s": blank, "\\S": r"[^\t-\r ]"}.get(piece, piece)
        position += len(piece)
    return out


def _named(java: str) -> str:
    """Named groups in the words of RE2 and Python."""
    return re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", java)


def groups(arg: Arg) -> int:
    """How many groups the pattern captures."""
    return _compiled(arg.constant or "").groups


@rule("regexp_like(varchar, varchar) -> boolean")
def regexp_like(s: Arg, p: Arg) -> str:
    """Anywhere in the string."""
    return f"regexp_matches({subject(s, p)}, {pattern(p)})"


@rule("regexp_extract(varchar, varchar) -> varchar")
def regexp_extract(s: Arg, p: Arg) -> str:
    """NULL without a match."""
    found = pattern(p)
    return f"case when regexp_matches({subject(s, p)}, {found}) then regexp_extract({s}, {found}) end"


@rule("regexp_extract(varchar, varchar, bigint) -> varchar")
@gap("regexp_extract(s, '(a)', i)", "regexp_extract(s, '(a)|b', 1)")
def regexp_extract_group(s: Arg, p: Arg, group: Arg) -> str:
    """NULL without a match; a group that took no part is NULL too, which DuckDB cannot tell from an empty one."""
    found, number = pattern(p), group.number
    if number is None:
        raise NotPortable("a group that varies by row", "a constant group")
    if not 0 <= number <= groups(p):
        raise NotPortable(f"the pattern has no group {number}", f"a group from 0 to {groups(p)}")
    if number and re.search(r"\)[?*]|\)\{0|\|", p.constant or ""):
        raise NotPortable("a group that may take no part in the match", "a pattern without ( )? and |")
    return f"case when regexp_matches({subject(s, p)}, {found}) then regexp_extract({s}, {found}, {number}) end"


@rule("regexp_extract_all(varchar, varchar) -> array(varchar)")
def regexp_extract_all(s: Arg, p: Arg) -> str:
    """All matches, in order."""
    _never_empty(p)
    return f"regexp_extract_all({subject(s, p)}, {pattern(p)})"


@rule("regexp_extract_all(varchar, varchar, bigint) -> array(varchar)")
@gap("regexp_extract_all(s, '(a)|b', 1)")
def regexp_extract_all_group(s: Arg, p: Arg, group: Arg) -> str:
    """The group of all matches."""
    _never_empty(p)
    if group.number is None or not 0 <= group.number <= groups(p) or re.search(r"\)[?*]|\)\{0|\|", p.constant or ""):
        raise NotPortable("a group that may take no part in the match", "a pattern without ( )? and |")
    return f"regexp_extract_all({subject(s, p)}, {pattern(p)}, {group.number})"


@rule("regexp_replace(varchar, varchar) -> varchar")
def regexp_remove(s: Arg, p: Arg) -> str:
    """Every match is removed."""
    _never_empty(p)
    return f"regexp_replace({subject(s, p)}, {pattern(p)}, '', 'g')"


@rule("regexp_replace(varchar, varchar, varchar) -> varchar")
@gap("regexp_replace(s, 'a', s)", "regexp_replace(s, '(?<n>a)', '${n}')")
def regexp_replace(s: Arg, p: Arg, by: Arg) -> str:
    r"""Every match; $1 is written \1, a backslash makes the next character plain."""
    given = by.constant
    if given is None:
        raise NotPortable("a replacement that varies by row", "a constant replacement")
    _never_empty(p)
    out, position = [], 0
    while position < len(given):
        char, following = given[position], given[position + 1 : position + 2]
        if char == "\\" and following:
            out.append("\\\\" if following == "\\" else following)
            position += 2
        elif char == "$":
            if not following.isdigit() or int(following) > groups(p) or given[position + 2 : position + 3].isdigit():
                raise NotPortable(f"the replacement {given!r} is not portable", "$1 for a group that exists")
            out.append(f"\\{following}")
            position += 2
        else:
            out.append(char)
            position += 1
    return f"regexp_replace({subject(s, p)}, {pattern(p)}, {text(''.join(out))}, 'g')"


@gap("regexp_replace(s, 'a*', 'x')", "regexp_split(s, 'a*')", "regexp_count(s, 'a*')", "regexp_extract_all(s, 'a*')")
def _never_empty(p: Arg) -> None:
    if not p.constant or _compiled(p.constant).fullmatch(""):
        raise NotPortable("a pattern that matches the empty string", "+ in place of *")


@rule("regexp_split(varchar, varchar) -> array(varchar)")
def regexp_split(s: Arg, p: Arg) -> str:
    """The pieces between the matches."""
    _never_empty(p)
    return f"regexp_split_to_array({subject(s, p)}, {pattern(p)})"


@rule("regexp_count(varchar, varchar) -> bigint")
def regexp_count(s: Arg, p: Arg) -> str:
    """How many matches."""
    _never_empty(p)
    return f"cast(len(regexp_extract_all({subject(s, p)}, {pattern(p)})) as bigint)"


refuse("regexp_position", "DuckDB has none", "strpos for a fixed text")
