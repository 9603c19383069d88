"""Whose AWS account a flow run acts in: its task role's, or that of an AwsCredentials block of the Prefect server."""

from __future__ import annotations

import os

BLOCK = "BAIKAL_AWS_CREDENTIALS"
"""The variable that names the block, where there is one; a target's `role:` is then assumed with its keys."""


def use_credentials() -> None:
    """From here on, this process has the keys of the block; they are in no parameter, no log and no state."""
    name = os.environ.get(BLOCK)
    if not name:
        return
    from prefect_aws import AwsCredentials  # a second that a laptop does not pay

    block = AwsCredentials.load(name)
    assert isinstance(block, AwsCredentials)
    keys = block.get_boto3_session().get_credentials().get_frozen_credentials()
    given = {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": keys.token,
    }
    for variable, value in given.items():
        if value:
            os.environ[variable] = value
        else:
            os.environ.pop(variable, None)
