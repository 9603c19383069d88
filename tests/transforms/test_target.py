"""Targets are read, the company's and wrong ones; no secret is repeated."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from transforms.aws_target import Aws
from transforms.target import Target, default_targets, read_targets
from transforms.trino_target import Trino
from transforms.yaml_file import read_yaml

REPOSITORY = Path(__file__).parents[2]


def faults(text: str) -> list[str]:
    return [str(problem) for problem in read_targets(read_yaml(text, "targets.yaml"))[1]]


def test_the_company_has_a_laptop_target_with_a_connection_for_each_source() -> None:
    path = "connectors/targets.yaml"
    targets, problems = read_targets(read_yaml((REPOSITORY / path).read_text(encoding="utf-8"), path))
    assert problems == []
    assert (targets["laptop"].engine, targets["laptop"].timezone) == ("duckdb", ZoneInfo("Asia/Tokyo"))
    assert targets["laptop"].connections["ads_db"] == "ADS_DB_URL"


def test_a_target_may_say_how_much_of_the_machine_it_takes() -> None:
    text = "l: {engine: duckdb, timezone: Asia/Tokyo, threads: 2, memory_limit: 512MB}"
    targets, problems = read_targets(read_yaml(text, "targets.yaml"))
    assert problems == []
    assert targets["l"] == Target("l", "duckdb", ZoneInfo("Asia/Tokyo"), {}, 2, "512MB")


def test_without_a_file_there_is_a_laptop_on_utc() -> None:
    assert default_targets()["laptop"].timezone == ZoneInfo("UTC")


def test_a_misspelt_default_is_told() -> None:
    assert faults("prd: {engine: duckdb, timezone: Asia/Tokyo}\nlaptopp: {engine: duckdb, timezone: Asia/Tokyo}") == [
        "targets.yaml:2: no target is named laptop, which every command takes that names none; write laptop: instead "
        "of laptopp:"
    ]
    assert faults("prd: {engine: duckdb, timezone: Asia/Tokyo}") == []


def test_what_is_wrong_is_told_with_the_line_to_write() -> None:
    assert faults("""
laptop:
  engine: duckdv
  timezone: Asia/Tokio
  conections: {}
  threads: 0
  memory_limit: lots
other:
  connections: {ads_db: "postgresql://me:secret@host/db", ok: OK_URL}
third: duckdb
""") == [
        'targets.yaml:5: unknown key "conections"; keys are engine, timezone, connections, secrets, threads, '
        'protected, holidays, runbook and memory_limit; did you mean "connections"?',
        'targets.yaml:3: engine cannot be "duckdv"; it is duckdb, athena or trino; did you mean "duckdb"?',
        'targets.yaml:4: "Asia/Tokio" is not a time zone; write timezone: Asia/Tokyo',
        "targets.yaml:6: threads must be a whole number from 1, not 0",
        'targets.yaml:7: "lots" is not an amount of memory; write memory_limit: 4GB',
        "targets.yaml:8: engine is missing; write engine: duckdb",
        "targets.yaml:8: timezone is missing; write timezone: Asia/Tokyo",
        "targets.yaml:9: connection ads_db must name an environment variable in capitals; addresses and keys are never "
        "in this file; write ads_db: ADS_DB_URL",
        'targets.yaml:10: third must have keys of its own, not be "duckdb"; write third: {engine: duckdb, timezone: '
        "Asia/Tokyo}",
    ]


def test_a_secret_in_the_wrong_place_is_not_repeated_in_the_message() -> None:
    text = "l: {engine: duckdb, timezone: UTC, connections: {db: 'postgresql://me:secret@host/db'}}"
    assert not any("secret" in fault for fault in faults(text))


AWS = "{engine: athena, timezone: UTC, region: us-east-1, bucket: lake"


def test_the_company_has_its_accounts_without_an_account_number_in_the_file() -> None:
    path = "connectors/targets.yaml"
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    targets, _ = read_targets(read_yaml(text, path))
    assert list(targets) == ["laptop", "local-aws", "dev", "stg", "prd", "trino"]
    assert [target.name for target in targets.values() if target.protected] == ["prd"]
    assert [target.name for target in targets.values() if target.aws and target.aws.own_tables] == ["dev"]
    assert all(target.connections.keys() == targets["laptop"].connections.keys() for target in targets.values())
    assert not re.search(r"[0-9]{12}", text)


def test_a_role_is_a_name_and_no_account() -> None:
    assert faults(f"l: {AWS}, role: baikal}}") == []
    assert faults(f"l: {AWS}, role: 'arn:aws:iam::123456789012:role/baikal'}}") == [
        'targets.yaml:1: "arn:aws:iam::123456789012:role/baikal" is not a role; write role: baikal'
    ]


def test_a_connection_may_be_a_secret_of_aws_where_there_is_an_aws() -> None:
    text = "connections: {a: 'secretsmanager:baikal/sources#a', b: 'ssm:/baikal/b', c: C_URL}}"
    assert faults(f"l: {AWS}, {text}") == []
    assert len(faults(f"l: {{engine: duckdb, timezone: UTC, {text}")) == 2
    [told] = faults(f"l: {AWS}, connections: {{a: 'postgresql://me:secret@host/db'}}}}")
    assert told == (
        "targets.yaml:1: connection a must name an environment variable in capitals or a secret of AWS; addresses and "
        "keys are never in this file; write a: A_URL or a: secretsmanager:baikal/a"
    )


def test_the_tables_of_a_person_stand_beside_the_shared_ones() -> None:
    shared = Aws("us-east-1", "lake", database_prefix="dev_", own_tables=True)
    taro = shared.of("taro")
    assert (taro.database_prefix, taro.folder, taro.bucket) == ("dev_taro_", "lake_taro", "lake")


def test_a_target_on_trino_names_a_cluster_and_a_folder() -> None:
    text = "t: {engine: trino, timezone: Asia/Tokyo, url: https://trino.example.com/, catalog: lake, folder: /mnt/lake}"
    targets, problems = read_targets(read_yaml(text, "targets.yaml"))
    assert problems == []
    place = targets["t"].trino
    assert place == Trino("https://trino.example.com", "lake", "/mnt/lake")
    assert place
    assert (place.scheme, place.host, place.port, place.is_local) == ("https", "trino.example.com", 443, False)
    local = Trino("http://127.0.0.1:8484", "lake", "lake")
    assert (local.port, local.is_local) == (8484, True)


def test_what_is_wrong_with_a_target_on_trino_is_told() -> None:
    assert faults("""
t:
  engine: trino
  timezone: Asia/Tokyo
  url: https://me:secret@trino.example.com
  catalog: My Lake
  password: hunter2
  location: /mnt/lake
  bucket: x
""") == [
        'targets.yaml:9: unknown key "bucket"; keys are engine, timezone, connections, secrets, threads, protected, '
        "holidays, runbook, url, catalog, user, role, password, folder, location and timeout",
        "targets.yaml:2: folder is missing; write folder: /mnt/lake",
        "targets.yaml:5: url must be http:// or https://, a host and perhaps a port; no user and no password is in it; "
        "write url: https://trino.example.com:8443",
        'targets.yaml:6: "My Lake" is not a catalog; write catalog: lake',
        "targets.yaml:7: password must name an environment variable in capitals; no password is in this file; "
        "write password: TRINO_PASSWORD",
        'targets.yaml:8: "/mnt/lake" is not a location; write location: local:///',
    ]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "http://trino.example.com:8080",
            "targets.yaml:3: a password would be sent in clear to an http:// address; "
            "write url: https://trino.example.com:8080",
        ),
        ("https://trino.example.com", None),
        ("http://127.0.0.1:8484", None),
        ("http://localhost:8484", None),
    ],
)
def test_a_password_is_sent_in_clear_to_nobody_else(url: str, told: str | None) -> None:
    place = (
        f"t: {{engine: trino, timezone: Asia/Tokyo,\n  catalog: lake, folder: /mnt/lake, password: P,\n  url: '{url}'}}"
    )
    assert faults(place) == ([told] if told else [])
    assert faults(place.replace("password: P,", "")) == []
