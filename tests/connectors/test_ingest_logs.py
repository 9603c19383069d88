"""Text logs: known formats and patterns, whole columns and odd lines alike, bad lines with their place."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from landing_place import Place, types

from connectors.log_source import log_source
from connectors.readers.logs.formats import FORMATS
from connectors.readers.logs.lines import Fields
from connectors.readers.logs.reading import LogParser
from connectors.readers.logs.values import access_times
from connectors.readers.pieces import Block
from connectors.readers.pieces import Place as Lines
from connectors.readers.words import CHOICES
from transforms.errors import SchemaChanged
from transforms.source import Source


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    return place


def declare(place: Place, form: str, schema: str = "t: {}") -> None:
    place.declare("logs", f't: {{mode: append, path: "*", rejects: 90%, {form}}}', schema, "timestamps: truncate\n")


ACCESS = (
    '10.0.0.1 - taro [01/May/2024:00:00:00 +0900] "GET /a?b=c HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X; Y)"',
    '::1 - - [29/Feb/2024:23:59:59 -0130] "-" 408 0 "https://x.example/ y" "-"',
)


def test_access_logs_have_typed_columns(place: Place) -> None:
    declare(place, "format: nginx")
    (place.files / "access.log").write_text("\n".join(ACCESS))
    landed = place.ingest()
    assert landed.rejects == 0
    assert types(landed)["time_local"] == "timestamp"
    assert place.rows("t", "remote_addr", "remote_user", "time_local", "request", "status", "body_bytes_sent") == [
        ("10.0.0.1", "taro", datetime(2024, 4, 30, 15), "GET /a?b=c HTTP/1.1", 200, 512),
        ("::1", None, datetime(2024, 3, 1, 1, 29, 59), None, 408, 0),
    ]
    assert place.rows("t", "http_referer", "http_user_agent", "_line") == [
        ("https://x.example/ y", None, 2),
        (None, "Mozilla/5.0 (X; Y)", 1),
    ]


def test_each_bad_line_is_a_reject_and_odd_ones_are_rows(place: Place) -> None:
    declare(place, "format: apache")
    lines = [
        ACCESS[0],
        ACCESS[0].replace("Mozilla", 'a \\"quoted\\" Mozilla'),
        ACCESS[0].replace('"Mozilla', "Mozilla"),
        "",
        ACCESS[0].replace("200", "2x0"),
        ACCESS[0].replace("01/May", "31/Apr"),
        ACCESS[0] + " more",
        ACCESS[0].replace("512", "99999999999999999999"),
        ACCESS[1] + "\r",
    ]
    data = "\n".join(lines).encode() + b"\n" + ACCESS[0].encode().replace(b"Mozilla", b"\xff") + b"\ncut"
    (place.files / "access.log.gz").write_bytes(gzip.compress(data))
    place.ingest()
    assert place.rows("t", "_line") == [1, 2, 9]
    assert {row["_line"]: row["reason"] for row in place.rejects()} == {
        3: "not a line of this format",
        5: 'status: "2x0" is not int',
        6: 'time_local: "31/Apr/2024:00:00:00 +0900" is not a timestamp',
        7: "not a line of this format",
        8: "body_bytes_sent: 99999999999999999999 is too large for bigint",
        10: "not UTF-8",
        11: "not a line of this format",
    }
    assert place.rejects()[0]["raw"] == lines[2].encode()
    assert 'a \\"quoted\\" Mozilla/5.0 (X; Y)' in place.rows("t", "http_user_agent")


ALB = (
    "https 2018-07-02T22:23:00.186641Z app/my/50dc 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 -1 200 200 0 57 "
    '"GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE TLSv1.2 arn:aws:tg "Root=1-58" "www.example.com" '
    '"arn:aws:acm" 1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-"'
)


def test_load_balancer_logs_keep_what_aws_adds_at_the_end(place: Place) -> None:
    declare(place, "format: alb")
    (place.files / "alb.log").write_text(f'{ALB}\n{ALB} TID_123 "new one"\n{ALB.replace("app/my", "app my")}\n')
    assert place.ingest().rejects == 1
    assert place.rows("t", "time", "response_processing_time", "redirect_url", "more") == [
        (datetime(2018, 7, 2, 22, 23, 0, 186000), -1.0, None, 'TID_123 "new one"'),
        (datetime(2018, 7, 2, 22, 23, 0, 186000), -1.0, None, None),
    ]


def test_files_that_name_their_fields_may_do_so_differently(place: Place) -> None:
    declare(place, "format: vpc_flow")
    (place.files / "a").write_text("version account-id srcaddr bytes\n2 123 10.0.0.1 840\n2 123 - -\n")
    (place.files / "b").write_text("bytes ecs-task-id version\n7 task 5\n9 8\n")
    landed = place.ingest()
    assert [(row["_file"], row["_line"]) for row in place.rejects()] == [("b", 3)]
    assert types(landed) == {
        "version": "int",
        "account_id": "string",
        "srcaddr": "string",
        "bytes": "bigint",
        "ecs_task_id": "string",
    }
    assert place.rows("t", "version", "srcaddr", "bytes", "ecs_task_id", "_line") == [
        (2, "10.0.0.1", 840, None, 2),
        (2, None, None, None, 3),
        (5, None, 7, "task", 2),
    ]


def test_rejects_of_files_that_name_their_fields_are_repaired_by_these(place: Place) -> None:
    declare(place, "format: vpc_flow")
    (place.files / "a").write_text("bytes version\nx 5\n1 2\n")
    place.ingest()
    declare(place, "format: vpc_flow", "t: {bytes: string}")
    place.repair()
    assert place.rows("t", "bytes", "version", "_line")[-1] == ("x", 5, 2)


def test_a_file_without_the_names_of_its_fields_is_refused(place: Place) -> None:
    declare(place, "format: vpc_flow")
    (place.files / "a").write_text("2 123 10.0.0.1 840\n")
    with pytest.raises(SchemaChanged, match="a does not name its fields in its first lines"):
        place.ingest()


def test_cloudfront_logs_are_read_by_their_fields(place: Place) -> None:
    declare(place, "format: cloudfront")
    head = "#Version: 1.0\n#Fields: date time c-ip cs(User-Agent) sc-bytes time-taken\n"
    (place.files / "a.gz").write_bytes(gzip.compress(f"{head}2024-05-01\t01:02:03\t::1\tMo%20z\t12\t0.25\n".encode()))
    assert place.ingest().rejects == 0
    assert place.rows("t", "date", "time", "c_ip", "cs_user_agent", "sc_bytes", "time_taken", "_line") == [
        (date(2024, 5, 1), "01:02:03", "::1", "Mo%20z", 12, 0.25, 3)
    ]


def test_cloudtrail_logs_are_their_records(place: Place) -> None:
    declare(place, "format: cloudtrail", "t: {eventtime: timestamp, useridentity: string}")
    records = [
        {"eventTime": "2024-05-01T00:00:01Z", "userIdentity": {"type": "Root"}, "readOnly": True},
        {"eventTime": "x"},
        {"eventTime": "2024-05-01T00:00:02Z"},
    ]
    (place.files / "a.json.gz").write_bytes(gzip.compress(json.dumps({"Records": records}, indent=1).encode()))
    (place.files / "b.json").write_text('{"Records":[]}')
    (place.files / "c.json").write_text('{"Records": [{"eventTime": "2024-05-01T00:00:03Z"}, {"event')
    assert place.ingest().rejects == 2
    assert place.rows("t", "eventtime", "useridentity", "readonly", "_line") == [
        (datetime(2024, 5, 1, 0, 0, 1), '{"type":"Root"}', True, 1),
        (datetime(2024, 5, 1, 0, 0, 2), None, None, 3),
        (datetime(2024, 5, 1, 0, 0, 3), None, None, 1),
    ]
    assert place.rejects()[1]["reason"] == "no JSON from here on"


def test_any_log_is_read_by_a_pattern(place: Place) -> None:
    pattern = r"(?P<at>\S+) (?:(?P<level>[A-Z]+) )?took (?P<took_ms>\S*)ms(?: (?P<ok>\w+))?"
    schema = "t: {at: timestamp, level: string, took_ms: int, ok: boolean}"
    declare(place, f"pattern: '{pattern}'", schema)
    lines = [
        "2024-05-01T00:00:00.5Z INFO took 12ms true",
        "2024-05-01 took ms",
        "nothing",
        "x took 5ms",
        "x took yms",
        "",
    ]
    (place.files / "a.log").write_bytes("\n".join(lines).encode() + b"\n\xff took 1ms\n")
    place.ingest()
    assert place.rows("t", "at", "level", "took_ms", "ok", "_line") == [
        (datetime(2024, 5, 1), None, None, None, 2),
        (datetime(2024, 5, 1, 0, 0, 0, 500000), "INFO", 12, True, 1),
    ]
    assert [(row["_line"], row["reason"]) for row in place.rejects()] == [
        (3, "not a line of this format"),
        (4, 'at: "x" is not a timestamp'),
        (5, 'took_ms: "y" is not int'),
        (7, "not UTF-8"),
    ]


def test_a_group_with_capitals_is_the_column_of_that_name(place: Place) -> None:
    declare(place, r"pattern: '(?P<Thread>\w+) (?P<Took_MS>\d+)(?P<took>ms)'", "t: {thread: string, took_ms: int}")
    (place.files / "a.log").write_text("main 5ms\n")
    landed = place.ingest()
    assert place.rows("t", "thread", "took_ms") == [("main", 5)]
    assert [column.name for column in landed.new_columns] == ["took"]


@pytest.mark.parametrize("form", CHOICES["format"])
def test_what_new_source_writes_is_right(place: Place, form: str) -> None:
    source = Source("place", "connectors/sources/place.yaml", "logs", "team", "", "place", ())
    place.declare("logs", "t: {mode: append, path: x, format: nginx}", "t: {}")
    found = log_source(source, form)
    (place.home / "connectors/sources/place.yaml").write_text(found.source)
    (place.home / "connectors/sources/place.schema.yaml").write_text(found.schema)
    (table,) = place.lake().content.sources["place"].tables
    assert list(table.columns) == list(FORMATS[form].columns.values())


def test_every_format_is_one_that_a_declaration_may_name() -> None:
    assert tuple(FORMATS) == CHOICES["format"]


class OddParser(LogParser):
    """Takes every line for an odd one."""

    def fields(self, lines, form):  # type: ignore[no-untyped-def]  # as its parent's
        texts = [pa.array([], pa.string()) for _ in range(len(form.fields) + (form.more is not None))]
        return Fields(np.array([], np.int64), texts), np.zeros(len(lines.starts), bool)


DIRT = st.sampled_from(["", '"', "\\", " ", "[", "]", "-", "x", "\r", '\\"', "0", "é", "\t"])


@given(
    st.sampled_from(["nginx", "alb"]),
    st.lists(st.lists(st.tuples(st.integers(0, 400), DIRT), max_size=3), min_size=1, max_size=5),
)
def test_columns_and_lines_give_the_same_rows_and_rejects(form: str, lines: list[list[tuple[int, str]]]) -> None:
    text = ""
    for dirt in lines:
        line = ALB if form == "alb" else ACCESS[len(dirt) % 2]
        for at, what in dirt:
            line = line[: at % len(line)] + what + line[at % len(line) + 1 :]
        text += line + "\n"
    block = Block((Lines("a", 1, len(lines)),), text.encode())
    one, other = (kind([], FORMATS[form], True).parse(block) for kind in (LogParser, OddParser))
    assert one.rejects == other.rejects
    assert (
        one.rows.select(other.rows.schema.names).to_pylist() == other.rows.to_pylist()
        if other.rows.num_rows
        else not one.rows.num_rows
    )


@given(
    st.lists(
        st.datetimes(datetime(2, 1, 2), datetime(9998, 12, 30)).map(lambda at: at.replace(microsecond=0)), min_size=1
    )
)
def test_times_of_access_logs_are_those_that_python_reads(moments: list[datetime]) -> None:
    texts = [f"{at.day:02}/{at:%b}/{at.year:04}:{at:%H:%M:%S} +0000" for at in moments]
    values = access_times(pa.array(texts))
    assert values is not None
    assert values.to_pylist() == moments
    assert datetime.strptime(texts[0], "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC).replace(tzinfo=None) == moments[0]


def test_a_line_of_a_log_stays_one_whatever_stands_in_it(place: Place) -> None:
    declare(place, r"pattern: '(?P<said>\{.*\})'", "t: {said: string}")
    (place.files / "a.log").write_bytes(b'{"a":1}{"b":2}\n')
    place.ingest()
    assert place.rows("t", "said") == ['{"a":1}{"b":2}']
