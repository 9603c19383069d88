"""One request and its answer, by curl, over connections that are kept.

Decides what a failure of the transport means. Never asks twice, and knows no login.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import starmap
from threading import Event
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

import certifi
import pycurl

CONNECT_S, SILENCE_S = 10, 60
"""Seconds until there is a connection, and in which nothing comes over it, before a request has failed."""
_BUFFER = 1 << 19
"""Bytes that curl reads at once: each piece costs a turn of the interpreter."""
_PLAIN = "%:/?#[]@!$&'()*+,;=~"
"""Letters that an address may have as they are."""
_NO_CONNECTION: Mapping[int, str] = {
    pycurl.E_COULDNT_RESOLVE_PROXY: "no address of the proxy",
    pycurl.E_COULDNT_RESOLVE_HOST: "no address of the host",
    pycurl.E_COULDNT_CONNECT: "no connection",
    pycurl.E_SSL_CONNECT_ERROR: "no connection by TLS",
    pycurl.E_PEER_FAILED_VERIFICATION: "a certificate that is not trusted",
}
_BROKEN: Mapping[int, str] = {
    pycurl.E_OPERATION_TIMEDOUT: "silence",
    pycurl.E_PARTIAL_FILE: "an answer that was cut off",
    pycurl.E_GOT_NOTHING: "no answer",
    pycurl.E_RECV_ERROR: "a connection that broke",
    pycurl.E_SEND_ERROR: "a connection that broke",
    pycurl.E_BAD_CONTENT_ENCODING: "an answer that cannot be decompressed",
    pycurl.E_UNSUPPORTED_PROTOCOL: "an answer that is not HTTP",
}
_NEVER: Mapping[int, str] = {
    pycurl.E_URL_MALFORMAT: "its address is none",
    pycurl.E_SSL_CACERT_BADFILE: "SSL_CERT_FILE names no file of certificates",
}


class Broken(Exception):
    """No whole answer came; the text says why. `down`: nobody was reached. `again`: another attempt may succeed."""

    def __init__(self, reason: str, *, down: bool, again: bool = True) -> None:
        super().__init__(reason)
        self.down, self.again = down, again


class Closed(Exception):
    """The exchange was closed while it waited."""


@dataclass(frozen=True)
class Message:
    """A request as it is sent: a POST when it has a body."""

    address: str = field(repr=False)  # which, as the others, may hold a secret
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)

    def saying(self, headers: Mapping[str, str]) -> Message:
        """With these headers too, in the place of others of the same name."""
        names = {name.lower() for name in headers}
        others = {name: value for name, value in self.headers.items() if name.lower() not in names}
        return replace(self, headers={**others, **headers})

    def asking(self, parameters: Mapping[str, Any]) -> Message:
        """With these parameters too, in the place of others of the same name."""
        if not parameters:
            return self
        parts = urlsplit(self.address)
        given = parse_qs(parts.query, keep_blank_values=True)
        given |= {str(name): [*map(_text, _values(value))] for name, value in parameters.items()}
        return replace(self, address=urlunsplit(parts._replace(query=urlencode(given, doseq=True))))

    @property
    def path(self) -> str:
        """By which errors name it: without parameters, which may be secret."""
        return urlsplit(self.address).path


@dataclass(frozen=True)
class Reply:
    """An answer. The names of `headers` are in small letters; `size` are the bytes that came, perhaps compressed."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    size: int
    path: str

    @property
    def good(self) -> bool:
        """Whether the request succeeded."""
        return 200 <= self.status < 300

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return len(self.content)

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.content)

    def close(self) -> None:
        """Holds nothing open."""


class Exchange:
    """Safe to use from several threads. A proxy is asked where variables of the machine name one, as curl does.

    `silence_s` seconds without a byte are the end of a request.
    """

    def __init__(self, silence_s: int = SILENCE_S) -> None:
        self._closed, self._silence_s = Event(), silence_s
        self._idle = deque[pycurl.Curl]()

    def close(self) -> None:
        """Who waits for an answer is told within a second. May be called more than once."""
        self._closed.set()
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close()

    def send(self, message: Message, write: Callable[[bytes], object] | None = None) -> Reply:
        """The answer; the body of a good one goes to `write` piece by piece, if given. Raises Broken and Closed."""
        try:
            curl = self._idle.pop()
        except IndexError:
            curl = pycurl.Curl()
        receiving = _Receiving(write)
        _prepare(curl, message, receiving, self._closed)
        curl.setopt(pycurl.LOW_SPEED_TIME, self._silence_s)
        try:
            curl.perform()
        except pycurl.error as error:
            connected = curl.getinfo(pycurl.PRETRANSFER_TIME) > 0
            curl.close()
            raise self._meant(int(error.args[0]), receiving, connected=connected) from None
        reply = Reply(
            curl.getinfo(pycurl.RESPONSE_CODE),
            receiving.headers,
            receiving.body.getvalue(),
            curl.getinfo(pycurl.SIZE_DOWNLOAD_T),
            message.path,
        )
        curl.reset()
        self._idle.append(curl)
        return reply

    def _meant(self, code: int, receiving: _Receiving, *, connected: bool) -> Exception:
        if receiving.failure:
            return receiving.failure
        if self._closed.is_set():
            return Closed()
        if code == pycurl.E_OPERATION_TIMEDOUT and not connected:
            return Broken("no connection in time", down=True)
        if code in _NEVER:
            return Broken(_NEVER[code], down=False, again=False)
        if code in _NO_CONNECTION:
            return Broken(_NO_CONNECTION[code], down=True)
        return Broken(_BROKEN.get(code, f"curl's error {code}"), down=False)


class _Receiving:
    """What arrives of one answer. Nothing is raised in curl's own calls, which could only print it."""

    def __init__(self, write: Callable[[bytes], object] | None) -> None:
        self._write = write
        self._status = 0
        self.headers = dict[str, str]()
        self.body = BytesIO()
        self.failure: Exception | None = None

    def header(self, line: bytes) -> None:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            known = self.headers.get(name.strip().lower())
            self.headers[name.strip().lower()] = f"{known}, {value.strip()}" if known else value.strip()
        elif name.startswith("HTTP/"):  # a first answer may say only that there will be another
            self.headers.clear()
            self._status = int(name.split()[1])

    def piece(self, data: bytes) -> int | None:
        if self._write is None or not 200 <= self._status < 300:
            return self.body.write(data)
        try:
            self._write(data)
        except Exception as failure:  # noqa: BLE001 - told by send
            self.failure = failure
            return -1
        return None


def _values(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _text(value: Any) -> str:
    """As parameters have it."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _header(name: str, value: str) -> bytes:
    return (f"{name}: {value}" if value else f"{name};").encode()  # curl would leave out an empty one


def _prepare(curl: pycurl.Curl, message: Message, receiving: _Receiving, closed: Event) -> None:
    headers = {"User-Agent": "baikal", **message.headers}
    curl.setopt(pycurl.URL, quote(message.address, safe=_PLAIN))
    curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    curl.setopt(pycurl.CAINFO, os.environ.get("SSL_CERT_FILE") or certifi.where())
    if folder := os.environ.get("SSL_CERT_DIR"):
        curl.setopt(pycurl.CAPATH, folder)
    curl.setopt(pycurl.ACCEPT_ENCODING, "")  # all that it can decompress
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.CONNECTTIMEOUT, CONNECT_S)
    curl.setopt(pycurl.LOW_SPEED_LIMIT, 1)
    curl.setopt(pycurl.BUFFERSIZE, _BUFFER)
    curl.setopt(pycurl.HTTPHEADER, [b"Expect:", *starmap(_header, headers.items())])
    if message.body is not None:
        curl.setopt(pycurl.POSTFIELDS, message.body)
    curl.setopt(pycurl.HEADERFUNCTION, receiving.header)
    curl.setopt(pycurl.WRITEFUNCTION, receiving.piece)
    curl.setopt(pycurl.NOPROGRESS, 0)
    curl.setopt(pycurl.XFERINFOFUNCTION, lambda *_: closed.is_set())
