"""How far an ingest is, as people are told."""

from __future__ import annotations

from connectors.pace import Advance, Pace


def test_nothing_is_told_before_something_is_read() -> None:
    assert Pace().told == ""


def test_rate_and_end_are_told_when_they_are_known() -> None:
    now = [100.0]
    pace = Pace(clock=lambda: now[0])
    now[0] += 1
    pace.add(Advance(1, 0, 0.001))
    assert pace.told == "1 row"
    now[0] += 9
    pace.add(Advance(1_199_999, 240_000_000, 0.2))
    assert pace.told == "1,200,000 rows, 240.0 MB, 120,000 rows/s, 40 s left"
    pace.add(Advance(0, 0, 0.01))
    assert pace.told.endswith("16 min left")
    pace.add(Advance(0, 0, None))
    assert pace.told.endswith("rows/s")
    now[0] += 9990
    pace.add(Advance(0, 0, 0.5))
    assert pace.told.endswith("2 h 47 min left")
