"""Which names of headers and parameters are of secrets by their nature, and the line that keeps one out of a file.

No problem repeats a value. Whether something else is secret nobody can tell from its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from transforms.fields import Fields

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET = re.compile(
    r"(authorization|cookie|password|passwd|passphrase|pwd|secret|credentials?|sessionid"
    r"|(api|app|application|access|secret|private|auth|subscription|license|consumer|functions|account|user|shared)key)\Z"
)
_SECRET_WORD = re.compile(r"signature|sig|jwt|bearer|session")
"""By itself only: a possession is none."""
_PLACE = re.compile(
    r"page|next|prev|previous|continuation|sync|resume|start|starting|end|ending|pagination|paging|scroll|delta"
    r"|cursor|after|before|since|offset|bookmark"
)
"""Whose token is a place in an answer, and opens nothing."""
_GIVEN = re.compile(r"\{\w+\}")
_SCHEME = re.compile(r"(basic|bearer|token|oauth|apikey) ", re.I)
_IN_PATH = re.compile(r"[?&]([^=&#]+)=([^&#]*)")


def is_secret(name: str) -> bool:
    """Whether a value of this name is a secret.

    >>> [name for name in ("X-Api-Key", "accessToken", "page_token", "max_tokens", "keyword") if is_secret(name)]
    ['X-Api-Key', 'accessToken']
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if words and words[-1].endswith("token"):
        before = (*words[:-1], words[-1].removesuffix("token"))
        return not any(map(_PLACE.fullmatch, before))
    if words and _SECRET_WORD.fullmatch(words[-1]):
        return True
    return _SECRET.search("".join(words[-2:])) is not None


def headers(fields: Fields, word: str, value: Mapping[str, Any]) -> bool:
    """Whether no header holds a secret."""
    return _none(_secrets(fields, word, value), "header")


def parameters(fields: Fields, word: str, value: Any) -> bool:
    """Whether no parameter holds a secret, nor what is inside one."""
    return _none(_secrets(fields, word, value), "parameter")


def of_token(fields: Fields, values: Mapping[str, Any]) -> bool:
    """Whether neither the address nor the parameters of a token of OAuth 2 hold a secret."""
    found = list(_secrets(fields, "parameters", values.get("parameters")))
    for inner, name in found:
        _problem(inner, name, f"{_oauth(fields, name)}, and remove {name}:")
    inside = _in_path(values.get("token"))
    for name in inside:
        _problem(fields, "token", f"{_oauth(fields, name)}, and take {name} out of token:", name)
    return not found and not inside


def path(fields: Fields, word: str, value: Any) -> bool:
    """Whether an address has no secret among its parameters."""
    found = _in_path(value)
    for name in found:
        _problem(fields, word, f"{_line(fields, name, 'parameter')}, and take {name} out of {word}:", name)
    return not found


def _in_path(value: object) -> list[str]:
    return [name for name, held in _IN_PATH.findall(str(value)) if _held(name, held)]


def _secrets(fields: Fields, word: str | int, value: Any) -> Iterator[tuple[Fields, str]]:
    if not isinstance(value, dict | list):
        return
    inner = Fields(fields.document, fields.problems, *fields.way, word)
    for name, each in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(name, str) and _held(name, each):
            yield inner, name
        yield from _secrets(inner, name, each)


def _held(name: object, value: object) -> bool:
    """Whether it is a secret by its name, and its value may be one: neither empty nor only what a reading fills in."""
    if value is None or isinstance(value, bool | dict | list) or not is_secret(str(name)):
        return False
    return bool(_GIVEN.sub("", str(value)).strip())


def _none(found: Iterable[tuple[Fields, str]], place: str) -> bool:
    none = True
    for inner, name in found:
        line = _line(inner, name, place, str(inner.values.get(name)))
        _problem(inner, name, f"{line} at the top, and remove {name}:")
        none = False
    return none


def _problem(fields: Fields, key: str, write: str, name: str = "") -> None:
    what = f"{name or key} is a secret, and no secret is in this file"
    allowed = "its name stands here, and its value in what the target has under secrets:"
    fields.problem(key, what, allowed, f"write {write}")


def _line(fields: Fields, name: str, place: str, value: str = "") -> str:
    """The word for it; of a header with the scheme that stands before the secret."""
    scheme = _SCHEME.match(value) if place == "header" else None
    key = f"{PurePosixPath(fields.document.path).stem}_key"
    if scheme and scheme[1].lower() == "basic":
        return f"api_key: {{user: .., secret: {key}}}"
    prefix = f', prefix: "{scheme[1]} "' if scheme else ""
    return f"api_key: {{{place}: {name}{prefix}, secret: {key}}}"


def _oauth(fields: Fields, name: str) -> str:
    held = "refresh" if "refresh" in name.lower() else "secret"
    return f"{held}: {PurePosixPath(fields.document.path).stem}_{held} under oauth2:"
