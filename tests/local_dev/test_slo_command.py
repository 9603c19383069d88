"""`baikal slo`: a person sees which promises hold, and what to do about those that do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from shop_home import write_orders

Call = Callable[..., Result]
Document = Callable[..., Any]
ITEMS = "transforms/tables/core_shop/items.sql"


@pytest.fixture
def promised(home: Path) -> Iterator[Path]:
    text = (home / ITEMS).read_text()
    (home / ITEMS).write_text(text.replace("owner: shop", 'owner: shop\nslo: {fresh_by: "23:59", days_met: 95%}'))
    return home


def test_without_promises_it_says_how_to_make_one(home: Path, cli: Call) -> None:
    result = cli("slo")
    assert result.exit_code == 0
    assert 'a promise is slo: {fresh_by: "09:00", days_met: 99%} in a header' in result.stdout


def test_a_promise_and_what_is_wrong_above_it(promised: Path, cli: Call, document: Document) -> None:
    document("run")
    (promise,) = document("slo")["promises"]
    assert (promise["name"], promise["objective"], promise["promise"]) == ("core_shop.items", "fresh_by", "23:59")
    assert (promise["state"], promise["judged_days"], promise["allowed"], promise["left"]) == ("met", 1, 1, 1)
    write_orders(promised.parent / "logs", "2024-05-02", [{"id": 7, "item": "pen", "email": "x@y.z", "amount_jpy": -5}])
    document("run", "source:shop", "core_shop.*", code=1)
    (incident,) = document("slo")["incidents"]
    assert (incident["kind"], incident["severity"], incident["tables"]) == (
        "check-failed",
        "high",
        ["core_shop.orders"],
    )
    assert incident["affected"] == ["core_shop.items", "shop.best"]
    assert incident["look"].startswith("baikal runs ")
    shown = cli("slo", "core_shop.items").stdout
    assert "core_shop.orders failed its checks" in shown
    assert "docs/operate.md#check-failed" in shown
    assert cli("slo", "raw_shop.orders").stdout.startswith("raw_shop.orders promises nothing; a promise is slo: {fresh")
    assert document("slo", "raw_shop.orders") == {"promises": [], "incidents": []}


def test_a_team_without_a_channel_is_told_nothing(promised: Path, document: Document) -> None:
    assert document("slo", "--alert") == []


def test_a_message_that_cannot_be_sent_leaves_with_3(promised: Path, cli: Call, document: Document) -> None:
    teams = 'shop: {description: Sells things, contact: "#shop", slack: SHOP_SLACK_URL}\n'
    (promised / "transforms/teams.yaml").write_text(teams)
    write_orders(promised.parent / "logs", "2024-05-02", [{"id": 7, "item": "pen", "email": "x@y.z", "amount_jpy": -5}])
    document("run", code=1)
    result = cli("slo", "--alert")
    assert result.exit_code == 3
    assert "the environment variable SHOP_SLACK_URL is not set" in result.stderr
