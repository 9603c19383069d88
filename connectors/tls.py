"""The certificates by which an address of HTTPS is judged: to read them takes longer than most answers."""

from __future__ import annotations

from functools import cache
from ssl import SSLContext

import httpx


@cache
def certificates() -> SSLContext:
    """What httpx trusts, read once for all clients of a process."""
    return httpx.create_ssl_context()
