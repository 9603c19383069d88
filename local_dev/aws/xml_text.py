"""Values as the XML of AWS's REST services: a list repeats its element, None leaves it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def document(name: str, content: Mapping[str, Any]) -> str:
    """
    >>> print(document("Result", {"Count": 2, "Key": ["a", "b"], "Next": None}).splitlines()[1])
    <Result xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Count>2</Count><Key>a</Key><Key>b</Key></Result>
    """
    inner = "".join(_element(key, value) for key, value in content.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">{inner}</{name}>'


def _element(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(key, each) for key, each in value.items())}</{name}>"
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"
