"""How requests to an API say who asks: a key in a header or a parameter, a user's password, or a token of OAuth 2.

A token is fetched when the first request needs it, and anew shortly before it ends or when the API refuses it.
Secrets go into requests to the API's own host, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import quote

import httpx

from connectors.reachability import Unreachable
from transforms.errors import ContentError, Problem
from transforms.source import Source

Secret = Callable[[str, int], str]
"""What is held under a name, for a line of the source."""
_HEADER = re.compile(r"[\x20-\x7e]+")
_WORD = re.compile(r"[a-z_]{1,60}\Z")
UNAUTHORIZED = 401
EARLY = 0.1
"""The part of a token's life before its end in which it is renewed, of a minute at most."""
LIFE_S = 600.0
"""Of a token whose answer does not tell how long it lives."""


def login(source: Source, secret: Secret, fetch: Callable[[httpx.Request], httpx.Response]) -> httpx.Auth | None:
    """What the source declares; `fetch` sends a request for a token, with patience."""
    options, lines = source.options, source.lines
    if key := options.get("api_key"):
        return _Key(key, _printable(source, str(key["secret"]), secret, lines.get("api_key", 1)))
    if oauth := options.get("oauth2"):
        line = lines.get("oauth2", 1)
        held = {word: secret(str(oauth[word]), line) for word in ("id", "secret", "refresh") if word in oauth}
        return _Token(oauth, held, fetch, f"{source.path}:{line}")
    return None


class _Key(httpx.Auth):
    """The same in every request."""

    def __init__(self, form: Mapping[str, Any], key: str) -> None:
        self._form, self._key = form, key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if header := self._form.get("header"):
            request.headers[str(header)] = f"{self._form.get('prefix', '')}{self._key}"
            yield request
        elif user := self._form.get("user"):
            yield from httpx.BasicAuth(str(user), self._key).auth_flow(request)
        else:
            request.url = request.url.copy_set_param(str(self._form["parameter"]), self._key)
            yield request


class _Token(httpx.Auth):
    """One token for all requests of a reading. Safe to use from several threads."""

    requires_response_body = True  # a refused request gives its connection back before the next token is fetched

    def __init__(
        self,
        form: Mapping[str, Any],
        held: Mapping[str, str],
        fetch: Callable[[httpx.Request], httpx.Response],
        where: str,
    ) -> None:
        self._form, self._held, self._fetch, self._where = form, held, fetch, where
        self._lock = Lock()
        self._token, self._until = "", 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = self._current(request.url, refused=None)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == UNAUTHORIZED:
            request.headers["Authorization"] = f"Bearer {self._current(request.url, refused=token)}"
            yield request

    def _current(self, address: httpx.URL, refused: str | None) -> str:
        """Of several threads whose token is refused, one fetches the next."""
        with self._lock:
            if not self._token or self._token == refused or monotonic() >= self._until:
                self._renew(address.join(str(self._form["token"])))
            return self._token

    def _renew(self, address: httpx.URL) -> None:
        form = {"grant_type": "refresh_token" if "refresh" in self._held else "client_credentials"}
        form |= {"refresh_token": self._held["refresh"]} if "refresh" in self._held else {}
        form |= {"scope": str(self._form["scope"])} if "scope" in self._form else {}
        form |= {str(name): str(value) for name, value in self._form.get("parameters", {}).items()}
        if self._form.get("send") == "body":
            form |= {"client_id": self._held["id"], "client_secret": self._held["secret"]}
        request = httpx.Request("POST", address, headers={"Accept": "application/json"}, data=form)
        if self._form.get("send") != "body":
            user, password = (quote(self._held[word], safe="") for word in ("id", "secret"))  # as RFC 6749 says
            request = next(httpx.BasicAuth(user, password).sync_auth_flow(request))
        response = self._fetch(request)
        answer = _object(response)
        token = answer.get("access_token")
        if not response.is_success or not isinstance(token, str) or not _HEADER.fullmatch(token):
            said = answer.get("error")
            reason = f": {said}" if isinstance(said, str) and _WORD.match(said) else ""
            raise Unreachable(f"{self._where}: no token from {address.host}: HTTP {response.status_code}{reason}")
        life = str(answer.get("expires_in"))
        seconds = float(life) if re.fullmatch(r"\d+(\.\d+)?", life) else LIFE_S
        self._token, self._until = token, monotonic() + seconds - min(60.0, seconds * EARLY)


def _object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _printable(source: Source, name: str, secret: Secret, line: int) -> str:
    key = secret(name, line)
    if not _HEADER.fullmatch(key):
        what = f"the secret {name} holds letters that a request cannot have"
        raise ContentError([Problem(source.path, line, 0, what)])
    return key
