"""Which failures are tried again, and how often."""

from __future__ import annotations

from typing import Any

import pytest
from prefect import task
from prefect.client.schemas.objects import TaskRun
from prefect.states import Failed

from flows.retries import PATIENT, can_succeed
from transforms.errors import (
    CheckFailed,
    Conflict,
    ContentError,
    DataError,
    OutsideError,
    Problem,
    SchemaChanged,
    Stopped,
    TooManyRejects,
    UsageError,
)


@task
def some_task() -> None: ...


def tried_again(error: Any) -> bool:
    run = TaskRun.model_construct()
    return can_succeed(some_task, run, Failed(data=error))


@pytest.mark.parametrize("error", [OutsideError("the database is away"), Conflict("another run was first")])
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    assert tried_again(error)


@pytest.mark.parametrize(
    "error",
    [
        CheckFailed("3 rows under 0"),
        ContentError([Problem("a.sql", 1, 1, "wrong")]),
        DataError("wrong"),
        SchemaChanged("changed"),
        Stopped("it ran longer than the timeout"),
        TooManyRejects("many"),
        UsageError("wrong"),
        ValueError("a fault of our own"),
        None,
    ],
)
def test_what_fails_again_is_not_tried_again(error: Exception | None) -> None:
    assert not tried_again(error)


def test_tries_are_few_and_spread() -> None:
    assert PATIENT["retries"] == len(PATIENT["retry_delay_seconds"])
    assert PATIENT["retry_jitter_factor"] > 0
