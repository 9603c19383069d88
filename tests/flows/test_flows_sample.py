"""The morning run of a small sample company, on a real server, against what the company knows of itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from running_aws import RunningAws, running_aws

from connectors.content import open_content
from connectors.lake import Lake, lake_at, production_lake
from local_dev.parity_targets import compare_targets
from local_dev.sample.company import Company, generate
from local_dev.sample.serving import serving
from local_dev.sample.truth import Truth

pytestmark = [pytest.mark.prefect, pytest.mark.postgres]
REPOSITORY = Path(__file__).parent.parent.parent
CONTENT = ("connectors/sources", "transforms/tables", "transforms/views")


@dataclass(frozen=True)
class Sample:
    """The company's systems at work, a home that reads them, and what is true."""

    home: Path
    environment: dict[str, str]
    truth: Truth
    aws: RunningAws

    def laptop(self) -> Lake:
        return lake_at(self.home / "lake", open_content(self.home))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, servers_folder: Path) -> Iterator[Sample]:
    home, company = tmp_path_factory.mktemp("sample"), servers_folder / "company"
    for path in CONTENT:
        shutil.copytree(REPOSITORY / path, home / path)
    shutil.copy(REPOSITORY / "transforms/teams.yaml", home / "transforms/teams.yaml")
    truth = generate(Company(users=200, days=5, events=3000), company)
    with running_aws(home / "aws") as aws, serving(company) as addresses:
        targets = (REPOSITORY / "connectors/targets.yaml").read_text().replace("http://127.0.0.1:5566", aws.url)
        (home / "connectors/targets.yaml").write_text(targets)
        own = {"BAIKAL_HOME": str(home), "BAIKAL_LAKE": str(home / "lake")}
        yield Sample(home, {**own, **addresses}, truth, aws)


@pytest.fixture(scope="module")
def morning(runs: Any, sample: Sample) -> dict[str, Any]:
    """Its first run on the laptop."""
    run: dict[str, Any] = runs.run("daily/laptop", sample.environment)
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    return run


def test_daily_brings_the_sample_company_from_its_sources_to_its_tables(
    runs: Any, sample: Sample, morning: dict[str, Any]
) -> None:
    with closing(sample.laptop()) as lake:
        built = {name for name, relation in lake.content.relations.items() if relation.kind == "table"}
        labels = {name: f"ingest {name}" for name in lake.content.raw} | {name: f"build {name}" for name in built}
        _, rows = lake.query("select day, sum(revenue_jpy) as yen from core_ads.campaign_daily group by day")
        revenue = {str(row["day"]): row["yen"] for row in rows.read_all().to_pylist()}
    assert revenue == {day: sum(map(Decimal, by.values())) for day, by in sample.truth.revenue_by_day.items()}
    assert runs.river(morning) == {
        label: {labels[above] for above in lake.content.graph.inputs(name)} for name, label in labels.items()
    }


@pytest.mark.aws
def test_it_runs_on_the_local_aws_as_on_a_laptop(runs: Any, sample: Sample, morning: dict[str, Any]) -> None:
    run = runs.run("daily/laptop", sample.environment, target="local-aws")
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    content = open_content(sample.home)
    with (
        closing(sample.laptop()) as here,
        closing(production_lake(sample.home / "scratch", content, "local-aws")) as there,
    ):
        found = list(compare_targets(here, there, content.graph.sort(content.names)))
    assert [(str(one.table), one.difference) for one in found if one.difference] == []
    assert len(found) > 40
    assert sum(one.rows for one in found) > 2000
    views = {str(name) for name, relation in content.relations.items() if relation.kind == "view"}
    glue = sample.aws.client("glue")
    deployed = {
        f"{database['Name']}.{table['Name']}"
        for database in glue.get_databases()["DatabaseList"]
        for table in glue.get_tables(DatabaseName=database["Name"])["TableList"]
        if table["TableType"] == "VIRTUAL_VIEW"
    }
    assert deployed == views


def test_a_month_that_has_ended_is_built_anew_although_it_is_fresh(
    runs: Any, sample: Sample, morning: dict[str, Any]
) -> None:
    last = max(sample.truth.revenue_by_day)
    run = runs.run("month-end/laptop", sample.environment, month=last)
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    assert run["name"] == f"month end {last}"
    closed = runs.tasks(run)
    assert closed.keys() >= {"ingest raw_ad_network.revenue", "build core_kpi.daily"}
    assert closed["build core_kpi.daily"]["name"] == "Completed", "it is built anew, although it is fresh"
    assert not any(name.startswith("build core_content") for name in closed)
