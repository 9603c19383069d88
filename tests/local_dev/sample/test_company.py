"""The sample company's files say what its truth says, and equal companies are equal to the byte."""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from local_dev.sample.company import Company, advance, generate, generated
from local_dev.sample.truth import Truth
from transforms.errors import UsageError

pytestmark = pytest.mark.river

SMALL = Company(seed=3, users=400, days=10, events=8_000)
JST = timedelta(hours=9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample") / "company"


@pytest.fixture(scope="module")
def truth(folder: Path) -> Truth:
    return generate(SMALL, folder)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def lines(folder: Path, table: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted((folder / table).rglob("*.gz")):
        content = path.read_bytes()
        for line in gzip.decompress(content).split(b"\n") if content else []:
            if line:
                yield str(path.relative_to(folder)), line


def held(line: bytes) -> dict[str, Any] | None:
    """The event, or None for what no reader can hold."""
    try:
        event = orjson.loads(line)
        datetime.fromisoformat(event["occurred_at"])
        int(event["user_id"])
    except (orjson.JSONDecodeError, TypeError, ValueError):
        return None
    return dict(event)


def events(folder: Path, table: str) -> dict[str, dict[str, Any]]:
    """Each event once."""
    found = (held(line) for _, line in lines(folder, table))
    return {event["event_id"]: event for event in found if event}


def day_of(event: dict[str, Any]) -> str:
    return str((datetime.fromisoformat(event["occurred_at"]).astimezone(UTC) + JST).date())


def copied(folder: Path, table: str) -> list[list[str]]:
    return [line.split("\t") for line in (folder / "databases" / f"{table}.copy").read_text().splitlines()]


def test_equal_companies_are_equal_to_the_byte(folder: Path, truth: Truth, tmp_path: Path) -> None:
    assert generate(SMALL, tmp_path / "again") == truth
    assert files(tmp_path / "again") == files(folder)


def test_another_seed_is_another_company(truth: Truth, tmp_path: Path) -> None:
    other = generate(Company(seed=4, users=400, days=10, events=8_000), tmp_path)
    assert other.activity_by_day.keys() == truth.activity_by_day.keys()
    assert other.views_by_article != truth.views_by_article


def test_a_company_has_the_asked_size(folder: Path, truth: Truth) -> None:
    tables = ("app_logs/activity", "ad_logs/impressions", "ad_logs/clicks", "ad_logs/conversions")
    assert sum(len(events(folder, table)) for table in tables) == pytest.approx(SMALL.events, rel=0.02)
    assert truth.users == len(copied(folder, "content_db/users")) == SMALL.users


def test_events_of_a_day_are_counted_once_and_in_tokyo(folder: Path, truth: Truth) -> None:
    found = events(folder, "app_logs/activity").values()
    assert Counter(map(day_of, found)) == truth.activity_by_day
    users = defaultdict(set)
    for event in found:
        users[day_of(event)].add(event["user_id"])
    assert {day: len(active) for day, active in users.items()} == truth.active_users_by_day


def test_late_and_repeated_events_are_there(folder: Path, truth: Truth) -> None:
    folders = defaultdict(set)
    for file, line in lines(folder, "app_logs/activity"):
        event = held(line)
        if event:
            folders[event["event_id"], day_of(event)].add(file.split("dt=")[1][:10])
    delays = Counter(
        (date.fromisoformat(arrived) - date.fromisoformat(day)).days
        for (_, day), days in folders.items()
        for arrived in days
    )
    assert set(delays) == {0, 1, 2}
    assert sum(truth.lines[file] for file in truth.lines if file.startswith("app_logs")) > len(folders)


def test_every_kind_of_dirt_is_there_and_counted(folder: Path, truth: Truth) -> None:
    dirty = [(file, line) for file, line in lines(folder, "app_logs/activity") if held(line) is None]
    assert any(line.startswith(b"{") and b"\xff\xfe" in line for _, line in dirty)
    assert any(len(line) > 10_000_000 for _, line in dirty)
    assert any(b'"yesterday"' in line for _, line in dirty)
    assert any(line.startswith(b'"collector') for _, line in dirty)
    assert any(line.endswith(b'"2024-04-0') for _, line in dirty)
    expected = {file: count for file, count in truth.rejects.items() if file.startswith("app_logs")}
    assert Counter(file for file, _ in dirty) == expected
    assert sum(expected.values()) < 0.01 * sum(truth.activity_by_day.values())


def test_some_files_are_empty(folder: Path, truth: Truth) -> None:
    sizes = [path.stat().st_size for path in folder.rglob("*.gz")]
    assert 0 in sizes


def test_a_field_appears_in_mid_month(folder: Path, truth: Truth) -> None:
    days = {day_of(event) for event in events(folder, "app_logs/activity").values() if "network" in event}
    assert days == {day for day in truth.activity_by_day if day >= truth.drift_day}


def test_revenue_is_net_of_refunds_and_void_bookings(folder: Path, truth: Truth) -> None:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in copied(folder, "ads_db/billing.transactions"):
        if row[7] == "settled":
            day = str((datetime.fromisoformat(row[9]) + JST).date())
            totals[f"{day} {row[1]}"] += Decimal(row[6])
    expected = {
        f"{day} {campaign}": Decimal(a) for day, row in truth.revenue_by_day.items() for campaign, a in row.items()
    }
    assert totals == expected


def test_the_failing_campaign_is_paid_back_whole(folder: Path, truth: Truth) -> None:
    name = str(truth.failing_campaign)
    days = [Decimal(row[name]) for row in truth.revenue_by_day.values() if name in row]
    assert max(days) > 100
    assert min(days) < -100
    assert all(row[name][2] == 0 for row in truth.campaigns_by_day.values() if name in row)


def test_the_experiment_has_its_effect(tmp_path: Path) -> None:
    found = generate(Company(users=2_000, events=100_000, days=20), tmp_path).experiment["variants"]
    rate = {name: side["reads"] / side["views"] for name, side in found.items()}
    assert rate["treatment"] / rate["control"] == pytest.approx(1.15, abs=0.06)


def test_a_made_company_is_not_made_again(folder: Path, truth: Truth) -> None:
    before = (folder / "truth.json").stat().st_mtime_ns
    assert generate(SMALL, folder) == truth
    assert (folder / "truth.json").stat().st_mtime_ns == before


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"thesis\.txt"):
        generate(SMALL, tmp_path)
    assert files(tmp_path) == {"thesis.txt": b"mine"}


def test_a_half_made_company_is_made_again(truth: Truth, tmp_path: Path) -> None:
    generate(SMALL, tmp_path)
    (tmp_path / "company.json").unlink()
    (tmp_path / "app_logs/activity/dt=2024-04-01/part-77.jsonl.gz").write_bytes(b"half")
    assert generated(tmp_path) is None
    assert generate(SMALL, tmp_path) == truth
    assert not list(tmp_path.rglob("part-77*"))


def test_the_next_day_adds_files_and_leaves_the_old_ones(truth: Truth, tmp_path: Path) -> None:
    generate(SMALL, tmp_path)
    before = {name: content for name, content in files(tmp_path).items() if "logs/" in name}
    later = advance(tmp_path)
    after = {name: content for name, content in files(tmp_path).items() if "logs/" in name}
    added = {name for name in after if name not in before}
    assert {name: after[name] for name in before} == before
    assert {name.split("dt=")[1][:10] for name in added} == {"2024-04-11"}
    assert "app_logs/activity/dt=2024-04-11/late-0409.jsonl.gz" in added
    assert later.lines.items() > truth.lines.items()
    assert later.rejects.items() > truth.rejects.items()
    assert later.activity_by_day["2024-04-10"] > truth.activity_by_day["2024-04-10"]
    assert Counter(map(day_of, events(tmp_path, "app_logs/activity").values())) == later.activity_by_day


def test_the_next_day_keeps_the_numbers_of_rows(folder: Path, truth: Truth, tmp_path: Path) -> None:
    generate(SMALL, tmp_path)
    advance(tmp_path, 6)
    for table, fixed in (
        ("ads_db/billing.transactions", 7),
        ("content_db/payments", 4),
        ("content_db/plan_changes", 6),
    ):
        before = [row[:fixed] for row in copied(folder, table)]
        after = [row[:fixed] for row in copied(tmp_path, table)]
        assert after[: len(before)] == before
        assert len(after) > len(before)


def test_withdrawn_articles_are_deleted(tmp_path: Path) -> None:
    generate(Company(users=8_000, days=10, events=500), tmp_path)
    before = {row[0] for row in copied(tmp_path, "content_db/articles")}
    truth = advance(tmp_path, 6)
    after = {row[0] for row in copied(tmp_path, "content_db/articles")}
    assert before - after
    assert len(after) == truth.articles


def test_nothing_can_follow_where_no_company_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="generate one first"):
        advance(tmp_path)


def test_exports_are_as_people_make_them(folder: Path, truth: Truth) -> None:
    deals = (folder / "sales/deals_20240408.csv").read_bytes()
    header, *rows = deals.decode("shift_jis").splitlines()
    assert header.startswith("案件番号,会社名")
    assert any('"\uffe5' in row and ",000" in row for row in rows)
    assert sum("未定" in row for row in rows) == truth.rejects["sales/deals_20240408.csv"]
    assert (folder / "sales/targets_2024q2.csv").read_bytes().startswith(b"\xef\xbb\xbfmonth,rep,target_jpy\r\n")


def test_nothing_happens_before_its_time(folder: Path, truth: Truth) -> None:
    signed_up = {int(row[0]): datetime.fromisoformat(row[11]) for row in copied(folder, "content_db/users")}
    published = {int(row[0]): datetime.fromisoformat(row[11]) for row in copied(folder, "content_db/articles")}
    for event in events(folder, "app_logs/activity").values():
        at = datetime.fromisoformat(event["occurred_at"])
        assert signed_up[event["user_id"]] <= at
        articles = [event.get("article_id"), *event.get("shown_article_ids", [])]
        assert all(published[article] <= at for article in articles if article in published)


def test_a_company_with_few_users_has_days_on_which_nobody_signs_up(tmp_path: Path) -> None:
    truth = generate(Company(users=10, days=60, events=300), tmp_path)
    assert truth.users == len(copied(tmp_path, "content_db/users")) == 10
    assert sum(cohort["size"] for cohort in truth.retention_by_day.values()) == 3
