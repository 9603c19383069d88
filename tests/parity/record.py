"""Record Athena's answers to all cases from a live Trino: `.venv/bin/python -m tests.parity.record --port 8484`.

A hundred expressions go in one SELECT; one that fails fails them all, so a failed batch is cut in halves.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local_dev.trino import PORT, Answer, ask
from tests.parity.cases.everyday import trino_reads
from tests.parity.generate import expressions, statements
from tests.parity.literals import for_trino

ANSWERS = Path(__file__).parent / "answers.jsonl.gz"


def record(port: int) -> int:
    """Write every case with Trino's answer; gives their number."""
    lines = [*_expressions(port), *(_statement(family, sql, port) for family, sql in statements())]
    with gzip.GzipFile(ANSWERS, "wb", mtime=0) as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return len(lines)


def _expressions(port: int) -> Iterator[dict[str, Any]]:
    cases = list(expressions())
    for start in range(0, len(cases), 100):
        batch = cases[start : start + 100]
        for (family, expression), answer in zip(batch, _answers([each for _, each in batch], port), strict=True):
            yield _line(family, f"select {expression}", answer)


def _answers(batch: list[str], port: int) -> list[Answer]:
    answer = ask(for_trino(f"select {', '.join(batch)}"), port=port)
    if answer.error is None:
        return [Answer((column,), ((value,),)) for column, value in zip(answer.columns, answer.rows[0], strict=True)]
    if len(batch) == 1:
        return [answer]
    middle = len(batch) // 2
    return _answers(batch[:middle], port) + _answers(batch[middle:], port)


def _statement(family: str, sql: str, port: int) -> dict[str, Any]:
    return _line(family, sql, ask(for_trino(trino_reads(sql)), port=port))


def _line(family: str, sql: str, answer: Answer) -> dict[str, Any]:
    if answer.error is not None:
        return {"family": family, "sql": sql, "error": answer.error[:120]}
    return {"family": family, "sql": sql, "types": [kind for _, kind in answer.columns], "rows": answer.rows}


def main() -> int:
    """Record, and say how many."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.record", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT)
    sys.stderr.write(f"{record(parser.parse_args().port):,} answers in {ANSWERS}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
