"""How far a long ingest is stands in Prefect as a bar that moves; a short one leaves nothing there."""

from __future__ import annotations

import time
from typing import Any

import pytest
from prefect import flow
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from connectors.pace import Advance
from flows import progress
from flows.progress import IngestProgress

pytestmark = pytest.mark.prefect


def bars(server: Any, key: str) -> list[tuple[float, str]]:
    """The progress artifacts of a key: how far, and what is said beside it."""
    found = server.post("/artifacts/filter", {"artifacts": {"key": {"any_": [key]}}})
    return [(one["data"], one["description"]) for one in found if one["type"] == "progress"]


def test_an_ingest_is_told_once_it_is_long_and_the_same_bar_moves_on(
    runs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "EVERY_S", 0.5)
    seen = []

    @flow
    def reading() -> None:
        told = IngestProgress("raw_till.sales_2024")
        for pause, advance in ((0.0, 0.1), (0.6, 0.25), (0.0, 0.4), (0.6, 0.75)):
            time.sleep(pause)
            told.advanced(Advance(10, 1_000_000, advance))
            seen.append(bars(runs.server, "ingest-raw-till-sales-2024"))

    address = {PREFECT_API_URL: f"{runs.server.address}/api", PREFECT_LOGGING_TO_API_ENABLED: False}
    with temporary_settings(address):
        reading()
    assert seen[:3] == [[], [(25.0, "20 rows, 2.0 MB")], [(25.0, "20 rows, 2.0 MB")]]
    [(share, said)] = seen[3]
    assert (share, said[:15]) == (75.0, "40 rows, 4.0 MB")
