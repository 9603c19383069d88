"""What `--verify` finds: every way in which a source and the lake can differ, in every kind, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from api_server import serve
from landing_place import Place
from test_deletes import NEW, SCHEMA, Sql, shop

from connectors.verifying import Verified, verify
from transforms.errors import SchemaChanged

__all__ = ["shop"]
KEPT = {"missing": 0, "different": 0, "twice": 0, "gone": 0, "waiting": 0}
UPSERT = "t: {mode: upsert, key: id, cursor: updated_at, day: day_on}"


def verified(place: Place, table: str = "t") -> Verified:
    lake = place.lake()
    source = lake.content.sources["place"]
    before = contents(place)
    found = verify(lake, source, next(one for one in source.tables if one.name.table == table))
    assert contents(place) == before, "it changes nothing"
    return found


def contents(place: Place) -> dict[Path, int]:
    """Every file of the lake, and when it was written."""
    every = (path for path in (place.home / "lake").rglob("*") if path.is_file())
    return {path: path.stat().st_mtime_ns for path in every if "_sources" not in path.parts}


def found(place: Place, table: str = "t") -> dict[str, int]:
    return dict(verified(place, table).compared.rows)


def spoil(place: Place, change: Any) -> None:
    """Writes the largest file of the published table otherwise."""
    lake = place.lake()
    snapshot = lake.catalog.get(lake.content.sources["place"].tables[0].name)
    assert snapshot
    file = max(
        (file for part in snapshot.parts.values() for file in part.files), key=lambda f: (lake.root / f).stat().st_size
    )
    rows = pq.ParquetFile(lake.root / file).read()
    pq.write_table(change(rows), lake.root / file, store_schema=False)


def test_equal_rows_agree_and_each_difference_is_told_with_its_key(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    place.declare(kind, "t: snapshot", SCHEMA)
    place.ingest()
    assert (verified(place).agrees, found(place)) == (True, KEPT)
    run("delete from t where id = 3", "update t set amount = -1 where id = 4", NEW.format(10, 11, "null"))
    seen = verified(place)
    assert not seen.agrees
    assert dict(seen.compared.rows) == {**KEPT, "missing": 1, "different": 1, "gone": 1}
    assert seen.compared.keys == {"missing": [{"id": "10"}], "different": [{"id": "4"}], "gone": [{"id": "3"}]}
    assert (seen.compared.source, seen.compared.lake) == (9, 9)
    place.ingest()
    spoil(place, lambda rows: pa.concat_tables([rows, rows.slice(0, 2)]))
    assert found(place) == {**KEPT, "twice": 2}


def test_rows_that_the_next_run_reads_are_no_difference(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    place.declare(kind, UPSERT, SCHEMA)
    assert found(place) == {**KEPT, "waiting": 9}
    assert verified(place).notes == ("nothing of it is published yet; the next run reads what waits",)
    assert not verified(place).published
    place.ingest()
    assert not verified(place).notes
    assert verified(place).published
    run(NEW.format(10, 11, "null"), "update t set amount = 5, updated_at = '2024-05-12 00:00:00' where id = 1")
    assert (verified(place).agrees, found(place)) == (True, {**KEPT, "waiting": 2})
    run("update t set updated_at = '2024-05-01 00:00:00' where id = 2", "delete from t where id = 3")
    assert found(place) == {**KEPT, "waiting": 2, "different": 1, "gone": 1}
    place.declare(kind, UPSERT.replace("}", ", deleted_at: deleted_at}"), SCHEMA)
    place.ingest()
    run("update t set deleted_at = '2024-05-13', updated_at = '2024-05-13 00:00:00' where id = 1")
    assert found(place) == {**KEPT, "waiting": 1, "different": 1, "gone": 1}
    place.ingest()
    assert found(place) == {**KEPT, "different": 1, "gone": 1}


def test_a_table_without_a_key_is_compared_by_whole_rows(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    run("create table u as select * from t", "insert into u select * from u where id < 3")
    place.declare(kind, "t: {mode: append, cursor: id, table: u}", SCHEMA)
    place.ingest()
    assert (verified(place).agrees, verified(place).compared.source) == (True, 11)
    run("delete from u where id = 9")
    assert (verified(place).agrees, found(place)) == (True, {**KEPT, "gone": 1}), "append keeps what the source lost"
    spoil(place, lambda rows: pa.concat_tables([rows, rows.slice(5, 1)]))
    assert (verified(place).agrees, found(place)["twice"]) == (False, 1)


def test_rejects_and_personal_keys(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    run("create table r (name varchar(20) primary key, amount bigint)", "insert into r values ('a', 1), ('b', 300)")
    schema = "r: {name: {type: string, personal: true}, amount: bigint}"
    place.declare(kind, "r: snapshot", schema)
    place.ingest("r")
    run("update r set amount = 2 where name = 'a'")
    assert verified(place, "r").compared.keys == {"different": [{"name": "***"}]}


FINER = {"sqlite": "datetime", "duckdb": "timestamp", "postgres": "timestamp", "mysql": "datetime(6)"}


@pytest.mark.parametrize(
    ("key", "primary"),
    [("id", "id"), ("who", "name"), ("day_on", "day_on"), ("[day_on, who]", "day_on, name")],
)
def test_what_the_lake_has_of_a_row_that_became_a_reject_is_not_gone(
    shop: tuple[Place, Sql, str], monkeypatch: pytest.MonkeyPatch, key: str, primary: str
) -> None:
    place, run, kind = shop
    monkeypatch.setenv("PEOPLE_KEY", "a key")
    columns = f"id int, name varchar(9), day_on date, at_time {FINER[kind]}, primary key ({primary})"
    run(
        f"create table v ({columns})",
        "insert into v values (1, 'a', '2024-05-01', '2024-05-01'), (2, 'b', '2024-05-02', '2024-05-01')",
    )
    words = f"mode: upsert, key: {key}, cursor: at_time, rejects: 90%, table: v, columns: {{name: who}}"
    schema = "t: {id: int, who: {type: string, hash: people_key}, day_on: date, at_time: timestamp}"
    place.declare(kind, f"t: {{{words}}}", schema)
    place.ingest()
    run("update v set at_time = '2024-05-02 00:00:00.000001' where id = 1")
    seen = verified(place)
    assert (seen.rejects, seen.agrees, dict(seen.compared.rows)) == (1, True, {**KEPT, "waiting": 1})
    run("delete from v where id = 1")
    assert verified(place).compared.rows["gone"] == 1


@pytest.mark.parametrize("mode", ["upsert", "append"])
def test_another_cursor_is_refused_as_a_run_refuses_it(shop: tuple[Place, Sql, str], mode: str) -> None:
    place, _, kind = shop
    words = f"{{mode: {mode}, key: id, table: t, cursor: "
    schema = SCHEMA + "\n" + SCHEMA.replace("t:", "u:", 1)
    place.declare(kind, f"t: {words}updated_at}}\nu: {words}id}}", schema)
    place.ingest("t")
    place.ingest("u")
    place.declare(kind, f"t: {words}id}}\nu: {words}updated_at}}", schema)
    for table in ("t", "u"):
        with pytest.raises(
            SchemaChanged, match=rf"of another cursor, and .* or baikal run raw_place.{table} --full"
        ) as told:
            verified(place, table)
        with pytest.raises(SchemaChanged) as said:
            place.ingest(table)
        assert str(told.value) == str(said.value)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("jsonl", 't: {mode: append, path: "{day}/*.jsonl", rejects: 50%}', "t: {id: bigint, text: string}")
    for day, number in (("2024-05-01", 1), ("2024-05-02", 2)):
        (place.files / day).mkdir()
        (place.files / day / "a.jsonl").write_text(f'{{"id": {number}, "text": "x"}}\n{{"id": "bad"}}\n')
    return place


def test_files_are_compared_by_file_and_line(files: Place) -> None:
    files.ingest()
    seen = verified(files)
    assert (seen.agrees, seen.compared.source, seen.rejects, dict(seen.compared.rows)) == (True, 2, 2, KEPT)
    spoil(files, lambda rows: rows.set_column(1, "text", pa.array(["y"])))
    (row,) = verified(files).compared.keys["different"]
    assert (row["_file"][10:], row["_line"]) == ("/a.jsonl", "1")
    spoil(files, lambda rows: rows.slice(0, 0))
    assert verified(files).compared.rows["missing"] == 1


def test_new_changed_and_gone_files_wait(files: Place) -> None:
    files.ingest()
    (files.files / "2024-05-01/a.jsonl").write_text('{"id": 1, "text": "changed now"}\n')
    (files.files / "2024-05-02/b.jsonl").write_text('{"id": 7, "text": "z"}\n')
    (files.files / "2024-05-02/a.jsonl").unlink()
    seen = verified(files)
    assert (seen.agrees, dict(seen.compared.rows)) == (True, {**KEPT, "waiting": 2})
    assert [note.split(":")[0] for note in seen.notes] == [
        "new or changed files, which the next run reads",
        "files that are gone or still written to, whose rows are not compared",
    ]
    files.ingest()
    assert verified(files).compared.rows["waiting"] == 0


@pytest.mark.http
def test_an_api_is_asked_again_for_what_it_was_asked_for_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, rows = Place(tmp_path), [{"id": n, "at": f"2024-05-20T0{n}:00:00Z", "v": n} for n in range(3)]
    listed = "path: /v1/t, rows: data, since: from"
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        api.answer = lambda *_: (200, {}, {"data": rows})
        for words in ("mode: snapshot", "mode: upsert, key: id, cursor: at", "mode: append, cursor: at"):
            rows[1:] = [{"id": n, "at": f"2024-05-20T0{n}:00:00Z", "v": n} for n in range(1, 3)]
            table = f"t{len(words)}"
            place.declare(
                "rest", f"{table}: {{{words}, {listed}}}", f"{table}: {{id: bigint, at: timestamp, v: bigint}}"
            )
            place.ingest(table)
            assert (verified(place, table).agrees, found(place, table)) == (True, KEPT), words
            rows.append({"id": 9, "at": "2024-05-20T09:00:00Z", "v": 9})
            kind = "missing" if "snapshot" in words else "waiting"
            assert found(place, table) == {**KEPT, kind: 1}, words
            rows.pop()
            rows[2]["v"] = 20
            assert not verified(place, table).agrees, words
