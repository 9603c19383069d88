"""Presets: sources of a vendor in a few lines, against a server that answers as the vendor's documentation says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from api_server import Answer, serve
from landing_place import Place

from connectors.content import open_content
from connectors.readers import rest

TOP = "preset: salesforce\noauth2: {id: place_id, secret: place_key}\n"
SCHEMA = (
    "accounts: {id: string, name: string, isdeleted: boolean, systemmodstamp: timestamp, score__c: 'decimal(10,2)'}"
)
QUERY = re.compile(r"select ([\w,]+) from (\w+) where SystemModstamp >= ([\d-]+T[\d:]+Z) order by SystemModstamp, Id")


class Crm:
    """Objects by SOQL, two rows a page, deleted rows too; a token by client credentials in the body."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.queries: list[str] = []

    def set(self, key: str, hour: int, **values: Any) -> None:
        changed = f"2024-05-20T{hour:02}:30:00.000+0000"
        self.rows[key] = {"Id": key, "IsDeleted": False, "SystemModstamp": changed, "Score__c": 1.5, **values}

    def answer(self, path: str, query: dict[str, str], headers: Any) -> Answer:
        if path == "/services/oauth2/token":
            right = query == {"grant_type": "client_credentials", "client_id": "i", "client_secret": "s"}
            return (200, {}, {"access_token": "t", "token_type": "Bearer"}) if right else (400, {}, {})
        if headers["Authorization"] != "Bearer t":
            return 401, {}, [{"errorCode": "INVALID_SESSION_ID"}]
        if path == "/services/data/v61.0/queryAll":
            self.queries.append(query["q"])
            start = 0
        else:
            start = int(path.rpartition("-")[2])
        found = QUERY.fullmatch(self.queries[-1])
        if found is None or found[2] != "Account":
            return 400, {}, [{"errorCode": "MALFORMED_QUERY"}]
        names = {name.lower() for name in found[1].split(",")}
        since = found[3].removesuffix("Z")
        rows = sorted((row["SystemModstamp"], key) for key, row in self.rows.items() if row["SystemModstamp"] >= since)
        page = [
            {"attributes": {"type": "Account", "url": f"/sobjects/Account/{key}"}}
            | {name: value for name, value in self.rows[key].items() if name.lower() in names}
            for _, key in rows[start : start + 2]
        ]
        more = start + 2 < len(rows)
        following = {"nextRecordsUrl": f"/services/data/v61.0/query/01g-{start + 2}"} if more else {}
        return 200, {}, {"totalSize": len(rows), "done": not more, "records": page, **following}


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    crm = Crm()
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        monkeypatch.setenv("PLACE_ID", "i")
        monkeypatch.setenv("PLACE_KEY", "s")
        monkeypatch.setattr(rest, "reader", lambda: rest.RestReader(sleep=lambda _: None))
        api.answer = crm.answer
        yield crm


def test_objects_of_a_crm_are_read_page_by_page_and_then_what_changed(tmp_path: Path, crm: Crm) -> None:
    place = Place(tmp_path)
    place.declare("rest", "accounts: {object: Account}", SCHEMA, top=TOP)
    for number in range(5):
        crm.set(f"00{number}", number, Name=f"Company {number}")
    landed = place.ingest("accounts")
    assert (landed.rows, landed.new_columns, landed.warnings) == (5, (), ())
    assert place.rows("accounts", "name") == [f"Company {number}" for number in range(5)]
    assert {row["systemmodstamp"] for row in place.rows("accounts")} >= {datetime(2024, 5, 20, 4, 30)}
    assert place.ingest("accounts").unchanged
    crm.set("001", 6, Name="Company One", IsDeleted=True)
    crm.set("009", 6, Name="Company 9", Score__c=None)
    assert place.ingest("accounts").rows == 2
    assert "SystemModstamp >= 2024-05-20T03:30:00Z" in crm.queries[-1], "an hour before the last change"
    rows = {row["id"]: (row["name"], row["isdeleted"]) for row in place.rows("accounts")}
    assert rows["001"] == ("Company One", True)
    assert len(rows) == 6


def test_what_the_file_says_goes_before_what_the_preset_says(tmp_path: Path, crm: Crm) -> None:
    place = Place(tmp_path)
    words = "begin: 2024-05-20, mode: append, parameters: {limit: 9}"
    place.declare("rest", f"accounts: {{object: Account, {words}}}", SCHEMA, top=TOP)
    place.now = datetime(2024, 5, 20, 12, tzinfo=UTC)
    crm.set("001", 6, Name="x")
    assert place.ingest("accounts").rows == 1
    assert "SystemModstamp >= 2024-05-19T15:00:00Z order" in crm.queries[-1]


def test_an_unknown_preset_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.declare("rest", "accounts: {object: Account}", SCHEMA, top="preset: salesforse\n")
    told = "\n".join(map(str, open_content(place.home).problems))
    assert 'place.yaml:5: there is no preset "salesforse"; presets are' in told
    assert "salesforce" in told
