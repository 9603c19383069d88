"""Which AWS a target means."""

from __future__ import annotations

import pytest

from connectors.aws.session import AwsSession
from transforms.aws_target import Aws
from transforms.errors import UsageError


def test_a_shell_that_is_set_for_a_local_aws_reaches_no_other_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5566")
    AwsSession(Aws("eu-west-1", "lake", endpoint="http://127.0.0.1:5567"))
    with pytest.raises(UsageError, match="write unset AWS_ENDPOINT_URL, or --target local-aws"):
        AwsSession(Aws("eu-west-1", "lake"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://vpce.example.com")
    AwsSession(Aws("eu-west-1", "lake"))
