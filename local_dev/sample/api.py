"""The HTTP APIs of the agency (acquisition) and of the ad networks, on one small server of the standard library.

They behave as such APIs do: keys, pages, 429 with Retry-After, now and then a 500, and numbers that are restated.
Which requests fail is fixed by counting, so that every run sees the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from local_dev.sample.company import generated
from local_dev.sample.databases import exact
from local_dev.sample.market import revenue_of, spend_of
from local_dev.sample.story import Company
from local_dev.sample.words import CHANNELS

KEYS = {"acquisition": "sample-acquisition-key", "ad_network": "sample-network-key"}
SPEND_PAGE, REVENUE_PAGE = 60, 100
_BUSY_EVERY = 6
"""Every so-manieth request of an API is answered with 429; the third one fails with a 500."""
_FAILS_AT = 3


@contextmanager
def apis(folder: Path) -> Iterator[dict[str, str]]:
    """The address of each API, which report the company in `folder` as it is at the time of asking."""
    server = _Server(folder)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield {name: f"{address}/{name}" for name in KEYS}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """Knows the company's folder, and counts the requests of each API."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.requests = dict.fromkeys(KEYS, 0)
        self.lock = Lock()

    def count(self, api: str) -> int:
        """The number of this request."""
        with self.lock:
            self.requests[api] += 1
            return self.requests[api]


class _Failed(Exception):
    """A request that gets no data: the status, and what the answer says."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms behind its headers

    def do_GET(self) -> None:
        """Answer one request, as the API would."""
        address = urlsplit(self.path)
        _, _, way = address.path.partition("/")
        api, _, path = way.partition("/")
        headers = {}
        try:
            body = self._answer(api, "/" + path, {name: values[-1] for name, values in parse_qs(address.query).items()})
            status = 200
        except _Failed as failed:
            body, status = {"error": str(failed)}, failed.status
            if status == 429:
                headers["Retry-After"] = "1"
        self._send(status, headers, body)

    def _answer(self, api: str, path: str, query: dict[str, str]) -> dict[str, Any]:
        if api not in KEYS:
            raise _Failed(404, f"no such API: {api}")
        if self.headers.get("X-Api-Key") != KEYS[api]:
            raise _Failed(401, "the header X-Api-Key is missing or wrong")
        number = self.server.count(api)
        if number % _BUSY_EVERY == 0:
            raise _Failed(429, "too many requests")
        if number == _FAILS_AT:
            raise _Failed(500, "internal server error")
        found = generated(self.server.folder)
        if found is None:
            raise _Failed(503, "the company is being made")
        company, last = found
        if (api, path) == ("acquisition", "/v1/channels"):
            return {"channels": [_channel(*channel) for channel in CHANNELS]}
        if (api, path) == ("acquisition", "/v1/spend"):
            return _spend(company, last, query)
        if (api, path) == ("ad_network", "/v2/reports/revenue"):
            return _revenue(company, last, query, f"http://{self.headers['Host']}/{api}{path}")
        raise _Failed(404, f"no such report: {path}")

    def _send(self, status: int, headers: dict[str, str], body: dict[str, Any]) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the caller's output is not the API's."""


def _channel(channel: str, title: str, kind: str) -> dict[str, str]:
    return {"channel": channel, "title": title, "kind": kind, "manager": f"担当 {title}"}


def _days(company: Company, last: int, since: str | None, until: str | None) -> range:
    """The asked days, as far as there are numbers for them."""
    try:
        start = company.number(date.fromisoformat(since)) if since else 0
        end = company.number(date.fromisoformat(until)) if until else last
    except ValueError as error:
        raise _Failed(400, str(error)) from error
    return range(max(start, 0), min(end, last) + 1)


def _page(query: dict[str, str]) -> int:
    text = query.get("page", "1")
    if not text.isdecimal() or int(text) < 1:
        raise _Failed(400, f"page {text} is not a number from 1")
    return int(text)


def _spend(company: Company, last: int, query: dict[str, str]) -> dict[str, Any]:
    rows = [
        {
            "report_date": str(row.report_date),
            "channel": row.channel,
            "impressions": row.impressions,
            "clicks": row.clicks,
            "installs": row.installs,
            "cost_jpy": exact(row.cost, 2),
        }
        for day in _days(company, last, query.get("from"), query.get("to"))
        for row in spend_of(company, day, last)
    ]
    page = _page(query)
    more = page * SPEND_PAGE < len(rows)
    return {"data": rows[(page - 1) * SPEND_PAGE : page * SPEND_PAGE], "next_page": page + 1 if more else None}


def _revenue(company: Company, last: int, query: dict[str, str], address: str) -> dict[str, Any]:
    rows = [
        {
            "report_date": str(row.report_date),
            "network": row.network,
            "slot": row.slot,
            "requests": row.requests,
            "filled": row.filled,
            "revenue_usd": exact(row.revenue, 6),
            "jpy_per_usd": row.rate / 10_000,
        }
        for day in _days(company, last, query.get("start_date"), query.get("end_date"))
        for row in revenue_of(company, day, last)
    ]
    page = _page(query)
    following = f"{address}?{urlencode(query | {'page': str(page + 1)})}" if page * REVENUE_PAGE < len(rows) else None
    return {"report": {"rows": rows[(page - 1) * REVENUE_PAGE : page * REVENUE_PAGE]}, "links": {"next": following}}
