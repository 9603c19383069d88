"""Record Athena's answers from a live Trino: `.venv/bin/python -m tests.parity.record [FAMILY ..]`.

Each family of cases has a file of its own in `answers`. A hundred expressions go in one SELECT; one that fails fails
them all, so a failed batch is cut in halves.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Collection, Iterator
from typing import Any

from local_dev.trino import PORT, Answer, ask
from tests.parity.cases import FAMILIES, STATEMENTS
from tests.parity.generate import expressions, statements
from tests.parity.replay import ANSWERS, ORDERED
from transforms.dialect.trino_text import trino_text


def record(port: int, only: Collection[str] = ()) -> int:
    """Write the cases of the families, all by default, with Trino's answers; gives their number."""
    count = 0
    for family in only or (*FAMILIES, *STATEMENTS):
        with gzip.GzipFile(ANSWERS / f"{family}.jsonl.gz", "wb", mtime=0) as file:
            for line in lines(family, port):
                file.write(f"{line}\n".encode())
                count += 1
    return count


def lines(family: str, port: int) -> Iterator[str]:
    """Every case of a family with Trino's answer, as JSON."""
    for line in (*_expressions(family, port), *_statements(family, port)):
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def _expressions(family: str, port: int) -> Iterator[dict[str, Any]]:
    cases = [expression for found, expression in expressions() if found == family]
    for start in range(0, len(cases), 100):
        batch = cases[start : start + 100]
        for expression, answer in zip(batch, answers(batch, port), strict=True):
            yield _line(family, f"select {expression}", answer)


def answers(batch: list[str], port: int) -> list[Answer]:
    """Trino's answer to each expression."""
    answer = ask(trino_text(f"select {', '.join(batch)}", {}), port=port)
    if answer.error is None:
        return [Answer((column,), ((value,),)) for column, value in zip(answer.columns, answer.rows[0], strict=True)]
    if len(batch) == 1:
        return [answer]
    middle = len(batch) // 2
    return answers(batch[:middle], port) + answers(batch[middle:], port)


def _statements(family: str, port: int) -> Iterator[dict[str, Any]]:
    for found, sql in statements():
        if found == family:
            yield _line(family, sql, ask(trino_text(sql, {}), port=port))


def _line(family: str, sql: str, answer: Answer) -> dict[str, Any]:
    if answer.error is not None:
        return {"family": family, "sql": sql, "error": answer.error[:120]}
    rows = answer.rows if ORDERED.search(sql) else sorted(answer.rows, key=repr)
    return {"family": family, "sql": sql, "types": [kind for _, kind in answer.columns], "rows": rows}


def main() -> int:
    """Record, and say how many."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.record", description=__doc__)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help="all by default")
    parser.add_argument("--port", type=int, default=PORT)
    asked = parser.parse_args()
    if unknown := set(asked.families) - {*FAMILIES, *STATEMENTS}:
        parser.error(f"no family {', '.join(sorted(unknown))}; families are {', '.join([*FAMILIES, *STATEMENTS])}")
    sys.stderr.write(f"{record(asked.port, asked.families):,} answers in {ANSWERS}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
