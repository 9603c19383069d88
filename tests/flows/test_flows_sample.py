"""The morning run of a small sample company, on a real server, against what the company knows of itself."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.lake import open_lake
from local_dev.sample.company import Company, generate
from local_dev.sample.serving import serving

pytestmark = [pytest.mark.prefect, pytest.mark.postgres]
REPOSITORY = Path(__file__).parent.parent.parent
CONTENT = (
    "connectors/sources",
    "connectors/targets.yaml",
    "transforms/tables",
    "transforms/views",
    "transforms/teams.yaml",
)


def test_daily_brings_the_sample_company_from_its_sources_to_its_tables(
    runs: Any, tmp_path: Path, servers_folder: Path
) -> None:
    home, lake_folder, company = tmp_path / "home", tmp_path / "lake", servers_folder / "company"
    for path in CONTENT:
        _copy(REPOSITORY / path, home / path)
    truth = generate(Company(users=200, days=5, events=3000), company)
    environment = {"BAIKAL_HOME": str(home), "BAIKAL_LAKE": str(lake_folder)}
    with serving(company) as addresses:
        run = runs.run("daily/laptop", {**environment, **addresses})
        closing = max(truth.revenue_by_day)
        month_end = runs.run("month-end/laptop", {**environment, **addresses}, month=closing)
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    assert month_end["state"]["type"] == "COMPLETED", month_end["state"]["message"]
    assert month_end["name"] == f"month end {closing}"
    closed = runs.tasks(month_end)
    assert closed.keys() >= {"ingest raw_ad_network.revenue", "build core_kpi.daily"}
    assert closed["build core_kpi.daily"]["name"] == "Completed", "it is built anew, although it is fresh"
    assert not any(name.startswith("build core_content") for name in closed)

    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        lake = open_lake()
        built = {name for name, relation in lake.content.relations.items() if relation.kind == "table"}
        labels = {name: f"ingest {name}" for name in lake.content.raw} | {name: f"build {name}" for name in built}
        _, rows = lake.query("select day, sum(revenue_jpy) as yen from core_ads.campaign_daily group by day")
        revenue = {str(row["day"]): row["yen"] for row in rows.read_all().to_pylist()}
    assert revenue == {day: sum(map(Decimal, by.values())) for day, by in truth.revenue_by_day.items()}
    assert runs.river(run) == {
        label: {labels[above] for above in lake.content.graph.inputs(name)} for name, label in labels.items()
    }


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)
