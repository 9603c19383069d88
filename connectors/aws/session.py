"""Clients of AWS's services for one target, and what their errors mean for a person.

What AWS asks to be retried (throttling, 5xx, lost connections) is (`connectors.aws.patience`). Never shows a secret.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache, cached_property, partial
from threading import Lock
from typing import Any

import boto3
import botocore.session
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)
from botocore.utils import parse_timestamp

from connectors.aws.patience import be_patient
from transforms.aws_target import Aws
from transforms.errors import OutsideError, UsageError

TARGETS = "in connectors/targets.yaml"
_LOCAL = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:|/|\Z)")
_AGENT = "baikal"
"""How CloudTrail names who calls. botocore's own words of the machine are put together anew for each call, twice."""
_SIGN_IN = "sign in again, for example by aws sso login"
_OTHER_REGION = f"the bucket is in another region; correct region: {TARGETS}"
_CLOCK = "the clock of this machine is wrong; set it"
_NOT_ALLOWED = f"the credentials may not do this; ask for the permission, or correct role: {TARGETS}"
_ADVICE = {
    "ExpiredToken": f"the AWS credentials have expired; {_SIGN_IN}",
    "ExpiredTokenException": f"the AWS credentials have expired; {_SIGN_IN}",
    "UnrecognizedClientException": f"AWS does not know the credentials; {_SIGN_IN}",
    "InvalidClientTokenId": f"AWS does not know the credentials; {_SIGN_IN}",
    "InvalidAccessKeyId": f"AWS does not know the credentials; {_SIGN_IN}",
    "SignatureDoesNotMatch": "the secret access key does not belong to the access key",
    "InvalidSignatureException": f"the secret access key does not belong to the access key, or {_CLOCK}",
    "RequestTimeTooSkewed": _CLOCK,
    "RequestExpired": _CLOCK,
    "NoSuchBucket": f"the bucket is not there; create it, or correct bucket: {TARGETS}",
    "PermanentRedirect": _OTHER_REGION,
    "IllegalLocationConstraintException": _OTHER_REGION,
    "AuthorizationHeaderMalformed": _OTHER_REGION,
    "ResourceNotFoundException": f"the secret is not there; make it, or correct connections: {TARGETS}",
    "ParameterNotFound": f"the parameter is not there; make it, or correct connections: {TARGETS}",
    "TooManyRequestsException": f"the account runs as many queries as it may; lower queries: {TARGETS}, or run later",
    "AccessDenied": _NOT_ALLOWED,
    "AccessDeniedException": _NOT_ALLOWED,
}
"""What to do about the errors that a person can mend."""


class AwsSession:
    """Clients by name of their service, made once. Safe to use from several threads."""

    def __init__(self, aws: Aws) -> None:
        """Raises UsageError where the shell would send all that is asked to a local AWS."""
        _require_meant(aws)
        self.aws = aws
        self._clients: dict[str, Any] = {}
        self._lock = Lock()

    def client(self, service: str) -> Any:
        """The client of a service: `s3`, `glue`, `athena`."""
        with self._lock:
            if service not in self._clients:
                client = self._session.client(
                    service,
                    endpoint_url=self.aws.endpoint,
                    config=Config(
                        user_agent=_AGENT,
                        retries={"mode": "standard"},
                        max_pool_connections=32,
                        s3={"addressing_style": "path"} if self.aws.endpoint else None,
                    ),
                )
                be_patient(client, local=self.aws.is_local)
                self._clients[service] = client
            return self._clients[service]

    @cached_property
    def _session(self) -> boto3.Session:
        base = botocore.session.get_session()
        base.register_component("data_loader", _models())
        base.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
        base.set_config_variable("region", self.aws.region)
        with asking_aws("sign in to AWS"):
            if base.get_credentials() is None and self.aws.is_local:
                base.set_credentials("local", "local")
        if self.aws.role:
            self._assume(base, self.aws.role)
        return boto3.Session(botocore_session=base, region_name=self.aws.region)

    def _assume(self, base: botocore.session.Session, role: str) -> None:
        """The role of that name in the account that is signed in to; who has it already, stays."""
        create_client = partial(base.create_client, endpoint_url=self.aws.endpoint)
        with asking_aws(f"assume the role {role}"):
            _, partition, _, _, account, caller = create_client("sts").get_caller_identity()["Arn"].split(":", 5)
        if caller.split("/")[:2] == ["assumed-role", role.rpartition("/")[2]]:
            return
        arn = f"arn:{partition}:iam::{account}:role/{role}"
        fetcher = AssumeRoleCredentialFetcher(create_client, base.get_credentials(), arn, {"RoleSessionName": "baikal"})
        base._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")


@cache
def _models() -> Any:
    """What botocore has on file of the services. To read it costs a quarter of a CPU-s, which sessions share."""
    return botocore.session.get_session().get_component("data_loader")


def _moment(told: Any) -> datetime:
    """A time of an answer. botocore asks dateutil what form a text has, which is most of what a long list costs."""
    if isinstance(told, str):
        with suppress(ValueError):
            return datetime.fromisoformat(told) if told.endswith("Z") else parsedate_to_datetime(told)
    found: datetime = parse_timestamp(told)
    return found


def _require_meant(aws: Aws) -> None:
    """botocore sends every request to AWS_ENDPOINT_URL, which a shell may have for a local AWS."""
    address = os.environ.get("AWS_ENDPOINT_URL", "")
    if aws.endpoint is None and _LOCAL.match(address):
        raise UsageError(
            f"AWS_ENDPOINT_URL is {address}, a local AWS, and the target means AWS itself; write "
            f"unset AWS_ENDPOINT_URL, or --target local-aws, or endpoint: {TARGETS}"
        )


@contextmanager
def asking_aws(doing: str) -> Iterator[None]:
    """Raises OutsideError for any failure of AWS: `cannot <doing>: what is wrong; what to change`."""
    try:
        yield
    except ClientError as error:
        raise OutsideError(f"cannot {doing}: {advice(error)}") from error
    except (NoCredentialsError, PartialCredentialsError, TokenRetrievalError) as error:
        raise OutsideError(f"cannot {doing}: there are no AWS credentials; {_SIGN_IN}, or set AWS_PROFILE") from error
    except ProfileNotFound as error:
        raise OutsideError(f"cannot {doing}: {error}; correct AWS_PROFILE, or add it to ~/.aws/config") from error
    except EndpointConnectionError as error:
        place = error.kwargs.get("endpoint_url", "AWS")
        raise OutsideError(f"cannot {doing}: nobody answers at {place}; baikal aws starts a local AWS") from error
    except (BotoCoreError, Boto3Error) as error:
        raise OutsideError(f"cannot {doing}: {' '.join(str(error).split())}") from error


def code(error: ClientError) -> str:
    """The name that AWS gives an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def advice(error: ClientError) -> str:
    """What is wrong, and what to change where a person can."""
    told = str(error.response.get("Error", {}).get("Message") or error)
    known = _ADVICE.get(code(error))
    if known == _NOT_ALLOWED and error.operation_name == "AssumeRole":
        known = f"the credentials may not assume the role; ask for that, or correct role: {TARGETS}"
    return f"{known} ({code(error)}: {told})" if known else f"{code(error)}: {told}"
