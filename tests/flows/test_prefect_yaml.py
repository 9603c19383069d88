"""What would otherwise show only at half past six in the morning."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.client.schemas.schedules import CronSchedule
from prefect.utilities.importtools import import_object

REPOSITORY = Path(__file__).parent.parent.parent
DECLARED: dict[str, Any] = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text())
DEPLOYMENTS = {deployment["entrypoint"]: deployment for deployment in DECLARED["deployments"]}
SECRET = ("password", "secret", "token", "key", "url", "dsn", "connection")

every_deployment = pytest.mark.parametrize("entrypoint", DEPLOYMENTS)


def flow_of(entrypoint: str) -> Flow[..., Any]:
    found = import_object(entrypoint)
    assert isinstance(found, Flow)
    return found


def test_every_flow_has_a_deployment() -> None:
    assert set(DEPLOYMENTS) == {f"flows.{name}.{name}" for name in ("daily", "ingest", "build", "backfill")}


@every_deployment
def test_an_entrypoint_is_a_flow_that_says_what_it_does(entrypoint: str) -> None:
    flow = flow_of(entrypoint)
    assert flow.name == entrypoint.split(".")[-1]
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
def test_a_flow_runs_once_at_a_time_in_the_pool_that_the_environment_names(entrypoint: str) -> None:
    deployment = DEPLOYMENTS[entrypoint]
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    assert deployment["work_pool"]["name"] == "{{ $BAIKAL_WORK_POOL }}"


def test_the_river_flows_before_people_come_to_work_and_the_past_only_when_asked() -> None:
    [morning] = DEPLOYMENTS["flows.daily.daily"]["schedules"]
    assert morning["cron"] == "30 6 * * *"
    assert DEPLOYMENTS["flows.backfill.backfill"]["schedules"] == []
