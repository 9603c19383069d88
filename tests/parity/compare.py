"""Ask a live Trino and DuckDB the same: `.venv/bin/python -m tests.parity.compare FILE [--port 8484] [--refused]`.

A line of the file is an expression or a statement. What differs is printed; nothing is recorded.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from local_dev.trino import PORT, Answer, ask
from tests.parity.record import answers
from tests.parity.replay import Case, Laptop
from transforms.dialect.trino_text import trino_text

RIGHT = frozenset(("same", "rejected"))
_STATEMENT = re.compile(r"\s*(select|with|values|table|\()\b", re.IGNORECASE)


def cases(lines: Iterable[str], port: int) -> Iterator[Case]:
    """Each line with Trino's answer; expressions go a hundred in one SELECT."""
    batch: list[str] = []
    for line in lines:
        if not line.strip() or line.startswith("--"):
            continue
        if _STATEMENT.match(line):
            yield _case(line, ask(trino_text(line, {}), port=port))
        else:
            batch.append(line)
        if len(batch) == 100:
            yield from _expressions(batch, port)
            batch = []
    yield from _expressions(batch, port)


def _expressions(batch: list[str], port: int) -> Iterator[Case]:
    if batch:
        for line, answer in zip(batch, answers(batch, port), strict=True):
            yield _case(f"select {line}", answer)


def _case(sql: str, answer: Answer) -> Case:
    return Case("", sql, tuple(kind for _, kind in answer.columns), answer.rows, answer.error)


def main() -> int:
    """Print what differs, and how many have which verdict; 1 when something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.compare", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--refused", action="store_true", help="print what is refused, too")
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    laptop = Laptop()
    for case in cases(asked.file.read_text(encoding="utf-8").splitlines(), asked.port):
        outcome = laptop.judge(case)
        counts[outcome.verdict] += 1
        if outcome.verdict not in RIGHT and (asked.refused or outcome.verdict != "refused"):
            sys.stdout.write(f"[{outcome.verdict}] {case.sql}\n    {outcome.detail}\n")
    laptop.engine.close()
    sys.stdout.write(", ".join(f"{count:,} {verdict}" for verdict, count in counts.most_common()) + "\n")
    return 0 if set(counts) <= RIGHT | {"refused"} else 1


if __name__ == "__main__":
    sys.exit(main())
