"""One port for all services: a request goes where its headers say, and fails as often as it was asked to."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from local_dev.aws import sts
from local_dev.aws.athena.operations import Athena
from local_dev.aws.faults import Faults
from local_dev.aws.glue import Glue
from local_dev.aws.glue_store import GlueStore
from local_dev.aws.json_service import AwsError, JsonService
from local_dev.aws.laptop import BUCKET, LaptopStore
from local_dev.aws.other_services import OURS, OtherServices, signed_for
from local_dev.aws.s3 import S3
from local_dev.aws.s3_errors import S3Error
from local_dev.aws.s3_store import Store

HOST = "127.0.0.1"


class LocalAws:
    """The ASGI application over one folder, which holds all state. `seed` makes the faults repeat.

    `lake` is that of the laptop, which is shown and never written to.
    """

    def __init__(
        self, root: Path, faults: Faults | None = None, seed: int | None = None, lake: Path | None = None
    ) -> None:
        self._objects = Store(root, read_only=BUCKET if lake else "")
        self._tables = LaptopStore(root / ".glue.sqlite", lake) if lake else GlueStore(root / ".glue.sqlite")
        self._s3 = S3(self._objects)
        self._athena = Athena(root, self._tables, self._objects)
        self._services = {
            "AWSGlue": JsonService("glue", Glue(self._tables), "InternalServiceException"),
            "AmazonAthena": JsonService("athena", self._athena, "InternalServerException"),
        }
        self._others = OtherServices(root / ".other_services.jsonl")
        self._faults = faults or Faults()
        self._chance = Random(seed)

    def warm(self) -> None:
        """Be ready for the first statement of Athena before it comes; nobody waits for this."""
        self._athena.warm()

    def close(self) -> None:
        """Give back the files of the state."""
        self._athena.close()
        self._objects.close()
        self._tables.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body_read = False

        async def noted() -> Message:
            nonlocal body_read
            body_read = True
            return await receive()

        request = Request(scope, noted)
        await self._faults.wait()
        response = await self._answer(request)
        if self._strikes("lost"):
            await _hang_up(receive)
            return
        if not body_read and "expect" in request.headers:  # the client never sends the body that it has announced
            response.headers["connection"] = "close"
        response.headers["x-amz-request-id"] = response.headers["x-amzn-requestid"] = secrets.token_hex(8)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if (signed_for(request) or "s3") not in OURS:
            return await self._unless_failing(self._others, request, "InternalFailure")
        target = request.headers.get("x-amz-target")
        if target is not None:
            return await self._json_answer(request, target.partition(".")[0])
        if sts.is_for_sts(request):
            return await sts.answer(request)
        if self._strikes("slowdown"):
            return S3Error("SlowDown", "Please reduce your request rate.", 503).response(request.url.path)
        answer = await self._s3.answer(request)
        if self._strikes("fail"):
            what = "We encountered an internal error. Please try again."
            return S3Error("InternalError", what, 500).response(request.url.path)
        return answer

    async def _json_answer(self, request: Request, name: str) -> Response:
        service = self._services.get(name)
        if service is None:
            known = ", ".join(self._services)
            return AwsError(
                "UnknownOperationException", f"no service {name} here; services are S3, STS, {known}"
            ).response
        return await self._unless_failing(service, request, service.failure)

    async def _unless_failing(self, service: JsonService | OtherServices, request: Request, failure: str) -> Response:
        if self._strikes("throttle"):
            return AwsError("ThrottlingException", "Rate exceeded").response
        answer = await service.answer(request)
        if self._strikes("fail"):
            return AwsError(failure, "An internal service error occurred.", 500).response
        return answer

    def _strikes(self, kind: str) -> bool:
        return self._faults.strikes(kind, self._chance)


async def _hang_up(receive: Receive) -> None:
    """Ends the connection without a word: what uvicorn hands to an application is a method of what holds it."""
    receive.__self__.transport.abort()  # type: ignore[attr-defined]
    while (await receive())["type"] != "http.disconnect":
        pass


def serve(app: LocalAws, port: int, ready: Callable[[int], None]) -> None:
    """Answer on 127.0.0.1 until told to end (Ctrl-C, SIGTERM). Port 0 takes a free one; `ready` is told which.

    Raises OSError when the port is taken.
    """
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:  # only if told so, asyncio sends answers at once
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(128)
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=5, access_log=False
        )
        server = uvicorn.Server(config)

        async def work() -> None:
            ready(listening.getsockname()[1])
            app.warm()
            await server.serve(sockets=[listening])

        try:
            with suppress(KeyboardInterrupt):  # uvicorn raises the signal again once everything is answered
                asyncio.run(work())
        finally:
            app.close()
