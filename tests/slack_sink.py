"""A local Slack: an incoming webhook that takes what Slack takes, and refuses the rest in Slack's own words."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/services/T000/B000/secret"


@dataclass
class Sink:
    """`answers` are given before the messages are looked at: states with their text and headers."""

    url: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)

    def judge(self, path: str, kind: str, body: bytes) -> tuple[int, str, dict[str, str]]:
        """What Slack would answer."""
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        if path != PATH:
            return 404, "no_service", {}
        try:
            message = json.loads(body)
        except ValueError:
            return 400, "invalid_payload", {}
        if kind.partition(";")[0] != "application/json" or not isinstance(message, dict):
            return 400, "invalid_payload", {}
        if not message.get("text") and not message.get("blocks"):
            return 400, "no_text", {}
        if len(message.get("text", "")) > 40_000:
            return 400, "msg_too_long", {}
        if not _blocks_fit(message.get("blocks", [])):
            return 400, "invalid_blocks", {}
        self.messages.append(message)
        return 200, "ok", {}


def _blocks_fit(blocks: Any) -> bool:
    return isinstance(blocks, list) and len(blocks) <= 50 and all(map(_block_fits, blocks))


def _block_fits(block: Any) -> bool:
    kind, known = block.get("type"), {"type", "text", "fields", "elements"}
    if not set(block) <= known:
        return False
    if kind == "header":
        return _text_fits(block["text"], 150, "plain_text") and set(block) == {"type", "text"}
    if kind == "section":
        fields = block.get("fields", [])
        text = "text" not in block or _text_fits(block["text"], 3000, "mrkdwn")
        there = "text" in block or len(fields) > 0
        return text and there and len(fields) <= 10 and all(_text_fits(one, 2000, "mrkdwn") for one in fields)
    if kind == "context":
        elements = block.get("elements", [])
        return 0 < len(elements) <= 10 and all(_text_fits(one, 2000, "mrkdwn") for one in elements)
    return kind == "divider" and set(block) == {"type"}


def _text_fits(text: Any, most: int, kind: str) -> bool:
    return set(text) == {"type", "text"} and text["type"] == kind and 0 < len(text["text"]) <= most


@contextmanager
def slack_sink() -> Iterator[Sink]:
    """The sink, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, text, headers = sink.judge(self.path, self.headers.get("Content-Type", ""), body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink = Sink(f"http://127.0.0.1:{server.server_port}{PATH}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
