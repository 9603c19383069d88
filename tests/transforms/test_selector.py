"""Which tables each form of a selector names."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from transforms.analysis import Analysis, Input
from transforms.content import CheckQuery, Content
from transforms.errors import UsageError
from transforms.names import TableName
from transforms.relation import Check, Relation
from transforms.selector import select
from transforms.source import Source, SourceTable
from transforms.target import Target
from transforms.teams import Team

READS = {
    "core_ads.campaigns": ["raw_ads_db.campaigns"],
    "core_ads.daily": ["raw_ads_db.transactions", "core_ads.campaigns"],
    "core_app.sessions": ["raw_app.events"],
    "core_kpi.daily": ["core_ads.daily", "core_app.sessions"],
    "kpi.daily": ["core_kpi.daily"],
}


def relation(name: TableName) -> Relation:
    kind, folder = ("view", "views") if name.layer == "view" else ("table", "tables")
    owner = {"core_ads": "ads", "core_app": "product"}.get(name.database, "growth")
    checks = (Check("sql", "daily.net.check.sql", "error", 4),) if str(name) == "core_ads.daily" else ()
    path = f"transforms/{folder}/{name.database}/{name.table}.sql"
    tags = ("kpi",) if "kpi" in name.database else ()
    return Relation(name, "view" if kind == "view" else "table", path, "", "D", owner, checks=checks, tags=tags)


def source(name: str, owner: str, *tables: str) -> Source:
    landed = tuple(SourceTable(TableName(f"raw_{name}", table), "snapshot", ()) for table in tables)
    return Source(name, f"connectors/sources/{name}.yaml", "postgres", owner, "D", name, landed)


NAMES = [TableName.parse(name) for name in READS]
NET = "transforms/tables/core_ads/daily.net.check.sql"
CONTENT = Content(
    home=Path(),
    sources={"ads_db": source("ads_db", "ads", "campaigns", "transactions"), "app": source("app", "product", "events")},
    relations={name: relation(name) for name in NAMES},
    teams={name: Team(name, "D", "#c") for name in ("ads", "growth", "product", "sales")},
    targets={"laptop": Target("laptop", "duckdb", ZoneInfo("UTC"))},
    analyses={
        name: Analysis((), tuple(Input(TableName.parse(one)) for one in READS[str(name)]), "f") for name in NAMES
    },
    tests={TableName("core_app", "sessions"): "transforms/tables/core_app/sessions.test.yaml"},
    check_queries={NET: CheckQuery(NET, "", Analysis((), (), "f"))},
)
EVERYTHING = [
    "raw_ads_db.campaigns", "core_ads.campaigns", "raw_ads_db.transactions", "core_ads.daily", "raw_app.events",
    "core_app.sessions", "core_kpi.daily", "kpi.daily",
]  # fmt: skip


def selected(*selectors: str, changed: tuple[str, ...] = ()) -> list[str]:
    return [str(name) for name in select(CONTENT, selectors, changed=changed)]


def test_without_a_selector_everything_is_selected_inputs_first() -> None:
    assert selected() == EVERYTHING


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("core_ads.daily", ["core_ads.daily"]),
        ("kpi.daily", ["kpi.daily"]),
        ("raw_ads_db.*", ["raw_ads_db.campaigns", "raw_ads_db.transactions"]),
        ("core_ads.*", ["core_ads.campaigns", "core_ads.daily"]),
        (
            "+core_ads.daily",
            ["raw_ads_db.campaigns", "core_ads.campaigns", "raw_ads_db.transactions", "core_ads.daily"],
        ),
        ("core_ads.campaigns+", ["core_ads.campaigns", "core_ads.daily", "core_kpi.daily", "kpi.daily"]),
        ("+core_app.sessions+", ["raw_app.events", "core_app.sessions", "core_kpi.daily", "kpi.daily"]),
        ("source:ads_db", ["raw_ads_db.campaigns", "raw_ads_db.transactions"]),
        ("source:app+", ["raw_app.events", "core_app.sessions", "core_kpi.daily", "kpi.daily"]),
        ("owner:product", ["raw_app.events", "core_app.sessions"]),
        ("owner:sales", []),
        ("tag:kpi", ["core_kpi.daily", "kpi.daily"]),
        ("+tag:kpi", EVERYTHING),
    ],
)
def test_a_selector_names_tables(selector: str, names: list[str]) -> None:
    assert selected(selector) == names


def test_several_selectors_are_added_up() -> None:
    assert selected("kpi.daily", "source:app", "kpi.*") == ["raw_app.events", "kpi.daily"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("transforms/tables/core_ads/campaigns.sql", ["core_ads.campaigns"]),
        ("transforms/views/kpi/daily.sql", ["kpi.daily"]),
        ("transforms/tables/core_app/sessions.test.yaml", ["core_app.sessions"]),
        (NET, ["core_ads.daily"]),
        ("connectors/sources/app.yaml", ["raw_app.events"]),
        ("connectors/sources/ads_db.schema.yaml", ["raw_ads_db.campaigns", "raw_ads_db.transactions"]),
        ("README.md", []),
    ],
)
def test_changed_is_what_a_changed_file_declares(path: str, names: list[str]) -> None:
    assert selected("changed", changed=(path,)) == names


def test_changed_may_be_followed_downstream() -> None:
    assert selected("changed+", changed=("connectors/sources/app.yaml",))[-1] == "kpi.daily"


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        (
            "core_ads.dayly",
            'no table or view is named "core_ads.dayly"; a selector is database.table, database.*, source:x, '
            'owner:x, tag:x or changed; did you mean "core_ads.daily"?',
        ),
        (
            "core_adz.*",
            'no database is named "core_adz"; there are core_ads, core_app, core_kpi, kpi, raw_ads_db and '
            'raw_app; did you mean "core_ads"?',
        ),
        ("core_ads", '"core_ads" is a database; write core_ads.* for all of its tables'),
        ("daily", '"daily" is not a whole name; write core_ads.daily, core_kpi.daily or kpi.daily'),
        (
            "chnged",
            'no table or view is named "chnged"; a selector is database.table, database.*, source:x, owner:x, tag:x '
            'or changed; did you mean "changed"?',
        ),
        ("source:adsdb", 'no source is named "adsdb"; there are ads_db and app; did you mean "ads_db"?'),
        ("owner:adz", 'no owner is named "adz"; there are ads, growth, product and sales; did you mean "ads"?'),
        ("tag:kpis", 'no tag is named "kpis"; there are kpi; did you mean "kpi"?'),
        ("sorce:app", 'nothing is selected by "sorce:"; write source:x, owner:x or tag:x; did you mean "source"?'),
    ],
)
def test_a_selector_that_names_nothing_is_a_wrong_call(selector: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        selected(selector)
    assert str(raised.value) == message
