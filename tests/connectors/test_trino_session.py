"""What is told of a cluster that cannot be asked, and values as its protocol writes them. Needs no Trino."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from urllib3.util import Retry

from connectors.engines.trino_values import batches, result_schema
from connectors.trino import session
from connectors.trino.links import linked_keys, part_folder, part_key, unlink_part
from connectors.trino.session import TrinoSession
from transforms.column import OutputColumn
from transforms.errors import OutsideError, Rejected, UsageError
from transforms.lake_types import Type
from transforms.names import TableName
from transforms.query_stats import Purpose
from transforms.snapshot import Part
from transforms.trino_target import Trino

DAILY = TableName("core_shop", "daily")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_AGAIN", Retry(total=3, backoff_factor=0, **_forms(session._AGAIN)))


def _forms(retry: Retry) -> dict[str, Any]:
    return {"status_forcelist": retry.status_forcelist, "allowed_methods": retry.allowed_methods}


@contextmanager
def answering(*answers: tuple[int, dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """A server that gives these answers in their order, and what it was asked."""
    left, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, document = left.pop(0)
            content = json.dumps(document).replace("HERE", f"http://127.0.0.1:{server.server_port}").encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  the server's own names

        def log_message(self, *_: object) -> None:
            """Not told."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def page(**more: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"id": "q1", "infoUri": "x", "stats": {}, **more}


NEXT = {"nextUri": "HERE/v1/next"}
COLUMNS = {"columns": [{"name": "n", "type": "bigint", "typeSignature": {"rawType": "bigint", "arguments": []}}]}


def test_no_server_is_told_with_its_address() -> None:
    with pytest.raises(OutsideError, match=r"no Trino answers on http://127\.0\.0\.1:9: Connection refused; `make tr"):
        TrinoSession(Trino("http://127.0.0.1:9", "lake", "")).do("select 1", "ask")


def test_another_server_is_told() -> None:
    with (
        answering((404, {"detail": "Not Found"})) as (url, _),
        pytest.raises(OutsideError, match="does not answer as Trino does: error 404"),
    ):
        TrinoSession(Trino(url, "lake", "")).do("select 1", "ask")


def test_an_answer_is_asked_for_again_and_a_statement_never_sent_twice() -> None:
    with answering(page(**NEXT), (503, {}), page(**COLUMNS, data=[[1]], **NEXT), page()) as (url, asked):
        assert TrinoSession(Trino(url, "lake", "")).do("select 1", "ask") == [[1]]
    assert asked == ["POST /v1/statement", "GET /v1/next", "GET /v1/next", "GET /v1/next"]
    with answering((503, {})) as (url, asked), pytest.raises(OutsideError, match="error 503"):
        TrinoSession(Trino(url, "lake", "")).do("insert into t select 1", "write")
    assert asked == ["POST /v1/statement"]


def test_what_is_stopped_says_so() -> None:
    with answering(page(**NEXT), page(**COLUMNS, data=[[1]], **NEXT), (204, {})) as (url, asked):
        one = TrinoSession(Trino(url, "lake", ""))
        rows = one.ask("select 1").rows
        one.interrupt()
        with pytest.raises(OutsideError, match="stopped"):
            list(rows)
        with pytest.raises(OutsideError, match="stopped"):
            one.ask("select 1")
    assert asked == ["POST /v1/statement", "GET /v1/next", "DELETE /v1/next"]


def test_what_is_stopped_while_it_is_sent_is_stopped_with_its_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(page(**NEXT), (204, {})) as (url, asked):
        one, is_set = TrinoSession(Trino(url, "lake", "")), iter([False])
        monkeypatch.setattr(one._stopped, "is_set", lambda: next(is_set, True))
        with pytest.raises(OutsideError, match="stopped"):
            one.write("insert into t select 1", Purpose("build", DAILY))
    assert asked == ["POST /v1/statement", "DELETE /v1/next"]
    assert [(ran.state, ran.table) for ran in one.ran] == [("CANCELLED", DAILY)]


def test_what_nobody_waits_for_any_more_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_AGAIN", Retry(total=0))
    for lost in ((502, {}), (200, {"not": "Trino"})):
        with answering(page(**NEXT), lost, (204, {})) as (url, asked):
            one = TrinoSession(Trino(url, "lake", ""))
            with pytest.raises(OutsideError, match=r"no Trino answers on|does not answer as Trino does"):
                one.write("insert into t select 1", Purpose("build", DAILY))
        assert asked == ["POST /v1/statement", "GET /v1/next", "DELETE /v1/next"]
        assert [ran.state for ran in one.ran] == ["CANCELLED"]
    failed = error("DIVISION_BY_ZERO", "USER_ERROR", "Division by zero")
    with answering(page(**NEXT), failed) as (url, asked), pytest.raises(Rejected, match="Division by zero"):
        TrinoSession(Trino(url, "lake", "")).write("insert into t select 1 / 0", Purpose("build", DAILY))
    assert asked == ["POST /v1/statement", "GET /v1/next"], "what has ended is not stopped"


def error(code: str, kind: str, message: str) -> tuple[int, dict[str, Any]]:
    return page(error={"errorName": code, "errorType": kind, "message": message})


def test_who_is_at_fault() -> None:
    place = error("SYNTAX_ERROR", "USER_ERROR", "line 3:8: mismatched input 'x'")
    with answering(place) as (url, _), pytest.raises(Rejected, match="mismatched") as caught:
        TrinoSession(Trino(url, "lake", "")).select("select")
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (3, 8)
    for answer, told in (
        (error("PERMISSION_DENIED", "USER_ERROR", "Access Denied: Cannot select"), "does not let baikal do this"),
        (error("CATALOG_NOT_FOUND", "USER_ERROR", "Catalog 'lake' not found"), "correct catalog: of the target"),
        (error("NOT_SUPPORTED", "USER_ERROR", "Cannot write to non-managed Hive table"), "table-writes-enabled=true"),
        (error("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES", "too long"), "EXCEEDED_TIME_LIMIT"),
        (error("USER_CANCELED", "USER_ERROR", "Query was canceled"), "query q1 was stopped"),
    ):
        with answering(answer) as (url, _), pytest.raises(OutsideError, match=told):
            TrinoSession(Trino(url, "lake", "")).select("select 1")


def test_a_password_is_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    one = TrinoSession(Trino("https://127.0.0.1:9", "lake", "", password="TRINO_PASSWORD"))
    monkeypatch.delenv("TRINO_PASSWORD", raising=False)
    with pytest.raises(UsageError, match="the environment variable TRINO_PASSWORD, which the target names"):
        one.do("select 1", "ask")
    monkeypatch.setenv("TRINO_PASSWORD", "hunter2")
    with pytest.raises(OutsideError) as caught:
        one.do("select 1", "ask")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("double", "NaN", "nan"),
        ("real", "-Infinity", float("-inf")),
        ("decimal(38,2)", "12345678901234567890.10", Decimal("12345678901234567890.10")),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("timestamp", "2024-02-29 10:11:12.345", datetime(2024, 2, 29, 10, 11, 12, 345000)),
        (
            "timestamp with time zone",
            "2024-02-29 19:11:12.345 Asia/Tokyo",
            datetime(2024, 2, 29, 10, 11, 12, 345000, UTC),
        ),
        ("timestamp with time zone", "2024-02-29 10:11:12.000 -01:00", datetime(2024, 2, 29, 11, 11, 12, 0, UTC)),
        ("varbinary", "AP8=", b"\x00\xff"),
        ("map(bigint, array(decimal(3,1)))", {"7": ["1.5", None]}, [(7, [Decimal("1.5"), None])]),
        ("map(boolean, varchar)", {"true": "x", "false": None}, [(True, "x"), (False, None)]),
        ("row(a date, b row(c varchar))", ["2024-01-01", ["x"]], {"a": date(2024, 1, 1), "b": {"c": "x"}}),
        ("json", '{"a":1}', '{"a":1}'),
    ],
)
def test_values_are_read_by_their_types(type_: str, text: Any, value: Any) -> None:
    columns = [OutputColumn("x", Type.parse(type_))]
    (batch,) = batches([[text], [None]], columns)
    found, nothing = batch.column(0).to_pylist()
    assert (str(found) if value == "nan" else found, nothing) == (value, None)


def test_what_has_no_place_in_a_result_is_told() -> None:
    with pytest.raises(UsageError, match=r"x is interval day to second.*write cast\(x as varchar\)"):
        result_schema([OutputColumn("x", Type("interval day to second"))])


def test_a_part_that_fills_its_folder_is_read_there_and_another_one_is_linked(tmp_path: Path) -> None:
    folder = tmp_path / "core_shop/daily/r1/day=2024-05-01"
    folder.mkdir(parents=True)
    names = [f"core_shop/daily/r1/day=2024-05-01/{name}" for name in ("a.parquet", "b.parquet")]
    for name in names:
        (tmp_path / name).write_text(name)
    (folder / "_staged.json").write_text("hidden")
    whole, single = Part(tuple(names), 2, 2, ""), Part((names[0],), 1, 1, "")
    assert part_folder(tmp_path, DAILY, whole) == "core_shop/daily/r1/day=2024-05-01"
    place = part_folder(tmp_path, DAILY, single)
    assert place == part_folder(tmp_path, DAILY, single) == f"core_shop/daily/links/{part_key(single)}"
    assert [file.read_text() for file in (tmp_path / place).iterdir()] == [names[0]]
    assert linked_keys(tmp_path, DAILY) == [part_key(single)]
    unlink_part(tmp_path, DAILY, part_key(single))
    assert linked_keys(tmp_path, DAILY) == []
    assert (tmp_path / names[0]).read_text() == names[0]
