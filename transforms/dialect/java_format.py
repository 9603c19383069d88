"""One directive of Java's format, `%-10s` or `%,.2f`, and the text that it makes of a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from transforms import json_text
from transforms.dialect.errors import Invalid, NotPortable
from transforms.gaps import gap

PATTERN = re.compile(r"%(?:(?P<index>\d+)\$|(?P<again><))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])|%")
_FLAGS = {
    "s": "-",
    "b": "-",
    "d": "-+ 0,(",
    "x": "-#0",
    "o": "-#0",
    "f": "-#+ 0,(",
    "e": "-#+ 0(",
    "g": "-+ 0,(",
    "%": "-",
}
_KINDS = {
    "d": ("whole",),
    "x": ("whole",),
    "o": ("whole",),
    "c": (),
    **dict.fromkeys("feg", ("double", "real", "decimal")),
}
_EXACT = Context(prec=2000, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Directive:
    """What stands between `%` and the letter that ends it."""

    text: str
    flags: str
    width: int
    precision: int | None
    letter: str

    @staticmethod
    def read(found: re.Match[str]) -> Directive:
        """Invalid for one that Java rejects; NotPortable for times and hashes."""
        letter = found[6]
        if letter is None or letter.lower() not in "sbdxofegahct%n" or letter in "DOFN":
            raise Invalid(f"{found[0]!r} is no directive of format", "%s, %d, %.2f")
        made = Directive(found[0], found[3], int(found[4] or 0), int(found[5]) if found[5] else None, letter)
        made.check()
        return made

    @gap("format('%h', s)", "format('%tY', d)")
    def check(self) -> None:
        """Raises what is wrong whatever the value is."""
        kind = self.letter.lower()
        if kind in "aht":
            raise NotPortable(f"format with {self.text} is not portable yet", "%s, %d, %.2f")
        wrong = set(self.flags) - set(_FLAGS.get(kind, ""))
        both = {"-", "0"} <= set(self.flags) or {"+", " "} <= set(self.flags)
        if wrong or both or len(set(self.flags)) < len(self.flags):
            raise Invalid(f"format with {self.text!r} fails on Athena: its flags do not go together", "%s, %d, %.2f")
        if set(self.flags) & {"-", "0"} and not self.width:
            raise Invalid(f"format with {self.text!r} fails on Athena: it has no width", "%-10s or %05d")
        if self.precision is not None and kind in "dxoc%":
            raise Invalid(f"format with {self.text!r} fails on Athena: it has no precision", "%d")

    def takes(self, kind: str) -> bool:
        """Whether a value of this kind may be written so: whole, decimal, double, real, boolean, or another."""
        return kind in _KINDS.get(self.letter.lower(), (kind,))

    def null(self) -> str:
        """What NULL becomes."""
        return self._padded("false" if self.letter in "bB" else "null")

    def shown(self, kind: str, value: str) -> str:
        """What a value becomes, which comes as DuckDB's text of it."""
        letter = self.letter.lower()
        if letter == "b":
            return self._padded(value if kind == "boolean" else "true")
        if letter in "s%":
            return self._padded(_plain(kind, value))
        if letter in "xo":
            return self._coded(int(value), letter)
        if letter == "d":
            return self._signed(value.startswith("-"), value.lstrip("-"))
        number = Decimal(value if kind == "decimal" else repr(float(value)))
        if not number.is_finite():
            return self._signed(number.is_signed(), "NaN" if number.is_nan() else "Infinity")
        precision = 6 if self.precision is None else self.precision
        digits = {"f": _fixed, "e": _scientific, "g": _general}[letter](abs(number), precision)
        point = "." if "#" in self.flags and "." not in digits else ""
        return self._signed(number.is_signed(), digits + point)

    def _padded(self, text: str) -> str:
        text = text if self.precision is None else _first_units(text, self.precision)
        return self._filled(text)

    def _coded(self, value: int, letter: str) -> str:
        prefix = {"x": "0x", "o": "0"}[letter] * ("#" in self.flags)
        digits = format(value % 2**64, letter)
        if "0" in self.flags:
            digits = digits.rjust(self.width - len(prefix), "0")
        return self._filled(prefix + digits)

    def _signed(self, negative: bool, digits: str) -> str:
        if "," in self.flags and digits[0].isdigit():
            whole, point, rest = digits.partition(".")
            digits = f"{int(whole):,}{point}{rest}"
        named = not digits[0].isdigit()
        sign = "(" if negative and "(" in self.flags else "-" if negative else ""
        sign = sign or ("+" if "+" in self.flags else " " if " " in self.flags else "") * (digits != "NaN")
        close = ")" * (sign == "(")
        if "0" in self.flags and not named:
            digits = digits.rjust(self.width - len(sign) - len(close), "0")
        return self._filled(f"{sign}{digits}{close}")

    def _filled(self, text: str) -> str:
        text = text.upper() if self.letter.isupper() else text
        blanks = " " * (self.width - len(json_text.utf16(text)) // 2)
        return text + blanks if "-" in self.flags else blanks + text


def _first_units(text: str, count: int) -> str:
    """Java counts in units of UTF-16; half of a pair of them becomes a question mark."""
    shown = json_text.utf16(text)[: count * 2].decode("utf-16-be", "surrogatepass")
    return f"{shown[:-1]}?" if "\ud800" <= shown[-1:] <= "\udfff" else shown


def _plain(kind: str, value: str) -> str:
    if kind in ("double", "real"):
        return json_text.double(float(value))
    if kind == "timestamp":
        day, _, clock = value.partition(" ")
        return f"{day}T{clock.removesuffix('.000').removesuffix(':00')}"
    return value


def _fixed(number: Decimal, precision: int) -> str:
    return f"{number.quantize(Decimal(1).scaleb(-precision), context=_EXACT):f}"


def _scientific(number: Decimal, precision: int) -> str:
    rounded = number.quantize(Decimal(1).scaleb(number.adjusted() - precision), context=_EXACT) if number else number
    exponent = rounded.adjusted() if rounded else 0
    digits = _fixed(rounded.scaleb(-exponent, context=_EXACT), precision)
    return f"{digits}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _general(number: Decimal, precision: int) -> str:
    precision = precision or 1
    if not number:
        return _fixed(number, precision - 1)
    rounded = number.quantize(Decimal(1).scaleb(number.adjusted() + 1 - precision), context=_EXACT)
    if Decimal("0.0001") <= rounded < Decimal(1).scaleb(precision):
        return _fixed(number, max(0, precision - rounded.adjusted() - 1))
    return _scientific(number, precision - 1)
