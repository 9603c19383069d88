"""Asks one API, with patience: waits where it is told to, tries again what may succeed, never faster than declared,
whatever other processes ask it at the same time.

Errors name the path, and never a parameter, a header or what the API said.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from tempfile import TemporaryFile
from threading import BoundedSemaphore, Event
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from connectors import politeness
from connectors.durable import outside
from connectors.exchange import Broken, Closed, Exchange, Message, Reply
from connectors.reachability import Unreachable
from connectors.readers.rest.login import UNAUTHORIZED, Login, Secret, login
from connectors.retry_after import AGAIN, ASKS, DOWN, TOO_MANY, retry_after
from connectors.storage import Storage
from transforms.errors import DataError, OutsideError
from transforms.source import Source

ATTEMPTS = 6
LONGEST_WAIT = 60.0
"""Seconds that one answer with Retry-After may ask for; a longer wait ends the run, which can be repeated."""
QUIET = frozenset((TOO_MANY, 503))
"""The states of an answer whose Retry-After is meant for all who ask, and not for this request alone."""


@dataclass(frozen=True)
class Downloaded:
    """A body on disk, which its reader closes; `mark` is equal of equal bodies."""

    reply: Reply
    body: BinaryIO
    mark: bytes

    held = 0

    @property
    def size(self) -> int:
        """Bytes that came."""
        return self.reply.size

    def close(self) -> None:
        """Nobody reads it any more."""
        self.body.close()


class Client:
    """`address` is the API's; `where` is the place that errors name, `most` how many requests a table has at once.

    `storage` is the lake's, by which all processes keep to what the API bears. Safe to use from several threads.
    """

    def __init__(
        self,
        source: Source,
        address: str,
        where: str,
        secret: Secret,
        sleep: Callable[[float], object] | None = None,
        most: int = 1,
        storage: Storage | None = None,
    ) -> None:
        self._closed = Event()
        self.where, self._sleep = where, sleep or self._closed.wait
        self._address = address.rstrip("/") + "/"
        self._headers = {str(name): str(value) for name, value in source.options.get("headers", {}).items()}
        self._exchange = Exchange()
        self._rate = politeness.rate(storage, source, self._sleep)
        self._seats = politeness.requests(storage, source)
        self._places = BoundedSemaphore(most)
        self._login = login(source, secret, self._fetch)

    def close(self) -> None:
        """May be called more than once, and while another thread waits for an answer, which then fails."""
        self._closed.set()
        self._exchange.close()

    def send(self, path: str, parameters: Mapping[str, Any], *, post: bool = False) -> Reply:
        """The answer, which is a good one; a `post` has the parameters as JSON. Raises OutsideError."""
        return self._good(self._patiently(self._message(path, parameters, post), self._login))

    def download(
        self, path: str, parameters: Mapping[str, Any], *, post: bool = False, elsewhere: bool = False
    ) -> Downloaded:
        """The same for a body of any size: all of it, or OutsideError.

        `elsewhere`: the address may be on another host, which is then told nothing of who asks.
        """
        own = urlsplit(self._address)
        if elsewhere and urlsplit(path)[:2] != own[:2] and urlsplit(path).scheme in ("https", own.scheme):
            return self._downloaded(Message(path), None)
        return self._downloaded(self._message(path, parameters, post), self._login)

    def pause(self, seconds: float) -> None:
        """Waits, for as long as nobody closes the client."""
        self._sleep(seconds)
        if self._closed.is_set():
            raise self._was_closed()

    def _was_closed(self) -> OutsideError:
        return OutsideError(f"{self.where}: the reading was closed")

    def address(self, path: str) -> str:
        """A path below the API's address, or an address on its host. Raises DataError for one on another host."""
        if not urlsplit(path).scheme and not path.startswith("//"):
            return self._address + path.lstrip("/")
        if urlsplit(path)[:2] != urlsplit(self._address)[:2]:
            raise DataError(f"{self.where}: the following page is on another host, {urlsplit(path).netloc}")
        return path

    def following(self, current: str, link: str) -> str:
        """The address that an answer from `current` names: a whole one, or one beside it."""
        return self.address(urljoin(self.address(current), link))

    def _fetch(self, message: Message) -> Reply:
        """In the seat of the request that needs the token, which is sent afterwards."""
        return self._patiently(message, None)

    def _message(self, path: str, parameters: Mapping[str, Any], post: bool) -> Message:
        message = Message(self.address(path), self._headers)
        if post:
            headers = {"Content-Type": "application/json", **self._headers}
            return replace(message, headers=headers, body=json.dumps(dict(parameters)).encode())
        return message.asking(parameters)

    def _downloaded(self, message: Message, login: Login | None) -> Downloaded:
        with ExitStack() as unless_whole:
            kept = _Kept(unless_whole.enter_context(TemporaryFile()))
            reply = self._good(self._patiently(message, login, kept))
            kept.file.seek(0)
            unless_whole.pop_all()
        return Downloaded(reply, kept.file, kept.mark.digest())

    def _good(self, reply: Reply) -> Reply:
        if not reply.good:
            raise OutsideError(f"{self.where}: {reply.path} answered HTTP {reply.status}{_HINTS.get(reply.status, '')}")
        return reply

    def _patiently(self, message: Message, login: Login | None, kept: _Kept | None = None) -> Reply:
        """The first answer that another attempt would not change; the body of a good one is `kept`, if given."""
        place, reason, down, heard = message.path, "", False, 0.0
        for attempt in range(1, ATTEMPTS + 1):
            wait = min(0.5 * 2 ** (attempt - 1), 30.0)
            self._keep_quiet(heard)
            self._rate.wait()
            try:
                with self._seat(login):
                    reply = self._asked(message, login, kept)
                if reply.status not in AGAIN:
                    return reply
                reason, down = f"HTTP {reply.status}", reply.status in DOWN
                wait = retry_after(reply.headers, wait)
                if reply.status == TOO_MANY or (reply.status in QUIET and ASKS in reply.headers):
                    heard = self._rate.hush(wait)
            except Broken as broken:
                if not broken.again:
                    raise OutsideError(f"{self.where}: {place} cannot be asked: {broken}") from None
                reason, down = str(broken), broken.down
            except Closed:
                raise self._was_closed() from None
            if wait > LONGEST_WAIT:
                kind = Unreachable if down else OutsideError
                raise kind(f"{self.where}: {place} answered {reason} and asks to wait {wait:.0f} s")
            if attempt < ATTEMPTS:
                self._sleep(wait)
        kind = Unreachable if down else OutsideError
        raise kind(f"{self.where}: {place} failed {ATTEMPTS} times, at last with {reason}")

    def _asked(self, message: Message, login: Login | None, kept: _Kept | None) -> Reply:
        """Signed; once more where the API refuses a signature that can be renewed."""
        write = kept.begin() if kept else None
        signed = login.signed(message) if login else message
        reply = self._exchange.send(signed, write)
        if login and reply.status == UNAUTHORIZED and (renewed := login.renewed(message, signed)):
            return self._exchange.send(renewed, write)
        return reply

    def _keep_quiet(self, heard: float) -> None:
        """Waits for as long as the API told any process of the lake; until `heard` this request has waited."""
        seconds = self._rate.quiet(heard)
        if seconds > LONGEST_WAIT:
            raise Unreachable(f"{self.where}: the API has asked not to be asked for {seconds:.0f} s more")
        if seconds:
            self._sleep(seconds)

    @contextmanager
    def _seat(self, login: Login | None) -> Iterator[None]:
        if login is None and self._login is not None:
            yield
            return
        with self._places:
            seat = self._seats.take(self._closed) if self._seats else None
            try:
                yield
            finally:
                if seat:
                    seat.give_back()


class _Kept:
    """A body on its way into a file."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.mark = file, blake2b(digest_size=16)

    def begin(self) -> Callable[[bytes], None]:
        """What of a former attempt is there is forgotten."""
        self.file.seek(0)
        self.file.truncate()
        self.mark = blake2b(digest_size=16)
        return self._write

    def _write(self, piece: bytes) -> None:
        self.mark.update(piece)
        with outside("keep an answer in the folder for temporary files"):
            self.file.write(piece)


_HINTS = {401: "; is the key right?", 403: "; may this key read it?", 404: "; is path: right?"}
