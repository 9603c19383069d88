"""Whatever there is to tell, Slack takes the message; and when Slack asks to wait, we wait."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import mul
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sink import PATH, Sink, slack_sink

from connectors.slack import ATTEMPTS, payload, post
from transforms.alerts import Message, Told
from transforms.errors import OutsideError
from transforms.incidents import KINDS, Incident
from transforms.names import TableName

AT = datetime(2024, 5, 20, 3, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
PAGE = "https://git.example.com/data/docs/operate.md"
DAILY, BEST = TableName("core_shop", "daily"), TableName("shop", "best")
FAILED = Incident(
    "failed core_shop.daily",
    "check-failed",
    (DAILY,),
    "shop",
    AT,
    "daily.sql:8: revenue_jpy: 1 row under 0",
    "baikal runs 20240520T030000-1f",
    "high",
    (TableName("core_shop", "totals"), BEST),
    (DAILY,),
)


def repeated(one: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[Any]:
    """Something as long as the limits are, which is not drawn letter by letter."""
    return st.builds(mul, one, st.integers(1, most))


LONG = st.integers(1, 200).map("a".__mul__)
NAMES = st.lists(st.builds(TableName, LONG, LONG))
INCIDENTS = st.builds(
    Incident,
    key=repeated(st.text(max_size=15), 20),
    kind=st.sampled_from(KINDS),
    tables=NAMES.filter(bool).map(tuple),
    owner=repeated(st.text(min_size=1, max_size=15), 20),
    since=st.just(AT),
    what=repeated(st.text(max_size=15), 20) | repeated(st.text("&<>`é", min_size=1, max_size=10), 1000),
    look=repeated(st.text(max_size=15), 200),
    severity=st.sampled_from(["high", "low"]),
    affected=NAMES.map(tuple),
    promised=NAMES.map(tuple),
)
TEXTS = repeated(st.text(max_size=15), 30)
OVER = st.builds(Told, st.just("shop"), TEXTS, TEXTS, st.just(AT), st.just(AT))


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with slack_sink() as running:
        yield running


@pytest.fixture(autouse=True)
def empty(sink: Sink) -> None:
    sink.messages.clear()
    sink.answers.clear()
    sink.asked = 0


def texts(message: dict[str, Any]) -> str:
    parts = [message["text"]]
    for block in message["blocks"]:
        for one in (block.get("text"), *block.get("fields", ()), *block.get("elements", ())):
            parts += [one["text"]] if one else []
    return "\n".join(parts)


def test_a_message_says_what_since_when_what_is_affected_and_what_to_do(sink: Sink) -> None:
    over = Told("shop", "failed core_shop.items", "w", AT, AT)
    post(sink.url, payload(Message("shop", (FAILED,), (over,)), TOKYO, "prd", PAGE))
    said = texts(sink.messages[0])
    for part in (
        "prd: core_shop.daily failed its checks",
        "core_shop.daily failed its checks",
        "revenue_jpy: 1 row under 0",
        "*Since*\n2024-05-20 12:00",
        "*Owner*\nshop",
        "*Tables below*\n`core_shop.totals`",
        "*Views that people read*\n`shop.best`",
        "*Promised*\n`core_shop.daily`",
        "`baikal runs 20240520T030000-1f --target prd`",
        f"<{PAGE}#check-failed|docs/operate.md#check-failed>",
        "*core_shop.items* is as it should be again; since 2024-05-20 12:00 it was not",
    ):
        assert part in said, part


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(repeated(st.lists(INCIDENTS, max_size=3), 20), repeated(st.lists(OVER, max_size=3), 20))
def test_slack_takes_whatever_there_is_to_tell(sink: Sink, new: list[Incident], over: list[Told]) -> None:
    message = payload(Message("shop", tuple(new), tuple(over)), TOKYO, "prd", PAGE)
    status, text, _ = sink.judge(PATH, "application/json", json.dumps(message).encode())
    assert (status, text) == (200, "ok")


def test_what_slack_reads_as_its_own_marks_is_escaped(sink: Sink) -> None:
    what = "a < b & c > d ```"
    said = texts(payload(Message("shop", (Incident("k", "late", (DAILY,), "shop", AT, what, "l"),)), TOKYO, "prd"))
    assert "a &lt; b &amp; c &gt; d '''" in said
    assert "docs/operate.md#late" in said
    long = Incident("k", "late", (DAILY,), "shop", AT, "&" * 4000, "l")
    block = payload(Message("shop", (long,)), TOKYO, "prd")["blocks"][1]["text"]["text"]
    assert len(block) <= 3000
    assert block.count("&") == block.count("&amp;")


def test_what_slack_asks_to_wait_is_waited(sink: Sink) -> None:
    waited: list[float] = []
    sink.answers += [(429, "rate_limited", {"Retry-After": "7"}), (500, "server_error", {})]
    post(sink.url, payload(Message("shop", (FAILED,)), TOKYO, "prd"), waited.append)
    assert waited == [7.0, 2.0]
    assert len(sink.messages) == 1


def test_a_longer_wait_is_for_the_next_run(sink: Sink) -> None:
    sink.answers += [(429, "rate_limited", {"Retry-After": "300"})]
    with pytest.raises(OutsideError, match="cannot tell Slack: 429 rate_limited"):
        post(sink.url, {"text": "x"}, pytest.fail)
    assert sink.asked == 1


def test_what_slack_refuses_is_not_sent_again_and_told_in_its_words(sink: Sink) -> None:
    with pytest.raises(OutsideError, match="cannot tell Slack: 400 invalid_blocks"):
        post(sink.url, {"text": "x", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]})
    with pytest.raises(OutsideError, match="404 no_service") as told:
        post(sink.url.replace("secret", "other"), {"text": "x"})
    assert "B000" not in str(told.value)
    assert sink.asked == 2


def test_the_address_is_in_no_log_and_in_no_error(sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    sink.answers += [(403, f"you may not POST {PATH}, nor T000/B000, by token=secret", {})]
    with caplog.at_level("INFO"):
        with pytest.raises(OutsideError, match=r"403 you may not POST /\.\./\.\./\.\./\.\., nor") as told:
            post(sink.url, {"text": "x"})
        post(sink.url, {"text": "x"})
        assert "secret" not in str(told.value) + caplog.text


def test_a_slack_that_is_away_is_asked_a_few_times(sink: Sink) -> None:
    waited: list[float] = []
    with pytest.raises(OutsideError, match="cannot tell Slack: no connection"):
        post("http://127.0.0.1:9/secret", {"text": "x"}, waited.append)
    assert waited == [1.0, 2.0, 4.0]
    assert len(waited) == ATTEMPTS - 1
    with pytest.raises(OutsideError, match=r"cannot tell Slack: what the variable holds"):
        post("secret", {"text": "x"}, waited.append)
