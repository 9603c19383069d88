"""Connections to a MySQL or MariaDB by the address of a source: with TLS where the server has it.

Decides what an address may say. Never shows one.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql

PARAMETERS = ("ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket")
MODES = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
CONNECT_S = 10


def connect(address: str) -> pymysql.Connection:
    """Raises pymysql's errors, OSError, and ValueError for an address that says something unknown."""
    parts = urlsplit(address)
    words = dict(parse_qsl(parts.query))
    unknown = [word for word in words if word not in PARAMETERS]
    if unknown:
        raise ValueError(f"its address has a parameter {unknown[0]}; parameters are {', '.join(PARAMETERS)}")
    mode = words.get("ssl-mode", "VERIFY_CA" if "ssl-ca" in words else "PREFERRED").upper()
    if mode not in MODES:
        raise ValueError(f"its address has an ssl-mode {mode}; modes are {', '.join(MODES)}")
    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or "").encode(),
        database=unquote(parts.path[1:]),
        unix_socket=words.get("socket"),
        ssl=_tls(mode, words) if mode not in MODES[:2] else None,
        ssl_disabled=mode == "DISABLED",
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=CONNECT_S,
        sql_mode="",
    )


def _tls(mode: str, words: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=words.get("ssl-ca"))
    context.check_hostname = mode == "VERIFY_IDENTITY"
    context.verify_mode = ssl.CERT_NONE if mode == "REQUIRED" else ssl.CERT_REQUIRED
    if "ssl-cert" in words:
        context.load_cert_chain(words["ssl-cert"], words.get("ssl-key"))
    return context
