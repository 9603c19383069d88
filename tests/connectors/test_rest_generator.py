"""Odd APIs: a generator in Python beside the YAML, under the same rules as every other source."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_server import Api, serve
from landing_place import Place

from connectors.content import open_content
from connectors.readers import rest
from connectors.readers.rest.reading import RestReader
from transforms.errors import ContentError, OutsideError

pytestmark = pytest.mark.http

SCHEMA = "t: {id: bigint, at: timestamp, amount: 'decimal(20,10)', tags: array<string>}"
APPEND = "t: {mode: append, python: true, cursor: id, key: id, rejects: 50%}"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        monkeypatch.setenv("PLACE_KEY", "sesame-4711")
        monkeypatch.setattr(rest, "reader", lambda: RestReader(sleep=lambda _: None))
        yield api


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.declare("rest", APPEND, SCHEMA)
    return place


def write(place: Place, code: str) -> None:
    (place.home / "connectors" / "sources" / "place.py").write_text(textwrap.dedent(code))


GOOD = """
    from collections.abc import Iterator
    from datetime import datetime
    from connectors.api import Api, Row

    def t(api: Api) -> Iterator[Row]:
        api.state["runs"] = api.state.get("runs", 0) + 1
        for page in api.get("/list", after=api.since or 0)["pages"]:
            for row in api.post("/page", {"page": page})["rows"]:
                yield {**row, "at": datetime(2024, 5, 1, 12, api.state["runs"]), "tags": [api.table]}
"""


def test_rows_of_a_generator_are_landed_from_where_the_last_run_ended(place: Place, api: Api) -> None:
    write(place, GOOD)
    amounts = {1: b"0.1234567890", 2: b"3", 3: b'"dirty"'}

    def answer(path: str, query: dict[str, str], headers: object) -> tuple[int, dict[str, str], object]:
        if path == "/list":
            return 200, {}, {"pages": [n for n in amounts if n >= int(query["after"])]}
        number = int(query["page"])
        return 200, {}, b'{"rows": [{"id": %d, "amount": %s}]}' % (number, amounts[number])

    api.answer = answer
    assert place.ingest().rejects == 1
    assert [(row, str(amount)) for row, amount in place.rows("t", "id", "amount")] == [
        (1, "0.1234567890"),
        (2, "3.0000000000"),
    ]
    assert place.rejects()[0]["reason"].startswith("amount:")
    amounts.update({4: b"5"})
    assert place.ingest().rows == 1
    assert place.rows("t", "id") == [1, 2, 4]
    assert {row["at"].minute for row in place.rows()} == {1, 2}, "the state of the generator is kept"


def test_a_fault_of_a_generator_is_told_at_its_line_without_secrets(place: Place, api: Api) -> None:
    write(
        place,
        """
        def t(api):
            key = api.secret("place_key")
            yield {"id": 1}
            raise KeyError("no " + key)
        """,
    )
    with pytest.raises(ContentError, match=r"connectors/sources/place\.py:5:.*KeyError: 'no \*\*\*'") as told:
        place.ingest()
    assert "sesame" not in str(told.value)
    assert place.rows() == []
    write(place, "def t(api):\n    yield 3\n")
    with pytest.raises(ContentError, match="yields rows as mappings, and this one yielded int"):
        place.ingest()
    write(place, "import nothing_of_this_name\n\ndef t(api):\n    yield {}\n")
    with pytest.raises(ContentError, match=r"place\.py:1:.*ModuleNotFoundError"):
        place.ingest()


def test_an_api_that_fails_is_the_fault_of_the_api(place: Place, api: Api) -> None:
    write(place, "def t(api):\n    yield from api.get('/x')\n")
    api.answer = lambda *_: (503, {}, {})
    with pytest.raises(OutsideError, match="/x failed 6 times, at last with HTTP 503"):
        place.ingest()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (None, r"place.yaml:6: t is python: true, and connectors/sources/place.py is not there"),
        ("def u(api): ...\n", "has no function of this name; write there def t(api: Api) -> Iterator[Row]:"),
        ("def t(api:\n", "connectors/sources/place.py:1: this is no Python"),
    ],
)
def test_a_missing_generator_is_found_before_anything_runs(place: Place, code: str | None, said: str) -> None:
    if code is not None:
        write(place, code)
    assert said in "\n".join(map(str, open_content(place.home).problems))
    assert said in "\n".join(map(str, open_content(place.home).problems)), "also when it is remembered"


def test_a_file_of_python_that_no_table_asks_for_is_told(place: Place) -> None:
    place.declare("rest", "t: {mode: snapshot, path: /t}", SCHEMA)
    write(place, "def t(api): ...\n")
    assert "no table of connectors/sources/place.yaml is python: true" in "\n".join(
        map(str, open_content(place.home).problems)
    )
