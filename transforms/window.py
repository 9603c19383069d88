"""Which days a run must build: the asked window, widened by lookback, cut into batches.

Pure: the clock and the catalog are the caller's. Days are the company's calendar days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from transforms.errors import UsageError

ONE_DAY = timedelta(days=1)
OPEN_DAYS = {"start": "'\x1astart'", "end": "'\x1aend'"}
"""What stands for a day of the window in a text that is compiled for any window: no literal of a date looks so."""


@dataclass(frozen=True, order=True)
class Window:
    """The days from start to end, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"window ends on {self.end}, before it starts on {self.start}")

    def __iter__(self) -> Iterator[date]:
        day = self.start
        while day <= self.end:
            yield day
            day += ONE_DAY

    def __len__(self) -> int:
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def widened(self, before: timedelta, after: timedelta = timedelta(0)) -> Window:
        """The same window with the days around it: before it that late rows may still change, or after it."""
        return Window(self.start - before, self.end + after)

    def filled(self, text: str) -> str:
        """A compiled text with its open days filled in."""
        for word, day in (("start", self.start), ("end", self.end)):
            text = text.replace(OPEN_DAYS[word], f"'{day.isoformat()}'")
        return text


def asked_window(start: date | None, end: date | None, today: date, *, option: str = "") -> Window | None:
    """The days that somebody asked for, until today when there is no end; None when nobody asked for any.

    Raises UsageError for days that make no window; `option` stands before the words there, `--` on a command line.
    """
    if start is None:
        if end is None:
            return None
        raise UsageError(
            f"{option}end needs {option}start; write both, or {option}start alone for the days until today"
        )
    last = today if end is None else end
    if start <= last:
        return Window(start, last)
    if end is None:
        raise UsageError(f"{option}start {start} is in the future; today is {today}")
    raise UsageError(f"{option}start {start} is after {option}end {end}; write the earlier day as {option}start")


def runs_of_days(days: Iterable[date], size: int, apart: Collection[date] | None = None) -> Iterator[Window]:
    """The days as windows of at most `size` days, oldest first.

    Between them there may be days that are not in `apart`, the ones that are better left alone; None: no day.

    >>> days = [date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 6)]
    >>> [len(window) for window in runs_of_days(days, 100)], [len(window) for window in runs_of_days(days, 100, ())]
    ([2, 1], [6])
    """
    run: list[date] = []
    for day in sorted(set(days)):
        if run and ((day - run[0]).days >= size or not _joined(run[-1], day, apart)):
            yield Window(run[0], run[-1])
            run = []
        run.append(day)
    if run:
        yield Window(run[0], run[-1])


def _joined(day: date, later: date, apart: Collection[date] | None) -> bool:
    between = list(Window(day, later))[1:-1]
    return not between if apart is None else not any(one in apart for one in between)
