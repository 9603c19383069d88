"""Ask a live Trino and the laptop random statements: `make fuzz N=5000 SEED=7`, or `python -m tests.parity.fuzz`."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random

from local_dev.trino import PORT
from tests.parity.fuzz.expressions import plain
from tests.parity.fuzz.judge import RIGHT, Judge, seldom
from tests.parity.fuzz.node import Node, listed
from tests.parity.fuzz.shrink import shrunk
from tests.parity.fuzz.statements import Statement, Statements
from tests.parity.fuzz.tables import Table, tables
from tests.parity.replay import Outcome

EXPRESSIONS, STATEMENTS = 64, 16
"""How many a round has of both; the expressions are one query of Trino."""
AT_ONCE = 4
"""Rounds at work: while one waits for Trino, another computes."""
MOST_SHRUNK = 20
FOLDER = Path(".baikal/fuzz")
Round = list[tuple[Statement, Outcome]]


def main() -> int:
    """Ask, count, shrink what differs; 1 when something does."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.fuzz", description=__doc__)
    parser.add_argument("--statements", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--depth", type=int, default=2, help="how deep expressions are nested")
    parser.add_argument("--port", type=int, default=PORT)
    asked = parser.parse_args()
    made = tables(asked.seed)
    judge = Judge(made, asked.port)
    tally = Tally(FOLDER / f"{asked.seed}.txt")
    with suppress(KeyboardInterrupt):
        for judged in rounds(judge, asked.seed, asked.depth, -(-asked.statements // (EXPRESSIONS + STATEMENTS))):
            tally.add(judged)
    tally.say(10)
    with suppress(KeyboardInterrupt):
        report(judge, made, tally.bad, tally.path)
    judge.close()
    return 1 if tally.bad else 0


def rounds(judge: Judge, seed: int, depth: int, count: int) -> Iterator[Round]:
    """What is judged, round by round, in the order in which it is drawn."""
    known = seldom(judge.tables, Statements(Random(0), judge.tables, 1))
    tasks = (
        partial(_round, judge, Statements(Random(f"{seed}-{n}"), judge.tables, depth, known)) for n in range(count)
    )
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = [pool.submit(task) for task in islice(tasks, 2 * AT_ONCE)]
        try:
            while waiting:
                yield waiting.pop(0).result()
                waiting += [pool.submit(task) for task in islice(tasks, 1)]
        finally:
            pool.shutdown(cancel_futures=True)


def _round(judge: Judge, draw: Statements) -> Round:
    source = f" from {draw.full('t')}"
    items = [Statement(Node(f"select {{}}{source}", (node,)), 1) for node in draw.expressions(EXPRESSIONS)]
    whole = [draw.any() for _ in range(STATEMENTS)]
    return list(zip(items + whole, judge.judge(items, source) + judge.judge(whole), strict=True))


@dataclass
class Tally:
    """What became of the statements so far. `path` holds what differs from the moment that it is found."""

    path: Path
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bad: list[Statement] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    told: float = 0

    def __post_init__(self) -> None:
        self.path.unlink(missing_ok=True)

    def add(self, judged: Round) -> None:
        """Count a round; what differs is told and written at once, as it is."""
        for statement, outcome in judged:
            self.counts[outcome.verdict] += 1
            if outcome.verdict == "refused":
                self.reasons[_PARTICULARS.sub("", outcome.detail)[:80]] += 1
            elif outcome.verdict not in RIGHT:
                self.bad.append(statement)
                told = _told(statement, outcome)
                _say(told.rstrip())
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(told)
        if time.monotonic() - self.told > 10:
            self.told = time.monotonic()
            self.say()

    def say(self, reasons: int = 0) -> None:
        """The counts, and the commonest reasons of refusals."""
        for reason, count in self.reasons.most_common(reasons):
            _say(f"{count:7,} refused: {reason}")
        counts = ", ".join(f"{count:,} {verdict}" for verdict, count in self.counts.most_common())
        _say(f"{counts}; {self.counts.total() / (time.monotonic() - self.began):.1f} a second")


_PARTICULARS = re.compile(r"\d+:\d+: |\(.*?\)|'.*?'|\".*?\"")


def report(judge: Judge, made: Sequence[Table], bad: Sequence[Statement], path: Path) -> None:
    """The differences, made small, the smallest first, each once; those of a long list as they are."""
    found: dict[str, str] = {}
    for index, statement in enumerate(bad):
        small = smallest(judge, made, statement) if index < MOST_SHRUNK else statement
        (outcome,) = judge.judge([small])
        found.setdefault(str(small.node), _told(small, outcome))
    for told in sorted(found.values(), key=len):
        sys.stdout.write(told)
    if found:
        path.write_text("".join(sorted(found.values(), key=len)), encoding="utf-8")


def _told(statement: Statement, outcome: Outcome) -> str:
    return f"[{outcome.verdict}] {statement.node}\n    {outcome.detail}\n"


def smallest(judge: Judge, made: Sequence[Table], statement: Statement) -> Statement:
    """The statement made small, then with its rows written out, as few as show the difference."""

    def bad(nodes: list[Node]) -> list[bool]:
        return [each.verdict not in RIGHT for each in judge.judge([Statement(node, statement.width) for node in nodes])]

    small = shrunk(statement.node, bad, plain)
    inlined = _inlined(small, made)
    if inlined is not None and bad([inlined])[0]:
        small = shrunk(inlined, bad, plain)
    return Statement(small, statement.width)


def _inlined(node: Node, made: Sequence[Table]) -> Node | None:
    text = str(node)
    if text.startswith("with "):
        return None
    read = [table for table in made if str(table.full_name) in text]
    local = _local(node, {f"{table.database}.": "" for table in made})
    return Node("with {} {}", (listed(*(table.inlined(text) for table in read)), local))


def _local(node: Node, names: dict[str, str]) -> Node:
    text = node.text
    for name, other in names.items():
        text = text.replace(name, other)
    return Node(text, tuple(_local(part, names) for part in node.parts), node.type, node.between, node.optional)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
