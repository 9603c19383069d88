"""An AwsCredentials block of a real server."""

from __future__ import annotations

import os
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.credentials import BLOCK, use_credentials

pytestmark = pytest.mark.prefect
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def test_a_flow_run_takes_the_keys_of_the_block_that_its_environment_names(
    runs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect_aws import AwsCredentials  # half a second, which unit tests do not need

    for name in KEYS:
        monkeypatch.setenv(name, "the machine's")
    with temporary_settings({PREFECT_API_URL: f"{runs.server.address}/api"}):
        block = AwsCredentials(aws_access_key_id="AKIABLOCK", aws_secret_access_key="s3cr3t", region_name="us-east-1")
        block.save("lake-dev", overwrite=True)
        use_credentials()
        assert os.environ["AWS_ACCESS_KEY_ID"] == "the machine's"
        monkeypatch.setenv(BLOCK, "lake-dev")
        use_credentials()
    assert [os.environ.get(name) for name in KEYS] == ["AKIABLOCK", "s3cr3t", None]
