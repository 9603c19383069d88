"""What moto plays behind the same port: secrets, parameters and whatever else a client signs for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from running_aws import RunningAws, running_aws

from local_dev.cli import baikal

pytestmark = pytest.mark.aws


def test_secrets_and_parameters_are_kept_when_the_server_is_started_again(tmp_path: Path) -> None:
    with running_aws(tmp_path) as aws:
        arn = aws.client("secretsmanager").create_secret(Name="app/db", SecretString="first")["ARN"]
        aws.client("secretsmanager").put_secret_value(SecretId="app/db", SecretString="second")
        aws.client("ssm").put_parameter(Name="/app/url", Value="https://x", Type="SecureString")
        aws.client("iam").create_role(RoleName="nightly", AssumeRolePolicyDocument="{}")
        with pytest.raises(ClientError, match="ResourceExistsException"):
            aws.client("secretsmanager").create_secret(Name="app/db", SecretString="third")
    assert (tmp_path / ".other_services.jsonl").stat().st_mode & 0o077 == 0, "secrets are for their owner's eyes"
    with running_aws(tmp_path) as aws:
        found = aws.client("secretsmanager").get_secret_value(SecretId="app/db")
        assert (found["SecretString"], found["ARN"]) == ("second", arn)
        parameter = aws.client("ssm").get_parameter(Name="/app/url", WithDecryption=True)["Parameter"]
        assert parameter["Value"] == "https://x"
        assert [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]] == ["nightly"]


def test_they_are_of_the_account_that_sts_names(aws: RunningAws) -> None:
    arn = aws.client("secretsmanager").create_secret(Name="whose", SecretString="x")["ARN"]
    assert arn.split(":")[4] == aws.client("sts").get_caller_identity()["Account"]


def test_they_fail_on_purpose_as_the_others_do(tmp_path: Path) -> None:
    with running_aws(tmp_path, "--fault", "throttle=1") as aws, pytest.raises(ClientError, match="ThrottlingException"):
        aws.client("ssm").get_parameter(Name="x")


def test_a_folder_is_served_by_one_process(tmp_path: Path) -> None:
    with running_aws(tmp_path) as aws:
        again = CliRunner().invoke(baikal, ["aws", "--port", "0", "--data", str(tmp_path)])
        who = f"process {aws.process.pid} on port {aws.url.rpartition(':')[2]}"
        assert (again.exit_code, f"{tmp_path} is served by {who}; end that one" in again.stderr) == (2, True)
    with running_aws(tmp_path):
        pass


def test_the_server_starts_without_moto() -> None:
    """It is half of the server's memory, and most people ask for none of it."""
    code = "import sys, local_dev.aws.server; print({'moto', 'flask', 'werkzeug'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
