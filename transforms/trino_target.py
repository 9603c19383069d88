"""A target on a Trino cluster, as `connectors/targets.yaml` declares it. Names only: no password is in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from transforms.fields import Fields

TRINO_KEYS = ("url", "catalog", "user", "role", "password", "folder", "location", "timeout")
_FORMS = {
    "url": ("https://trino.example.com:8443", re.compile(r"https?://[^\s/@]+/?\Z")),
    "catalog": ("lake", re.compile(r"[a-z][a-z0-9_]*\Z")),
    "user": ("baikal", re.compile(r"[^\s:]+\Z")),
    "role": ("admin", re.compile(r"[A-Za-z0-9_]+\Z")),
    "password": ("TRINO_PASSWORD", re.compile(r"[A-Z_][A-Z0-9_]*\Z")),
    "folder": ("/mnt/lake", re.compile(r"[^*?\[\]{}=]+\Z")),
    "location": ("local:///", re.compile(r"[a-z][a-z0-9]*://\S*\Z")),
}
"""What the words of such a target look like: an example, and the form."""
_UNSHOWN = {
    "url": "url must be http:// or https://, a host and perhaps a port; no user and no password is in it",
    "password": "password must name an environment variable in capitals; no password is in this file",
}
"""What is said where a secret may have been written."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Trino:
    """Where a cluster is, and the lake that both it and the platform's machines see.

    `folder` is the lake's on this machine, from the home if it is not absolute; `location` is the same folder as
    Trino names it. `role` is one of the catalog, where it keeps grants of its own. `password` names an environment
    variable. A statement is stopped after `timeout`.
    """

    url: str
    catalog: str
    folder: str
    location: str = "local:///"
    user: str = "baikal"
    role: str | None = None
    password: str | None = None
    timeout: timedelta = timedelta(hours=1)

    @property
    def scheme(self) -> str:
        """http or https."""
        return urlsplit(self.url).scheme

    @property
    def host(self) -> str:
        """Without the port."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """As the address says, or that of its scheme."""
        return urlsplit(self.url).port or _PORTS[self.scheme]

    @property
    def is_local(self) -> bool:
        """Whether it is a server on this machine."""
        return self.host in ("127.0.0.1", "localhost")


def read_trino(fields: Fields) -> Trino:
    """Reports whatever is wrong; what it then returns is not used."""
    for key in ("url", "catalog", "folder"):
        fields.required(key, f"{key}: {_FORMS[key][0]}")
    words = {key: fields.word(key, *form, _UNSHOWN.get(key)) for key, form in _FORMS.items()}
    place = Trino(
        url=(words["url"] or _FORMS["url"][0]).rstrip("/"),
        catalog=words["catalog"] or _FORMS["catalog"][0],
        folder=words["folder"] or _FORMS["folder"][0],
        location=words["location"] or Trino.location,
        user=words["user"] or Trino.user,
        role=words["role"],
        password=words["password"],
        timeout=fields.span("timeout", "1h") or Trino.timeout,
    )
    if place.password and place.scheme == "http" and not place.is_local:
        secure = "https://" + place.url.removeprefix("http://")
        fields.problem("url", "a password would be sent in clear to an http:// address", "", f"write url: {secure}")
    return place
