"""What is brought to a Prefect server; that it gets there, tests/flows sees on a real one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from prefect_aws.workers.ecs_worker import ECSJobConfiguration, ECSVariables

from local_dev.deploy import deploy, ecs_template
from transforms.errors import UsageError

REPOSITORY = Path(__file__).parent.parent.parent
ENVIRONMENT = {
    "BAIKAL_IMAGE": "registry/baikal:1",
    "BAIKAL_EXECUTION_ROLE": "arn:aws:iam::123456789012:role/start",
    "BAIKAL_TASK_ROLE": "arn:aws:iam::123456789012:role/baikal",
}

NO_SERVER: Any = object()
"""The template names no block, so nobody is asked for one."""


def test_ecs_gets_the_task_that_the_file_describes() -> None:
    template = ecs_template(ENVIRONMENT)
    deployment = {"env": {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}}
    job = asyncio.run(ECSJobConfiguration.from_template_and_values(template, deployment, client=NO_SERVER))
    task = job.task_definition
    assert (task["cpu"], task["memory"], task["family"]) == (2048, 8192, "baikal")
    assert job.task_run_request["overrides"]["taskRoleArn"] == ENVIRONMENT["BAIKAL_TASK_ROLE"]
    assert task["executionRoleArn"] == ENVIRONMENT["BAIKAL_EXECUTION_ROLE"]
    assert task["containerDefinitions"][0]["image"] == "registry/baikal:1"
    assert job.env["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"
    assert (job.cluster, job.configure_cloudwatch_logs) == ("baikal", True)
    assert "AWS_SECRET_ACCESS_KEY" not in json.dumps(template)


def test_every_word_of_the_file_is_one_of_ecs_and_of_its_type() -> None:
    properties = ecs_template(ENVIRONMENT)["variables"]["properties"]
    given = {name: known["default"] for name, known in properties.items() if known.get("default") is not None}
    ECSVariables.model_validate(given)


def test_what_an_account_must_say_is_asked_for() -> None:
    with pytest.raises(
        UsageError, match="needs the environment variables BAIKAL_EXECUTION_ROLE, BAIKAL_IMAGE, BAIKAL_TASK_ROLE"
    ):
        ecs_template({})


def test_a_target_that_is_not_there_is_told_before_anything_is_sent() -> None:
    with pytest.raises(UsageError, match='no target is named "prod"; targets are laptop'):
        deploy(REPOSITORY, "prod", "pool", "process")
