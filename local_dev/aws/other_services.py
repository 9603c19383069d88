"""Secrets Manager, SSM and every other service that moto plays, behind the same port; imported when first asked for.

moto keeps its state in memory. What wrote is written down here, and played again when the server is started anew.
"""

from __future__ import annotations

import base64
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from local_dev.aws.glue import ACCOUNT
from local_dev.aws.json_service import AwsError

if TYPE_CHECKING:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

OURS = frozenset(("s3", "glue", "athena", "sts"))
"""The services, as clients sign for them, that this package plays itself."""
_READING = ("Get", "List", "Describe", "BatchGet", "Search", "Lookup")
_DROPPED = frozenset(("host", "content-length", "connection", "expect", "accept-encoding"))


def signed_for(request: Request) -> str | None:
    """The service that the signature is for: `.../us-east-1/ssm/aws4_request`; None for what is not signed so."""
    scope = request.headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
    return scope[-2].lower() if len(scope) > 3 else None


@dataclass(frozen=True, slots=True)
class _Call:
    """A request as moto takes it."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, by its name."""
        named = self.headers.get("x-amz-target", "").rpartition(".")[2]
        if not named and self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            named = parse_qs(self.body.decode(errors="replace")).get("Action", [""])[0]
        return named.startswith(_READING) if named else self.method in ("GET", "HEAD")

    @property
    def line(self) -> bytes:
        """For the file; `of` reads it back."""
        body = base64.b64encode(self.body).decode()
        return orjson.dumps([self.method, self.path, self.query, dict(self.headers), body]) + b"\n"

    @staticmethod
    def of(line: bytes) -> _Call:
        """What `line` wrote."""
        method, path, query, headers, body = orjson.loads(line)
        return _Call(method, path, query, headers, base64.b64decode(body))


class OtherServices:
    """`log` is the file of what wrote: it holds the local secrets, so nobody else may read it."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._lock = Lock()

    async def answer(self, request: Request) -> Response:
        """Any service's answer; an error that names the service when moto has none of that name."""
        headers = {name: value for name, value in request.headers.items() if name not in _DROPPED}
        call = _Call(request.method, request.url.path, request.url.query, headers, await request.body())
        return await run_in_threadpool(self._answered, call, signed_for(request) or "")

    def _answered(self, call: _Call, service: str) -> Response:
        with self._lock:
            if self._moto.get_backend_for_host(f"{service}.us-east-1.amazonaws.com") is None:
                return AwsError("UnknownOperationException", f"the local AWS has no service {service}").response
            answer = self._sent(self._moto, call)
            if answer.status_code < 400 and not call.reads:
                with os.fdopen(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
                    log.write(call.line)
        return Response(answer.data, answer.status_code, dict(answer.headers))

    @cached_property
    def _moto(self) -> DomainDispatcherApplication:
        """As the last server left it."""
        os.environ.setdefault("MOTO_ACCOUNT_ID", ACCOUNT)
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        moto = DomainDispatcherApplication(create_backend_app)
        for call in self._written():
            self._sent(moto, call)
        return moto

    def _written(self) -> Iterator[_Call]:
        if self._log.exists():
            with self._log.open("rb") as lines:
                yield from (_Call.of(line) for line in lines if line.endswith(b"\n"))

    def _sent(self, moto: DomainDispatcherApplication, call: _Call) -> Any:
        from moto.moto_api._internal import mock_random
        from werkzeug.test import Client

        mock_random.seed(zlib.crc32(call.line))  # what is random in an answer is the same when it is played again
        client = Client(moto)
        return client.open(
            call.path, method=call.method, query_string=call.query, headers=dict(call.headers), data=call.body
        )
