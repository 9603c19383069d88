"""What would otherwise show only at half past six in the morning."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.client.schemas.schedules import CronSchedule
from prefect.utilities.importtools import import_object

REPOSITORY = Path(__file__).parent.parent.parent
VARIABLES = {"BAIKAL_TARGET": "stg", "BAIKAL_WORK_POOL": "baikal-stg", "BAIKAL_INGEST_CRON": "0 * * * *"}
TEXT = (REPOSITORY / "prefect.yaml").read_text()
DECLARED: dict[str, Any] = yaml.safe_load(re.sub(r"\{\{ \$(\w+) \}\}", lambda found: VARIABLES[found[1]], TEXT))
DEPLOYMENTS = {deployment["entrypoint"]: deployment for deployment in DECLARED["deployments"]}
SECRET = ("password", "secret", "token", "key", "url", "dsn", "connection")

FLOWS = ("daily", "ingest", "build", "backfill", "check", "housekeeping")

every_deployment = pytest.mark.parametrize("entrypoint", DEPLOYMENTS)


def flow_of(entrypoint: str) -> Flow[..., Any]:
    found = import_object(entrypoint)
    assert isinstance(found, Flow)
    return found


def test_every_flow_has_a_deployment() -> None:
    custom = [f"custom.{file.stem}" for file in (REPOSITORY / "flows/custom").glob("[!_]*.py")]
    names = [(name, name.split(".")[-1]) for name in (*FLOWS, *custom)]
    assert set(DEPLOYMENTS) == {f"flows.{module}.{flow}" for module, flow in names}


@every_deployment
def test_an_entrypoint_is_a_flow_that_says_what_it_does(entrypoint: str) -> None:
    flow = flow_of(entrypoint)
    assert flow.name == entrypoint.split(".")[-1].replace("_", "-")
    assert flow.description
    assert callable(flow.flow_run_name)


@every_deployment
def test_parameters_are_those_of_the_flow_and_none_is_missing(entrypoint: str) -> None:
    flow, given = flow_of(entrypoint), DEPLOYMENTS[entrypoint]["parameters"]
    known = inspect.signature(flow.fn).parameters
    assert set(given) <= set(known)
    required = {name for name, parameter in known.items() if parameter.default is inspect.Parameter.empty}
    if DEPLOYMENTS[entrypoint]["schedules"]:
        assert required <= set(given)
        flow.validate_parameters(given)


@every_deployment
def test_no_secret_can_be_a_parameter(entrypoint: str) -> None:
    names = inspect.signature(flow_of(entrypoint).fn).parameters
    assert not [name for name in names if any(word in name for word in SECRET)]


@every_deployment
def test_schedules_are_real_and_in_the_companys_time(entrypoint: str) -> None:
    for schedule in DEPLOYMENTS[entrypoint]["schedules"]:
        made = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
        assert made.timezone == "Asia/Tokyo"
        assert schedule["slug"]


@every_deployment
def test_a_flow_runs_once_at_a_time_in_the_pool_of_its_target(entrypoint: str) -> None:
    deployment = DEPLOYMENTS[entrypoint]
    asked_for = entrypoint == "flows.backfill.backfill"
    assert deployment["concurrency_limit"]["limit"] == 1
    assert deployment["concurrency_limit"]["collision_strategy"] == ("ENQUEUE" if asked_for else "CANCEL_NEW")
    assert deployment["work_pool"]["name"] == "baikal-stg"


@every_deployment
def test_a_deployment_is_named_after_its_target_and_says_it_as_a_parameter(entrypoint: str) -> None:
    deployment = DEPLOYMENTS[entrypoint]
    assert (deployment["name"], deployment["parameters"]["target"]) == ("stg", "stg")
    assert deployment["tags"] == ["baikal", "stg"]


def test_the_river_flows_before_people_come_to_work_and_the_past_only_when_asked() -> None:
    [morning] = DEPLOYMENTS["flows.daily.daily"]["schedules"]
    assert morning["cron"] == "30 6 * * *"
    assert DEPLOYMENTS["flows.backfill.backfill"]["schedules"] == []
