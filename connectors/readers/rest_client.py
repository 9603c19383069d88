"""Asks one API, with patience: waits where it is told to, tries again what may succeed, never faster than declared.

Errors name the path, and never a parameter, a header or what the API said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from connectors.rate import Rate
from connectors.readers.rest_login import Secret, login
from connectors.retry_after import AGAIN, retry_after
from connectors.tls import certificates
from connectors.unlogged import unlogged
from transforms.api_words import read_rate
from transforms.errors import DataError, OutsideError
from transforms.source import Source

ATTEMPTS = 6
LONGEST_WAIT = 60.0
"""Seconds that one answer with Retry-After may ask for; a longer wait ends the run, which can be repeated."""


class Client:
    """`address` is the API's; `where` is the place that errors name. Safe to use from several threads."""

    def __init__(
        self,
        source: Source,
        address: str,
        where: str,
        secret: Secret,
        sleep: Callable[[float], object] | None = None,
        most: int = 1,
    ) -> None:
        self._closed = Event()
        self.where, self._sleep = where, sleep or self._closed.wait
        self._address = address.rstrip("/") + "/"
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=most)
        headers = {str(name): str(value) for name, value in source.options.get("headers", {}).items()}
        timeout = httpx.Timeout(60, connect=10)
        self._client = httpx.Client(headers=headers, timeout=timeout, limits=limits, verify=certificates())
        rate = source.options.get("rate")
        self._rate = Rate(read_rate(str(rate)) if rate else None, self._sleep)
        self._login = login(source, secret, self._fetch)

    def close(self) -> None:
        """May be called more than once, and while another thread waits for an answer, which then fails."""
        self._closed.set()
        self._client.close()

    def send(self, path: str, parameters: Mapping[str, Any], *, post: bool = False) -> httpx.Response:
        """The answer, which is a good one; a `post` has the parameters as JSON. Raises OutsideError."""
        address = httpx.URL(self.address(path))
        if post:
            request = self._client.build_request("POST", address, json=dict(parameters))
        else:
            request = self._client.build_request("GET", address.copy_merge_params(parameters))
        response = self._patiently(request, self._login, address.path)
        if not response.is_success:
            hint = _HINTS.get(response.status_code, "")
            raise OutsideError(f"{self.where}: {address.path} answered HTTP {response.status_code}{hint}")
        return response

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
        return self._patiently(request, None, request.url.path)

    def _patiently(self, request: httpx.Request, auth: httpx.Auth | None, place: str) -> httpx.Response:
        """The first answer that another attempt would not change."""
        reason = ""
        for attempt in range(1, ATTEMPTS + 1):
            wait = min(0.5 * 2 ** (attempt - 1), 30.0)
            self._rate.wait()
            try:
                with unlogged():
                    response = self._client.send(request, auth=auth)
            except (httpx.TransportError, httpx.DecodingError) as error:
                reason = f"{type(error).__name__}"
            else:
                if response.status_code not in AGAIN:
                    return response
                reason = f"HTTP {response.status_code}"
                wait = retry_after(response.headers, wait)
            if wait > LONGEST_WAIT:
                raise OutsideError(f"{self.where}: {place} answered {reason} and asks to wait {wait:.0f} s")
            if attempt < ATTEMPTS:
                self._sleep(wait)
        raise OutsideError(f"{self.where}: {place} failed {ATTEMPTS} times, at last with {reason}")


_HINTS = {401: "; is the key right?", 403: "; may this key read it?", 404: "; is path: right?"}
