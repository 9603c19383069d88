"""An API of the rows in a JSON file, some a page, from `after` on. Prints its address: `python serve_rows.py FILE`."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PAGE = 7
ROWS = Path(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms behind its headers

    def do_GET(self) -> None:
        query = dict(parse_qsl(urlsplit(self.path).query))
        after = query.get("after", "").replace("T", " ").removesuffix("Z")
        rows = [row for row in json.loads(ROWS.read_bytes()) if row["at"] >= after]
        start = PAGE * (int(query["page"]) - 1)
        content = json.dumps(rows[start : start + PAGE]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        return


with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
