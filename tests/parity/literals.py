"""Bare decimal literals are doubles on Athena and decimals on Trino: `1.5` is sent to Trino as `1.5E0`."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|[A-Za-z_][A-Za-z0-9_]*"""
    r"""|(?P<number>(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?)|\d+(?:[eE][+-]?\d+)?|.""",
    re.DOTALL,
)


def for_trino(sql: str) -> str:
    """The statement as Trino must read it so that it means what Athena means.

    >>> for_trino("select 1.5, '1.5', decimal '1.5', a.b, 2.5e1")
    "select 1.5E0, '1.5', decimal '1.5', a.b, 2.5e1"
    """
    return _TOKEN.sub(lambda found: _number(found) if found["number"] else found[0], sql)


def _number(found: re.Match[str]) -> str:
    text = found[0]
    return text if "e" in text.lower() else f"{text}E0"
