"""Statements in JSON lines: reads them and answers each with one line; never stops at a bad one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import orjson

from local_dev.failure import failure_of

Run = Callable[[str], dict[str, Any]]
AHEAD = 16
"""How many statements for each thread wait or are answered already: a batch is never held in memory."""


def answer_lines(lines: Iterable[bytes], run: Run, *, threads: int = 1) -> Iterator[str]:
    """One JSON line for each line that is not blank, in order. `run` answers one statement, on `threads` at once."""
    numbered = ((line, number) for number, line in enumerate(lines, 1) if line.strip())
    if threads == 1:
        yield from (_answered(line, number, run) for line, number in numbered)
        return
    ahead: deque[Future[str]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for line, number in numbered:
            ahead.append(pool.submit(_answered, line, number, run))
            if len(ahead) > threads * AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _answered(line: bytes, number: int, run: Run) -> str:
    return orjson.dumps(_answer(line, number, run)).decode()


def _answer(line: bytes, number: int, run: Run) -> dict[str, Any]:
    try:
        request = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        what = "JSON" if _is_text(line) else "UTF-8"
        return {"id": None, **_error(f"line {number} of the file is not {what}: {error}", number)}
    if not isinstance(request, dict) or not isinstance(request.get("sql"), str):
        found = request.get("id") if isinstance(request, dict) else None
        return {"id": found, **_error(f'line {number} of the file is not {{"id": .., "sql": ".."}}', number)}
    return {"id": request.get("id"), **answer(request["sql"], run)}


def answer(sql: str, run: Run) -> dict[str, Any]:
    """What `run` makes of one statement, or `{"error": ..}`."""
    try:
        return run(sql)
    except Exception as error:  # noqa: BLE001  one statement must never end the batch
        return _told(error)


def _told(error: Exception) -> dict[str, Any]:
    """As `--json` tells it, in three kinds; the place of a single problem is its line, that of several in the text."""
    failure = failure_of(error)
    found = failure.document
    found["kind"] = "engine" if failure.exit_code == 3 else "refused" if failure.kind == "refused" else "user"
    first = failure.problems[0] if failure.problems else None
    if first is not None and len(failure.problems) == 1:
        found["message"] = first.message
    found["line"] = (first.line or None) if first is not None else None
    return {"error": found}


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _error(message: str, line: int) -> dict[str, Any]:
    return {"error": {"kind": "user", "message": message, "line": line}}
