"""The aws command line: files to and from S3, Glue and Athena as people type them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from asking_athena import Place

pytestmark = pytest.mark.clients
Aws = Callable[..., str]


@pytest.fixture
def aws_cli(run: Callable[..., str]) -> Aws:
    return lambda *words: run("awscli", *words)


def test_files_go_to_s3_and_come_back(aws_cli: Aws, place: Place, tmp_path: Path) -> None:
    big = bytes(range(256)) * 40_000  # in parts, from 8 MB on
    (tmp_path / "files" / "sub").mkdir(parents=True)
    (tmp_path / "files" / "日本 1.txt").write_text("hi")
    (tmp_path / "files" / "sub" / "big.bin").write_bytes(big)
    for file in (tmp_path / "files").rglob("*.*"):
        os.utime(file, (time.time() - 60,) * 2)  # S3 tells times to the second: younger ones may look changed
    there = place.location("files")
    aws_cli("s3", "sync", "files", there)
    assert aws_cli("s3", "sync", "files", there) == ""  # nothing has changed
    listed = aws_cli("s3", "ls", "--recursive", there).splitlines()
    assert [line.split(maxsplit=2)[2] for line in listed] == [
        f"{len(big)} {place.database}/files/sub/big.bin",
        f"2 {place.database}/files/日本 1.txt",
    ]
    aws_cli("s3", "cp", f"{there}sub/big.bin", "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == big
    aws_cli("s3", "mv", f"{there}sub/big.bin", f"{there}moved.bin")
    aws_cli("s3", "rm", f"{there}日本 1.txt")
    assert [line.split()[-1] for line in aws_cli("s3", "ls", there).splitlines()] == ["moved.bin"]


def test_a_presigned_link_needs_no_credentials(aws_cli: Aws, place: Place) -> None:
    (place.folder / "a.txt").write_text("for everybody")
    with urlopen(aws_cli("s3", "presign", f"{place.location('a.txt').rstrip('/')}").strip()) as answer:
        assert answer.read() == b"for everybody"


def test_a_query_is_started_and_its_rows_are_read(aws_cli: Aws, place: Place) -> None:
    place.parquet("t/a.parquet", "select 1::bigint as a, 'x' as b")
    place.table("t", {"a": "bigint", "b": "string"})
    tables = json.loads(aws_cli("glue", "get-tables", "--database-name", place.database, "--output", "json"))
    assert [table["Name"] for table in tables["TableList"]] == ["t"]
    sql = f"select a, b from {place.database}.t"
    where = ("--result-configuration", "OutputLocation=s3://results/cli/", "--output", "text")
    id_ = aws_cli("athena", "start-query-execution", "--query-string", sql, *where).strip()
    state = ""
    for _ in range(20):
        asked = ("--query", "QueryExecution.Status.State", "--output", "text")
        state = aws_cli("athena", "get-query-execution", "--query-execution-id", id_, *asked).strip()
        if state not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.2)
    assert state == "SUCCEEDED"
    rows = aws_cli("athena", "get-query-results", "--query-execution-id", id_, "--query", "ResultSet.Rows[].Data[]")
    assert [value["VarCharValue"] for value in json.loads(rows)] == ["a", "b", "1", "x"]
    assert aws_cli("s3", "cp", f"s3://results/cli/{id_}.csv", "-") == '"a","b"\n"1","x"\n'
