"""After a run of the whole river, tables and views say what the generator knows to be true; a day later again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from connectors.lake import Lake, open_lake
from local_dev.sample.company import Company, advance, generate
from local_dev.sample.serving import serving
from local_dev.sample.truth import Truth
from transforms.names import TableName

REPOSITORY = Path(__file__).parent.parent.parent
SMALL = Company(seed=11, users=1_500, days=30, events=40_000)
SOURCES = ("app_logs", "ad_logs", "content_db", "ads_db", "acquisition", "ad_network", "sales")
pytestmark = pytest.mark.river


def baikal(lake: Path, variables: Mapping[str, str], *words: str) -> None:
    environment = {**os.environ, **variables, "BAIKAL_HOME": str(REPOSITORY), "BAIKAL_LAKE": str(lake)}
    command = [str(Path(sys.executable).with_name("baikal")), *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=lake.parent)
    assert done.returncode == 0, done.stderr + done.stdout


class River:
    """The lake after a run, with what is true of the company at that time."""

    def __init__(self, lake: Lake, truth: Truth) -> None:
        self.lake = lake
        self.truth = truth

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        _, reader = self.lake.query(sql)
        table = reader.read_all()
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def pairs(self, sql: str) -> dict[Any, Any]:
        return dict(self.rows(sql))


@pytest.fixture(scope="module", params=["first run", "a day later"])
def river(request: pytest.FixtureRequest) -> Iterator[River]:
    # Not pytest's folder: for root, PostgreSQL is another user, whom every new run of pytest would shut out of it.
    with TemporaryDirectory(prefix="baikal-") as made:
        folder, lake = Path(made) / "company", Path(made) / "lake"
        truth = generate(SMALL, folder)
        with serving(folder) as variables:
            baikal(lake, variables, "run")
        if request.param == "a day later":
            truth = advance(folder)
            with serving(folder) as variables:
                baikal(lake, variables, "run", *(f"source:{source}" for source in SOURCES))
                baikal(lake, variables, "run")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BAIKAL_LAKE", str(lake))
            yield River(open_lake(home=REPOSITORY), truth)


def money(amounts: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(amount) for name, amount in amounts.items() if Decimal(amount)}


def test_every_event_counts_once_on_its_day(river: River) -> None:
    sql = "select cast(day as varchar), count(*) from core_app.activity group by day"
    assert river.pairs(sql) == river.truth.activity_by_day


def test_users_visits_and_reading_of_a_day(river: River) -> None:
    found = river.rows("select cast(day as varchar), dau, sessions, article_views, article_reads from core_kpi.daily")
    expected = {
        (
            day,
            river.truth.active_users_by_day[day],
            river.truth.sessions_by_day[day],
            river.truth.views_by_day[day],
            river.truth.reads_by_day[day],
        )
        for day in river.truth.activity_by_day
    }
    assert set(found) == expected


def test_views_of_the_most_viewed_articles(river: River) -> None:
    found = river.pairs(
        "select cast(article_id as varchar), sum(views) from core_content.article_daily group by article_id"
    )
    assert {article: found[article] for article in river.truth.views_by_article} == river.truth.views_by_article


def test_retention_of_each_cohort(river: River) -> None:
    sql = "select cast(signed_up_on as varchar), days_later, users, returned from core_app.retention"
    found: dict[str, dict[str, int]] = {}
    for day, later, users, returned in river.rows(sql):
        if later in (1, 7):
            found.setdefault(day, {"size": users})[f"day_{later}"] = returned
    assert found == {day: cohort for day, cohort in river.truth.retention_by_day.items() if "day_1" in cohort}


def test_the_ad_funnel(river: River) -> None:
    sql = """
        select cast(day as varchar), cast(campaign_id as varchar), impressions, clicks, conversions
        from core_ads.funnel_daily where impressions + clicks + conversions > 0
    """
    found = {(day, campaign): steps for day, campaign, *steps in river.rows(sql)}
    expected = river.truth.campaigns_by_day.items()
    assert found == {(day, campaign): steps for day, row in expected for campaign, steps in row.items()}


def test_revenue_is_net_of_refunds(river: River) -> None:
    sql = "select cast(day as varchar), cast(campaign_id as varchar), revenue_jpy from core_ads.campaign_daily"
    found = {(day, campaign): amount for day, campaign, amount in river.rows(sql)}
    rows = river.truth.revenue_by_day.items()
    assert found == {(day, campaign): Decimal(amount) for day, row in rows for campaign, amount in row.items()}
    assert river.rows("select sum(refunded_jpy) from core_ads.campaign_daily") == [(Decimal(river.truth.refunds_jpy),)]


def test_what_channels_cost(river: River) -> None:
    sql = "select channel, sum(cost_jpy) from core_growth.channel_daily group by channel"
    assert river.pairs(sql) == money(river.truth.acquisition_cost_jpy)


def test_what_the_users_of_a_channel_brought(river: River) -> None:
    paid = "select channel, sum(paid_jpy) from core_growth.user_value group by channel"
    clicks = "select channel, sum(clicks_jpy) from core_growth.user_value group by channel"
    assert {name: amount for name, amount in river.pairs(paid).items() if amount} == money(river.truth.payments_jpy)
    assert {name: amount for name, amount in river.pairs(clicks).items() if amount} == money(
        river.truth.click_revenue_jpy
    )


def test_payments_of_a_day(river: River) -> None:
    found = river.pairs(
        "select cast(day as varchar), payments_jpy from core_kpi.daily where payments_jpy <> decimal '0'"
    )
    days = river.truth.activity_by_day
    assert found == {day: amount for day, amount in money(river.truth.payments_by_day).items() if day in days}


def test_revenue_of_the_networks(river: River) -> None:
    assert river.rows("select sum(revenue_usd) from raw_ad_network.revenue") == [
        (Decimal(river.truth.network_revenue_usd),)
    ]


def test_users_and_their_plans(river: River) -> None:
    sql = "select count(*), count_if(status = 'closed'), count_if(plan = 'premium') from core_users.users"
    assert river.rows(sql) == [(river.truth.users, river.truth.deleted_users, river.truth.premium_users)]
    current = "select count(*), count_if(plan = 'premium') from core_users.plan_history where is_current"
    assert river.rows(current) == [(river.truth.users, river.truth.premium_users)]


def test_withdrawn_articles_are_gone(river: River) -> None:
    assert river.rows("select count(*) from core_content.articles") == [(river.truth.articles,)]


def test_the_experiment(river: River) -> None:
    sql = "select variant, users, views, reads, difference_low, difference_high from core_experiment.results"
    found = {variant: rest for variant, *rest in river.rows(sql)}
    sides = river.truth.experiment["variants"]
    assert {name: rest[:3] for name, rest in found.items()} == {
        name: [side["users"], side["views"], side["reads"]] for name, side in sides.items()
    }
    rates = {name: side["reads"] / side["views"] for name, side in sides.items()}
    low, high = found["treatment"][3:]
    assert low < rates["treatment"] - rates["control"] < high


def test_deals_and_what_was_won(river: River) -> None:
    sql = "select stage, count(*), cast(sum(amount_jpy) as bigint) from core_sales.deals group by stage"
    assert {stage: rest for stage, *rest in river.rows(sql)} == river.truth.deals
    won = river.pairs("select rep, cast(sum(won_jpy) as bigint) from core_sales.pipeline group by rep")
    assert {rep: amount for rep, amount in won.items() if amount} == {
        rep: amount for rep, amount in river.truth.won_by_rep.items() if amount
    }
    first = river.rows(
        "select month, cast(sum(target_jpy) as bigint) from raw_sales.targets group by month order by month"
    )
    assert first[0][1] == river.truth.sales_target_jpy


def test_the_outage_is_flagged(river: River) -> None:
    found = river.pairs("select cast(day as varchar), difference_percent from kpi.anomalies where metric = 'sessions'")
    assert found[river.truth.outage_day] < -40


def test_rejects_are_those_that_were_planted(river: River) -> None:
    expected: dict[str, int] = {}
    for file, count in river.truth.rejects.items():
        source, rest = file.split("/", 1)
        table = rest.split("_")[0] if source == "sales" else rest.split("/")[0]
        expected[f"raw_{source}.{table}"] = expected.get(f"raw_{source}.{table}", 0) + count
    found = {}
    for source in SOURCES:
        for table in river.lake.content.sources[source].tables:
            snapshot = river.lake.catalog.get(TableName(f"raw_{source}", table.name.table))
            assert snapshot is not None
            found[str(table.name)] = snapshot.reject_rows
    assert {name: count for name, count in found.items() if count} == expected


def test_good_lines_are_all_there(river: River) -> None:
    for table in ("app_logs.activity", "ad_logs.impressions", "ad_logs.clicks", "ad_logs.conversions"):
        expected = sum(count for file, count in river.truth.lines.items() if file.startswith(table.replace(".", "/")))
        assert river.rows(f"select count(*) from raw_{table}") == [(expected,)]
