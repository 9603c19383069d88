"""The words of a reader of sources: what each must be, told before anything is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from transforms import secret_words
from transforms.api_words import answers, api_key, begin, oauth2, rate, report, window
from transforms.fields import Fields, described

_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "word": ((str,), "a word"),
    "connection": ((str,), "a name"),
    "text": ((str,), "a text"),
    "texts": ((str, list), "a text or a list of texts"),
    "mapping": ((dict,), "a mapping"),
    "headers": ((dict,), "a mapping"),
    "parameters": ((dict,), "a mapping"),
    "request": ((str,), "a text"),
    "number": ((int,), "a whole number"),
    "margin": ((str, int), "a length of time or a number"),
    "span": ((str,), "a length of time"),
    "pattern": ((str,), "a text"),
    "letter": ((str,), "a text"),
    "encoding": ((str,), "a text"),
    "range": ((str,), "a text"),
    "header": (
        (int, str),
        "the number of the line with the names, or none; names are given by columns: {A: id, B: name}",
    ),
    "rows": ((int, str), "the number of a row, or of the first and the last one as 3-4"),
    "formats": ((str, list), "a text or a list of texts"),
    "zone": ((str,), "a text"),
    "flag": ((bool,), "true or false"),
    "count": ((int,), "a whole number from 1"),
    "rate": ((str,), "a rate such as 5/s"),
    "api_key": ((dict,), "a mapping"),
    "oauth2": ((dict,), "a mapping"),
    "answers": ((str,), "a word"),
    "report": ((dict,), "a mapping"),
    "day": ((str, date), "a day"),
    "days": ((str,), "a length of time"),
}
_SPANS = {"settle": "30s", "statement_timeout": "30m"}
SHEET_RANGE = re.compile(r"([A-Z]{1,3})?([1-9]\d{0,6})?(?::([A-Z]{1,3})?([1-9]\d{0,6})?)?\Z")
"""`B3:H20`, `B:H`, `B3:H`, `3:20`, or `B3`, which is the upper left corner."""
_MOMENT = datetime(2024, 5, 1, 12, 30)


@dataclass(frozen=True)
class ReaderWords:
    """The words of each kind of reader, and what their values are: one of _TYPES.

    `choices` are the words whose values are few.
    """

    source: Mapping[str, Mapping[str, str]]
    table: Mapping[str, Mapping[str, str]]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, fields: Fields, allowed: Mapping[str, str]) -> dict[str, Any]:
        """The values that a mapping has for these words, as far as they are of the right kind."""
        found = {}
        for word, kind in allowed.items():
            value = fields.values.get(word)
            if value is None:
                continue
            types, described_as = _TYPES[kind]
            if not isinstance(value, types) or isinstance(value, bool) != (kind == "flag"):
                fields.problem(word, f"{word} must be {described_as}, not {described(value)}")
            elif kind == "word" and word in self.choices and fields.choice(word, self.choices[word]) is None:
                continue
            elif kind not in _FORMS or _FORMS[kind](fields, word, value):
                found[word] = value
        _two_signs(fields, found)
        return found


def _letter(fields: Fields, word: str, value: str) -> bool:
    others = {"delimiter": ("tab", "\\t"), "thousands": ("",), "quote": ("",)}
    if len(value) == 1 or value in others.get(word, ()):
        return True
    example = {"delimiter": "';'", "decimal": "'.'"}.get(word, "','")
    fields.problem(word, f'{word} is one character, not "{value}"', write=f"write {word}: {example}")
    return False


def _connection(fields: Fields, word: str, value: str) -> bool:
    """A name. An address may hold a password, so it is not repeated in the message."""
    if re.fullmatch(r"\w+", value):
        return True
    what = f"{word} is a name; the address stands in the environment variable that the target gives to it"
    fields.problem(word, what, write=f"write {word}: shop_{word}")
    return False


def _encoding(fields: Fields, word: str, value: str) -> bool:
    try:
        b"a".decode(value, "replace")
    except (LookupError, ValueError):
        write = "write utf-8-sig, shift_jis, euc-jp or utf-16"
        fields.problem(word, f'"{value}" is not an encoding', write=write)
        return False
    return True


def _formats(fields: Fields, word: str, value: Any) -> bool:
    """Whether each of them says how a moment is written: in directives that can be read back."""
    example = "%Y-%m-%d" if word == "date_format" else "%Y-%m-%d %H:%M:%S"
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and (("%" in one and _reads(one)) or (one == "era" and word == "date_format")):
            continue
        what = f'"{one}" is not a format of {word.removesuffix("_format")}s in directives such as %Y, %m and %d'
        fields.problem(word, what, write=f'write {word}: "{example}"')
        return False
    return True


def _range(fields: Fields, word: str, value: str) -> bool:
    """Whether it is a part of a sheet, as spreadsheet programs write it."""
    if value and SHEET_RANGE.match(value):
        return True
    fields.problem(word, f'{word} is no part of a sheet: "{value}"', write='write range: "B3:H", "A:F" or "5:200"')
    return False


def _rows(fields: Fields, word: str, value: int | str) -> bool:
    first, dash, last = str(value).partition("-")
    if first.isdecimal() and int(first) > 0 and (not dash or (last.isdecimal() and int(first) <= int(last))):
        return True
    what = f"{word} is a row, or the first and the last one, counted from 1, not {described(value)}"
    fields.problem(word, what, write=f"write {word}: 3, or {word}: 3-4")
    return False


def _header(fields: Fields, word: str, value: int | str) -> bool:
    if value == "none" or (isinstance(value, int) and value > 0):
        return True
    what = f"{word} is the number of the line with the names, counted from 1, not {described(value)}"
    write = f"write {word}: none for files that do not name their columns, and columns: {{A: id, B: name}}"
    fields.problem(word, what, write=write)
    return False


def _reads(form: str) -> bool:
    try:
        datetime.strptime(_MOMENT.strftime(form), form)
    except ValueError:
        return False
    return True


def _pattern(fields: Fields, word: str, value: str) -> bool:
    """Whether it is a regular expression that names what it finds."""
    try:
        names = re.compile(value).groupindex
    except re.error as error:
        fields.problem(word, f"{word} is no regular expression: {error}")
        return False
    if not names:
        fields.problem(word, f"{word} names no group, which would be a column", write="write (?P<column>..) in it")
    return bool(names)


def _two_signs(fields: Fields, found: Mapping[str, Any]) -> None:
    """One sign cannot stand between thousands and before the decimals."""
    sign = found.get("thousands")
    if sign and sign == found.get("decimal", "."):
        other = "decimal" if "decimal" not in found else "thousands"
        write = f"write {other}: '{'.' if sign == ',' else ','}'"
        fields.problem("thousands", f'thousands and decimal are both "{sign}"', write=write)


_SPANS = {"settle": "30s", "statement_timeout": "30m"}
_FORMS: Mapping[str, Callable[[Fields, str, Any], bool]] = {
    "letter": _letter,
    "connection": _connection,
    "encoding": _encoding,
    "formats": _formats,
    "range": _range,
    "rows": _rows,
    "header": _header,
    "pattern": _pattern,
    "zone": lambda fields, word, value: fields.zone(word) is not None,
    "span": lambda fields, word, value: fields.span(word, _SPANS.get(word, "2 days")) is not None,
    "margin": lambda fields, word, value: isinstance(value, int) or fields.span(word, "1h") is not None,
    "count": lambda fields, word, value: fields.whole(word, least=1) is not None,
    "rate": rate,
    "api_key": api_key,
    "oauth2": oauth2,
    "answers": answers,
    "report": report,
    "headers": secret_words.headers,
    "parameters": secret_words.parameters,
    "request": secret_words.path,
    "day": begin,
    "days": window,
}
