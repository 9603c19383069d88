"""STS as boto3 uses it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from running_aws import RunningAws

pytestmark = pytest.mark.aws


def test_the_caller_has_an_account(aws: RunningAws) -> None:
    found = aws.client("sts").get_caller_identity()
    assert (found["Account"], found["Arn"]) == ("000000000000", "arn:aws:iam::000000000000:user/local")


def test_a_role_is_assumed_for_a_while(aws: RunningAws) -> None:
    sts = aws.client("sts")
    role = "arn:aws:iam::000000000000:role/build"
    assumed = sts.assume_role(RoleArn=role, RoleSessionName="nightly", DurationSeconds=900)
    assert assumed["AssumedRoleUser"]["Arn"] == "arn:aws:sts::000000000000:assumed-role/build/nightly"
    left = assumed["Credentials"]["Expiration"] - datetime.now(UTC)
    assert timedelta(minutes=14) < left < timedelta(minutes=16)
    assert sts.get_session_token()["Credentials"]["SessionToken"]


def test_what_sts_has_not_is_said(aws: RunningAws) -> None:
    with pytest.raises(ClientError, match="the local STS has no GetFederationToken"):
        aws.client("sts").get_federation_token(Name="x-y")
