"""How requests to an API say who asks: a key in a header or a parameter, a user's password, or a token of OAuth 2.

A token is fetched when the first request needs it, and anew shortly before it ends or when the API refuses it.
Secrets go into requests to the API's own host, and nowhere else.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urljoin, urlsplit

from connectors.exchange import Message, Reply
from connectors.reachability import Unreachable
from transforms.errors import ContentError, Problem
from transforms.source import Source

Secret = Callable[[str, int], str]
"""What is held under a name, for a line of the source."""
_HEADER = re.compile(r"[\x20-\x7e]+")
_WORD = re.compile(r"[a-z_]{1,60}\Z")
UNAUTHORIZED = 401
_AUTHORIZATION = "Authorization"
EARLY = 0.1
"""The part of a token's life before its end in which it is renewed, of a minute at most."""
LIFE_S = 600.0
"""Of a token whose answer does not tell how long it lives."""


class Login(Protocol):
    """How a source signs its requests. Safe to use from several threads."""

    def signed(self, message: Message) -> Message: ...
    def renewed(self, message: Message, refused: Message) -> Message | None:
        """The message signed anew, after it was refused as it had been signed; None where that changes nothing."""


def login(source: Source, secret: Secret, fetch: Callable[[Message], Reply]) -> Login | None:
    """What the source declares; `fetch` sends a request for a token, with patience."""
    options, lines = source.options, source.lines
    if key := options.get("api_key"):
        return _Key(key, _printable(source, str(key["secret"]), secret, lines.get("api_key", 1)))
    if oauth := options.get("oauth2"):
        line = lines.get("oauth2", 1)
        held = {word: secret(str(oauth[word]), line) for word in ("id", "secret", "refresh") if word in oauth}
        return _Token(oauth, held, fetch, f"{source.path}:{line}")
    return None


class _Key:
    """The same in every request."""

    def __init__(self, form: Mapping[str, Any], key: str) -> None:
        self._form, self._key = form, key

    def signed(self, message: Message) -> Message:
        if header := self._form.get("header"):
            return message.saying({str(header): f"{self._form.get('prefix', '')}{self._key}"})
        if user := self._form.get("user"):
            return message.saying(_basic(str(user), self._key))
        return message.asking({str(self._form["parameter"]): self._key})

    def renewed(self, message: Message, refused: Message) -> None:
        return None


class _Token:
    """One token for all requests of a reading."""

    def __init__(
        self, form: Mapping[str, Any], held: Mapping[str, str], fetch: Callable[[Message], Reply], where: str
    ) -> None:
        self._form, self._held, self._fetch, self._where = form, held, fetch, where
        self._lock = Lock()
        self._token, self._until = "", 0.0

    def signed(self, message: Message) -> Message:
        return message.saying(self._bearer(message.address, refused=None))

    def renewed(self, message: Message, refused: Message) -> Message:
        return message.saying(self._bearer(message.address, refused=refused.headers[_AUTHORIZATION]))

    def _bearer(self, address: str, refused: str | None) -> dict[str, str]:
        """Of several threads whose token is refused, one fetches the next."""
        with self._lock:
            if not self._token or f"Bearer {self._token}" == refused or monotonic() >= self._until:
                self._renew(urljoin(address, str(self._form["token"])))
            return {_AUTHORIZATION: f"Bearer {self._token}"}

    def _renew(self, address: str) -> None:
        form = {"grant_type": "refresh_token" if "refresh" in self._held else "client_credentials"}
        form |= {"refresh_token": self._held["refresh"]} if "refresh" in self._held else {}
        form |= {"scope": str(self._form["scope"])} if "scope" in self._form else {}
        form |= {str(name): str(value) for name, value in self._form.get("parameters", {}).items()}
        if self._form.get("send") == "body":
            form |= {"client_id": self._held["id"], "client_secret": self._held["secret"]}
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        if self._form.get("send") != "body":
            headers |= _basic(*(quote(self._held[word], safe="") for word in ("id", "secret")))  # as RFC 6749 says
        reply = self._fetch(Message(address, headers, urlencode(form).encode()))
        answer = _object(reply)
        token = answer.get("access_token")
        if not reply.good or not isinstance(token, str) or not _HEADER.fullmatch(token):
            said = answer.get("error")
            reason = f": {said}" if isinstance(said, str) and _WORD.match(said) else ""
            raise Unreachable(f"{self._where}: no token from {urlsplit(address).hostname}: HTTP {reply.status}{reason}")
        life = str(answer.get("expires_in"))
        seconds = float(life) if re.fullmatch(r"\d+(\.\d+)?", life) else LIFE_S
        self._token, self._until = token, monotonic() + seconds - min(60.0, seconds * EARLY)


def _object(reply: Reply) -> Mapping[str, Any]:
    try:
        answer = reply.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _basic(user: str, password: str) -> dict[str, str]:
    return {_AUTHORIZATION: f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def _printable(source: Source, name: str, secret: Secret, line: int) -> str:
    key = secret(name, line)
    if not _HEADER.fullmatch(key):
        what = f"the secret {name} holds letters that a request cannot have"
        raise ContentError([Problem(source.path, line, 0, what)])
    return key
