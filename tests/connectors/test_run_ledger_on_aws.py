"""The run ledger in a bucket: the same files, below the notes that no reader of tables sees."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from ledger_kill import killed_run
from running_aws import RunningAws
from shop_lake import DAILY, NOW, TOTALS, land
from shop_on_aws import BUCKET, open_aws_shop

from connectors.ledger import open_ledger
from connectors.ledger_files import forget, records
from connectors.noted import build_noted

pytestmark = pytest.mark.aws


def test_what_a_run_did_is_in_the_bucket(aws: RunningAws, home: Path) -> None:
    lake = open_aws_shop(home)
    land(lake, {"2024-05-01": [100], "2024-05-02": [50]})
    with open_ledger(lake, "run") as ledger:
        build_noted(ledger, DAILY)
        build_noted(ledger, TOTALS)
    with open_ledger(lake, "run") as idle:
        build_noted(idle, DAILY)
        build_noted(idle, TOTALS)
    found = {record.run.run: record for record in records(lake, NOW.date())}
    first, second = found[ledger.run], found[idle.run]
    assert [(entry.table, entry.outcome, entry.rows) for entry in first.tables] == [
        (DAILY, "published", 2),
        (TOTALS, "published", 1),
    ]
    builds = [query for query in first.queries if query.kind == "build"]
    assert [(query.table, query.owner, query.state) for query in builds] == [
        (DAILY, "shop", "SUCCEEDED"),
        (TOTALS, "shop", "SUCCEEDED"),
    ]
    assert all(query.cost_usd > 0 for query in builds)
    assert second.queries == ()
    assert (second.tables, second.run.found_fresh(TOTALS)) == ((), True)
    assert lake.target.aws
    folder = lake.target.aws.folder
    listed = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"{folder}/_notes/_runs/")["Contents"]
    assert [one["Key"] for one in listed] == [
        f"{folder}/_notes/_runs/2024-05/{run}.json" for run in sorted((ledger.run, idle.run))
    ]
    assert forget(lake) == 0
    lake.close()


def test_a_run_that_is_killed_loses_what_it_was_working_on_and_no_more(home: Path) -> None:
    assert killed_run(home, "shop_on_aws", "open_aws_shop") == -signal.SIGKILL
    lake = open_aws_shop(home)
    (record,) = records(lake, NOW.date())
    assert record.run.outcome == "running"
    assert [(entry.table, entry.outcome) for entry in record.tables] == [(DAILY, "published")]
    assert [query.table for query in record.queries if query.kind == "build"] == [DAILY]
    lake.close()
