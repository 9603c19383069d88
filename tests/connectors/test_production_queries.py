"""Queries on Athena: one start whatever gets lost, gone on with after a crash, stopped on demand, so many at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import botocore.client
import pytest
from kill_steps import in_child
from running_aws import RunningAws
from shop_lake import DAILY, edit, land
from shop_on_aws import open_aws_shop, seen

from connectors.aws.athena import Ended, _require_success
from connectors.aws.slots import FOLDER, Slots
from connectors.build import build
from connectors.lake import Lake
from connectors.rate import Rate
from transforms.errors import CheckFailed, OutsideError, Rejected, Stopped
from transforms.query_stats import SOMEBODY_ASKS

pytestmark = pytest.mark.aws
TOKEN = "a-token-of-at-least-thirty-two-characters"
MANY = "unnest(sequence(1, 10000))"
LONG = f"select count(*) from {MANY} a(x), {MANY} b(y), unnest(sequence(1, 100)) c(z) where x * y % 7 = z % 7"


def with_keys(home: Path, more: str) -> Lake:
    """The lake, with more keys of its target."""
    edit(home, "connectors/targets.yaml", "folder:", f"{more}, folder:")
    return open_aws_shop(home)


def staged(aws: RunningAws) -> list[str]:
    """The states of the CTAS queries that this Athena has been sent, newest first."""
    athena, found = aws.client("athena"), []
    for page in athena.get_paginator("list_query_executions").paginate():
        if ids := page["QueryExecutionIds"]:
            found += athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    return [one["Status"]["State"] for one in found if one.get("SubstatementType") == "CREATE_TABLE_AS_SELECT"]


def dies_after(home: Path, operation: str) -> None:
    """A build that is killed right after a call."""
    lake = open_aws_shop(home)
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def dies(client: Any, name: str, parameters: Any) -> Any:
        answer = call(client, name, parameters)
        if name == operation:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    botocore.client.BaseClient._make_api_call = dies  # type: ignore[attr-defined]
    build(lake, DAILY, run="20240519T030000-00000001")


def test_the_next_run_goes_on_with_the_query_of_one_that_died(aws: RunningAws, home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100, 50]})
    before = len(staged(aws))
    code, _ = in_child(lambda: dies_after(home, "StartQueryExecution"))
    assert code == -signal.SIGKILL
    build(lake, DAILY, run="20240520T030000-00000001")
    assert seen(lake) == [["2024-05-01", "2", "150"]]
    assert len(staged(aws)) == before + 1
    assert list(lake.storage.notes("core_shop/daily", "_staged.json")) == []


def test_a_failed_check_does_not_pay_for_its_rows_again(aws: RunningAws, lake: Lake) -> None:
    land(lake, {"2024-05-01": [-1]})
    before = len(staged(aws))
    for run in ("r1", "r2"):
        with pytest.raises(CheckFailed):
            build(lake, DAILY, run=run)
    assert len(staged(aws)) == before + 1


def test_rows_that_another_run_took_over_outlive_the_run_that_staged_them(
    home: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(lake, {"2024-05-01": [100, 50]})
    other, commit = open_aws_shop(home), lake.catalog.commit

    def too_late(*asked: Any, **more: Any) -> Any:
        build(other, DAILY, run="r2")
        land(other, {"2024-05-02": [30]})
        lake.interrupt()  # of the statement for the new day, after the conflict
        return commit(*asked, **more)

    monkeypatch.setattr(lake.catalog, "commit", too_late)
    with pytest.raises(Stopped):
        build(lake, DAILY, run="r1")
    found = other.catalog.get(DAILY)
    assert found
    assert {file.split("/")[2] for part in found.parts.values() for file in part.files} == {"r1"}
    assert seen(other) == [["2024-05-01", "2", "150"]]


def test_what_is_missing_of_an_old_query_is_computed_again(aws: RunningAws, home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [-1]})
    with pytest.raises(CheckFailed):
        build(lake, DAILY, run="r1")
    run = "core_shop/daily/r1"
    gone = [name for name, _ in lake.storage.objects(run) if "day=" in name]  # type: ignore[attr-defined]
    lake.storage.delete(gone)  # type: ignore[attr-defined]
    before = len(staged(aws))
    with pytest.raises(CheckFailed):
        build(lake, DAILY, run="r2")
    assert (len(gone), len(staged(aws))) == (1, before + 1)


def test_an_interrupt_stops_the_running_query(aws: RunningAws, lake: Lake) -> None:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            lake.query(LONG)
        except OutsideError as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    athena = aws.client("athena")
    running = _wait_for(lambda: [i for i in athena.list_query_executions()["QueryExecutionIds"] if _runs(athena, i)])
    lake.interrupt()
    thread.join(20)
    assert "was stopped" in str(failed[0])
    assert _wait_for(lambda: _state(athena, running[0]) == "CANCELLED")
    with pytest.raises(Stopped, match="stopped"):
        lake.query("select 1")


def test_who_waits_for_the_query_of_another_run_does_not_stop_it(aws: RunningAws, lake: Lake) -> None:
    queries, athena = lake.engine.queries, aws.client("athena")  # type: ignore[attr-defined]
    before = athena.list_query_executions()["QueryExecutionIds"]
    failed: list[OutsideError] = []

    def wait() -> None:
        try:
            queries.outcome("", LONG, SOMEBODY_ASKS, TOKEN)
        except OutsideError as error:
            failed.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    ids = _wait_for(lambda: [i for i in athena.list_query_executions()["QueryExecutionIds"] if i not in before])
    assert _wait_for(lambda: _runs(athena, ids[0]))
    lake.interrupt()
    thread.join(20)
    assert len(failed) == 1
    assert _state(athena, ids[0]) in ("RUNNING", "SUCCEEDED")
    athena.stop_query_execution(QueryExecutionId=ids[0])


def test_the_query_of_another_run_is_not_sent_before_there_is_a_slot(aws: RunningAws, home: Path) -> None:
    lake, athena = with_keys(home, "queries: 1"), aws.client("athena")
    queries, bucket = lake.engine.queries, cast(Any, lake.storage)  # type: ignore[attr-defined]
    before = athena.list_query_executions()["QueryExecutionIds"]
    with Slots(bucket, 1, threading.Event()).taken():
        threading.Timer(1.5, lake.interrupt).start()
        with pytest.raises(Stopped):
            queries.outcome("", LONG, SOMEBODY_ASKS, TOKEN[::-1])
    assert athena.list_query_executions()["QueryExecutionIds"] == before


def test_a_process_that_is_told_to_end_stops_its_query(aws: RunningAws, home: Path) -> None:
    command = [sys.executable, "-c", "from local_dev.cli import main; main()", "query", LONG, "--target", "local-aws"]
    athena = aws.client("athena")
    with subprocess.Popen(command, env={**os.environ, "BAIKAL_HOME": str(home)}, stderr=subprocess.PIPE) as process:
        ids = _wait_for(lambda: [i for i in athena.list_query_executions()["QueryExecutionIds"] if _runs(athena, i)])
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 130
    assert _wait_for(lambda: _state(athena, ids[0]) == "CANCELLED")
    slots = open_aws_shop(home).storage.dated_tags(FOLDER)  # type: ignore[attr-defined]
    assert slots == {}


@pytest.mark.parametrize(
    "reason",
    [
        "Insufficient permissions to execute the query. User is not authorized to create partitions on Glue catalog .",
        "User: arn:aws:iam::1:user/x is not authorized to perform: glue:GetDatabases on resource: arn:aws",
        "PERMISSION_DENIED: Access denied on operation: s3://lake/x",
        "FAILED: Execution Error. MetaException(message:Insufficient Lake Formation permission(s): Required Create",
    ],
)
def test_a_permission_that_athena_lacks_is_no_fault_of_the_statement(reason: str) -> None:
    error = {"ErrorCategory": 2, "ErrorType": 1003, "Retryable": False}
    failed: dict[str, Any] = {
        "QueryExecutionId": "q",
        "Status": {"State": "FAILED", "StateChangeReason": reason, "AthenaError": error},
    }
    with pytest.raises(Ended, match="ask for the permission, or correct role: in"):
        _require_success(failed)
    hidden = "COLUMN_NOT_FOUND: line 2:8: Column 'x' cannot be resolved or requester is not authorized to access it"
    failed["Status"]["StateChangeReason"] = hidden
    with pytest.raises(Rejected):
        _require_success(failed)


def test_what_athena_cannot_read_is_the_statements_fault_and_is_told_at_its_line(lake: Lake) -> None:
    with pytest.raises(Rejected) as caught:
        lake.engine.queries.run("select 1\nfrom", SOMEBODY_ASKS)  # type: ignore[attr-defined]
    [problem] = caught.value.problems
    assert (problem.line, problem.column) == (2, 1)
    assert lake.queries == ()


def test_a_query_past_the_timeout_of_the_target_is_stopped(aws: RunningAws, home: Path) -> None:
    lake = with_keys(home, "timeout: 1s")
    with pytest.raises(Stopped, match="ran longer than 0:00:01, the target's timeout"):
        lake.query(LONG)
    athena = aws.client("athena")
    assert _wait_for(lambda: _state(athena, athena.list_query_executions()["QueryExecutionIds"][0]) == "CANCELLED")


def test_a_query_that_reads_past_the_scan_limit_is_stopped(
    aws: RunningAws, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = with_keys(home, "scan_limit: 10MB")
    queries = lake.engine.queries  # type: ignore[attr-defined]
    asked = queries._asked

    def reading(id_: str) -> dict[str, Any]:
        found: dict[str, Any] = asked(id_)  # the local Athena tells bytes when a query has ended, Amazon's before
        return {**found, "Statistics": {"DataScannedInBytes": 10_000_001}}

    monkeypatch.setattr(queries, "_asked", reading)
    with pytest.raises(Stopped, match="read more than the scan_limit, 10,000,000 bytes"):
        lake.query(LONG)
    athena = aws.client("athena")
    assert _wait_for(lambda: _state(athena, athena.list_query_executions()["QueryExecutionIds"][0]) == "CANCELLED")


def test_a_lake_has_so_many_queries_at_once_whoever_sends_them(home: Path) -> None:
    others = [with_keys(home, "queries: 2"), open_aws_shop(home), open_aws_shop(home)]
    held: list[int] = []
    most: list[int] = []

    def work(one: Lake) -> None:
        for _ in range(3):
            with one.engine.queries._slots.taken():  # type: ignore[attr-defined]
                held.append(1)
                most.append(len(held))
                time.sleep(0.05)
                held.pop()

    threads = [threading.Thread(target=work, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 9
    assert max(most) == 2


def test_the_slot_of_a_process_that_died_is_taken(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket: Any = lake.storage
    bucket.write(f"{FOLDER}/0", b"somebody")
    monkeypatch.setattr("connectors.aws.slots.LEASE", timedelta(seconds=2))
    began = time.monotonic()
    with Slots(bucket, 1, threading.Event()).taken():
        assert 1 < time.monotonic() - began < 15


def test_a_lost_slot_is_not_given_back_by_who_had_it(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket: Any = lake.storage
    monkeypatch.setattr("connectors.aws.slots.RENEWAL_S", 0)
    with Slots(bucket, 1, threading.Event()).taken() as lease:
        bucket.write(lease.name, b"another's")
        lease.renew()
        lease.renew()
    assert bucket.read(lease.name) == b"another's"


def test_a_lost_lock_is_not_taken_from_who_has_it(lake: Lake) -> None:
    with lake.storage.alone("lock"):
        lake.storage.note("lock", b"another's")
    assert lake.storage.noted("lock") == b"another's"
    lake.storage.unnote("lock")
    with lake.storage.alone("lock"):
        assert lake.storage.noted("lock")
    assert lake.storage.noted("lock") is None


def _runs(athena: Any, id_: str) -> bool:
    return _state(athena, id_) == "RUNNING"


def _state(athena: Any, id_: str) -> str:
    return str(athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]["Status"]["State"])


def _wait_for(found: Any) -> Any:
    until = time.monotonic() + 20
    while not (value := found()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return value


def test_processes_on_aws_share_the_seats_and_the_rate_of_a_source(home: Path) -> None:
    one, other = (open_aws_shop(home).storage for _ in range(2))
    going, name = threading.Event(), "_sources/shop/connections"
    first = one.seats(name, 2).take(going)
    second = other.seats(name, 2).free()
    assert second is not None
    assert one.seats(name, 2).free() is None
    second.give_back()
    assert one.seats(name, 2).free() is None, "its process keeps the lease for a moment"
    other.close()
    third = one.seats(name, 2).free()
    assert third is not None
    for seat in (first, third):
        seat.give_back()
    one.close()
    assert one.dated_tags(f"_notes/{name}") == {}  # type: ignore[attr-defined]
    now, waited = [1_000_000.0], list[float]()
    rates = [
        Rate(partial(each.swap, "_sources/shop/rate.json"), 2, waited.append, lambda: now[0]) for each in (one, other)
    ]
    for rate in (*rates, *rates):
        rate.wait()
    assert waited == [0.5, 1.0, 2.0], "each that asked again has reserved two moments"
    rates[0].hush(30)
    now[0] += 2
    assert rates[1].quiet() == 28


def test_a_seat_on_aws_is_kept_by_who_uses_it_and_taken_from_the_dead(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.aws.slots.RENEWAL_S", 0.5)
    monkeypatch.setattr("connectors.aws.slots.LEASE", timedelta(seconds=3))
    one, other = (open_aws_shop(home).storage for _ in range(2))
    going, name = threading.Event(), "_sources/shop/requests"
    alive = one.seats(name, 2).take(going)
    other.write(f"_notes/{name}/{'10'[_number(other, name)]}", b"somebody")  # type: ignore[attr-defined]
    began = time.monotonic()
    seat = other.seats(name, 2).take(going)
    assert 2 < time.monotonic() - began < 20, "the lease of the dead has run out, and that of the living has not"
    assert other.seats(name, 2).free() is None
    alive.give_back()
    seat.give_back()


def _number(bucket: Any, name: str) -> int:
    """Of the seat that is taken."""
    [taken] = bucket.dated_tags(f"_notes/{name}")
    return int(taken.rpartition("/")[2])
