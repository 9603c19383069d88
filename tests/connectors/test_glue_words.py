"""What a table's entry in Glue says of a publisher at work, by Glue's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.catalogs.glue_words import READ_AT, SWITCHING_TIME, is_abandoned, switched, switching

AT = datetime(2024, 5, 20, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_publisher_is_taken_for_dead_after_its_time() -> None:
    table = {"Parameters": switching("mark"), "UpdateTime": AT}
    read = [AT + SWITCHING_TIME - ago for ago in (SECOND, 0 * SECOND)]
    assert [is_abandoned({**table, READ_AT: at}) for at in read] == [False, True]
    assert not is_abandoned({**table, "Parameters": switched(switching("mark")), READ_AT: AT + 2 * SWITCHING_TIME})
    assert not is_abandoned(None)
