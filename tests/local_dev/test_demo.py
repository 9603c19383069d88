"""The demo for real: a small company, its PostgreSQL and APIs, every table and view of the repository."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from slack_sink import slack_sink

from connectors.home import REPOSITORY
from local_dev.cli import baikal
from local_dev.demo import _activation
from local_dev.sample.serving import serving
from local_dev.sample_home import SERVED, sample_folder

pytestmark = [pytest.mark.river, pytest.mark.postgres]
CONTENT = (
    "connectors/sources",
    "connectors/targets.yaml",
    "transforms/tables",
    "transforms/views",
    "transforms/teams.yaml",
)
SMALL = ("--users", "300", "--days", "30", "--events", "12000", "--seed", "7")


@pytest.fixture(scope="module")
def company(servers_folder: Path) -> Iterator[tuple[Path, Result]]:
    """A home after its first demo."""
    home = servers_folder / "demo"
    for part in CONTENT:
        source, copy = REPOSITORY / part, home / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.endswith("_URL")]:
            patch.delenv(name)
        patch.setenv("BAIKAL_HOME", str(home))
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        yield home, CliRunner().invoke(baikal, ["demo", *SMALL])


def call(home: Path, *words: str) -> Any:
    result = CliRunner(env={"BAIKAL_HOME": str(home)}).invoke(baikal, [*words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_who_has_not_activated_the_environment_is_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Path(sys.executable).parent
    monkeypatch.setenv("PATH", str(programs))
    assert _activation() == []
    monkeypatch.setenv("PATH", "")
    assert _activation() == [f"source {os.path.relpath(programs / 'activate')}"]


def test_the_demo_ends_with_what_was_built_and_what_to_try(company: tuple[Path, Result]) -> None:
    home, result = company
    assert result.exit_code == 0, result.output
    assert "from sources to views in" in result.stdout
    tries = result.stdout[result.stdout.index("try next:") :].splitlines()[1:]
    assert len(tries) == 3
    for line in tries:
        words = line.strip().split(" ", 2)
        assert words[0] == "baikal"
        assert call(home, words[1], words[2].strip('"'))


def test_every_table_and_view_can_be_read_and_is_of_the_declared_type(company: tuple[Path, Result]) -> None:
    home, _ = company
    views = sorted((home / "transforms/views").glob("*/*.sql"))
    assert len(views) >= 10
    for file in views:
        name = f"{file.parent.name}.{file.stem}"
        declared = [column["name"] for column in call(home, "show", name)["columns"]]
        found = call(home, "query", f"select * from {name} limit 1")
        assert [column["name"] for column in found["columns"]] == declared


def test_a_second_demo_goes_on_from_there(company: tuple[Path, Result]) -> None:
    home, _ = company
    found = call(home, "demo")
    assert found["company"] == {"users": 300, "days": 30, "events": 12000, "seed": 7}
    assert {table["state"] for table in found["tables"]} == {"fresh"}


def test_a_second_demo_claims_no_check_that_it_did_not_run(company: tuple[Path, Result]) -> None:
    home, first = company
    assert " checks passed" in first.stdout
    result = CliRunner(env={"BAIKAL_HOME": str(home)}).invoke(baikal, ["demo"])
    assert "nothing was stale, so no check ran" in result.stdout
    assert "passed" not in result.stdout


def test_a_run_after_the_demo_finds_the_sample_company_by_itself(company: tuple[Path, Result]) -> None:
    home, _ = company
    found = call(home, "run")
    assert {table["state"] for table in found["tables"]} == {"fresh"}
    again = call(home, "run", "source:ads_db", "source:acquisition")
    assert {table["state"] for table in again["tables"]} <= {"fresh", "landed"}
    assert "ADS_DB_URL" not in os.environ


def test_another_company_in_the_same_home_is_refused(company: tuple[Path, Result]) -> None:
    home, _ = company
    result = CliRunner(env={"BAIKAL_HOME": str(home)}).invoke(baikal, ["demo", "--seed", "8"])
    assert result.exit_code == 2
    assert "another sample company is in" in result.stderr


def test_a_new_source_is_written_from_the_live_database(
    company: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = company
    with serving(sample_folder(home)) as addresses:
        assert {name for name in addresses if name.endswith("_URL")} == SERVED
        monkeypatch.setenv("SECOND_DB_URL", addresses["CONTENT_DB_URL"])
        words = ("new", "source", "second", "--connection", "SECOND_DB_URL", "--owner", "content")
        result = CliRunner(env={"BAIKAL_HOME": str(home)}).invoke(baikal, words)
        assert result.exit_code == 0, result.output
        found = call(home, "run", "raw_second.*")
    assert {table["state"] for table in found["tables"]} == {"landed"}
    assert call(home, "check")["errors"] == 0
    assert addresses["CONTENT_DB_URL"] not in (home / "connectors/sources/second.yaml").read_text()
    users = {column["name"]: column for column in call(home, "show", "raw_second.users")["columns"]}
    assert users["email"]["personal"]


def test_a_failed_check_is_one_alert_for_each_owner_with_the_views_below(
    company: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = company
    clicks = home / "transforms/tables/core_ads/clicks.sql"
    whole = clicks.read_text()
    with slack_sink() as sink:
        for owner in ("ADS", "GROWTH", "PLATFORM"):
            monkeypatch.setenv(f"{owner}_SLACK_URL", sink.url)
        clicks.write_text(whole.replace("checks:\n", "checks:\n  - row_count: {min: 1000000000}\n", 1))
        words = ["run", "core_ads.clicks+", "--json"]
        assert CliRunner(env={"BAIKAL_HOME": str(home)}).invoke(baikal, words).exit_code == 1
        assert {one["owner"] for one in call(home, "slo", "--alert")} == {"ads", "growth", "platform"}
        ads, growth, platform = (json.dumps(message) for message in sink.messages)
        assert all("core_ads.clicks failed its checks" in message for message in (ads, growth, platform))
        assert all(f"`{view}`" in ads for view in ("ads.campaign_performance", "kpi.daily", "growth.channels"))
        assert all(f"`{view}`" in platform for view in ("kpi.daily", "kpi.anomalies"))
        assert "`growth.channels`" in growth
        assert "`kpi.daily`" not in growth
        assert call(home, "slo", "--alert") == []
        clicks.write_text(whole)
        call(home, "run", "core_ads.clicks+")
        monkeypatch.setattr("transforms.alerts.is_quiet", lambda *_: False)
        assert len(call(home, "slo", "--alert")) == 3
        assert all("core_ads.clicks* is as it should be again" in json.dumps(one) for one in sink.messages[3:])


def test_the_company_lives_its_next_day(company: tuple[Path, Result]) -> None:
    home, _ = company
    sql = "select count(distinct day) from raw_app_logs.activity"
    before = call(home, "query", sql)["rows"][0][0]
    found = call(home, "demo", "--advance", "1")
    assert {table["state"] for table in found["tables"]} <= {"landed", "built", "fresh"}
    assert call(home, "query", sql)["rows"][0][0] == before + 1
