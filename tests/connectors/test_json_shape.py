"""Which values fit which types, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.readers.cells import number
from connectors.readers.json_shape import Misfit, column_name, fit_decimal, fit_timestamp
from transforms.lake_types import Type

WIDE = Type("decimal", (38, 10))


@given(st.decimals(min_value=-(10**28) + 1, max_value=10**28 - 1, places=10))
def test_a_decimal_that_fits_keeps_every_digit(value: Decimal) -> None:
    assert Decimal(fit_decimal(value, WIDE)) == value


@given(st.integers(-(10**27), 10**27), st.integers(1, 9))
def test_a_decimal_with_a_digit_too_many_is_a_misfit(whole: int, digit: int) -> None:
    with pytest.raises(Misfit, match="more than 10 decimals"):
        fit_decimal(Decimal(f"{whole}.0000000000{digit}"), WIDE)


@pytest.mark.parametrize("text", ["1e999999999", "-1e40", "NaN", "Infinity", "1e-999999999"])
def test_absurd_decimals_are_misfits_at_once(text: str) -> None:
    with pytest.raises(Misfit):
        fit_decimal(Decimal(text), WIDE)


@given(st.integers(-(10**37), 10**37))
def test_cells_of_any_length_keep_every_digit(value: int) -> None:
    assert number(f"￥{value:,}" if value >= 0 else f"△{-value:,}", Type("decimal", (38, 0))) == value
    assert number(f"{value}%", WIDE) == Decimal(f"{value}e-2")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00.000"),
        ("2024-05-01 10:00:00.5+09:00", "2024-05-01T01:00:00.500"),
        ("2024-05-01T10:00:00.123000000Z", "2024-05-01T10:00:00.123"),
        ("2024-05-01", "2024-05-01T00:00:00.000"),
    ],
)
def test_timestamps_are_in_utc(text: str, milliseconds: str) -> None:
    assert fit_timestamp(text, truncate=False) == milliseconds


@pytest.mark.parametrize("text", ["2024-05-01T10:00:00.0000001Z", "2024-05-01T10:00:00.0001Z"])
def test_digits_under_a_millisecond_go_only_when_they_may(text: str) -> None:
    assert fit_timestamp(text, truncate=True) == "2024-05-01T10:00:00.000"
    with pytest.raises(Misfit, match="write timestamps: truncate"):
        fit_timestamp(text, truncate=False)


@given(st.text())
def test_every_key_has_a_name_that_the_lake_takes(key: str) -> None:
    name = column_name(key)
    assert name == name.lower()
    assert name.replace("_", "a").isalnum()
    assert name.isascii()
    assert not name[0].isdigit()
