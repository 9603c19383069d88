"""A small HTTP server of which a test says the answers, and the fixture of sources that read from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, dict[str, str], Any]


class Api:
    """`answer` is called with the path, the query (of a POST: its body) and the headers of each request.

    A Content-Length among the headers that it gives goes before the true one.
    `most` is how many requests were being answered at once.
    """

    def __init__(self) -> None:
        self.answer: Callable[[str, dict[str, str], Any], Answer] = lambda *_: (404, {}, {})
        self.asked: list[dict[str, str]] = []
        self.address = ""
        self.lock, self.inside, self.most = Lock(), 0, 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@contextmanager
def serve() -> Iterator[Api]:
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits 40 ms behind its headers

        def do_GET(self) -> None:
            self._answer(parse_qs(urlsplit(self.path).query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            form = self.headers["Content-Type"] == "application/x-www-form-urlencoded"
            self._answer(parse_qs(body.decode()) if form else {k: [v] for k, v in json.loads(body).items()})

        def _answer(self, values: dict[str, list[Any]]) -> None:
            query = {name: found[0] for name, found in values.items()}
            with api.lock:
                api.asked.append(query)
                api.inside += 1
                api.most = max(api.most, api.inside)
            try:
                status, headers, body = api.answer(urlsplit(self.path).path, query, self.headers)
            finally:
                with api.lock:
                    api.inside -= 1
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # who asked may be gone
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            return

    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        api.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield api
        server.shutdown()
        thread.join()
