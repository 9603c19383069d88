"""Joni's regular expressions, in Java's syntax as on Athena, in the words of the `regex` module and of RE2.

Read once from left to right. What Joni rejects raises Invalid with its reason; what no engine here does the same raises
NotPortable. RE2, which is DuckDB's own, has no words for lookaround, references, possessive and nested forms.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache

import regex

from transforms.dialect.errors import Invalid, NotPortable
from transforms.gaps import gap

_SETS = {"w": "0-9A-Za-z_", "d": "0-9", "s": r"\t-\r\x20"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b"}
_POSIX = {
    "alpha": r"\p{Alphabetic}",
    "digit": r"\p{Nd}",
    "alnum": r"\p{Alphabetic}\p{Nd}",
    "upper": r"\p{Uppercase}",
    "lower": r"\p{Lowercase}",
    "space": r"\p{White_Space}",
    "blank": r"\p{Zs}\t",
    "cntrl": r"\p{Cc}",
    "punct": r"\p{P}",
    "xdigit": "0-9A-Fa-f",
    "word": r"\p{L}\p{M}\p{Nd}\p{Pc}",
    "ascii": r"\x00-\x7f",
}
_CATEGORIES = (
    *("L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe"),
    *("Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co"),
)
_LONG = {"letter": "L", "mark": "M", "number": "N", "punctuation": "P", "symbol": "S", "separator": "Z"}
_SCRIPTS = (
    *("arabic", "armenian", "bengali", "cyrillic", "devanagari", "georgian", "greek", "han", "hangul", "hebrew"),
    *("hiragana", "katakana", "latin", "tamil", "thai"),
)
_BLOCKS = (
    *("basiclatin", "cjkunifiedideographs", "cyrillic", "greek", "hangulsyllables", "hiragana", "katakana"),
    *("latin1supplement", "thai"),
)
_MOST_REPEATS = 100_000
_RE2_REPEATS = 1000
_PROBES = ("", "a", "aa", "a a", "-", "\n")
FOLDED = r"[ßŉǰΐΰևẖ-ẞὐ-ῼﬀ-ﬗ]"
"""Letters that are alike to several letters where case does not matter; RE2 knows only single ones."""


@dataclass(frozen=True)
class Pattern:
    """A pattern in the words of both engines; `re2` is None where RE2 has none."""

    python: str
    re2: str | None
    groups: int
    ignores_case: bool
    has_boundary: bool
    has_end: bool

    @property
    def compiled(self) -> re.Pattern[str]:
        """For strings in Python."""
        return _compiled(self.python)

    @property
    def matches_nothing(self) -> bool:
        """Whether it may match an empty string, after which engines go on differently."""
        return any(found.end() == found.start() for probe in _PROBES for found in self.compiled.finditer(probe))

    @property
    def has_optional_group(self) -> bool:
        """Whether a group may take no part in a match, which DuckDB cannot tell from an empty one."""
        return bool(self.groups) and bool(re.search(r"\)(?:[?*]|\{0)|\|", self.python))


@lru_cache(maxsize=256)
def _compiled(python: str) -> re.Pattern[str]:
    compiled: re.Pattern[str] = regex.compile(python, regex.VERSION1)  # of a class with the same methods
    return compiled


@lru_cache(maxsize=256)
def read(java: str) -> Pattern:
    """The pattern; Invalid for one that Athena rejects."""
    reader = _Reader(java)
    reader.alternatives(0, frozenset())
    if reader.references and max(reader.references) > reader.groups:
        raise reader.invalid("invalid backref number/name")
    if reader.ignores_case and re.search(FOLDED, java):
        raise reader.strange("a letter like several others where case does not matter")
    pattern = Pattern(
        "".join(reader.python),
        None if reader.re2_lacks else "".join(reader.re2),
        reader.groups,
        reader.ignores_case,
        reader.has_boundary,
        reader.has_end,
    )
    try:
        assert pattern.compiled
    except (regex.error, OverflowError) as error:
        raise NotPortable(f"the regular expression {java!r} is not portable: {error}", "a simpler pattern") from error
    return pattern


_FLAGS = re.compile(r"\(\?([imsx]*)(?:-([imsx]*))?([:)])")
_OPENING = re.compile(r"\((?:(?P<look>\?[=!>]|\?<[=!])|\?<(?P<name>[A-Za-z_]\w*)>|(?!\?))")
_REPEAT = re.compile(r"(?P<count>[*+?]|\{(?P<low>\d+)(?P<comma>,(?P<high>\d*))?\})(?P<how>[+?]?)")
_POSIX_BRACKET = re.compile(r"\[:(\^?)(\w+):\]")
_PROPERTY = re.compile(r"[pP](?:\{([A-Za-z0-9_]+)\}|([A-Za-z]))")
_CODE = re.compile(r"x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})")
_SET = re.compile(r"\\[wWdDsSpP]|\[:")
_OCTAL = re.compile(r"0[0-7]{0,2}")


class _Reader:
    """One pass over a pattern. `python` and `re2` grow together."""

    def __init__(self, java: str) -> None:
        self.java = java
        self.at = 0
        self.python: list[str] = []
        self.re2: list[str] = []
        self.re2_lacks = False
        self.groups = 0
        self.names: set[str] = set()
        self.references: list[int] = []
        self.last = "\0"
        self.start = 0
        self.ignores_case = self.has_boundary = self.has_end = False

    def invalid(self, why: str) -> Invalid:
        return Invalid(f"the regular expression {self.java!r} is invalid on Athena: {why}")

    @gap(
        *(rf"regexp_{each}(s, '\Ga')" for each in ("like", "extract", "extract_all", "split", "count", "position")),
        *(r"regexp_replace(s, '\Ga')", "regexp_like(s, '(?i)ß')", r"regexp_like(s, '\p{Mongolian}')"),
    )
    def strange(self, what: str) -> NotPortable:
        return NotPortable(f"the regular expression {self.java!r} is not portable: {what}", "a simpler pattern")

    def emit(self, python: str, re2: str | None = "") -> None:
        """`re2` is the same by default, None where RE2 lacks it."""
        self.python.append(python)
        self.re2_lacks = self.re2_lacks or re2 is None
        self.re2.append(re2 or python)

    def alternatives(self, depth: int, flags: frozenset[str]) -> None:
        """Up to a closing parenthesis or the end. A flag holds for all that follows, later alternatives too."""
        repeatable = False
        while self.at < len(self.java) and not (self.java[self.at] == ")" and depth):
            char = self.java[self.at]
            found = _FLAGS.match(self.java, self.at)
            if found is not None and found[3] == ")":
                self.at = found.end()
                self.flagged(found, depth, flags)
                return
            if self.skipped(char, flags):
                continue
            if char == "|":
                self.emit("|")
                self.at += 1
            elif repetition := _REPEAT.match(self.java, self.at):
                if not repeatable:
                    raise self.invalid("target of repeat operator is not specified")
                self.repeat(repetition)
            else:
                start = len(self.python)
                self.atom(char, depth, flags)
                self.start = start
            repeatable = char != "|"

    def skipped(self, char: str, flags: frozenset[str]) -> bool:
        """Comments, and white space under x."""
        start = self.at
        if self.java.startswith("(?#", start):
            self.at = self.java.find(")", start) + 1
            if not self.at:
                raise self.invalid("end pattern in group")
        elif "x" in flags and char == "#":
            self.at = self.java.find("\n", start) + 1 or len(self.java)
        elif "x" in flags and char in " \t\n\r\f\v":
            self.at += 1
        return self.at > start

    def flagged(self, found: re.Match[str], depth: int, flags: frozenset[str]) -> None:
        """What stands under `(?i)` or in `(?i:`, up to where it ends; x is resolved here."""
        on, off = frozenset(found[1]), frozenset(found[2] or "")
        self.ignores_case = self.ignores_case or "i" in on
        letters, others = "".join(sorted(on - {"x"})), "".join(sorted(off - {"x"}))
        known = f"(?{letters}{others and '-' + others}:"
        whole = "i" in on and not self.python  # only then does it compare letters with several letters
        self.emit(f"(?fi){known}" if whole else known, known)
        self.alternatives(depth, flags - off | on)
        self.emit(")")

    def repeat(self, found: re.Match[str]) -> None:
        self.at = found.end()
        counts = [int(count) for count in (found["low"], found["high"]) if count]
        if any(count > _MOST_REPEATS for count in counts):
            raise self.invalid("too big number for repeat range")
        if len(counts) == 2 and counts[0] > counts[1]:
            raise self.invalid("upper is smaller than lower in repeat range")
        count, how = found["count"], found["how"]
        self.emit(count + how, None if how == "+" or any(each > _RE2_REPEATS for each in counts) else "")
        if _REPEAT.match(self.java, self.at):  # a repetition is repeated as a whole
            for words in (self.python, self.re2):
                words.insert(self.start, "(?:")
            self.emit(")")

    def atom(self, char: str, depth: int, flags: frozenset[str]) -> None:
        """One thing that can be repeated."""
        if char == "(":
            self.group(depth, flags)
            return
        self.at += 1
        if char == "[":
            self.emit(*self.bracket())
        elif char == "\\":
            self.escape()
        elif char == ")":
            raise self.invalid("unmatched close parenthesis")
        elif char == "^":
            self.emit(r"(?:\A|(?<=\n)(?!\Z))", None) if "m" in flags else self.emit(r"\A")
        elif char in "$.":
            self.has_end = self.has_end or char == "$"
            self.emit(char)
        else:
            self.emit(_escaped(char))

    def group(self, depth: int, flags: frozenset[str]) -> None:
        flagged = _FLAGS.match(self.java, self.at)
        found = flagged or _OPENING.match(self.java, self.at)
        if found is None:
            ends = len(self.java) <= self.at + 2
            raise self.invalid("end pattern in group" if ends else "undefined group option")
        self.at = found.end()
        start, groups = len(self.python) + 1, self.groups
        if flagged:
            self.flagged(flagged, depth + 1, flags)
        else:
            self.open(found["look"], found["name"])
            self.alternatives(depth + 1, flags)
            self.emit(")")
        if self.at >= len(self.java):
            raise self.invalid("end pattern with unmatched parenthesis")
        self.at += 1
        if not flagged and found["look"] in ("?<=", "?<!"):
            self.check_behind("".join(self.python[start:-1]), found["look"] == "?<!" and self.groups > groups)

    def open(self, look: str | None, name: str | None) -> None:
        if look is not None:
            self.emit(f"({look}", None)
            return
        self.groups += 1
        if name in self.names:
            raise self.invalid(f"multiplex defined name <{name}>")
        if name is not None:
            self.names.add(name)
        self.emit("(" if name is None else f"(?P<{name}>")

    def check_behind(self, inside: str, captures: bool) -> None:
        """Joni looks behind only by lengths that are known, in which only whole alternatives may differ."""
        if captures or re.search(r"(?<!\\)(?:[*+?]|\{\d+,)", inside.replace("(?", "(")):
            raise self.invalid("invalid pattern in look-behind")
        if "(" in inside and "|" in inside:
            raise self.strange("alternatives within a group of a look-behind")

    def escape(self) -> None:
        """Behind a backslash, outside of brackets."""
        if self.at >= len(self.java):
            raise self.invalid("end pattern at escape")
        char = self.java[self.at]
        if char in "bB":
            self.at, self.has_boundary = self.at + 1, True
            self.emit(f"\\{char}")
        elif char in "AzZ":
            self.at += 1
            self.emit(*{"A": (r"\A", ""), "z": (r"\Z", r"\z"), "Z": (r"(?=\n?\Z)", None)}[char])
        elif char == "Q":
            end = self.java.find("\\E", self.at)
            quoted = self.java[self.at + 1 : end if end >= 0 else len(self.java)]
            self.at = end + 2 if end >= 0 else len(self.java)
            self.emit("".join(map(_escaped, quoted)))
        elif char == "k" and self.java.startswith("<", self.at + 1):
            self.named_reference()
        elif char in "123456789":
            digits = re.match(r"\d+", self.java[self.at :])
            assert digits
            if len(digits[0]) > 1:
                raise self.strange("a reference, or a code, of several digits")
            self.at += 1
            self.references.append(int(digits[0]))
            self.emit(f"(?:\\{digits[0]})", None)
        elif char == "G":
            raise self.strange("\\G")
        else:
            literal, python, re2 = self.member()
            self.emit(*((_escaped(literal), "") if literal is not None else (f"[{python}]", re2 and f"[{re2}]")))

    def named_reference(self) -> None:
        found = re.compile(r"k<([A-Za-z_]\w*)>").match(self.java, self.at)
        if found is None:
            raise self.strange("\\k with a number")
        if found[1] not in self.names:
            raise self.invalid(f"undefined name <{found[1]}> reference")
        self.at = found.end()
        self.emit(f"(?P={found[1]})", None)

    def member(self) -> tuple[str | None, str, str | None]:
        """Behind a backslash: one character, or what stands for it in brackets, in both engines' words."""
        if self.at >= len(self.java):
            raise self.invalid("end pattern at escape")
        char = self.java[self.at]
        self.at += 1
        if char.lower() in _SETS and char.islower():
            return None, _SETS[char], _SETS[char]
        if char.lower() in _SETS:
            return None, f"[^{_SETS[char.lower()]}]", None if char == "S" else f"\\{char}"
        if char in "pP":
            return None, *self.property()
        if char in "xu":
            found = _CODE.match(self.java, self.at - 1)
            if found is None:
                raise self.strange(f"\\{char} without a code")
            self.at = found.end()
            return chr(int(found[1] or found[2] or found[3], 16)), "", ""
        if char == "0":
            found = _OCTAL.match(self.java, self.at - 1)
            assert found
            self.at = found.end()
            return chr(int(found[0], 8)), "", ""
        if char == "c":
            if self.at >= len(self.java):
                raise self.invalid("end pattern at control")
            self.at += 1
            return chr(ord(self.java[self.at - 1]) & 0x1F), "", ""
        return _CONTROLS.get(char, char), "", ""

    def property(self) -> tuple[str, str | None]:
        r"""\p{..}: a category, a script, a block, or a class of POSIX."""
        found = _PROPERTY.match(self.java, self.at - 1)
        if found is None:
            raise self.invalid("invalid character property name")
        self.at = found.end()
        name = found[1] or found[2]
        key, negated = name.lower().replace("_", ""), found[0][0] == "P"
        category = next((each for each in _CATEGORIES if each.lower() == key), _LONG.get(key))
        if key in _POSIX:
            return (f"[^{_POSIX[key]}]" if negated else _POSIX[key]), None
        if category or key in _SCRIPTS:
            shown = f"\\{found[0][0]}{{{category or key.capitalize()}}}"
            return shown, shown
        if key.startswith("in") and key[2:] in _BLOCKS:
            return f"\\{found[0][0]}{{In{key[2:]}}}", None
        if key.startswith("is"):
            raise self.invalid(f"invalid character property name <{name}>")
        raise self.strange(f"the property {name}")

    def bracket(self) -> tuple[str, str | None]:
        """Behind `[`, up to the bracket that closes it: the class in the words of both engines."""
        outer, self.last = self.last, "\0"
        negated = self.java.startswith("^", self.at)
        self.at += negated
        start, python, re2, lacks = self.at, list[str](), list[str](), False
        while not (self.java.startswith("]", self.at) and self.at > start):
            if self.at >= len(self.java):
                empty = self.java.startswith("]", start)
                raise self.invalid("empty char-class" if empty else "premature end of char-class")
            one, other = self.items(self.at == start)
            python.append(one)
            re2.append(other or "")
            lacks = lacks or other is None
        self.at += 1
        self.last = outer
        sign = "^" * negated
        return f"[{sign}{''.join(python)}]", None if lacks else f"[{sign}{''.join(re2)}]"

    def items(self, first: bool) -> tuple[str, str | None]:
        """The next member of a class: a class inside, &&, or a character, a set, a range."""
        if self.java.startswith("[", self.at) and not _POSIX_BRACKET.match(self.java, self.at):
            self.at += 1
            return self.bracket()[0], None
        if self.java.startswith("&&", self.at):
            self.at += 2
            if first or self.java.startswith(("]", "&"), self.at):
                raise self.strange("an empty side of &&")
            return "&&", None
        low, python, re2 = self.one()
        if low is not None:
            self.last, python, re2 = low, _escaped(low), _escaped(low)
        if not self.dashed():
            return python, re2
        high, _, _ = self.one()
        if high is None:
            raise self.invalid("char-class value at end of range")
        if high < self.last:
            raise self.invalid("empty range in char class")
        span = f"{_escaped(self.last)}-{_escaped(high)}"
        self.last = high
        if self.dashed() and _SET.match(self.java, self.at):
            raise self.invalid("char-class value at end of range")
        return (span, span) if low is not None else (python + span, re2 and re2 + span)

    def dashed(self) -> bool:
        """Whether a dash that is not the last of its class was passed: of a range, behind which one more is lost.

        Behind a set it makes a range from the last character that was written, or from NUL: Joni reads it so.
        """
        dashed = self.java.startswith("-", self.at) and not self.java.startswith(("-]", "-&&"), self.at)
        self.at += dashed
        if dashed and self.java.startswith("[", self.at):
            raise self.strange("a class behind a dash")
        return dashed

    def one(self) -> tuple[str | None, str, str | None]:
        """One character of a class, or a set that an escape stands for."""
        if self.at >= len(self.java):
            raise self.invalid("premature end of char-class")
        if posix := _POSIX_BRACKET.match(self.java, self.at):
            self.at = posix.end()
            if posix[2] not in _POSIX:
                raise self.invalid("invalid POSIX bracket type")
            return None, (f"[^{_POSIX[posix[2]]}]" if posix[1] else _POSIX[posix[2]]), None
        char = self.java[self.at]
        self.at += 1
        if char != "\\":
            return char, "", ""
        if self.java.startswith("b", self.at):
            self.at += 1
            return "\b", "", ""
        if self.java.startswith("Q", self.at):
            raise self.strange("\\Q in brackets")
        return self.member()


def _escaped(char: str) -> str:
    if char < " " or char == "\x7f":
        return f"\\x{ord(char):02x}"
    return f"\\{char}" if char in string.punctuation or char == " " else char
