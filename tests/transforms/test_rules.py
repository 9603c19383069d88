"""What must hold between declarations, and how each breach is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.content import open_content
from transforms.errors import ContentError
from transforms.names import TableName

FILES = {
    "transforms/teams.yaml": "".join(
        f"{team}: {{description: Does things, contact: '#{team}'}}\n" for team in ("ads", "content", "growth", "sales")
    ),
    "connectors/targets.yaml": "laptop: {engine: duckdb, timezone: Asia/Tokyo, connections: {ads_db: ADS_DB_URL}}\n",
    "connectors/sources/ads_db.yaml": (
        "kind: postgres\nowner: ads\ndescription: The ads database.\nconnection: ads_db\n"
        "tables:\n  campaigns: snapshot\n  transactions: {mode: upsert, key: id, cursor: at, day: at}\n"
    ),
    "connectors/sources/ads_db.schema.yaml": (
        "campaigns: {id: bigint, name: string}\ntransactions: {id: bigint, campaign_id: bigint, at: timestamp}\n"
    ),
}
DAILY = """/*
description: Transactions per campaign and day.
owner: ads
partition: day
checks:
  - not_null: [campaign_id, day]
*/
select
  t.campaign_id,  -- Campaign
  count(*) as transactions,  -- How many
  t.day  -- Calendar day
from raw_ads_db.transactions t
where t.day between :start and :end
group by t.campaign_id, t.day
"""
WHOLE = """/*
description: Campaigns.
owner: ads
key: id
*/
select
  id,  -- Campaign
  name  -- What people call it
from raw_ads_db.campaigns
"""
VIEW = """/*
description: What people read.
owner: ads
*/
select
  campaign_id,  -- Campaign
  transactions,  -- How many
  day  -- Calendar day
from core_ads.daily
"""
DAILY_PATH, WHOLE_PATH, VIEW_PATH = (
    "transforms/tables/core_ads/daily.sql",
    "transforms/tables/core_ads/campaigns.sql",
    "transforms/views/ads/daily.sql",
)

Home = Callable[..., list[str]]


@pytest.fixture
def problems(tmp_path: Path) -> Home:
    """What is wrong with a sound home once these files are written over it; None removes one."""

    def write(files: dict[str, str | None]) -> list[str]:
        whole = {**FILES, DAILY_PATH: DAILY, WHOLE_PATH: WHOLE, VIEW_PATH: VIEW, **files}
        for path, text in whole.items():
            if text is not None:
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_text(text, encoding="utf-8")
        return [str(problem) for problem in open_content(tmp_path).problems]

    return write


def test_a_sound_home_has_no_problems(problems: Home) -> None:
    assert problems({"transforms/tables/README.md": "# Tables", "transforms/tables/core_ads/notes.md": ""}) == []


def test_an_owner_must_be_a_team(problems: Home) -> None:
    assert problems({DAILY_PATH: DAILY.replace("owner: ads", "owner: adz")}) == [
        f'{DAILY_PATH}:3: owner "adz" is not in transforms/teams.yaml; owners are ads, content, growth, sales; '
        'did you mean "ads"?'
    ]


def test_the_owner_of_a_source_must_be_a_team(problems: Home) -> None:
    source = FILES["connectors/sources/ads_db.yaml"].replace("owner: ads", "owner: nobody")
    assert problems({"connectors/sources/ads_db.yaml": source}) == [
        'connectors/sources/ads_db.yaml:2: owner "nobody" is not in transforms/teams.yaml; owners are ads, content, '
        "growth, sales"
    ]


def test_without_teams_it_is_said_once(problems: Home) -> None:
    assert problems({"transforms/teams.yaml": None}) == [
        "transforms/teams.yaml: this file is missing: no team is declared, and every source and table has an owner; "
        "write it: ads: {description: "
        'What the team does, contact: "#ads"}'
    ]


def test_a_connection_must_be_in_a_target(problems: Home) -> None:
    source = FILES["connectors/sources/ads_db.yaml"].replace("connection: ads_db", "connection: adsdb")
    assert problems({"connectors/sources/ads_db.yaml": source}) == [
        'connectors/sources/ads_db.yaml:4: connection "adsdb" is in no target of connectors/targets.yaml; '
        "connections are "
        'ads_db; did you mean "ads_db"?'
    ]


def test_a_replica_must_be_in_a_target_too(problems: Home) -> None:
    path = "connectors/sources/ads_db.yaml"
    source = FILES[path].replace("connection: ads_db\n", "connection: ads_db\nreplica: ads_replica\n")
    assert problems({path: source}) == [
        f'{path}:5: replica "ads_replica" is in no target of connectors/targets.yaml; '
        "connections are ads_db; write there ads_replica: ADS_REPLICA_URL"
    ]


def test_without_a_connection_in_any_target_it_is_said_once(problems: Home) -> None:
    crm, schema = "connectors/sources/crm.yaml", "connectors/sources/crm.schema.yaml"
    files: dict[str, str | None] = {
        crm: FILES["connectors/sources/ads_db.yaml"].replace("connection: ads_db", "connection: crm"),
        schema: FILES["connectors/sources/ads_db.schema.yaml"],
        "connectors/targets.yaml": None,
    }
    assert problems(files) == [
        "connectors/targets.yaml: this file is missing: no target has a connection, and the sources need "
        "ads_db and crm; write it: laptop: "
        "{engine: duckdb, timezone: UTC, connections: {ads_db: ADS_DB_URL, crm: CRM_URL}}"
    ]


@pytest.mark.parametrize("path", ["connectors/targets.yaml", "transforms/teams.yaml"])
def test_a_broken_file_is_told_and_not_what_it_leaves_unsaid(problems: Home, path: str) -> None:
    (problem,) = problems({path: "laptop: {engine"})
    assert problem.startswith(f"{path}:1:9: this is not YAML: this mapping has no end")


def test_a_fault_of_a_source_is_not_held_against_what_reads_it(problems: Home, tmp_path: Path) -> None:
    source = FILES["connectors/sources/ads_db.yaml"].replace("kind: postgres", "kind: postgress")
    (problem,) = problems({"connectors/sources/ads_db.yaml": source})
    assert problem.startswith('connectors/sources/ads_db.yaml:1: kind cannot be "postgress"')
    content = open_content(tmp_path)
    for table in (TableName("core_ads", "campaigns"), TableName("ads", "daily")):
        with pytest.raises(ContentError, match='kind cannot be "postgress"'):
            content.require(table)


def test_an_empty_or_unreadable_file_is_a_table_of_which_nothing_is_known(problems: Home, tmp_path: Path) -> None:
    assert problems({DAILY_PATH: ""}) == [
        f"{DAILY_PATH}:1: there is no header; "
        "write above the query: /* {description: What a row is, owner: your team} */"
    ]
    (tmp_path / DAILY_PATH).write_bytes(b"\xff")
    for _ in range(2):
        content = open_content(tmp_path)
        assert [str(one) for one in content.problems] == [f"{DAILY_PATH}:1: this is not UTF-8 text; save it as UTF-8"]
        with pytest.raises(ContentError, match="not UTF-8"):
            content.require(TableName("ads", "daily"))


@pytest.mark.parametrize("gone", ["/*\n", "*/\n"])
def test_a_half_open_header_is_one_problem(problems: Home, gone: str) -> None:
    (problem,) = problems({DAILY_PATH: DAILY.replace(gone, "")})
    assert problem.startswith(f"{DAILY_PATH}:1: the ")


@pytest.mark.parametrize(
    ("old", "new"),
    [("/*\n", ""), ("*/\n", ""), ("owner:", "ownr:"), ("owner:", "owner: {"), (DAILY[: DAILY.index("*/") + 2], "")],
)
def test_a_fault_in_a_header_hides_none_of_the_query(problems: Home, old: str, new: str) -> None:
    found = problems({DAILY_PATH: DAILY.replace(old, new, 1).replace("select\n", "select\n  nope,  -- Not there\n", 1)})
    assert len(found) > 1
    assert any('column "nope" does not exist' in problem for problem in found)


def test_a_misspelt_partition_is_told_in_its_own_line(problems: Home) -> None:
    assert problems({DAILY_PATH: DAILY.replace("partition: day", "partition: dayy")}) == [
        f'{DAILY_PATH}:4: the partition column dayy is not selected; did you mean "day"?'
    ]


def test_every_column_is_documented(problems: Home) -> None:
    assert problems({DAILY_PATH: DAILY.replace("  -- How many", "")}) == [
        f"{DAILY_PATH}:10: column transactions is not documented; write -- What it is, in which unit, "
        f"behind transactions"
    ]


def test_a_column_is_told_where_it_is_selected_from_its_table_or_by_a_star(problems: Home) -> None:
    told = "column {} is not documented; write -- What it is, in which unit, behind {}".format
    assert problems({DAILY_PATH: DAILY.replace("  -- Campaign\n", "\n")}) == [
        f"{DAILY_PATH}:9: {told('campaign_id', 'campaign_id')}"
    ]
    starred = VIEW.replace("campaign_id,  -- Campaign\n  transactions,  -- How many\n  day  -- Calendar day", "*")
    found = problems({VIEW_PATH: starred, DAILY_PATH: DAILY.replace("  -- Campaign\n", "\n")})
    assert f"{VIEW_PATH}:5: {told('campaign_id', 'campaign_id')}" in found


def test_a_view_documents_its_columns_too(problems: Home) -> None:
    assert problems({VIEW_PATH: VIEW.replace("transactions,  -- How many", "transactions + 1 as more,")}) == [
        f"{VIEW_PATH}:7: column more is not documented; write -- What it is, in which unit, behind more"
    ]


def test_a_table_has_checks(problems: Home) -> None:
    assert problems({WHOLE_PATH: WHOLE.replace("key: id\n", "")}) == [
        f"{WHOLE_PATH}:3: this table has no checks; write checks: [{{not_null: [id]}}]"
    ]


def test_keys_and_checks_name_columns(problems: Home) -> None:
    text = WHOLE.replace("key: id", "key: idd\nchecks:\n  - unique: nam")
    assert problems({WHOLE_PATH: text}) == [
        f'{WHOLE_PATH}:4: key names "idd", which is no column; columns are id and name; did you mean "id"?',
        f'{WHOLE_PATH}:6: unique names "nam", which is no column; columns are id and name; did you mean "name"?',
    ]


def test_a_regular_expression_that_athena_rejects_is_told_at_its_check(problems: Home) -> None:
    matches = "key: id\nchecks:\n  - not_null: [id]\n  - matches: {name: '%s'}"
    assert problems({WHOLE_PATH: WHOLE.replace("key: id", matches % "(a")}) == [
        f"{WHOLE_PATH}:7: matches of name: the regular expression '(a' is invalid on Athena: "
        "end pattern with unmatched parenthesis"
    ]
    assert problems({WHOLE_PATH: WHOLE.replace("key: id", matches % "^[a-z]+$")}) == []


def test_a_fault_of_the_partition_hides_none_of_the_checks(problems: Home) -> None:
    faulty = DAILY.replace("partition: day", "partition: campaign_id").replace("[campaign_id, day]", "[campain_id]")
    told = problems({DAILY_PATH: faulty})
    assert any("not_null names" in one for one in told)
    assert any("the partition column campaign_id" in one for one in told)


def test_a_raw_table_must_come_from_a_source(problems: Home) -> None:
    (problem,) = problems({WHOLE_PATH: WHOLE.replace("raw_ads_db.campaigns", "raw_crm.deals")})
    assert problem.startswith(f"{WHOLE_PATH}:9")
    assert "raw_crm.deals" in problem


def test_a_table_that_does_not_exist_is_told_with_the_nearest_name(problems: Home) -> None:
    (problem,) = problems({VIEW_PATH: VIEW.replace("core_ads.daily", "core_ads.dayly")})
    assert problem.startswith(f"{VIEW_PATH}:9")
    assert 'did you mean "core_ads.daily"?' in problem


def test_a_table_that_does_not_exist_is_never_said_to_be_the_one_that_reads_it(problems: Home) -> None:
    (problem,) = problems({VIEW_PATH: VIEW.replace("core_ads.daily", "ads.dayly")})
    assert problem == f"{VIEW_PATH}:9:6: table ads.dayly does not exist"


def test_tables_never_read_views(problems: Home) -> None:
    (problem,) = problems({WHOLE_PATH: WHOLE.replace("raw_ads_db.campaigns", "ads.daily").replace(
        "  id,  -- Campaign\n  name  -- What people call it", "  campaign_id as id  -- Campaign")})  # fmt: skip
    assert problem == (
        f"{WHOLE_PATH}:8: ads.daily is a view, and tables never read views; read the tables that the view reads"
    )


def test_views_never_read_raw_tables(problems: Home) -> None:
    head = VIEW.partition("  campaign_id")[0]
    (problem,) = problems({VIEW_PATH: f"{head}  id  -- Campaign\nfrom raw_ads_db.campaigns\n"})
    assert problem == (
        f"{VIEW_PATH}:7: raw_ads_db.campaigns is a raw table, and views read tables and views; "
        "write a table over it first"
    )


def test_who_reads_a_deprecated_table_is_warned(problems: Home, tmp_path: Path) -> None:
    assert problems({DAILY_PATH: DAILY.replace("owner: ads", "owner: ads\ndeprecated: read core_ads.other")}) == [
        f"{VIEW_PATH}:9: warning: core_ads.daily is deprecated: read core_ads.other"
    ]
    assert open_content(tmp_path).errors == ()


def test_a_cycle_is_named_once(problems: Home) -> None:
    first = WHOLE.replace("raw_ads_db.campaigns", "core_ads.second")
    second = WHOLE.replace("raw_ads_db.campaigns", "core_ads.campaigns")
    assert problems({WHOLE_PATH: first, "transforms/tables/core_ads/second.sql": second}) == [
        f"{WHOLE_PATH}:9: core_ads.campaigns reads core_ads.second reads core_ads.campaigns: nothing can be "
        f"built first; "
        "let one of them read a table above both"
    ]


def test_no_table_of_a_cycle_can_be_built(problems: Home, tmp_path: Path) -> None:
    checked = WHOLE.replace("key: id", "checks:\n  - references: {id: core_ads.later.id}")
    later = "transforms/tables/core_ads/later.sql"
    problems({WHOLE_PATH: checked, later: WHOLE.replace("raw_ads_db.campaigns", "core_ads.campaigns")})
    content = open_content(tmp_path)
    for table in ("campaigns", "later"):
        with pytest.raises(ContentError, match="nothing can be built first"):
            content.require(TableName("core_ads", table))
    assert content.graph.cycles() == []
    content.require(TableName("core_ads", "daily"))


def test_a_table_that_reads_itself_is_a_cycle(problems: Home) -> None:
    assert problems({WHOLE_PATH: WHOLE.replace("raw_ads_db.campaigns", "core_ads.campaigns")}) == [
        f"{WHOLE_PATH}:9: core_ads.campaigns reads itself: nothing can be built first; read the table that "
        f"it is computed "
        "from"
    ]


def test_a_check_that_needs_a_later_table_is_a_cycle(problems: Home) -> None:
    checked = WHOLE.replace("key: id", "checks:\n  - references: {id: core_ads.later.id}")
    (problem,) = problems({
        WHOLE_PATH: checked,
        "transforms/tables/core_ads/later.sql": WHOLE.replace("raw_ads_db.campaigns", "core_ads.campaigns"),
    })  # fmt: skip
    assert problem.startswith(f"{WHOLE_PATH}:")
    assert "core_ads.campaigns reads core_ads.later reads core_ads.campaigns: nothing can be built first" in problem


def test_the_line_that_gives_days_to_a_source_table_is_named(problems: Home) -> None:
    source = "connectors/sources/ads_db.yaml"
    (problem,) = problems({
        source: FILES[source].replace(", day: at", ""),
        DAILY_PATH: DAILY.replace("t.day  --", "cast(t.at as date) as day  --").replace("t.day", "cast(t.at as date)"),
    })  # fmt: skip
    assert problem.endswith(f"write day: at under transactions: of {source}, or remove partition:")


def test_a_table_with_days_needs_an_input_with_days(problems: Home) -> None:
    text = WHOLE.replace("key: id", "key: id\npartition: day").replace(
        "name  -- What people call it", "cast(name as date) as day  -- Day"
    )
    assert problems({WHOLE_PATH: text}) == [
        f"{WHOLE_PATH}:5: a table with days needs an input with days, which tells which of them there are; "
        f"read a table "
        "with days, or remove partition:"
    ]


def test_only_a_table_with_days_is_asked_for_days(problems: Home) -> None:
    assert problems({DAILY_PATH: DAILY.replace("partition: day\n", "")}) == [
        f"{DAILY_PATH}:12: only a table with days has :start and :end; write partition: day in the header, "
        f"or remove them"
    ]


def test_a_table_with_days_asks_for_them(problems: Home) -> None:
    assert problems({DAILY_PATH: DAILY.replace("where t.day between :start and :end\n", "")}) == [
        f"{DAILY_PATH}:4: a table with days is built for some days at a time, and this query does not ask "
        f"for them; write "
        "where day between :start and :end"
    ]


def test_a_test_needs_its_table(problems: Home) -> None:
    assert problems({"transforms/tables/core_ads/dailyy.test.yaml": "[]"}) == [
        "transforms/tables/core_ads/dailyy.test.yaml: this tests core_ads.dailyy, which does not exist; did you mean "
        '"core_ads.daily"?'
    ]


def test_a_check_s_query_needs_a_table_that_names_it_and_is_analysed(problems: Home) -> None:
    path = "transforms/tables/core_ads/daily.lost.check.sql"
    assert problems({path: "select nothing from core_ads.daily"}) == [
        f"{path}: no table names this file in its checks; write - sql: daily.lost.check.sql under checks: of its table",
        f'{path}:1:8: column "nothing" does not exist; columns are campaign_id, day, transactions',
    ]


def test_a_check_s_query_that_is_named_is_sound(problems: Home) -> None:
    checked = DAILY.replace("checks:", "checks:\n  - sql: daily.none.check.sql")
    query = "select * from core_ads.daily where transactions < 1\n"
    assert problems({DAILY_PATH: checked, "transforms/tables/core_ads/daily.none.check.sql": query}) == []


def test_a_check_s_query_has_no_days(problems: Home) -> None:
    path = "transforms/tables/core_ads/daily.late.check.sql"
    checked = DAILY.replace("checks:", "checks:\n  - sql: daily.late.check.sql")
    assert problems({DAILY_PATH: checked, path: "select * from core_ads.daily where day > :end\n"}) == [
        f"{path}: a check's query has no days; remove :start and :end: it sees the table as it would be published"
    ]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "transforms/tables/core_ads/notes.txt",
            'nothing reads a file that ends with ".txt"; here stand .sql, .test.yaml, '
            ".check.sql, .md; rename or remove it",
        ),
        (
            "transforms/tables/core_ads/daily.tests.yaml",
            'nothing reads a file that ends with ".tests.yaml"; here stand .sql, '
            '.test.yaml, .check.sql, .md; did you mean ".test.yaml"?',
        ),
        (
            "transforms/tables/core_ads/Daily.sql",
            '"core_ads.Daily" is not the name of a table; write lower case letters, digits and underscores',
        ),
        (
            "transforms/tables/loose.sql",
            "a table stands in the folder of its database; move it to "
            "transforms/tables/core_ads/loose.sql, or whichever database it belongs to",
        ),
        (
            "transforms/tables/ads/x.sql",
            'the database of a table begins with core_, not "ads"; write '
            "transforms/tables/core_ads/, or make it a view",
        ),
        (
            "transforms/views/core_ads/x.sql",
            'the database of a view has a plain name, not "core_ads"; write transforms/views/ads/',
        ),
        (
            "transforms/views/raw_ads/x.sql",
            'the database of a view has a plain name, not "raw_ads"; write transforms/views/ads/',
        ),
        (
            "connectors/sources/Ads.yaml",
            '"Ads" is not the name of a source; write lower case letters, digits and underscores',
        ),
        (
            "connectors/sources/ads.yml",
            'nothing reads a file that ends with ".yml"; here stand .yaml, .schema.yaml, .py, .md; '
            'did you mean ".yaml"?',
        ),
        (
            "connectors/sources/crm.schema.yaml",
            "this schema has no source; write connectors/sources/crm.yaml, or remove the schema",
        ),
    ],
)
def test_a_file_in_the_wrong_place_is_told(problems: Home, path: str, message: str) -> None:
    assert problems({path: WHOLE}) == [f"{path}: {message}"]


def test_folders_do_not_nest(problems: Home) -> None:
    assert problems({"transforms/tables/core_ads/deep/x.sql": WHOLE, "connectors/sources/deep/x.yaml": ""}) == [
        "connectors/sources/deep: folders of sources do not nest; move its files to connectors/sources",
        "transforms/tables/core_ads/deep: folders of tables do not nest; move its files to transforms/tables/core_ads",
    ]


def test_hidden_files_and_caches_of_python_are_not_looked_at(problems: Home) -> None:
    assert problems({"transforms/tables/core_ads/.daily.sql.swp": "", "transforms/tables/__pycache__/x.pyc": ""}) == []


def test_all_problems_of_all_files_are_told_at_once(problems: Home) -> None:
    found = problems({
        DAILY_PATH: DAILY.replace("owner: ads", "ownr: ads").replace("count(*)", "cont(*)"),
        WHOLE_PATH: WHOLE.replace("key: id", "key: idd").replace("owner: ads", "owner: x"),
        "connectors/sources/ads_db.yaml": FILES["connectors/sources/ads_db.yaml"] + "evry: 1h\n",
        "connectors/targets.yaml": FILES["connectors/targets.yaml"].replace("duckdb", "duck"),
        "transforms/teams.yaml": FILES["transforms/teams.yaml"] + "x: {}\n",
    })  # fmt: skip
    assert {problem.split(":")[0] for problem in found} == {
        DAILY_PATH, WHOLE_PATH, "connectors/sources/ads_db.yaml", "connectors/targets.yaml", "transforms/teams.yaml",
    }  # fmt: skip
    assert found == sorted(found, key=lambda problem: problem.split(":")[0])


def test_a_broken_header_is_one_problem(problems: Home) -> None:
    later = DAILY.replace("from raw_ads_db.transactions t", "from core_ads.daily t")
    broken = DAILY.replace("description: Transactions", "description: Now: Transactions")
    assert problems({DAILY_PATH: broken, "transforms/tables/core_ads/later.sql": later}) == [
        f'{DAILY_PATH}:2:17: this is not YAML: a value with ": " in it needs quotes; write description: "Now: '
        'Transactions per campaign and day."'
    ]


def test_what_reads_a_broken_table_is_not_blamed_for_it(problems: Home) -> None:
    (problem,) = problems({DAILY_PATH: DAILY.replace("t.campaign_id,  -- Campaign", "t.campain_id as campaign_id,")})
    assert problem.startswith(f"{DAILY_PATH}:9")
