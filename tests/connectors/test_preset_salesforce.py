"""The CRM's preset against a server that answers as Bulk API 2.0 and the describe calls are documented, with dirt."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from api_server import Answer, serve
from click.testing import CliRunner
from landing_place import Place

from connectors.content import open_content
from connectors.readers import rest
from connectors.readers.rest.reading import RestReader
from local_dev.cli import baikal
from transforms.errors import OutsideError, SchemaChanged

pytestmark = pytest.mark.http

TOP = "preset: salesforce\noauth2: {id: place_id, secret: place_key}\n"
SCHEMA = (
    "accounts: {id: string, name: string, isdeleted: boolean, systemmodstamp: timestamp, score__c: 'decimal(10,2)'}"
)
DATA = "/services/data/v61.0"
QUERY = re.compile(r"select ([\w,]+) from (\w+) where SystemModstamp >= ([\d-]+T[\d:]+Z)")
FIELDS = [
    {"name": "Id", "type": "id", "label": "Account ID"},
    {"name": "Name", "type": "string", "label": "Account Name", "inlineHelpText": 'As on the "contract"'},
    {"name": "IsDeleted", "type": "boolean", "label": "Deleted"},
    {"name": "SystemModstamp", "type": "datetime", "label": "System Modstamp"},
    {"name": "Score__c", "type": "double", "precision": 10, "scale": 2, "label": "Score"},
    {"name": "Seats__c", "type": "int", "digits": 8, "label": "Seats"},
    {"name": "Email__c", "type": "email", "label": "Email"},
    {"name": "BillingAddress", "type": "address", "label": "Billing Address"},
]
waits: list[float] = []


class Crm:
    """Jobs of queries whose results come two rows a set; a token by client credentials in the body, which ends once."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.jobs: list[str] = []
        self.dirty: list[Answer] = []
        self.state = "JobComplete"
        self.fields = FIELDS
        self.looks = self.tokens = 0

    def set(self, key: str, hour: int, **values: Any) -> None:
        changed = f"2024-05-20T{hour:02}:30:00.000Z"
        self.rows[key] = {"Id": key, "IsDeleted": "false", "SystemModstamp": changed, "Score__c": "1.5", **values}

    def answer(self, path: str, query: dict[str, str], headers: Any) -> Answer:
        if path == "/services/oauth2/token":
            right = query == {"grant_type": "client_credentials", "client_id": "i", "client_secret": "s"}
            self.tokens += 1
            token = {"access_token": f"t{self.tokens}", "token_type": "Bearer"}
            return (200, {}, token) if right else (400, {}, {"error": "invalid_client"})
        if headers["Authorization"] != f"Bearer t{self.tokens}":
            return 401, {}, [{"errorCode": "INVALID_SESSION_ID"}]
        if path == f"{DATA}/sobjects":
            names = ("Account", "Opportunity", "Rate")
            every = [{"name": name, "queryable": True} for name in names] + [{"name": "Feed", "queryable": False}]
            return 200, {}, {"sobjects": every}
        if path == f"{DATA}/sobjects/Account/describe":
            return 200, {}, {"name": "Account", "fields": self.fields}
        if path == f"{DATA}/sobjects/Rate/describe":
            return 200, {}, {"name": "Rate", "fields": FIELDS[:2]}
        if path == f"{DATA}/jobs/query":
            return self._made(query)
        found = re.fullmatch(rf"{DATA}/jobs/query/750(\d)(/results)?", path)
        if found is None or int(found[1]) != len(self.jobs):
            return 404, {}, [{"errorCode": "NOT_FOUND"}]
        if self.dirty:
            return self.dirty.pop()
        if found[2]:
            return self._results(QUERY.fullmatch(self.jobs[-1]), int(query.get("locator", "0")))
        self.looks += 1
        return 200, {}, {"id": f"750{found[1]}", "state": "InProgress" if self.looks < 3 else self.state}

    def _made(self, query: dict[str, str]) -> Answer:
        found = QUERY.fullmatch(query["query"])
        if query["operation"] != "queryAll" or found is None or found[2] != "Account":
            return 400, {}, [{"errorCode": "API_ERROR", "message": "MALFORMED_QUERY"}]
        self.jobs.append(query["query"])
        self.looks = 0
        return 200, {}, {"id": f"750{len(self.jobs)}", "state": "UploadComplete", "contentType": "CSV"}

    def _results(self, asked: re.Match[str] | None, start: int) -> Answer:
        assert asked is not None
        names = [one["name"] for one in FIELDS if str(one["name"]).lower() in asked[1].lower().split(",")]
        since = asked[3].removesuffix("Z")
        rows = sorted((r for r in self.rows.values() if r["SystemModstamp"] >= since), key=lambda row: row["Id"])
        text = StringIO()
        out = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        out.writerows([names, *([row.get(name, "") for name in names] for row in rows[start : start + 2])])
        more = start + 2 < len(rows)
        told = {"Sforce-Locator": str(start + 2) if more else "null", "Sforce-NumberOfRecords": "2"}
        return 200, {"Content-Type": "text/csv", **told}, text.getvalue().encode()


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    crm = Crm()
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        monkeypatch.setenv("PLACE_ID", "i")
        monkeypatch.setenv("PLACE_KEY", "s")
        monkeypatch.setattr(rest, "reader", lambda: RestReader(sleep=waits.append))
        waits.clear()
        api.answer = crm.answer
        yield crm


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.declare("rest", "accounts: {object: Account}", SCHEMA, top=TOP)
    return place


def test_objects_are_read_set_by_set_and_then_what_changed(place: Place, crm: Crm) -> None:
    place.now = datetime(2024, 5, 20, 9, tzinfo=UTC)
    for number in range(5):
        crm.set(f"00{number}", number, Name=f'Company {number}, "Ltd"\nTokyo')
    landed = place.ingest("accounts")
    assert (landed.rows, landed.new_columns, landed.missing_columns, landed.warnings) == (5, (), (), ())
    assert place.rows("accounts", "name") == [f'Company {number}, "Ltd"\nTokyo' for number in range(5)]
    assert {row["systemmodstamp"] for row in place.rows("accounts")} >= {datetime(2024, 5, 20, 4, 30)}
    assert waits == [1.0, 2.0]
    assert place.ingest("accounts").unchanged
    crm.set("001", 6, Name="Company One", IsDeleted="true")
    crm.set("009", 6, Name="Company 9", Score__c="")
    assert place.ingest("accounts").rows == 2
    assert crm.jobs[-1].endswith("SystemModstamp >= 2024-05-20T03:30:00Z"), "an hour before the last change"
    rows = {row["id"]: (row["name"], row["isdeleted"], row["score__c"]) for row in place.rows("accounts")}
    assert rows["001"][:2] == ("Company One", True)
    assert rows["009"][2] is None
    assert len(rows) == 6


def test_what_breaks_on_the_way_is_asked_for_again_and_nothing_comes_twice(place: Place, crm: Crm) -> None:
    for number in range(5):
        crm.set(f"00{number}", number, Name=f"Company {number}")
    half = b'"Id","Name","IsDeleted","SystemModstamp","Score__c"\n"000","Comp'
    crm.looks = 9
    crm.dirty = [
        (200, {"Content-Length": "9999", "Connection": "close", "Sforce-Locator": "2"}, half),
        (503, {"Retry-After": "5"}, []),
        (200, {}, {"state": "JobComplete"}),
        (401, {}, [{"errorCode": "INVALID_SESSION_ID"}]),
    ]
    assert place.ingest("accounts").rows == 5
    assert {5.0, 1.0} <= set(waits), "as long as it asks for, and before the half is asked for again"
    assert crm.tokens == 2
    assert place.rows("accounts", "id") == ["000", "001", "002", "003", "004"]


def test_a_job_that_fails_publishes_nothing(place: Place, crm: Crm) -> None:
    crm.state = "Failed"
    with pytest.raises(OutsideError, match=r"raw_place\.accounts: the report of \S+/jobs/query ended as Failed"):
        place.ingest("accounts")
    assert place.rows("accounts") == []


def test_a_field_of_another_type_is_told_with_the_line_to_write(place: Place, crm: Crm) -> None:
    for number in range(12):
        crm.set(f"0{number:02}", 1, Score__c="high")
    with pytest.raises(SchemaChanged, match=r"score__c is no longer decimal\(10,2\) in 12 of 12 rows"):
        place.ingest("accounts")


def test_a_crm_describes_itself(tmp_path: Path, crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    place.declare("jsonl", "t: {mode: append, path: '*.jsonl'}", "t: {id: bigint}")
    (tmp_path / "connectors/sources/place.yaml").unlink()
    (tmp_path / "connectors/sources/place.schema.yaml").unlink()
    monkeypatch.setenv("BAIKAL_HOME", str(tmp_path))
    monkeypatch.setenv("PLACE_SECRET", "s")
    words = ["new", "source", "place", "--kind", "rest", "--preset", "salesforce", "--connection", "PLACE_URL"]
    bare = CliRunner().invoke(baikal, words)
    assert "write --kind rest --preset salesforce --table Account" in bare.output
    made = CliRunner().invoke(baikal, [*words, "--table", "Account"])
    assert made.exit_code == 0, made.output
    assert (tmp_path / "connectors/sources/place.yaml").read_text() == (
        "kind: rest\nowner: team\ndescription: Tables of the API place.\nconnection: place\nevery: 1d\n"
        "preset: salesforce\noauth2: {id: place_id, secret: place_secret}\n"
        'ignore: "*"  # tables that are not named below\ntables:\n  account: {object: Account, deleted_at: isdeleted}\n'
    )
    schema = (tmp_path / "connectors/sources/place.schema.yaml").read_text()
    assert '  name: {type: string, description: "As on the \\"contract\\""' in schema
    assert (
        '  score__c: {type: "decimal(10,2)", description: Score}\n  seats__c: {type: int, description: Seats}' in schema
    )
    assert "email__c: {type: string, description: Email, personal: true}" in schema
    assert "billingaddress" not in schema
    assert "wrote connectors/targets.yaml: place_secret: PLACE_SECRET under laptop" in made.output
    crm.set("001", 1, Name="x", Seats__c="7")
    assert place.ingest("account").new_columns == ()
    assert place.rows("account", "id", "seats__c") == [("001", 7)]
    crm.set("001", 2, Name="x", IsDeleted="true")
    crm.set("002", 2, Name="y")
    assert place.ingest("account").deleted == 1
    assert place.rows("account", "id") == ["002"]
    same = CliRunner().invoke(baikal, ["diff", "source:place"])
    assert (same.exit_code, "source:place is as it is declared" in same.output) == (0, True)
    others = [{**one, "type": "textarea"} if one["name"] == "Seats__c" else one for one in FIELDS[:-2]]
    monkeypatch.setattr(crm, "fields", [*others, {"name": "Rank__c", "type": "long", "label": "Rank"}])
    differs = CliRunner().invoke(baikal, ["diff", "source:place", "--json"])
    found = [(one["change"], one["column"]) for one in json.loads(differs.output)["differences"]]
    assert found == [("changed", "seats__c"), ("gone", "email__c"), ("new", "rank__c")]
    assert CliRunner().invoke(baikal, ["new", "source", "place", "--update"]).exit_code == 0
    written = (tmp_path / "connectors/sources/place.schema.yaml").read_text()
    assert "rank__c: {type: bigint, description: Rank}" in written


def test_an_object_that_does_not_tell_when_it_changed_is_read_whole(
    tmp_path: Path, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    place.declare("rest", "accounts: {object: Account}", SCHEMA, top=TOP)
    monkeypatch.setenv("BAIKAL_HOME", str(tmp_path))
    monkeypatch.setenv("RATES_ID", "i")
    monkeypatch.setenv("RATES_SECRET", "s")
    words = ["new", "source", "rates", "--kind", "rest", "--preset", "salesforce", "--connection", "PLACE_URL"]
    made = CliRunner().invoke(baikal, [*words, "--table", "Rate"])
    assert made.exit_code == 0, made.output
    content = open_content(tmp_path)
    assert [one for one in content.problems if "rates" in str(one)] == []
    (table,) = content.sources["rates"].tables
    assert table.mode == "snapshot"
    asked = {"operation": "queryAll", "query": "select {columns} from {object}"}
    assert table.options["report"]["parameters"] == asked
