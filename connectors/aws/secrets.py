"""Secrets that AWS keeps for a target: Secrets Manager's, and SSM's parameters. No error tells what one holds."""

from __future__ import annotations

import json

from connectors.aws.bucket import Bucket
from connectors.aws.session import asking_aws
from connectors.storage import Storage
from transforms.errors import OutsideError


def secret(storage: Storage, place: str) -> str:
    """What `secretsmanager:NAME#key`, `secretsmanager:NAME` or `ssm:NAME#key` names; a key is one of a JSON object.

    Raises OutsideError when it cannot be had.
    """
    assert isinstance(storage, Bucket)
    service, _, rest = place.partition(":")
    name, _, key = rest.partition("#")
    client = storage.session.client(service)
    with asking_aws(f"read {place}"):
        if service == "ssm":
            found: str | None = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        else:
            found = client.get_secret_value(SecretId=name).get("SecretString")
    if found is None:
        raise OutsideError(f"cannot read {place}: it holds bytes, and no text")
    return _value(place, found, key) if key else found


def _value(place: str, text: str, key: str) -> str:
    try:
        found = json.loads(text)[key]
    except (ValueError, KeyError, TypeError):
        raise OutsideError(f"cannot read {place}: the secret is no JSON object with the key {key}") from None
    if not isinstance(found, str):
        raise OutsideError(f"cannot read {place}: what is under the key {key} is no text")
    return found
