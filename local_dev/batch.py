"""Statements in JSON lines: reads them and answers each with one line; never stops at a bad one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import orjson

from transforms.errors import BaikalError, ContentError, Refused, Rejected, UsageError

Run = Callable[[str], dict[str, Any]]
AHEAD = 16
"""How many statements for each thread wait or are answered already: a batch is never held in memory."""


def answer_lines(lines: Iterable[str], run: Run, *, threads: int = 1) -> Iterator[str]:
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


def _answered(line: str, number: int, run: Run) -> str:
    return orjson.dumps(_answer(line, number, run)).decode()


def _answer(line: str, number: int, run: Run) -> dict[str, Any]:
    try:
        request = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return {"id": None, **_error("user", f"line {number} of the file is not JSON: {error}")}
    if not isinstance(request, dict) or not isinstance(request.get("sql"), str):
        found = request.get("id") if isinstance(request, dict) else None
        return {"id": found, **_error("user", f'line {number} of the file is not {{"id": .., "sql": ".."}}')}
    return {"id": request.get("id"), **answer(request["sql"], run)}


def answer(sql: str, run: Run) -> dict[str, Any]:
    """What `run` makes of one statement, or `{"error": ..}`."""
    try:
        return run(sql)
    except BaikalError as error:
        return _error(_kind(error), *_message(error))
    except Exception as error:  # noqa: BLE001  one statement must never end the batch
        return _error("engine", " ".join(f"{type(error).__name__}: {error}".split()))


def _kind(error: BaikalError) -> str:
    """refused: valid on Athena, not portable. user: Athena would reject it too. engine: everything else."""
    if isinstance(error, Refused):
        return "refused"
    return "user" if isinstance(error, Rejected | UsageError | ContentError) else "engine"


def _message(error: BaikalError) -> tuple[str, int]:
    if isinstance(error, ContentError) and error.problems:
        return error.problems[0].message, error.problems[0].line
    return str(error), 0


def _error(kind: str, message: str, line: int = 0) -> dict[str, Any]:
    return {"error": {"kind": kind, "message": message, "line": line or None}}
