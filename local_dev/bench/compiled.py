"""What the compiler's SQL costs beside DuckDB SQL written by hand, over the same files, with the same rows as proof."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from connectors.lake import Lake
from local_dev.bench.jobs import all_days, created, read_of
from local_dev.bench.measure import Figure, python, run
from transforms.compile import compile_sql
from transforms.names import TableName
from transforms.window import Window

HANDWRITTEN = Path(__file__).parent / "handwritten"
SCRIPT = Path(__file__).parent / "select_script.py"
TURNS = 5


def to_handwritten(folder: Path, lake: Lake) -> Figure:
    """CPU of the compiled SELECTs of the sample company's costly tables to that of the hand-written ones.

    Each the least of five whole processes in turn. Raises RuntimeError when a table has other rows.
    """
    texts = {TableName(path.parent.name, path.stem): path.read_text() for path in sorted(HANDWRITTEN.glob("*/*.sql"))}
    days = all_days(lake)
    inputs = [[str(name), read_of(lake, name)] for name in lake.catalog.names() if lake.catalog.get(name)]
    jobs = {"compiled": _compiled(lake, texts, days), "handwritten": _filled(texts, days)}
    paths = {}
    for which, job in jobs.items():
        paths[which] = folder / f"{which}.json"
        paths[which].write_text(json.dumps({**job, "inputs": inputs}))
    _require_equal(paths)
    spent: dict[str, list[float]] = {which: [] for which in paths}
    for _ in range(TURNS):
        for which, path in paths.items():
            spent[which].append(run(python(str(SCRIPT), str(path))).cpu_s)
    ours, theirs = min(spent["compiled"]), min(spent["handwritten"])
    beside = f"{ours:.2f} against {theirs:.2f} CPU-s, {len(texts)} tables with equal rows"
    return Figure("compiled SELECTs, CPU to hand-written DuckDB SQL", ours / theirs, "x", 1.05, beside)


def compile_time(lake: Lake) -> Figure:
    """CPU milliseconds from text to both engines' SQL: the mean of all tables and views, the least of five rounds."""
    days, relations = all_days(lake), lake.content.relations.values()
    rounds = []
    for _ in range(TURNS):
        began = time.process_time()
        for relation in relations:
            compile_sql(relation.text, lake.content.schema, window=days, path=relation.path)
        rounds.append((time.process_time() - began) * 1000 / len(relations))
    beside = f"{len(relations)} tables and views of the sample company"
    return Figure("compile a table", min(rounds), "ms", 5, beside)


def _compiled(lake: Lake, texts: Mapping[TableName, str], days: Window) -> dict[str, object]:
    tables, macros = [], dict[str, None]()
    for name in texts:
        relation = lake.content.relations[name]
        compiled = compile_sql(relation.text, lake.content.schema, window=days, path=relation.path)
        macros.update(dict.fromkeys(created(compiled.macros)))
        tables.append([str(name), compiled.duckdb])
    return {"macros": list(macros), "tables": tables}


def _filled(texts: Mapping[TableName, str], days: Window) -> dict[str, object]:
    first, last = (f"date '{day}'" for day in (days.start, days.end))
    tables = [[str(name), text.replace(":start", first).replace(":end", last)] for name, text in texts.items()]
    return {"macros": [], "tables": tables}


def _require_equal(paths: Mapping[str, Path]) -> None:
    """Both ways give the same rows, or their times mean nothing."""
    found = {}
    for which, path in paths.items():
        done = subprocess.run(python(str(SCRIPT), str(path)), capture_output=True, text=True, check=True)
        found[which] = json.loads(done.stdout)
    if other := [name for name, rows in found["compiled"].items() if found["handwritten"][name] != rows]:
        raise RuntimeError(f"hand-written and compiled SQL give other rows: {', '.join(other)}")
