"""`make deploy` on a real server: a work pool of ECS, and deployments that say their target."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.prefect
REPOSITORY = Path(__file__).parent.parent.parent
ACCOUNT = {
    "BAIKAL_IMAGE": "registry/baikal:1",
    "BAIKAL_TASK_ROLE": "arn:aws:iam::000000000000:role/baikal",
    "BAIKAL_EXECUTION_ROLE": "arn:aws:iam::000000000000:role/start",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's content, of which one table is wanted at night, too."""
    home, no_code = tmp_path_factory.mktemp("home"), shutil.ignore_patterns("*.py", "__pycache__")
    for package in ("connectors", "transforms"):
        shutil.copytree(REPOSITORY / package, home / package, ignore=no_code)
    file = home / "transforms/tables/core_ads/campaign_daily.sql"
    file.write_text(file.read_text().replace("owner: ads\n", 'owner: ads\nschedule: "15 2 * * 1-5"\n'))
    return home


@pytest.fixture
def deployed(runs: Any, home: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """The deployments of stg, by their flows; gone afterwards, with what they planned."""
    environment = {**os.environ, **runs.server.variables, **ACCOUNT, "BAIKAL_HOME": str(home)}
    command = [sys.executable, "-m", "local_dev.deploy", "stg", "--kind", "ecs"]
    for _ in range(2):  # the second time, everything is there already
        subprocess.run(command, env=environment, check=True, capture_output=True)
    found = runs.server.post("/deployments/filter", {"deployments": {"name": {"any_": ["stg"]}}})
    yield {one["entrypoint"].split(".")[-1]: one for one in found}
    for one in found:
        runs.server.delete(f"/deployments/{one['id']}")
    runs.server.delete("/work_pools/baikal-stg")


def test_a_target_is_deployed_as_often_as_one_likes(runs: Any, deployed: dict[str, dict[str, Any]]) -> None:
    assert set(deployed) == {"daily", "ingest", "build", "backfill", "check", "housekeeping", "month_end"}
    for one in deployed.values():
        assert (one["parameters"]["target"], one["work_pool_name"]) == ("stg", "baikal-stg")
        assert set(one["tags"]) == {"baikal", "stg"}
        assert one["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"
        assert one["global_concurrency_limit"]["limit"] == 1
    [due] = deployed["ingest"]["schedules"]
    assert (due["schedule"]["cron"], due["schedule"]["timezone"]) == ("0 */1 * * *", "Asia/Tokyo")

    hourly, nightly = sorted(deployed["build"]["schedules"], key=lambda one: str(one["slug"]))
    assert (hourly["slug"], hourly["parameters"]) == ("hourly", {})
    assert (nightly["schedule"]["cron"], nightly["schedule"]["timezone"]) == ("15 2 * * 1-5", "Asia/Tokyo")
    assert nightly["parameters"] == {"selectors": ["+core_ads.campaign_daily"]}

    pool = runs.server.get("/work_pools/baikal-stg")
    assert pool["type"] == "ecs"
    variables = pool["base_job_template"]["variables"]["properties"]
    assert variables["image"]["default"] == "registry/baikal:1"
    assert variables["task_role_arn"]["default"] == ACCOUNT["BAIKAL_TASK_ROLE"]

    automations = [one["name"] for one in runs.server.post("/automations/filter", {})]
    assert sorted(automations) == [
        "baikal: a run that has crashed runs again",
        "baikal: a run that has gone silent has crashed",
    ]
