"""What Google's token endpoint and Sheets API v4 answer to a reader, for spreadsheets that a test makes.

The key is a real one: tokens are given for assertions that it has signed, and for nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from api_server import Answer, Api, serve
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

EMAIL = "baikal@project.iam.gserviceaccount.com"
ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
EPOCH = datetime(1899, 12, 30)
ERRORS = {"#N/A": "N_A", "#REF!": "REF", "#LOADING": "LOADING"}


@cache
def private_key() -> rsa.RSAPrivateKey:
    """One for all tests: it takes a moment to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Sheet:
    """`cells` from A1 on, as Python's values; texts that begin with # are errors, in `left` columns from A."""

    title: str
    cells: list[tuple[Any, ...]]
    merges: list[dict[str, int]] = field(default_factory=list)
    hidden: bool = False
    kind: str = "GRID"


class Google:
    """One spreadsheet. `failures` are answered in the place of what is asked for, in their order."""

    def __init__(self, api: Api) -> None:
        self.api, self.sheets = api, list[Sheet]()
        self.failures: list[Answer] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.tokens = 0
        self.link = f"{api.address}/spreadsheets/d/{ID}/edit#gid=0"
        api.answer = self._answer

    def key(self, **changes: str) -> str:
        """The JSON that Google gives for a service account."""
        pem = private_key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        told = {"type": "service_account", "client_email": EMAIL, "private_key": pem.decode(), "private_key_id": "7"}
        return json.dumps({**told, "token_uri": f"{self.api.address}/token", **changes})

    def _answer(self, path: str, query: dict[str, str], headers: Any) -> Answer:
        self.asked.append((path, query))
        if path == "/token":
            return self._token(query)
        if self.failures:
            return self.failures.pop(0)
        if headers["Authorization"] != f"Bearer token-{self.tokens}":
            return refusal(401, "UNAUTHENTICATED")
        if path != f"/v4/spreadsheets/{ID}":
            return refusal(404, "NOT_FOUND")
        with_data = query["includeGridData"] == "true"
        wanted = query.get("ranges", "").strip("'").replace("''", "'")
        found = [sheet for sheet in self.sheets if not with_data or sheet.title == wanted]
        if not found:
            return refusal(400, "INVALID_ARGUMENT")
        return 200, {}, {"sheets": [_told(sheet, with_data=with_data) for sheet in found]}

    def _token(self, query: dict[str, str]) -> Answer:
        public = private_key().public_key()
        pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        try:
            claims = jwt.decode(query["assertion"], certs=pem, audience="https://oauth2.googleapis.com/token")
            if claims["iss"] != EMAIL:
                raise ValueError(EMAIL)
        except ValueError:
            return 400, {}, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        assert claims["scope"].endswith("spreadsheets.readonly")
        self.tokens += 1
        return 200, {}, {"access_token": f"token-{self.tokens}", "expires_in": 3599, "token_type": "Bearer"}


def refusal(status: int, word: str, *details: dict[str, str], after: str = "") -> Answer:
    """An error as Google tells it."""
    error = {"code": status, "message": f"{word} of {ID}", "status": word, "details": list(details)}
    return status, {"Retry-After": after} if after else {}, {"error": error}


@contextmanager
def google() -> Iterator[Google]:
    with serve() as api:
        yield Google(api)


def _told(sheet: Sheet, *, with_data: bool) -> dict[str, Any]:
    properties = {"title": sheet.title, "sheetType": sheet.kind} | ({"hidden": True} if sheet.hidden else {})
    if not with_data:
        return {"properties": properties}
    rows = [{"values": [_cell(cell) for cell in cells]} if cells else {} for cells in sheet.cells]
    return {"properties": {"title": sheet.title}, "merges": sheet.merges, "data": [{"rowData": rows}]}


def _cell(value: Any) -> dict[str, Any]:
    if value is None:
        return {"effectiveFormat": {"numberFormat": {"type": "TEXT"}}}
    if isinstance(value, str) and value in ERRORS:
        return {"effectiveValue": {"errorValue": {"type": ERRORS[value], "message": "in words"}}}
    if isinstance(value, str):
        return {"effectiveValue": {"stringValue": value}}
    if isinstance(value, bool):
        return {"effectiveValue": {"boolValue": value}}
    if isinstance(value, int | float):
        return {"effectiveValue": {"numberValue": value}, "effectiveFormat": {"numberFormat": {"type": "CURRENCY"}}}
    kind = {datetime: "DATE_TIME", date: "DATE"}.get(type(value), "TIME")
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    elif not isinstance(value, timedelta):
        value = datetime.combine(value, getattr(value, "time", time)()) - EPOCH
    serial = value / timedelta(days=1)
    return {"effectiveValue": {"numberValue": serial}, "effectiveFormat": {"numberFormat": {"type": kind}}}
