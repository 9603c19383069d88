"""AWS's JSON services: a request names its operation in a header; its input is judged by botocore's own model.

A service is an object with a method for each operation that it has, `get_table` for GetTable. botocore is imported,
and its model read, for the first request.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

if TYPE_CHECKING:
    from botocore.model import ServiceModel

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class AwsError(Exception):
    """An error that the service's model names: `code` is its type, `more` its further members."""

    def __init__(self, code: str, message: str, status: int = 400, more: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.more = code, message, status, more or {}

    @property
    def response(self) -> Response:
        """As clients parse it."""
        body = orjson.dumps({"__type": self.code, "message": self.message, "Message": self.message, **self.more})
        headers = {"x-amzn-errortype": self.code}
        return Response(body, self.status, headers, media_type="application/x-amz-json-1.1")


class JsonService:
    """Answers the operations of one service with `handler`'s methods; `failure` is its name for an error of its own."""

    def __init__(self, service: str, handler: object, failure: str) -> None:
        self.failure = failure
        self._service, self._handler = service, handler

    async def answer(self, request: Request) -> Response:
        """Never raises AwsError."""
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        try:
            given = self._input(operation, await request.body())
            method = getattr(self._handler, _WORD.sub("_", operation).lower(), None)
            if method is None:
                raise AwsError("UnknownOperationException", f"the local AWS has no {operation}")
            found = await run_in_threadpool(method, given)
        except AwsError as error:
            return error.response
        return Response(orjson.dumps(found or {}, default=_plain), media_type="application/x-amz-json-1.1")

    @cached_property
    def _model(self) -> ServiceModel:
        return _model(self._service)

    def _input(self, operation: str, body: bytes) -> dict[str, Any]:
        from botocore.validate import ParamValidator

        if operation not in self._model.operation_names:
            raise AwsError("UnknownOperationException", f"{self._model.service_name} has no operation {operation}")
        try:
            given = orjson.loads(body or b"{}")
        except orjson.JSONDecodeError as error:
            raise AwsError("SerializationException", str(error)) from None
        shape = self._model.operation_model(operation).input_shape
        report = ParamValidator().validate(given, shape) if shape is not None else None
        if report is not None and report.has_errors():
            raise AwsError("ValidationException", report.generate_report())
        checked: dict[str, Any] = given
        return checked


@cache
def _model(service: str) -> ServiceModel:
    """Read without the words for people, which are most of it and would be kept in memory."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    version = Loader().determine_latest_version(service, "service-2")
    with gzip.open(Path(Loader.BUILTIN_DATA_PATH, service, version, "service-2.json.gz")) as file:
        return ServiceModel(json.load(file, object_pairs_hook=_undocumented), service)


def _undocumented(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in pairs if key != "documentation" or not isinstance(value, str)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value))
