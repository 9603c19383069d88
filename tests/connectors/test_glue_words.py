"""What a table's entry in Glue says of a publisher at work, by the clock of whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.catalogs.glue_words import SWITCHING_TIME, is_abandoned, switched, switching

AT = datetime(2024, 5, 20, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_publisher_is_taken_for_dead_after_its_time() -> None:
    table = {"Parameters": switching(AT)}
    assert [is_abandoned(table, AT + SWITCHING_TIME - ago) for ago in (SECOND, 0 * SECOND)] == [False, True]
    assert not is_abandoned({"Parameters": switched(switching(AT))}, AT + 2 * SWITCHING_TIME)
    assert not is_abandoned(None, AT)
