"""Asks Google for spreadsheets, by gspread, as a service account; waits where the quota ends, tries again what may.

Errors name neither the spreadsheet nor anything of the account's key but whom to share the spreadsheet with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import gspread
import requests
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.oauth2.service_account import Credentials
from gspread.exceptions import APIError
from gspread.urls import SPREADSHEETS_API_V4_BASE_URL

from connectors import politeness
from connectors.reachability import Unreachable
from connectors.retry_after import AGAIN, DOWN, TOO_MANY, retry_after
from connectors.storage import Storage
from transforms.errors import ContentError, OutsideError, Problem
from transforms.source import Source

SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
ATTEMPTS, LONGEST_WAIT = 7, 60.0
"""The quota is one of a minute: the waits between the attempts are longer than that together."""
_GOOGLE = "docs.google.com"
_ID = re.compile(r"/spreadsheets/d/([\w-]+)")
_TIMEOUT = (10, 180)
"""Seconds to connect, and until an answer begins: Google makes large ones in a minute."""
Secret = Callable[[str, int], str]


class SheetsClient:
    """One spreadsheet, named by its link or its id. `sleep` waits so many seconds.

    `storage` is the lake's, by which all processes wait when one is told to. The API of a link to docs.google.com is
    Google's; that of any other host is on that host.
    """

    def __init__(
        self,
        source: Source,
        address: str,
        secret: Secret,
        storage: Storage | None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._closed = Event()
        self._where, self._sleep = f"{source.path}:{source.lines.get('connection', 1)}", sleep or self._closed.wait
        self._rate = politeness.rate(storage, source, self._sleep)
        found = _ID.search(address)
        self._id = found[1] if found else address
        key = _key(source, secret)
        self._email = key.service_account_email
        self._http = _Http(key, _api(address))
        self._http.set_timeout(_TIMEOUT)

    def close(self) -> None:
        """May be called more than once; what waits for the quota then fails."""
        self._closed.set()
        self._http.session.close()

    def get(self, fields: str, ranges: list[str] | None = None) -> Mapping[str, Any]:
        """These fields of the spreadsheet; with the cells of `ranges`. Raises OutsideError."""
        parameters: dict[str, Any] = {"fields": fields, "includeGridData": "true" if ranges else "false"}
        if ranges:
            parameters["ranges"] = ranges
        reason, down, heard = "", False, 0.0
        for attempt in range(1, ATTEMPTS + 1):
            wait = min(2.0**attempt, LONGEST_WAIT)
            self._keep_quiet(heard)
            try:
                return self._http.fetch_sheet_metadata(self._id, parameters)
            except APIError as error:
                response = error.response
                if response.status_code not in AGAIN:
                    raise OutsideError(f"{self._where}: {self._refusal(response.status_code, error)}") from None
                reason, down = f"HTTP {response.status_code}", response.status_code in DOWN
                wait = retry_after(response.headers, wait)
                if response.status_code == TOO_MANY:
                    heard = self._rate.hush(wait)
            except RefreshError as error:
                if not error.retryable:
                    raise OutsideError(f"{self._where}: Google gives no token for the key: {_word(error)}") from None
                reason, down = "no token", False
            except (requests.RequestException, GoogleAuthError) as error:
                reason, down = type(error).__name__, True
            if self._closed.is_set():
                break
            if wait > LONGEST_WAIT:
                raise self._failure(f"Google answered {reason} and asks to wait {wait:.0f} s", down)
            if attempt < ATTEMPTS:
                self._sleep(wait)
        raise self._failure(f"Google failed {ATTEMPTS} times, at last with {reason}", down)

    def _keep_quiet(self, heard: float) -> None:
        """Waits as long as Google told any process of the lake; until `heard` this request has waited."""
        seconds = self._rate.quiet(heard)
        if seconds:
            self._sleep(min(seconds, LONGEST_WAIT))
        self._rate.wait()

    def _failure(self, what: str, down: bool) -> OutsideError:
        kind = Unreachable if down else OutsideError
        return kind(f"{self._where}: {what}")

    def _refusal(self, status: int, error: APIError) -> str:
        if status == requests.codes.forbidden and "SERVICE_DISABLED" in json.dumps(error.error):
            return "the Google Sheets API is not enabled in the project of the key; enable it there"
        if status == requests.codes.forbidden:
            return f"the spreadsheet may not be read; share it with {self._email}, as a viewer"
        if status == requests.codes.not_found:
            return "there is no spreadsheet at the address of the connection"
        return f"Google answered HTTP {status}"


class _Http(gspread.HTTPClient):
    """gspread's own, at the API of another place."""

    def __init__(self, key: Credentials, api: str) -> None:
        super().__init__(key)
        self._api = api

    def request(self, method: str, endpoint: str, *args: Any, **options: Any) -> requests.Response:
        return super().request(method, endpoint.replace(SPREADSHEETS_API_V4_BASE_URL, self._api, 1), *args, **options)


def quoted(title: str) -> str:
    """A sheet as a range: all of its cells."""
    return "'" + title.replace("'", "''") + "'"


def _api(address: str) -> str:
    parts = urlsplit(address)
    if not parts.netloc or parts.netloc == _GOOGLE:
        return SPREADSHEETS_API_V4_BASE_URL
    return f"{parts.scheme}://{parts.netloc}{urlsplit(SPREADSHEETS_API_V4_BASE_URL).path}"


def _key(source: Source, secret: Secret) -> Credentials:
    """The key of the service account: what Google gives as a JSON file, or the path of that file."""
    name, line = str(source.options["service_account"]), source.lines.get("service_account", 1)
    text = secret(name, line)
    try:
        held = text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8")
        made: Credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]  # google-auth's
            json.loads(held), scopes=[SCOPE]
        )
    except (ValueError, KeyError, TypeError, AttributeError, OSError, GoogleAuthError):
        what = f"the secret {name} is no key of a service account: neither the JSON that Google gives nor its file"
        raise ContentError([Problem(source.path, line, 0, what)]) from None
    return made


def _word(error: RefreshError) -> str:
    """OAuth's word for what is wrong; never more of an answer."""
    found = re.search(r"\b(invalid_grant|invalid_client|unauthorized_client|access_denied|invalid_scope)\b", str(error))
    return found[1] if found else "refused"
