"""Files that were read already: what a changed declaration tells of them, and how `full` reads them again."""

from __future__ import annotations

from pathlib import Path

import pytest
from landing_place import Place

from transforms.errors import DataError

SCHEMA = "t: {id: bigint, amount: double}"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    return place


def put(place: Place, name: str, text: str) -> None:
    (place.files / name).parent.mkdir(parents=True, exist_ok=True)
    (place.files / name).write_text(text)


def csv(place: Place, words: str = "", schema: str = SCHEMA, mode: str = "append", path: str = "*.csv") -> None:
    place.declare("csv", f't: {{mode: {mode}, path: "{path}"{words}}}', schema)


def test_a_changed_mapping_is_told_until_the_files_are_read_again(place: Place) -> None:
    csv(place)
    put(place, "a.csv", "id,Net Amount\n1,10\n")
    place.ingest()
    csv(place, ", columns: {Net Amount: amount}")
    told = (
        "raw_place.t: columns: changed after 1 file was read, whose rows stay as they are; "
        "to read them again, write baikal run raw_place.t --full"
    )
    assert place.ingest().warnings == (told,)
    put(place, "b.csv", "id,Net Amount\n2,20\n")
    assert place.ingest().warnings == (told,)
    assert place.rows("t", "id", "amount") == [(1, None), (2, 20.0)]
    again = place.ingest(full=True)
    assert (again.rows, again.warnings) == (2, ())
    assert place.rows("t", "id", "amount") == [(1, 10.0), (2, 20.0)]
    assert "net_amount" not in place.rows()[0]
    assert place.ingest().unchanged
    assert place.ingest().warnings == ()


@pytest.mark.parametrize(
    ("words", "schema", "told"),
    [
        ("", "t: {id: bigint, amount: string}", "the type of amount changed"),
        (', nulls: "0"', SCHEMA, "nulls: changed"),
        (', nulls: "0"', "t: {id: int, amount: double}", "nulls: and the type of id changed"),
    ],
)
def test_every_changed_word_is_named(place: Place, words: str, schema: str, told: str) -> None:
    csv(place)
    put(place, "a.csv", "id,amount\n1,10\n")
    place.ingest()
    csv(place, words, schema)
    assert told in place.ingest().warnings[0]


def test_what_changes_nothing_for_known_files_is_not_told(place: Place) -> None:
    csv(place)
    put(place, "a.csv", "id,amount,note\n1,10,x\n")
    place.ingest()
    csv(place, ", columns: {品名: item}, rejects: 1%", "t: {id: bigint, amount: double, note: string, item: string}")
    put(place, "b.csv", "id,amount,note,品名\n2,20,y,pen\n")
    assert place.ingest().warnings == ()


def test_a_snapshot_is_read_again_by_itself(place: Place) -> None:
    csv(place, mode="snapshot")
    put(place, "a.csv", "id,Net Amount\n1,10\n")
    place.ingest()
    csv(place, ", columns: {Net Amount: amount}", mode="snapshot")
    assert place.ingest().warnings == ()
    assert place.rows("t", "id", "amount") == [(1, 10.0)]
    assert place.ingest().unchanged


def test_a_path_that_names_files_no_more_is_told_and_full_takes_their_rows_out(place: Place) -> None:
    csv(place)
    put(place, "a.csv", "id,amount\n1,10\n")
    put(place, "b.csv", "id,amount\n2,20\nbad,3\n")
    csv(place, ", rejects: 90%")
    assert place.ingest().rejects == 1
    csv(place, ", rejects: 90%", path="a*.csv")
    assert "path: changed after 2 files were read" in place.ingest().warnings[0]
    assert place.rows("t", "id") == [1, 2]
    again = place.ingest(full=True)
    assert again.warnings == (
        "raw_place.t: path: does not name every file that was read; "
        "the rows of the others are gone, such as those of b.csv",
    )
    assert (place.rows("t", "id"), place.rejects()) == ([1], [])
    csv(place, ", rejects: 90%", path="?.csv")
    assert place.ingest().warnings == ()
    assert place.rows("t", "id") == [1, 2]


def test_full_never_empties_a_table_whose_path_is_misspelt(place: Place) -> None:
    csv(place)
    put(place, "a.csv", "id,amount\n1,10\n")
    place.ingest()
    csv(place, path="b*.csv")
    with pytest.raises(DataError, match=r"place.yaml:6: raw_place.t: no file of .* matches path: b\*\.csv"):
        place.ingest(full=True)
    assert place.rows("t", "id") == [1]


def test_full_keeps_the_rows_of_files_that_are_gone(place: Place) -> None:
    csv(place, ", rejects: 90%")
    put(place, "a.csv", "id,amount,note\n1,10,x\nbad,1,x\n")
    put(place, "b.csv", "id,amount\n2,20\nbad,2\n")
    place.ingest()
    (place.files / "a.csv").unlink()
    place.ingest(full=True)
    place.ingest(full=True)
    assert place.rows("t", "id", "note") == [(1, "x"), (2, None)]
    assert [(reject["_file"], reject["_line"]) for reject in place.rejects()] == [("a.csv", 3), ("b.csv", 3)]


def test_a_changed_file_replaces_its_rejects_too(place: Place) -> None:
    csv(place, ", rejects: 90%")
    put(place, "a.csv", "id,amount\n1,10\nbad,1\n")
    place.ingest()
    put(place, "a.csv", "id,amount\n1,10\nbad,1\n2,20\n")
    place.ingest()
    assert len(place.rejects()) == 1
    put(place, "a.csv", "id,amount\n1,10\n3,1\n2,20\n")
    place.ingest()
    assert place.rejects() == []


def test_a_changed_file_of_an_upsert_leaves_each_key_once(place: Place) -> None:
    csv(place, ", key: id", mode="upsert")
    put(place, "a.csv", "id,amount\n1,10\n2,5\n")
    put(place, "b.csv", "id,amount\n1,20\n")
    place.ingest()
    put(place, "a.csv", "id,amount\n1,30\n")
    place.ingest()
    assert place.rows("t", "id", "amount") == [(1, 30.0)]


def test_full_of_an_upsert_needs_every_file(place: Place) -> None:
    csv(place, ", key: id", mode="upsert")
    put(place, "a.csv", "id,amount\n1,10\n")
    put(place, "b.csv", "id,amount\n1,20\n")
    place.ingest()
    place.ingest(full=True)
    assert place.rows("t", "id", "amount") == [(1, 20.0)]
    (place.files / "b.csv").unlink()
    with pytest.raises(DataError, match=r"files that were read are gone, such as b\.csv"):
        place.ingest(full=True)
    assert place.rows("t", "id", "amount") == [(1, 20.0)]


def test_a_full_reading_that_fails_leaves_the_table_as_it_was(place: Place) -> None:
    csv(place)
    put(place, "a.csv", "id,amount\n" + "1,10\n" * 20)
    place.ingest()
    csv(place, schema="t: {id: bigint, amount: date}")
    with pytest.raises(DataError):
        place.ingest(full=True)
    csv(place)
    assert len(place.rows()) == 20
    assert place.ingest().unchanged
    assert place.orphans() == set()


def test_days_of_json_lines_are_read_again_and_replaced(place: Place) -> None:
    place.declare("jsonl", 't: {mode: append, path: "{day}/*.jsonl"}', "t: {id: bigint}")
    put(place, "2024-05-01/a.jsonl", '{"id": 1, "userId": "u"}\n')
    put(place, "2024-05-02/a.jsonl", '{"id": 2, "userId": "v"}\n')
    place.ingest()
    place.declare(
        "jsonl", 't: {mode: append, path: "{day}/*.jsonl", columns: {userId: user}}', "t: {id: bigint, user: string}"
    )
    assert place.ingest().warnings
    assert place.ingest(full=True).warnings == ()
    assert place.rows("t", "id", "user", "day") == [(1, "u", "2024-05-01"), (2, "v", "2024-05-02")]
    assert "userid" not in place.rows()[0]


@pytest.mark.parametrize(
    ("kind", "text"), [("csv", "id,Net Amount\n1,10\n"), ("jsonl", '{"id": 1, "Net Amount": 10}\n')]
)
def test_a_mapping_that_no_file_has_a_use_for_is_told(place: Place, kind: str, text: str) -> None:
    words = f't: {{mode: append, path: "*.{kind}", columns: {{Nett Amount: amount}}}}'
    place.declare(kind, words, SCHEMA)
    put(place, f"a.{kind}", text)
    (told,) = place.ingest().warnings
    assert told.startswith('raw_place.t: columns: names "Nett Amount", which no file has')
    assert told.endswith('did you mean "Net Amount"?') == (kind == "csv")
