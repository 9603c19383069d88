"""The agency's and the networks' APIs: pages, keys, failures that pass, numbers that are restated."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from local_dev.sample.api import KEYS, apis
from local_dev.sample.company import Company, advance, generate
from local_dev.sample.truth import Truth

pytestmark = pytest.mark.http

DAYS = Company(users=200, days=16, events=1_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    generate(DAYS, tmp_path)
    return tmp_path


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as opened:
        yield opened


def ask(client: httpx.Client, url: str, api: str) -> httpx.Response:
    """Ask until the answer is not a passing failure."""
    for _ in range(4):
        answer = client.get(url, headers={"X-Api-Key": KEYS[api]})
        if answer.status_code < 429:
            return answer
    raise AssertionError(f"{url} keeps failing")


def spend(client: httpx.Client, address: str, query: str = "") -> list[dict[str, str]]:
    rows, page = [], 1
    while page:
        answer = ask(client, f"{address}/v1/spend?page={page}{query}", "acquisition").json()
        rows += answer["data"]
        page = answer["next_page"]
    return rows


def revenue(client: httpx.Client, address: str) -> list[dict[str, str]]:
    rows, url = [], f"{address}/v2/reports/revenue"
    while url:
        answer = ask(client, url, "ad_network").json()
        rows += answer["report"]["rows"]
        url = answer["links"]["next"]
    return rows


def test_pages_hold_every_row_once(folder: Path, client: httpx.Client) -> None:
    truth = Truth.load(folder / "truth.json")
    with apis(folder) as addresses:
        rows = spend(client, addresses["acquisition"])
        earned = revenue(client, addresses["ad_network"])
    assert len(rows) == len({(row["report_date"], row["channel"]) for row in rows}) == 5 * DAYS.days
    totals: dict[str, Decimal] = {}
    for row in rows:
        totals[row["channel"]] = totals.get(row["channel"], Decimal()) + Decimal(row["cost_jpy"])
    assert totals == {channel: Decimal(cost) for channel, cost in truth.acquisition_cost_jpy.items()}
    assert sum(Decimal(row["revenue_usd"]) for row in earned) == Decimal(truth.network_revenue_usd)


def test_asked_days_only(folder: Path, client: httpx.Client) -> None:
    with apis(folder) as addresses:
        rows = spend(client, addresses["acquisition"], "&from=2024-04-03&to=2024-04-04")
    assert {row["report_date"] for row in rows} == {"2024-04-03", "2024-04-04"}


def test_some_requests_fail_and_the_same_ones_every_time(folder: Path, client: httpx.Client) -> None:
    def statuses() -> list[tuple[int, str | None]]:
        with apis(folder) as addresses:
            url, headers = f"{addresses['acquisition']}/v1/channels", {"X-Api-Key": KEYS["acquisition"]}
            answers = [client.get(url, headers=headers) for _ in range(8)]
        return [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers]

    first = statuses()
    assert first == statuses()
    assert (500, None) in first
    assert (429, "1") in first
    assert first.count((200, None)) == 6


def test_a_wrong_key_gets_nothing(folder: Path, client: httpx.Client) -> None:
    with apis(folder) as addresses:
        assert client.get(f"{addresses['ad_network']}/v2/reports/revenue").status_code == 401


def test_a_bad_day_is_refused(folder: Path, client: httpx.Client) -> None:
    with apis(folder) as addresses:
        assert ask(client, f"{addresses['acquisition']}/v1/spend?from=yesterday", "acquisition").status_code == 400


def test_the_newest_three_days_are_restated(folder: Path, client: httpx.Client) -> None:
    with apis(folder) as addresses:
        before = {(row["report_date"], row["channel"]): row for row in spend(client, addresses["acquisition"])}
        advance(folder)
        after = {(row["report_date"], row["channel"]): row for row in spend(client, addresses["acquisition"])}
    changed = {day for day, channel in before if before[day, channel] != after[day, channel]}
    assert changed == {"2024-04-14", "2024-04-15", "2024-04-16"}
    assert "2024-04-17" in {day for day, _ in after}
