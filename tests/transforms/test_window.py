"""The days that were asked for, as a window."""

from __future__ import annotations

from datetime import date

import pytest

from transforms.errors import UsageError
from transforms.window import Window, asked_window

MAY = [date(2024, 5, day) for day in range(1, 32)]
TODAY = MAY[20]


def test_no_days_were_asked_for() -> None:
    assert asked_window(None, None, TODAY) is None


def test_a_start_alone_means_until_today() -> None:
    assert asked_window(MAY[3], None, TODAY) == Window(MAY[3], TODAY)


def test_days_to_come_can_be_asked_for_by_name() -> None:
    assert asked_window(MAY[3], MAY[25], TODAY) == Window(MAY[3], MAY[25])


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (None, MAY[3], "end needs start; write both, or start alone for the days until today"),
        (MAY[4], MAY[3], "start 2024-05-05 is after end 2024-05-04; write the earlier day as start"),
        (MAY[25], None, "start 2024-05-26 is in the future; today is 2024-05-21"),
    ],
)
def test_days_that_make_no_window_are_refused(start: date | None, end: date | None, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}$"):
        asked_window(start, end, TODAY)


def test_a_command_line_is_told_of_its_options() -> None:
    with pytest.raises(UsageError, match=r"^--end needs --start; write both, or --start alone"):
        asked_window(None, TODAY, TODAY, option="--")
