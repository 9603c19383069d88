"""Asks one API, with patience: waits where it is told to, tries again what may succeed, never faster than declared,
whatever other processes ask it at the same time.

Errors name the path, and never a parameter, a header or what the API said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from hashlib import blake2b
from tempfile import TemporaryFile
from threading import BoundedSemaphore, Event
from typing import Any, BinaryIO, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx

from connectors import politeness
from connectors.durable import outside
from connectors.reachability import Unreachable
from connectors.readers.rest.login import Secret, login
from connectors.retry_after import AGAIN, ASKS, DOWN, TOO_MANY, retry_after
from connectors.storage import Storage
from connectors.tls import certificates
from connectors.unlogged import unlogged
from transforms.errors import DataError, OutsideError
from transforms.source import Source

T = TypeVar("T")
ATTEMPTS = 6
LONGEST_WAIT = 60.0
"""Seconds that one answer with Retry-After may ask for; a longer wait ends the run, which can be repeated."""
QUIET = frozenset((TOO_MANY, 503))
"""The states of an answer whose Retry-After is meant for all who ask, and not for this request alone."""
PIECE = 1 << 20


class Downloaded(NamedTuple):
    """A body on disk, which its reader closes. `size` are the bytes that came, `mark` is equal of equal bodies."""

    body: BinaryIO
    size: int
    mark: bytes
    headers: httpx.Headers


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
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=most)
        headers = {str(name): str(value) for name, value in source.options.get("headers", {}).items()}
        timeout = httpx.Timeout(60, connect=10)
        self._client = httpx.Client(headers=headers, timeout=timeout, limits=limits, verify=certificates())
        self._rate = politeness.rate(storage, source, self._sleep)
        self._seats = politeness.requests(storage, source)
        self._places = BoundedSemaphore(most)
        self._login = login(source, secret, self._fetch)

    def close(self) -> None:
        """May be called more than once, and while another thread waits for an answer, which then fails."""
        self._closed.set()
        self._client.close()

    def send(self, path: str, parameters: Mapping[str, Any], *, post: bool = False) -> httpx.Response:
        """The answer, which is a good one; a `post` has the parameters as JSON. Raises OutsideError."""
        return self._patiently(self._request(path, parameters, post), self._login, self._whole)

    def download(
        self, path: str, parameters: Mapping[str, Any], *, post: bool = False, elsewhere: bool = False
    ) -> Downloaded:
        """The same for a body of any size: all of it, or OutsideError.

        `elsewhere`: the address may be on another host, which is then told nothing of who asks.
        """
        own = urlsplit(self._address)
        if elsewhere and urlsplit(path)[:2] != own[:2] and urlsplit(path).scheme in ("https", own.scheme):
            return self._patiently(httpx.Request("GET", path), None, self._downloaded)
        return self._patiently(self._request(path, parameters, post), self._login, self._downloaded)

    def pause(self, seconds: float) -> None:
        """Waits, for as long as nobody closes the client."""
        self._sleep(seconds)
        if self._closed.is_set():
            raise OutsideError(f"{self.where}: the reading was closed")

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

    def _fetch(self, request: httpx.Request) -> httpx.Response:
        """In the seat of the request that needs the token, which is sent afterwards."""
        return self._patiently(request, None, _read)

    def _request(self, path: str, parameters: Mapping[str, Any], post: bool) -> httpx.Request:
        address = httpx.URL(self.address(path))
        if post:
            return self._client.build_request("POST", address, json=dict(parameters))
        return self._client.build_request("GET", address.copy_merge_params(parameters))

    def _whole(self, response: httpx.Response) -> httpx.Response:
        self._require_good(response)
        return _read(response)

    def _downloaded(self, response: httpx.Response) -> Downloaded:
        self._require_good(response)
        mark = blake2b(digest_size=16)
        with ExitStack() as unless_whole:
            body = unless_whole.enter_context(TemporaryFile())
            for piece in response.iter_bytes(PIECE):
                mark.update(piece)
                with outside("keep an answer in the folder for temporary files"):
                    body.write(piece)
            body.seek(0)
            unless_whole.pop_all()
        return Downloaded(body, response.num_bytes_downloaded, mark.digest(), response.headers)

    def _require_good(self, response: httpx.Response) -> None:
        if not response.is_success:
            place, hint = response.request.url.path, _HINTS.get(response.status_code, "")
            raise OutsideError(f"{self.where}: {place} answered HTTP {response.status_code}{hint}")

    def _patiently(self, request: httpx.Request, auth: httpx.Auth | None, take: Callable[[httpx.Response], T]) -> T:
        """What `take` makes of the first answer that another attempt would not change, which it reads."""
        place, reason, down, heard = request.url.path, "", False, 0.0
        for attempt in range(1, ATTEMPTS + 1):
            wait = min(0.5 * 2 ** (attempt - 1), 30.0)
            self._keep_quiet(heard)
            self._rate.wait()
            try:
                with (
                    self._seat(auth),
                    unlogged(),
                    closing(self._client.send(request, auth=auth, stream=True)) as response,
                ):
                    if response.status_code not in AGAIN:
                        return take(response)
                    response.read()  # so that its connection serves again
                reason, down = f"HTTP {response.status_code}", response.status_code in DOWN
                wait = retry_after(response.headers, wait)
                if response.status_code == TOO_MANY or (response.status_code in QUIET and ASKS in response.headers):
                    heard = self._rate.hush(wait)
            except (httpx.TransportError, httpx.DecodingError) as error:
                reason, down = f"{type(error).__name__}", isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            if wait > LONGEST_WAIT:
                kind = Unreachable if down else OutsideError
                raise kind(f"{self.where}: {place} answered {reason} and asks to wait {wait:.0f} s")
            if attempt < ATTEMPTS:
                self._sleep(wait)
        kind = Unreachable if down else OutsideError
        raise kind(f"{self.where}: {place} failed {ATTEMPTS} times, at last with {reason}")

    def _keep_quiet(self, heard: float) -> None:
        """Waits for as long as the API told any process of the lake; until `heard` this request has waited."""
        seconds = self._rate.quiet(heard)
        if seconds > LONGEST_WAIT:
            raise Unreachable(f"{self.where}: the API has asked not to be asked for {seconds:.0f} s more")
        if seconds:
            self._sleep(seconds)

    @contextmanager
    def _seat(self, auth: httpx.Auth | None) -> Iterator[None]:
        if auth is None and self._login is not None:
            yield
            return
        with self._places:
            seat = self._seats.take(self._closed) if self._seats else None
            try:
                yield
            finally:
                if seat:
                    seat.give_back()


def _read(response: httpx.Response) -> httpx.Response:
    response.read()
    return response


_HINTS = {401: "; is the key right?", 403: "; may this key read it?", 404: "; is path: right?"}
