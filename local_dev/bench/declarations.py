"""What `check` costs on generated tables: from nothing, with nothing changed, with one file changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from local_dev.bench.many_tables import write_many
from local_dev.bench.measure import Figure, Usage, baikal, run, typical


def figures(folder: Path) -> Iterator[Figure]:
    """500 tables against the bars, 5,000 against the 500."""
    few = _checks(folder / "tables-500", 500)
    for what, bar in (("from nothing", 5.0), ("nothing changed", 0.5), ("one file changed", 1.0)):
        yield Figure(f"check of 500 tables, {what}", few[what].cpu_s, "CPU-s", bar)
        yield Figure(f"check of 500 tables, {what}: memory", few[what].peak_mb, "MB", 200)
    many = _checks(folder / "tables-5000", 5000)
    for what, usage in many.items():
        ratio = usage.cpu_s / few[what].cpu_s
        beside = f"{usage.cpu_s:.2f} against {few[what].cpu_s:.2f} CPU-s"
        yield Figure(f"check of 5,000 tables, {what}, to 500", ratio, "x", 11, beside)


def _checks(home: Path, count: int) -> dict[str, Usage]:
    shutil.rmtree(home, ignore_errors=True)
    write_many(home, count)
    env = {"BAIKAL_HOME": str(home)}
    cold = run(baikal("check"), env)
    warm = typical(baikal("check"), env, times=3)
    changed = sorted((home / "transforms" / "tables").rglob("*.sql"))[count // 2]
    changed.write_text(changed.read_text().replace("select", "select\n", 1))
    return {"from nothing": cold, "nothing changed": warm, "one file changed": run(baikal("check"), env)}
