"""STS: who the caller is, and credentials for a while. Nobody is asked for a reason: any credentials will do here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from local_dev.aws.glue import ACCOUNT
from local_dev.aws.xml_text import document

Given = Mapping[str, str]
_CALLER = {"UserId": "AIDALOCAL", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/local"}


def is_for_sts(request: Request) -> bool:
    """Whether a request is a form, which no other service here takes."""
    return request.method == "POST" and "x-www-form-urlencoded" in request.headers.get("content-type", "")


async def answer(request: Request) -> Response:
    """One operation, as a form names it; the answer is XML."""
    given = dict(parse_qsl((await request.body()).decode()))
    action = given.get("Action", "")
    work = _OPERATIONS.get(action)
    if work is None:
        error = {"Type": "Sender", "Code": "InvalidAction", "Message": f"the local STS has no {action}"}
        return _xml("ErrorResponse", {"Error": error}, 400)
    return _xml(f"{action}Response", {f"{action}Result": work(given)}, 200)


def _caller_identity(given: Given) -> Mapping[str, Any]:
    return _CALLER


def _assume_role(given: Given) -> Mapping[str, Any]:
    role, session = given.get("RoleArn", ""), given.get("RoleSessionName", "local")
    name = role.rpartition("/")[2]
    user = {"AssumedRoleId": f"AROALOCAL:{session}", "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"}
    return {"Credentials": _credentials(given), "AssumedRoleUser": user}


def _session_token(given: Given) -> Mapping[str, Any]:
    return {"Credentials": _credentials(given)}


def _credentials(given: Given) -> Mapping[str, Any]:
    ends = datetime.now(UTC) + timedelta(seconds=int(given.get("DurationSeconds", "3600")))
    return {
        "AccessKeyId": f"ASIA{secrets.token_hex(8).upper()}",
        "SecretAccessKey": secrets.token_hex(20),
        "SessionToken": secrets.token_hex(40),
        "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _xml(name: str, content: Mapping[str, Any], status: int) -> Response:
    told = {**content, "ResponseMetadata": {"RequestId": secrets.token_hex(8)}}
    return Response(document(name, told), status, media_type="text/xml")


_OPERATIONS: dict[str, Callable[[Given], Mapping[str, Any]]] = {
    "GetCallerIdentity": _caller_identity,
    "AssumeRole": _assume_role,
    "AssumeRoleWithWebIdentity": _assume_role,
    "GetSessionToken": _session_token,
}
