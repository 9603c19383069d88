"""Processes are killed under real flow runs: nothing is lost, nothing done twice, and nobody has to do anything."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from waiting import wait_until

from flows.automations import automations, establish
from transforms.names import TableName

pytestmark = pytest.mark.prefect
FIRST, DAYS, BATCH = date(2023, 1, 1), 400, 50
DAILY = TableName("core_shop", "daily")
PARAMETERS = {
    "start": str(FIRST),
    "end": str(FIRST + timedelta(days=DAYS - 1)),
    "selectors": ["core_shop.*"],
    "batch_days": BATCH,
}


@pytest.fixture
def old_shop(shop: Any) -> Any:
    """A shop that has sold one thing a day for more than a year, and built nothing."""
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        shop.sell(str(day), "first", [{"id": 1000 + number, "item": "tea", "amount_jpy": number}])
    shop.ingest()
    return shop


def published(shop: Any) -> list[int]:
    """The versions of the table with days."""
    with shop.lake() as lake:
        return list(lake.catalog.versions(DAILY))


def process_of(runs: Any, run: str) -> int:
    return int(runs.server.get(f"/flow_runs/{run}")["infrastructure_pid"].rpartition(":")[2])


def completed(runs: Any, run: str, patience: float = 400) -> dict[str, Any]:
    """Waits for a run that may crash on its way."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found: dict[str, Any] = runs.server.get(f"/flow_runs/{run}")
        if found["state_type"] in ("COMPLETED", "FAILED", "CANCELLED"):
            assert found["state_type"] == "COMPLETED", found["state"]["message"]
            return found
        time.sleep(0.5)
    raise AssertionError(f"it has not ended: {found['state']}")


def assert_everything_is_there_once(runs: Any, shop: Any, run: str) -> None:
    assert shop.rows("select count(*), sum(revenue_jpy) from core_shop.daily where day < date '2024-05-01'") == [
        (DAYS, sum(range(DAYS)))
    ]
    assert len(published(shop)) == DAYS // BATCH, "a batch was published twice, or not for itself"
    assert runs.artifacts({"id": run})["backfill"] == 100


def test_a_backfill_that_is_killed_twice_goes_on_by_itself_and_repeats_no_day(runs: Any, old_shop: Any) -> None:
    """First its process, which the worker sees; then its worker too."""
    run = runs.server.submit("backfill/laptop", PARAMETERS, old_shop.environment)
    wait_until(lambda: len(published(old_shop)) >= 2)
    os.kill(process_of(runs, run), signal.SIGKILL)
    done = len(published(old_shop))
    wait_until(lambda: len(published(old_shop)) >= done + 2)
    victim = process_of(runs, run)
    runs.server.kill("worker")
    os.kill(victim, signal.SIGKILL)
    assert runs.server.get(f"/flow_runs/{run}")["state_type"] == "RUNNING", "nobody can know yet"
    runs.server.start_worker()
    ended = completed(runs, run)
    assert ended["run_count"] == 3
    assert_everything_is_there_once(runs, old_shop, run)


def test_a_server_that_is_away_for_a_while_is_waited_for(runs: Any, old_shop: Any) -> None:
    run = runs.server.submit("backfill/laptop", PARAMETERS, old_shop.environment)
    wait_until(lambda: len(published(old_shop)) >= 2)
    runs.server.kill("server")
    time.sleep(5)
    runs.server.start_server()
    ended = completed(runs, run)
    assert ended["run_count"] == 1
    assert_everything_is_there_once(runs, old_shop, run)


@pytest.fixture
def impatient(runs: Any) -> Iterator[None]:
    """Runs have crashed after a silence of 50 seconds instead of 90; they may say every 30 that they live."""
    with temporary_settings({PREFECT_API_URL: f"{runs.server.address}/api"}):
        establish(automations(silence=timedelta(seconds=50)))
        yield
        establish(automations())


def test_a_run_that_falls_silent_is_repeated_and_full_does_not_do_again_what_it_had_done(
    runs: Any, old_shop: Any, impatient: None
) -> None:
    """A frozen process is as good as a machine that is gone. Everything is fresh, so that cannot tell what was done."""
    old_shop.build()
    before = len(published(old_shop))
    run = runs.server.submit("backfill/laptop", {**PARAMETERS, "full": True}, old_shop.environment)
    wait_until(lambda: len(published(old_shop)) >= before + 3)
    frozen = process_of(runs, run)
    with old_shop.lake() as lake, lake.catalog.locked(DAILY):  # while it publishes it would keep the table's lock
        os.kill(frozen, signal.SIGSTOP)
    try:
        ended = completed(runs, run)
    finally:
        os.kill(frozen, signal.SIGKILL)
    assert ended["run_count"] == 2
    again = len(published(old_shop)) - before
    assert DAYS // BATCH <= again <= DAYS // BATCH + 1, "only the batch at which it died may be repeated"
