"""External tables over text: JSON lines, CSV, Hive's delimited rows."""

from __future__ import annotations

import gzip

import pytest
from asking_athena import Place

pytestmark = pytest.mark.aws


def write(place: Place, path: str, body: str) -> int:
    target = place.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    data = gzip.compress(body.encode()) if path.endswith(".gz") else body.encode()
    target.write_bytes(data)
    return len(data)


@pytest.mark.parametrize("serde", ["org.openx.data.jsonserde.JsonSerDe", "org.apache.hive.hcatalog.data.JsonSerDe"])
def test_json_lines(place: Place, serde: str) -> None:
    size = write(
        place, "t/a.json", '{"eventId":1,"s":{"x":[1,2]},"m":{"k":"v"},"ts":"2024-05-01 10:00:00"}\n{"eventid":"2"}\n'
    )
    size += write(place, "t/b.json.gz", '{"EVENTID":null,"more":1}\n\n{"eventId":4,"s":{"y":1}}\n')
    place.rows(
        "CREATE EXTERNAL TABLE t (eventid bigint, s struct<x:array<int>>, m map<string,string>, ts timestamp, "
        f"never int) ROW FORMAT SERDE '{serde}' LOCATION '{place.location('t')}'"
    )
    asked = place.ask("select * from t order by eventid")
    assert asked.state == "SUCCEEDED", asked.error
    assert asked.rows == [
        ("1", "{x=[1, 2]}", "{k=v}", "2024-05-01 10:00:00.000", None),
        ("2", None, None, None, None),
        ("4", "{x=null}", None, None, None),
        (None, None, None, None, None),
    ]
    assert asked.scanned == size
    assert place.rows("select count(*) from t") == [("4",)]


def test_a_json_key_may_be_mapped(place: Place) -> None:
    write(place, "t/a.json", '{"Time":"x"}\nno json\n')
    serde = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('mapping.ts' = 'time'"
    where = f"LOCATION '{place.location('t')}'"
    place.rows(f"CREATE EXTERNAL TABLE strict (ts string) {serde}) {where}")
    place.rows(f"CREATE EXTERNAL TABLE lenient (ts string) {serde}, 'ignore.malformed.json' = 'true') {where}")
    assert ("x",) in place.rows("select ts from lenient")
    assert place.ask("select ts from strict").state == "FAILED"


def test_csv_with_quotes(place: Place) -> None:
    write(place, "t/day=2024-05-01/a.csv", 'n,s,d\n1,"a ""q"", b",1.5\n2,,\n3,x\nno number,y,0\n')
    place.rows(
        "CREATE EXTERNAL TABLE t (n int, s string, d double) PARTITIONED BY (day date) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        f"LOCATION '{place.location('t')}' TBLPROPERTIES ('skip.header.line.count' = '1')"
    )
    place.rows("MSCK REPAIR TABLE t")
    assert place.rows("select n, s, d, day from t where n is not null order by n") == [
        ("1", 'a "q", b', "1.5", "2024-05-01"),
        ("2", None, None, "2024-05-01"),
        ("3", "x", None, "2024-05-01"),
    ]
    assert place.rows("select s from t where n is null") == [("y",)]


def test_delimited_rows_hold_every_type(place: Place) -> None:
    row = 'true\t127\t0.5\ta "string"\t2017-01-01 00:00:00\t2017-01-02\tMTIz\t1\x022\t1\x032\x023\x034\t1\x022\t0.1\n'
    write(place, "t/rows.tsv", row + "\\N\tx\n")
    place.rows(
        "CREATE EXTERNAL TABLE t (b boolean, t tinyint, f float, s string, ts timestamp, d date, v binary, "
        "a array<int>, m map<int,int>, r struct<x:int,y:int>, p decimal(10,1)) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' "
        f"LINES TERMINATED BY '\\n' STORED AS TEXTFILE LOCATION '{place.location('t')}'"
    )
    first, second = place.rows("select * from t order by b nulls last")
    assert first == (
        *("true", "127", "0.5", 'a "string"', "2017-01-01 00:00:00.000", "2017-01-02", "31 32 33"),
        *("[1, 2]", "{1=2, 3=4}", "{x=1, y=2}", "0.1"),
    )
    assert set(second) == {None}


def test_another_serde_is_told(place: Place) -> None:
    place.rows(f"CREATE EXTERNAL TABLE t (a int) STORED AS ORC LOCATION '{place.location('t')}'")
    assert "the local Athena reads no org.apache.hadoop.hive.ql.io.orc" in place.ask("select * from t").error
