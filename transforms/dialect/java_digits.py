"""The digits with which Trino casts a double to varchar: those of Java's FloatingDecimal, which are not the fewest.

Between 2^-24 and 2^53 they are, and DuckDB writes the same ones.
"""

from __future__ import annotations

import math
from fractions import Fraction

from transforms.dialect.row_functions import row_by_row

_BITS, _LONG = 53, 63
_LEAST_POWER = -1021
"""Numbers below this power of two have fewer than 53 bits."""


@row_by_row("odd_double(double) -> varchar")
def odd_double(number: float) -> str:
    """A double other than 0 as text; what it does is what Java does, step by step.

    >>> odd_double(5.693514573099598e18), odd_double(1e23), odd_double(-(2.0**-44))
    ('5.6935145730995978E18', '9.999999999999999E22', '-5.6843418860808015E-14')
    """
    digits, power = (_of_long if 2.0**_BITS <= abs(number) < 2.0**_LONG else _of_fraction)(abs(number))
    digits = digits.rstrip("0")
    return f"{'-' if number < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{power}"


def _of_long(number: float) -> tuple[str, int]:
    """Of a whole number of 54 to 63 bits the last digits, which mean nothing, are rounded away."""
    meaningless = max(0, (math.frexp(number)[1] - _BITS - 3) // 3)
    digits = str((int(number) + 10**meaningless // 2) // 10**meaningless)
    return digits, len(digits) + meaningless - 1


def _of_fraction(number: float) -> tuple[str, int]:
    """Digits until the rest is less than half of the last bit; the half of a power of two is taken for smaller."""
    fraction, exponent = math.frexp(number)
    exponent -= 1
    power = math.floor((fraction * 2 - 1.5) * 0.289529654 + 0.176091259 + exponent * 0.301029995663981)
    unit = Fraction(10) ** power
    kept = _BITS - max(0, _LEAST_POWER - exponent - 1)
    half = Fraction(2) ** (exponent - kept - (fraction == 0.5)) / unit
    narrow = _is_narrow(fraction, exponent, kept, power)
    rest, digits, low, high = Fraction(number) / unit, list[int](), False, False
    while not (low or high):
        digits.append(int(rest))
        rest, half = (rest - digits[-1]) * 10, half * 10
        if len(digits) > 1:
            low, high = rest < half, rest + half > 10 or (rest + half == 10 and not narrow)
    whole = int("".join(map(str, digits)))
    if high and (not low or rest > 5 or (rest == 5 and whole % 2)):
        whole += 1
    return str(whole), power + len(str(whole)) - len(digits)


def _is_narrow(fraction: float, exponent: int, kept: int, power: int) -> bool:
    """Whether Java computes in 64 bits, where it stops a little later."""
    bits = _BITS - _trailing_zeros(int(math.ldexp(fraction, _BITS)))
    fives, tens = max(0, -power), max(0, power) + 1
    behind = max(0, bits - exponent - 1)
    twos, below = fives + behind + exponent - bits + 1, tens - 1 + behind
    common = min(twos, below)
    more = max(0, kept + common + (bits == 1) - fives - behind - exponent)
    needed = bits + twos - common + more + (_bits_of_fives(fives) if fives else 0)
    return needed <= _LONG and below - common + more + 1 + _bits_of_fives(tens) <= _LONG


def _bits_of_fives(count: int) -> int:
    return int(5**count).bit_length()


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1
