"""The sample company on a local AWS: the same tables as on the laptop, with few queries, each source read once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_aws import RunningAws, running_aws

from connectors.lake import Lake, open_lake
from local_dev.sample.company import Company, generate
from local_dev.sample.serving import serving
from transforms.names import TableName

REPOSITORY = Path(__file__).parent.parent.parent
TINY = Company(seed=12, users=300, days=8, events=6_000)
CONTENT = ("connectors/sources", "connectors/targets.yaml", "transforms/tables", "transforms/views")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
pytestmark = [pytest.mark.river, pytest.mark.aws]


def baikal(home: Path, *words: str) -> None:
    command = [str(Path(sys.executable).with_name("baikal")), *words]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env={**os.environ, **CREDENTIALS, "BAIKAL_HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAws]:
    with running_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture(scope="module")
def built(aws: RunningAws, tmp_path_factory: pytest.TempPathFactory, servers_folder: Path) -> Iterator[Path]:
    """A home with the repository's content, built on the laptop and on the local AWS."""
    home = tmp_path_factory.mktemp("home")
    for name in CONTENT:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        copied = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copied(REPOSITORY / name, home / name)
    for file in (REPOSITORY / "transforms").glob("*.yaml"):
        shutil.copy(file, home / "transforms")
    targets = home / "connectors/targets.yaml"
    targets.write_text(targets.read_text().replace("http://127.0.0.1:5566", aws.url))
    company = servers_folder / "on-aws"
    generate(TINY, company)
    with serving(company) as served, pytest.MonkeyPatch.context() as patched:
        for name, value in {**served, **CREDENTIALS}.items():
            patched.setenv(name, value)
        patched.delenv("AWS_PROFILE", raising=False)
        baikal(home, "run")
        baikal(home, "run", "--target", "local-aws")
        yield home


def test_every_table_is_the_same(built: Path) -> None:
    baikal(built, "parity", "--all", "--with", "local-aws")


def test_a_table_takes_one_query_for_its_rows_and_at_most_one_for_its_checks(aws: RunningAws, built: Path) -> None:
    content = open_lake(home=built).content
    tables = {str(name) for name, relation in content.relations.items() if relation.kind == "table"}
    counts = Counter((told["table"], told["kind"]) for told, _ in _queries(aws) if "table" in told)
    assert {table for table, kind in counts if kind == "build"} == tables
    assert [key for key, count in counts.items() if count > 1] == []
    assert {kind for _, kind in counts} == {"build", "audit", "view"}


def test_no_byte_of_a_source_is_read_twice(aws: RunningAws, built: Path) -> None:
    lake = open_lake("local-aws", home=built)
    checked = 0
    for told, query in _queries(aws):
        if told["kind"] != "build":
            continue
        name = TableName.parse(told["table"])
        scanned = query["Statistics"]["DataScannedInBytes"]
        held = sum(_bytes(lake, one.table) for one in lake.content.analyses[name].inputs)
        assert scanned <= held, name
        checked += 1
    assert checked > 20


def _queries(aws: RunningAws) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """What the platform says of each of its queries, and what Athena does."""
    athena = aws.client("athena")
    pages = athena.get_paginator("list_query_executions").paginate()
    ids = [id_ for page in pages for id_ in page["QueryExecutionIds"]]
    for start in range(0, len(ids), 50):
        for one in athena.batch_get_query_execution(QueryExecutionIds=ids[start : start + 50])["QueryExecutions"]:
            comment = one["Query"].removeprefix("/* baikal: ").partition(" */")[0]
            yield json.loads(comment), one


def _bytes(lake: Lake, name: TableName) -> int:
    if lake.content.kind(name) == "view":
        return sum(_bytes(lake, one) for one in lake.tables([name]))
    snapshot = lake.catalog.get(name)
    assert snapshot
    return snapshot.bytes
