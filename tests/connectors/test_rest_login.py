"""Who asks: keys and tokens by the names of secrets, renewed in time, sent where they belong, and never shown."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_server import Answer, Api, serve
from landing_place import Place

from connectors.reachability import Unreachable
from connectors.readers import rest
from connectors.readers.rest import login as rest_login
from connectors.readers.rest.reading import RestReader
from transforms.errors import OutsideError

pytestmark = pytest.mark.http

KEY, ID = "sesame:4711/ü&", "client 7"
OAUTH = "oauth2: {token: /oauth/token, id: place_id, secret: place_key, scope: read}\n"
TABLE = "t: {mode: snapshot, path: /v1/t, page: p}"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        monkeypatch.setenv("PLACE_KEY", KEY)
        monkeypatch.setenv("PLACE_ID", ID)
        monkeypatch.setattr(rest, "reader", lambda: RestReader(sleep=lambda _: None))
        yield api


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


class Tokens:
    """An API whose tokens are good for so many requests, and live for so many seconds as they say."""

    def __init__(self, uses: int, life: Any = 3600) -> None:
        self.given: list[dict[str, str]] = []
        self.basic: list[str | None] = []
        self.left, self.uses, self.life = 0, uses, life

    def answer(self, path: str, query: dict[str, str], headers: Any) -> Answer:
        if path == "/oauth/token":
            self.given.append(query)
            self.basic.append(headers["Authorization"])
            self.left = self.uses
            return 200, {}, {"access_token": f"token-{len(self.given)}", "expires_in": self.life}
        if headers["Authorization"] != f"Bearer token-{len(self.given)}" or self.left == 0:
            return 401, {}, {}
        self.left -= 1
        return 200, {}, [{"n": int(query["p"])}] if int(query["p"]) < 7 else []


def test_one_token_serves_until_the_api_refuses_it(place: Place, api: Api) -> None:
    tokens = Tokens(uses=3)
    api.answer = tokens.answer
    place.declare("rest", TABLE, "t: {n: bigint}", top=OAUTH)
    place.ingest()
    assert place.rows("t", "n") == [1, 2, 3, 4, 5, 6]
    assert tokens.given == [{"grant_type": "client_credentials", "scope": "read"}] * 3
    expected = base64.b64encode(b"client%207:sesame%3A4711%2F%C3%BC%26").decode()
    assert tokens.basic[0] == f"Basic {expected}"


def test_a_token_is_renewed_before_it_ends(place: Place, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 40))
    monkeypatch.setattr(rest_login, "monotonic", lambda: float(next(clock)))
    tokens = Tokens(uses=100, life="100")
    api.answer = tokens.answer
    place.declare("rest", TABLE, "t: {n: bigint}", top=OAUTH)
    place.ingest()
    assert len(tokens.given) > 2, "90 of 100 seconds are two requests"


def test_a_refresh_token_goes_into_the_body_where_the_api_wants_it(place: Place, api: Api) -> None:
    tokens = Tokens(uses=100)
    api.answer = tokens.answer
    top = "oauth2: {token: /oauth/token, id: place_id, secret: place_key, refresh: place_key, send: body}\n"
    place.declare("rest", TABLE, "t: {n: bigint}", top=top)
    place.ingest()
    assert tokens.given == [
        {"grant_type": "refresh_token", "refresh_token": KEY, "client_id": ID, "client_secret": KEY}
    ]
    assert tokens.basic == [None]


def test_a_token_that_cannot_be_had_is_told_without_what_was_sent(place: Place, api: Api) -> None:
    place.declare("rest", TABLE, "t: {n: bigint}", top=OAUTH)
    api.answer = lambda *_: (400, {}, {"error": "invalid_client", "error_description": f"bad {KEY}"})
    with pytest.raises(
        Unreachable, match=r"place\.yaml:5: no token from 127\.0\.0\.1: HTTP 400: invalid_client"
    ) as told:
        place.ingest()
    assert KEY not in str(told.value)
    api.answer = lambda *_: (200, {}, {"access_token": None, "error": KEY})
    with pytest.raises(OutsideError, match=r"HTTP 200$"):
        place.ingest()


def test_a_refused_new_token_is_not_fetched_for_ever(place: Place, api: Api) -> None:
    tokens = Tokens(uses=0)
    api.answer = tokens.answer
    place.declare("rest", TABLE, "t: {n: bigint}", top=OAUTH)
    with pytest.raises(OutsideError, match="HTTP 401; is the key right"):
        place.ingest()
    assert len(tokens.given) == 2


@pytest.mark.parametrize(
    ("form", "header", "value"),
    [
        ("header: X-Key", "X-Key", "abc"),
        ('header: Authorization, prefix: "Bearer "', "Authorization", "Bearer abc"),
        ("user: baikal", "Authorization", "Basic " + base64.b64encode(b"baikal:abc").decode()),
    ],
)
def test_a_key_stands_where_the_api_looks_for_it(
    place: Place, api: Api, monkeypatch: pytest.MonkeyPatch, form: str, header: str, value: str
) -> None:
    monkeypatch.setenv("PLACE_KEY", "abc")
    place.declare("rest", TABLE, "t: {n: bigint}", top=f"api_key: {{{form}, secret: place_key}}\n")
    api.answer = lambda path, query, headers: (200 if headers[header] == value else 401, {}, [])
    assert place.ingest().rows == 0


def test_a_key_in_a_parameter_is_in_no_log_and_no_error(
    place: Place, api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PLACE_KEY", "sesame-4711")
    place.declare("rest", TABLE, "t: {n: bigint}", top="api_key: {parameter: token, secret: place_key}\n")
    api.answer = lambda path, query, headers: (200 if query["token"] == "sesame-4711" else 401, {}, [])
    caplog.set_level(logging.INFO)
    place.ingest()
    api.answer = lambda *_: (403, {}, {})
    with pytest.raises(OutsideError, match="may this key read it") as told:
        place.ingest()
    assert "sesame-4711" not in caplog.text + str(told.value)
    written = b"".join(path.read_bytes() for path in (place.home / "lake").rglob("*") if path.is_file())
    assert b"sesame-4711" not in written
