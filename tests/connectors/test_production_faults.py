"""What a person must mend: one error that says what to change, exit code 3, and nothing half done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from running_aws import RunningAws
from shop_lake import DAILY, land
from shop_on_aws import BUCKET, open_aws_shop, place_of, seen

from connectors.build import build
from connectors.catalogs.glue_words import SWITCHING
from connectors.location import MARKER
from local_dev.cli import baikal

pytestmark = pytest.mark.aws
TARGETS = "connectors/targets.yaml"
Failing = Callable[[str, str], None]


@pytest.fixture
def landed(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a lake with orders in it, of which nothing is built yet."""
    lake = open_aws_shop(home)
    land(lake, {"2024-05-01": [100]})
    lake.close()
    monkeypatch.setenv("BAIKAL_HOME", str(home))
    return home


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Makes a call of AWS answer with an error."""
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def fail(operation: str, code: str) -> None:
        def failed(client: Any, name: str, parameters: Any) -> Any:
            if name == operation or operation == "*":
                raise ClientError({"Error": {"Code": code, "Message": "told by AWS"}}, name)
            return call(client, name, parameters)

        monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", failed)

    return fail


def run() -> str:
    """What a person is told, once."""
    result = CliRunner().invoke(baikal, ["run", "core_shop.daily", "--target", "local-aws"])
    assert result.exit_code == 3, result.output
    return result.output


def nothing_is_done(aws: RunningAws, home: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """No table, no rows, no note of it; the marker of a folder that was noted once is gc's."""
    monkeypatch.undo()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    lake = open_aws_shop(home)
    folder = lake.storage.url("")[len(f"s3://{BUCKET}/") :]
    found = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=folder).get("Contents", [])
    keys = [each["Key"] for each in found if "core_shop/daily" in each["Key"]]
    left = [key for key in keys if not key.endswith(f"/{MARKER}")]
    tables = aws.client("glue").get_tables(DatabaseName=lake.catalog.staging)["TableList"] if _staged(aws, lake) else []  # type: ignore[attr-defined]
    return lake.catalog.get(DAILY) is None and left == [] and tables == []


def _staged(aws: RunningAws, lake: Any) -> bool:
    names = [each["Name"] for each in aws.client("glue").get_databases()["DatabaseList"]]
    return lake.catalog.staging in names


def changed(home: Path, old: str, new: str) -> None:
    text = (home / TARGETS).read_text()
    assert old in text
    (home / TARGETS).write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("operation", "code", "told"),
    [
        ("*", "ExpiredToken", "the AWS credentials have expired; sign in again"),
        ("GetTable", "ExpiredTokenException", "the AWS credentials have expired; sign in again"),
        ("*", "InvalidAccessKeyId", "AWS does not know the credentials"),
        (
            "GetTable",
            "AccessDeniedException",
            "the credentials may not do this; ask for the permission, or correct role:",
        ),
        (
            "StartQueryExecution",
            "AccessDeniedException",
            "cannot start a query on Athena: the credentials may not do this",
        ),
        ("CreateTable", "AccessDeniedException", "the credentials may not do this; ask for the permission"),
        ("*", "RequestTimeTooSkewed", "the clock of this machine is wrong; set it"),
        ("GetTable", "InvalidSignatureException", "the secret access key does not belong to the access key, or the"),
        (
            "GetWorkGroup",
            "InvalidRequestException",
            "cannot use Athena's workgroup primary: it is not there; create it, or correct workgroup: in connectors/",
        ),
        ("StartQueryExecution", "TooManyRequestsException", "the account runs as many queries as it may; lower quer"),
    ],
)
def test_what_aws_refuses_is_told_with_what_to_change(
    aws: RunningAws,
    landed: Path,
    failing: Failing,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    code: str,
    told: str,
) -> None:
    failing(operation, code)
    output = run()
    assert told in output
    assert output.count("told by AWS") == 1
    if operation != "CreateTable":
        assert nothing_is_done(aws, landed, monkeypatch)


def test_a_profile_that_is_not_there(landed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "The config profile (nobody) could not be found; correct AWS_PROFILE, or add it to ~/.aws/config" in run()


def test_a_role_that_may_not_be_assumed(landed: Path, failing: Failing) -> None:
    changed(landed, "region: us-east-1", "region: us-east-1, role: build")
    failing("AssumeRole", "AccessDenied")
    assert "the credentials may not assume the role; ask for that, or correct role: in connectors/targets.yaml" in run()


def test_a_bucket_that_is_not_there(aws: RunningAws, landed: Path) -> None:
    changed(landed, "127.0.0.1", "localhost")
    changed(landed, f"bucket: {BUCKET}", "bucket: nobodys-lake")
    told = "cannot use the bucket nobodys-lake: the bucket is not there; create it, or correct bucket: in connectors"
    assert told in run()


def test_a_bucket_in_another_region(landed: Path) -> None:
    changed(landed, "127.0.0.1", "localhost")
    changed(landed, "region: us-east-1", "region: eu-central-1")
    told = (
        f"cannot use the bucket {BUCKET}: it is in us-east-1, and the target in eu-central-1; write region: us-east-1"
    )
    assert told in run()


def test_a_workgroup_that_enforces_its_own_location(
    aws: RunningAws, landed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = {"ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/elsewhere/"}}
    aws.client("athena").create_work_group(Name="strict", Configuration=where)
    changed(landed, "region: us-east-1", "region: us-east-1, workgroup: strict")
    assert "Athena's workgroup strict enforces a location of its own for results" in run()
    with monkeypatch.context() as patched:  # who may not look at it is told by Athena itself
        patched.setattr("connectors.aws.place._require_workgroup", lambda *_: None)
        assert "Athena's workgroup strict enforces a location of its own for results" in run()
    changed(landed, ", workgroup: strict", "")
    assert nothing_is_done(aws, landed, monkeypatch)


def test_a_table_of_somebody_else_in_the_way(aws: RunningAws, home: Path, landed: Path) -> None:
    lake = open_aws_shop(home)
    place, glue = place_of(lake, DAILY), aws.client("glue")
    glue.create_database(DatabaseInput={"Name": place.database})
    glue.create_table(DatabaseName=place.database, TableInput={"Name": "daily", "Parameters": {"owner": "someone"}})
    assert "that is not the platform's; give yours another name, or move that one away" in run()
    assert glue.get_table(DatabaseName=place.database, Name="daily")["Table"]["Parameters"] == {"owner": "someone"}


def test_days_that_may_not_be_switched_are_switched_by_the_next_run(
    aws: RunningAws, landed: Path, failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context():
        failing("BatchCreatePartition", "AccessDeniedException")
        assert "the credentials may not do this; ask for the permission" in run()
        assert "the credentials may not do this" in run(), "not told to be fresh while nobody sees its days"
    monkeypatch.undo()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    lake = open_aws_shop(landed)
    build(lake, DAILY, run="later")
    assert seen(lake) == [["2024-05-01", "1", "100"]]
    glue, place = aws.client("glue"), place_of(lake, DAILY)
    told = glue.get_table(DatabaseName=place.database, Name=place.table)["Table"]["Parameters"]
    assert SWITCHING not in told
