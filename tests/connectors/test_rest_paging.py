"""Pages: in every way that APIs have, several at once, never twice and never past what is there."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from api_server import Answer, Api
from landing_place import Place

from connectors.content import open_content
from connectors.pace import Advance
from transforms.errors import DataError, OutsideError

pytestmark = pytest.mark.http

NAMES = [f"c{n}" for n in range(11)]


def declare(place: Place, words: str, top: str = "") -> None:
    place.declare("rest", f"t: {{mode: snapshot, path: /v1/t, rows: rows, {words}}}", "t: {name: string}", top=top)


def numbered(size: int = 2) -> object:
    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        start = int(query["skip"]) if "skip" in query else size * (int(query["p"]) - 1)
        rows = [{"name": name} for name in NAMES[start : start + size]]
        return 200, {}, {"rows": rows, "total": len(NAMES), "more": start + size < len(NAMES)}

    return answer


@pytest.mark.parametrize("top", ["", "concurrency: 4\n"])
@pytest.mark.parametrize("words", ["page: p", "offset: skip, limit: n, size: 2"])
@pytest.mark.parametrize("ends", ["", ", more: more", ", total: total"])
def test_numbered_pages_give_every_row_once_however_many_are_asked_for(
    place: Place, api: Api, words: str, ends: str, top: str
) -> None:
    api.answer = numbered()  # type: ignore[assignment]  # of the same form
    declare(place, words + ends, top)
    place.ingest()
    assert place.rows("t", "name") == sorted(NAMES)
    assert place.ingest().unchanged


def test_how_far_a_reading_is_can_be_told_where_the_api_tells_how_much_there_is(place: Place, api: Api) -> None:
    api.answer = numbered()  # type: ignore[assignment]  # of the same form
    declare(place, "page: p, size: 2, total: total")
    told: list[Advance] = []
    place.ingest(progress=told.append)
    shares = [min(2 * n / len(NAMES), 1) for n in range(1, 7)]
    done = [one.done for one in told]  # pages that come while others are parsed are told of together
    assert (done[0], done[-1]) == (shares[0], 1)
    assert sorted(set(done)) == done
    assert set(done) <= set(shares)


def test_a_dirty_page_and_a_new_key_among_pages_that_are_read_together_lose_nothing(place: Place, api: Api) -> None:
    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        page = int(query["p"])
        rows: list[dict[str, object]] = [{"id": page * 5 + n} for n in range(5)]
        if page == 17:
            rows[2] = {"id": "x"}
        if page > 30:
            rows[4] = {"id": page, "extra": page}
        return 200, {}, {"rows": rows, "total": 200}

    api.answer = answer
    words = "mode: snapshot, path: /v1/t, rows: rows, page: p, size: 5, total: total, rejects: 5%"
    place.declare("rest", f"t: {{{words}}}", "t: {id: bigint}", top="concurrency: 4\n")
    landed = place.ingest()
    assert (landed.rows, landed.rejects, [column.name for column in landed.new_columns]) == (199, 1, ["extra"])
    [reject] = place.rejects("t")
    assert (reject["_line"], bytes(reject["raw"]).decode()) == (83, '{"id": "x"}')
    assert place.rows("t", "extra").count(None) == 189
    assert place.ingest().unchanged


@pytest.mark.parametrize("beyond", [(404, {}, {"error": "no such page"}), (200, {}, b"<html>")])
def test_what_lies_behind_the_last_page_fails_nothing(place: Place, api: Api, beyond: Answer) -> None:
    inner = numbered()

    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        if int(query["p"]) > 6:
            return beyond
        time.sleep(0.05)  # so that what lies behind comes first
        return inner(path, query, headers)  # type: ignore[operator,no-any-return]

    api.answer = answer
    declare(place, "page: p, more: more", "concurrency: 4\n")
    assert place.ingest().rows == len(NAMES)


@pytest.mark.parametrize(
    ("words", "rows", "said"),
    [
        ("page: p, total: wrong", 11, "no page tells total: wrong, and all pages have 11 rows"),
        ("page: p, total: low", 4, "the last page told low: 3, and all pages have 4 rows, which are published; there"),
        ("page: p, more: nope", 2, "no page has more: nope, so that the first one was taken for the last"),
        ("next: links.none, more: nope", 2, "no page has more: nope"),
    ],
)
def test_words_that_pages_do_not_agree_with_are_told(place: Place, api: Api, words: str, rows: int, said: str) -> None:
    inner = numbered()

    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        status, told, body = inner(path, {"p": "1", **query}, headers)  # type: ignore[operator]
        return status, told, {**body, "low": 3}

    api.answer = answer
    declare(place, words)
    landed = place.ingest()
    assert landed.rows == rows
    assert any(said in warning for warning in landed.warnings), landed.warnings


@pytest.mark.parametrize(("count", "told"), [(10, True), (7, False)])
def test_one_page_of_a_round_number_of_rows_that_names_no_other_is_told(
    place: Place, api: Api, count: int, told: bool
) -> None:
    api.answer = lambda *_: (200, {}, {"rows": [{"name": str(n)} for n in range(count)]})
    declare(place, "next: links.nxt")
    said = "the first page has 10 rows and names no other by next: links.nxt"
    assert any(said in warning for warning in place.ingest().warnings) is told


def test_a_snapshot_of_which_most_is_gone_is_told(place: Place, api: Api) -> None:
    api.answer = numbered()  # type: ignore[assignment]  # of the same form
    declare(place, "page: p, more: more")
    place.ingest()
    api.answer = lambda *_: (200, {}, {"rows": [], "more": False})
    assert any("has 0 rows, where it had 11" in warning for warning in place.ingest().warnings)


def test_what_is_known_to_be_the_end_is_not_asked_past(place: Place, api: Api) -> None:
    api.answer = numbered()  # type: ignore[assignment]  # of the same form
    declare(place, "offset: skip, limit: n, size: 2, total: total", "concurrency: 4\n")
    place.ingest()
    assert sorted(int(asked["skip"]) for asked in api.asked) == [0, 2, 4, 6, 8, 10]


@pytest.mark.parametrize("top", ["", "concurrency: 4\n"])
@pytest.mark.parametrize("end", ["", ", more: more"])
def test_fewer_rows_than_the_api_told_at_last_are_published_with_a_warning(
    place: Place, api: Api, top: str, end: str
) -> None:
    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        page = int(query["p"])
        rows = [{"name": f"{page}-{n}"} for n in range(2)] if page < 5 else []
        return 200, {}, {"rows": rows, "total": 1500 if page < 3 else 1200, "more": page < 4}

    api.answer = answer
    declare(place, f"page: p, total: total{end}", top)
    landed = place.ingest()
    told = "raw_place.t: the last page told total: 1,200, and all pages have 8 rows, which are published"
    assert (landed.rows, landed.warnings) == (8, (told,))
    api.answer = numbered()  # type: ignore[assignment]  # of the same form
    assert place.ingest().warnings == ()


def test_no_more_pages_are_asked_for_at_once_than_declared(place: Place, api: Api) -> None:
    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        time.sleep(0.02)
        return 200, {}, {"rows": [{"name": "x"}, {"name": query["p"]}] if int(query["p"]) < 12 else []}

    api.answer = answer
    declare(place, "page: p", "concurrency: 3\n")
    assert place.ingest().rows == 22
    assert api.most == 3


def test_a_page_shorter_than_asked_for_is_not_taken_for_the_end(place: Place, api: Api) -> None:
    api.answer = numbered(size=2)  # type: ignore[assignment]  # of the same form
    declare(place, "offset: skip, limit: n, size: 100")
    place.ingest()
    assert len(place.rows()) == len(NAMES)
    declare(place, "offset: skip, limit: n, size: 100", "concurrency: 2\n")
    api.answer = lambda path, query, headers: (200, {}, {"rows": [{"name": query["skip"]}]})
    with pytest.raises(DataError, match="pages have less rows than size: 100 asks for"):
        place.ingest()
    assert len(place.rows()) == len(NAMES), "nothing was published"


def test_the_link_header_and_the_last_row_name_the_next_page(place: Place, api: Api) -> None:
    def linked(path: str, query: dict[str, str], headers: object) -> Answer:
        page = int(query.get("p", 0))
        link = f'<{api.address}/v1/t?p={page + 1}>; rel="next", </v1/t>; rel="first"' if page < 3 else ""
        return 200, {"Link": link}, {"rows": [{"name": f"c{page}"}]}

    api.answer = linked
    declare(place, "link: next")
    place.ingest()
    assert place.rows("t", "name") == ["c0", "c1", "c2", "c3"]

    def after(path: str, query: dict[str, str], headers: object) -> Answer:
        start = NAMES.index(query["after"]) + 1 if "after" in query else 0
        return 200, {}, {"rows": [{"name": name} for name in NAMES[start : start + 3]], "more": start + 3 < len(NAMES)}

    api.answer = after
    declare(place, "next: rows.-1.name, page: after, more: more")
    place.ingest()
    assert place.rows("t", "name") == sorted(NAMES)


def test_an_api_that_does_not_know_the_parameter_is_given_up(place: Place, api: Api) -> None:
    api.answer = lambda *_: (200, {}, {"rows": [{"name": "a"}, {"name": "b"}]})
    declare(place, "page: pagina")
    with pytest.raises(DataError, match="20 pages have the same rows: does the API know this parameter"):
        place.ingest()


def test_a_page_that_fails_lets_nothing_be_published_and_nothing_hang(place: Place, api: Api) -> None:
    api.answer = lambda path, query, headers: (
        (404, {}, {}) if query["p"] == "3" else (200, {}, {"rows": [{"name": query["p"]}]})
    )
    declare(place, "page: p", "concurrency: 4\n")
    with pytest.raises(OutsideError, match="/v1/t answered HTTP 404; is path: right"):
        place.ingest()
    assert place.rows() == []


def test_a_post_sends_its_parameters_as_json(place: Place, api: Api) -> None:
    api.answer = lambda path, query, headers: (
        200,
        {},
        {"rows": [{"name": query["report"]}] if query["p"] == "1" else []},
    )
    declare(place, "method: post, page: p, parameters: {report: daily}")
    place.ingest()
    assert place.rows("t", "name") == ["daily"]


@pytest.mark.parametrize(
    ("words", "top", "said"),
    [
        ("next: a, offset: b", "", "next and offset are two ways of paging; remove next: or offset:"),
        ("page: p, link: next", "", "page and this way of paging cannot be meant together"),
        ("offset: skip", "concurrency: 2\n", "need to know how many rows a page has; write size: 100"),
        ("more: m", "", "nothing says how to ask for them"),
        ("size: 0", "", "size must be a whole number from 1, not 0"),
        ("method: put", "", "method"),
        ("python: true", "", "path says what to ask for"),
        ("begin: someday", "", '"someday" is not a day; write begin: 2024-01-01'),
        ("window: 5", "", "window must be a length of time"),
        ("next_header: X, link: next", "", "link and next_header are two ways of paging"),
        ("format: xml", "", "format cannot be"),
        ("format: csv", "", "rows is a place in JSON, and format is csv; remove rows:"),
        ("most_rows: 100, page: p", "", "says where an API that has no pages cuts its answers off; remove most_rows:"),
        ("report: {path: /r}", "", "status is missing; write report: {path: /v1/reports, status:"),
        ("report: {path: /r, status: /r/1, done: []}", "", "done must be a word or a list of words"),
        ("report: {path: /r, status: /r/1, done: x, patience: 5}", "", "patience must be a length of time"),
        ("page: p", "rate: often\n", '"often" is not a rate; a rate is 5/s, 300/m or 10000/h; write rate: 5/s'),
        ("page: p", "api_key: {secret: place_key}\n", "one of header, parameter and user"),
        ("page: p", "api_key: {header: X, secret: hunter-2}\n", "secret names one of the target's secrets"),
        ("page: p", "oauth2: {token: /t, id: place_id}\n", "secret names one of the target's secrets"),
    ],
)
def test_words_that_cannot_be_meant_are_told(place: Place, words: str, top: str, said: str) -> None:
    declare(place, words, top)
    problems = "\n".join(map(str, open_content(place.home).problems))
    assert said in problems
    assert "hunter-2" not in problems


def test_a_run_that_is_stopped_waits_for_no_answer(place: Place, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, waited = Event(), Event()

    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        asked.set()
        waited.wait(60)
        return 200, {}, {"rows": []}

    api.answer = answer
    declare(place, "page: p")
    lake = place.lake()
    monkeypatch.setattr(Place, "lake", lambda _: lake)
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(place.ingest)
        asked.wait(10)
        began = time.monotonic()
        lake.interrupt()
        with pytest.raises(OutsideError, match="the reading was closed"):
            run.result(30)
        assert time.monotonic() - began < 20
        waited.set()
