"""Personal values are hashed, masked or dropped before anything of them is written."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from api_server import serve
from hypothesis import given
from hypothesis import strategies as st
from landing_place import Place

from connectors.protecting import HIDDEN, Protecting
from connectors.reader import Again, Batch, Reject
from transforms.errors import ContentError, SchemaChanged

SCHEMA = """
t:
  id: {type: bigint, description: Number}
  email: {type: string, description: Address, personal: true, hash: people_key}
  phone: {type: string, description: Phone, personal: true, mask: last 4}
  ip: {type: string, description: Where from, personal: true, mask: network}
  memo: {type: string, description: What the shop wrote, personal: true, drop: true}
"""
ROWS = [
    {"id": 1, "email": "hanako@example.com", "phone": "090-1234-5678", "ip": "203.0.113.77", "memo": "likes 寿司"},
    {"id": 2, "email": "hanako@example.com", "phone": "110", "ip": "2001:db8:1:2::3", "memo": None},
    {"id": 3, "email": None, "phone": None, "ip": "not an address", "memo": "none"},
]
SECRETS = ("hanako", "090-1234", "203.0.113.77", "2001:db8:1:2", "寿司", "not an address")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl", rejects: 100%}', SCHEMA)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    monkeypatch.setenv("PEOPLE_KEY", "a key of the company")
    return place


def write(place: Place, name: str, *rows: Any) -> None:
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    (place.files / name).write_text("\n".join(lines), encoding="utf-8")


def hashed(value: str, key: str = "a key of the company") -> str:
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()


def written(place: Place) -> bytes:
    """Every byte of the lake, and what is compressed in its Parquet files."""
    found = b"".join(path.read_bytes() for path in (place.home / "lake").rglob("*") if path.is_file())
    return found + repr([place.rows(), place.rejects()]).encode()


def test_rows_are_protected_as_declared(place: Place) -> None:
    write(place, "a.jsonl", *ROWS)
    landed = place.ingest()
    assert landed.new_columns == ()
    assert place.rows("t", "id", "email", "phone", "ip") == [
        (1, hashed("hanako@example.com"), "***5678", "203.0.113.0"),
        (2, hashed("hanako@example.com"), HIDDEN, "2001:db8:1::"),
        (3, None, None, HIDDEN),
    ]
    assert "memo" not in place.rows()[0]
    for secret in SECRETS:
        assert secret.encode() not in written(place), secret


def test_rejects_keep_their_place_and_no_bytes(place: Place) -> None:
    write(place, "a.jsonl", {**ROWS[0], "id": "one"}, '{"id": 4, "email": "taro@example.com', ROWS[2])
    assert place.ingest().rejects == 2
    assert [(row["_file"], row["_line"]) for row in place.rejects()] == [("a.jsonl", 1), ("a.jsonl", 2)]
    assert {bytes(row["raw"])[:10] for row in place.rejects()} == {b"not kept: "}
    for secret in (*SECRETS, "taro"):
        assert secret.encode() not in written(place), secret


def test_what_failed_is_not_kept_either(place: Place) -> None:
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl"}', SCHEMA)
    write(place, "a.jsonl", '{"id": 4, "email": "taro@example.com')
    with pytest.raises(Exception, match="could not be held"):
        place.ingest()
    notes = [path for path in (place.home / "lake").rglob("*") if path.is_file()]
    assert any(b"not kept" in path.read_bytes() for path in notes)
    assert not any(b"taro" in path.read_bytes() for path in notes)


def test_a_key_that_is_not_there_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEOPLE_KEY")
    write(place, "a.jsonl", *ROWS)
    with pytest.raises(ContentError, match=r"place.yaml:6: .* PEOPLE_KEY is not set, .*write export PEOPLE_KEY=\.\."):
        place.ingest()


def test_another_key_is_refused_while_rows_stand(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    write(place, "a.jsonl", ROWS[0])
    place.ingest()
    monkeypatch.setenv("PEOPLE_KEY", "another key")
    write(place, "b.jsonl", ROWS[1])
    with pytest.raises(SchemaChanged, match="email would be hashed under another key"):
        place.ingest()
    assert len(place.rows()) == 1
    assert place.ingest(full=True).rows == 2
    assert set(place.rows("t", "email")) == {hashed("hanako@example.com", "another key")}


def test_a_later_protection_is_told_until_the_rows_are_read_again(place: Place) -> None:
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl"}', SCHEMA.replace(", mask: last 4", ""))
    write(place, "a.jsonl", ROWS[0])
    place.ingest()
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl"}', SCHEMA)
    for name in ("b", "c"):
        write(place, f"{name}.jsonl", ROWS[1])
        (told,) = place.ingest().warnings
        assert "before the protection of phone changed" in told
        assert "write baikal run raw_place.t --full" in told
    assert place.rows("t", "phone") == [HIDDEN, HIDDEN, "090-1234-5678"]
    assert place.ingest(full=True).warnings == ()
    assert place.rows("t", "phone") == [HIDDEN, HIDDEN, "***5678"]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{type: bigint, hash: people_key}", "hash makes a text of email, which is bigint; write type: string"),
        ("{type: string, hash: people_key, drop: true}", "email has `hash:` and `drop:`; one is enough"),
        ("{type: string, mask: some}", '"some" is not a mask|mask is all, domain'),
        ("{type: string, hash: nobody_key}", 'hashed under "nobody_key", a secret of no target'),
        ("{type: string, drop: perhaps}", "drop must be true or false"),
    ],
)
def test_what_is_declared_wrong_is_told(place: Place, entry: str, told: str) -> None:
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl"}', f"t:\n  id: bigint\n  email: {entry}\n")
    with pytest.raises(AssertionError) as caught:
        place.lake()
    assert any(part in str(caught.value) for part in told.split("|"))


@pytest.mark.parametrize("word", ["mask: all", "drop: true"])
def test_a_key_needs_its_values(place: Place, word: str) -> None:
    table = 't: {mode: upsert, key: email, path: "*.jsonl"}'
    place.declare("jsonl", table, f"t:\n  id: bigint\n  email: {{type: string, {word}}}\n")
    with pytest.raises(AssertionError, match=r"leaves nothing that could serve|which is no column"):
        place.lake()


def test_a_hashed_key_is_a_key(place: Place) -> None:
    place.declare("jsonl", 't: {mode: upsert, key: email, path: "*.jsonl"}', SCHEMA)
    write(place, "a.jsonl", ROWS[0])
    place.ingest()
    write(place, "b.jsonl", {**ROWS[1], "id": 9})
    place.ingest()
    assert place.rows("t", "id") == [9]


@given(st.lists(st.one_of(st.none(), st.text())))
def test_equal_values_stay_equal_and_nothing_else(values: list[str | None]) -> None:
    def apply(value: str) -> str:
        return value[::-1] + "!"

    protecting = Protecting({"a": apply}, frozenset(), {"a": "hash: k 0"})
    plain = pa.record_batch({"a": pa.array(values, pa.string()), "b": pa.array(range(len(values)))})
    done = protecting.batch(Batch(plain, (Reject("f", 1, "a: too long: xyz", b"xyz"),)))
    assert done.rows.column("a").to_pylist() == [None if value is None else apply(value) for value in values]
    assert done.rows.column("b") == plain.column("b")
    assert done.rejects[0].reason == "a: a value that does not fit"
    assert b"xyz" not in done.rejects[0].raw


def test_a_masked_key_tells_rows_no_longer_apart() -> None:
    protecting = Protecting({"a": str}, frozenset({"c"}), {"a": "mask: all", "b": "hash: k 0"})
    again = Again("at", 1, 2, ("b", "id"))
    assert protecting.again(again) == again
    assert protecting.again(Again("at", 1, 2, ("a", "id"))) == Again("at", 1, 2, ())
    assert protecting.again(Again("at", 1, 2, ("c",))) == Again("at", 1, 2, ())
    assert protecting.again(None) is None


def test_a_nested_column_is_dropped_with_all_that_is_in_it(place: Place) -> None:
    fields = "user: {type: 'struct<email:string,name:string>', description: Who, personal: true, drop: true}"
    place.declare(
        "jsonl",
        't: {mode: append, path: "*.jsonl", rejects: 100%}',
        f"t: {{id: bigint, {fields}, tags: {{type: 'array<struct<who:string>>', drop: true}}}}",
    )
    user = {"email": "hanako@example.com", "name": "花子", "phone": {"number": "090-1234"}}
    write(place, "a.jsonl", {"id": 1, "user": user, "tags": [{"who": "taro"}]}, {"id": "x", "user": user})
    write(place, "b.jsonl", {"id": 2, "user": "hanako", "tags": {"who": "taro"}})
    landed = place.ingest()
    assert (landed.new_columns, landed.missing_columns) == ((), ())
    assert {"user", "tags"}.isdisjoint(place.rows()[0])
    assert place.rows("t", "id") == [1, 2]
    for secret in ("hanako", "花子", "090-1234", "taro"):
        assert secret.encode() not in written(place), secret
        assert secret not in repr([place.rows(), place.rejects()])
    place.now += timedelta(hours=1)
    write(place, "c.jsonl", {"id": 3, "User": {"email": "jiro@example.com"}})
    assert place.ingest().new_columns == ()
    assert b"jiro" not in written(place)


@pytest.mark.http
@pytest.mark.parametrize("kind", ["parquet", "rest"])
def test_a_nested_column_of_another_kind_is_dropped(place: Place, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": 1, "user": {"email": "hanako@example.com", "ids": [{"tel": "090-1234"}]}}]
    pq.write_table(pa.Table.from_pylist(rows), place.files / "a.parquet")
    words = {"parquet": 't: {mode: append, path: "*.parquet"}', "rest": "t: {mode: snapshot, path: /t}"}
    schema = "t: {id: bigint, user: {type: 'struct<email:string,ids:array<struct<tel:string>>>', drop: true}}"
    place.declare(kind, words[kind], schema)
    with serve() as api:
        api.answer = lambda path, query, headers: (200, {}, rows)
        if kind == "rest":
            monkeypatch.setenv("PLACE_URL", api.address)
        landed = place.ingest()
    assert (landed.rows, landed.new_columns) == (1, ())
    assert ["user" in row for row in place.rows()] == [False]
    assert b"hanako" not in written(place)
    assert b"090-1234" not in written(place)
