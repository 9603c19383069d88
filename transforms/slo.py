"""What a table, a view or a source promises: `slo: {fresh_by: "09:00", days_met: 99%}`, and on which days it is due.

Decides what may be promised. Whether a promise is kept is `transforms.budget`'s.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Any, Literal

from transforms.errors import UsageError
from transforms.fields import Fields

Objective = Literal["fresh_by", "rows_valid", "complete"]
OBJECTIVES: tuple[Objective, ...] = ("fresh_by", "rows_valid", "complete")
SLO_KEYS = (*OBJECTIVES, "days_met", "due")
EXAMPLE = 'slo: {fresh_by: "09:00", days_met: 99%}'
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z")
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Slo:
    """What holds on each due day, and on `days_met` of them; None is not promised.

    Up to date by `fresh_by` of the company's clock. Of the rows written, a share of `rows_valid` that were neither
    rejected nor found bad by a check that warns. Of the day before, a share `complete` of what its weekday usually has.
    """

    fresh_by: time | None = None
    rows_valid: float | None = None
    complete: float | None = None
    days_met: float = 1.0
    due: Literal["days", "workdays"] = "days"

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is promised."""
        return tuple(one for one in OBJECTIVES if getattr(self, one) is not None)

    @property
    def document(self) -> dict[str, Any]:
        """As it is declared, shares as numbers from 0 to 1."""
        found: dict[str, Any] = {one: getattr(self, one) for one in self.objectives}
        if self.fresh_by is not None:
            found["fresh_by"] = f"{self.fresh_by:%H:%M}"
        return {**found, "days_met": self.days_met, **({"due": self.due} if self.due != "days" else {})}


def read_slo(fields: Fields, *, refused: Collection[tuple[Objective, str]] = ()) -> Slo | None:
    """The `slo:` of a declaration. `refused` are objectives that mean nothing for it, each with the reason."""
    inner = fields.inner("slo", EXAMPLE)
    if inner is None:
        return None
    inner.known(SLO_KEYS)
    for objective, reason in refused:
        if objective in inner.values:
            inner.problem(objective, f"{objective} cannot be promised: {reason}", write="remove it")
    fresh_by = inner.text("fresh_by", 'fresh_by: "09:00"')
    if fresh_by is not None and not _TIME.match(fresh_by):
        inner.problem("fresh_by", f'"{fresh_by}" is not a time of day', write='write fresh_by: "09:00"')
        fresh_by = None
    shares = {key: inner.share(key) for key in ("rows_valid", "complete", "days_met")}
    if not any(inner.values.get(one) is not None for one in OBJECTIVES):
        inner.problem(None, f"this promises nothing; a promise is {' or '.join(OBJECTIVES)}", write=f"write {EXAMPLE}")
    due = inner.choice("due", ("days", "workdays"))
    return Slo(
        time.fromisoformat(fresh_by) if fresh_by else None,
        shares["rows_valid"],
        shares["complete"],
        1.0 if shares["days_met"] is None else shares["days_met"],
        "workdays" if due == "workdays" else "days",
    )


def is_workday(day: date, country: str | None) -> bool:
    """Monday to Friday, but for a country's public holidays. Raises UsageError for a country that is not known."""
    return day.weekday() < _SATURDAY and (country is None or day not in _holidays(country, day.year))


@lru_cache
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays  # half a second, which only looking at promises pays

    try:
        return frozenset(holidays.country_holidays(country, years=[year]))
    except NotImplementedError:
        raise UsageError(
            f'no holidays are known of the country "{country}"; write its ISO code in connectors/targets.yaml, '
            "as in holidays: JP"
        ) from None
