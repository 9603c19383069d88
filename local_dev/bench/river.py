"""What the sample company's river costs: a full build beside a plain script, a run with nothing to do, one edit."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

from connectors.lake import open_lake
from local_dev.bench.compiled import compile_time, to_handwritten
from local_dev.bench.homes import copy_content
from local_dev.bench.jobs import plain_jobs
from local_dev.bench.measure import Figure, Usage, baikal, python, run, typical
from local_dev.sample.company import Company, generate
from local_dev.sample.serving import serving
from transforms.names import TableName

PLAIN_SCRIPT = Path(__file__).with_name("plain_script.py")
ROUNDS = 5
EDITED = TableName("core_ads", "campaign_daily")


def figures(folder: Path, events: int) -> Iterator[Figure]:
    """The company is generated and ingested once; every build starts from those raw tables."""
    home = folder / "home-river"
    copy_content(home)
    raw = _raw_tables(folder, home, events)
    env = {"BAIKAL_HOME": str(home), "BAIKAL_LAKE": str(folder / "lake-river")}
    tables = sorted({f"{path.parent.name}.*" for path in (home / "transforms" / "tables").glob("*/*.sql")})
    built, plain = _full_build(folder, env, raw, tables)
    beside = f"{built.cpu_s:.1f} against {plain.cpu_s:.1f} CPU-s"
    yield Figure("full build, CPU more than the plain script", built.cpu_s - plain.cpu_s, "CPU-s", 2, beside)
    beside = f"{built.wall_s:.1f} against {plain.wall_s:.1f} s"
    yield Figure("full build, wall time to the plain script's", built.wall_s / plain.wall_s, "x", 1, beside)
    yield Figure("full build: memory", built.peak_mb, "MB", beside=f"plain script {plain.peak_mb:.0f} MB")
    with _home_of(env):
        lake = open_lake()
        yield to_handwritten(folder, lake)
        yield compile_time(lake)
    nothing = typical(baikal("run", *tables), env)
    yield Figure("run with nothing changed", nothing.cpu_s, "CPU-s", 0.5)
    yield Figure("run with nothing changed: memory", nothing.peak_mb, "MB", 60)
    yield _one_edit(folder, home, env)


def _raw_tables(folder: Path, home: Path, events: int) -> Path:
    """A lake with the company's raw tables only; kept between runs of the benchmark."""
    raw = folder / f"raw-{events}"
    if raw.exists():
        return raw
    company, partial = folder / f"company-{events}", folder / "raw-partial"
    shutil.rmtree(partial, ignore_errors=True)
    generate(Company(events=events, users=max(2_000, events // 50)), company)
    with serving(company) as variables:
        sources = [f"source:{name}" for name in open_lake(home=home).content.sources]
        run(baikal("run", *sources), {**variables, "BAIKAL_HOME": str(home), "BAIKAL_LAKE": str(partial)})
    partial.rename(raw)
    return raw


def _full_build(folder: Path, env: Mapping[str, str], raw: Path, tables: list[str]) -> tuple[Usage, Usage]:
    """The platform and the plain script in turn, several times each; the least CPU, time and memory of each."""
    lake, ours, plain = Path(env["BAIKAL_LAKE"]), list[Usage](), list[Usage]()
    jobs, out = folder / "jobs.json", folder / "plain"
    for _ in range(ROUNDS):
        shutil.rmtree(lake, ignore_errors=True)
        shutil.copytree(raw, lake, copy_function=os.link)
        with _home_of(env):
            jobs.write_text(json.dumps(plain_jobs(open_lake())))
        shutil.rmtree(out, ignore_errors=True)
        plain.append(run(python(str(PLAIN_SCRIPT), str(jobs), str(out))))
        ours.append(run(baikal("run", *tables), env))
    return _least(ours), _least(plain)


def _least(usages: Iterable[Usage]) -> Usage:
    """Other work on the machine only adds to each."""
    return Usage(*(min(figures) for figures in zip(*map(astuple, usages), strict=True)))


def _one_edit(folder: Path, home: Path, env: Mapping[str, str]) -> Figure:
    """A column more in one table, then a run of it; its query alone is what the plain script measures."""
    path = home / "transforms" / "tables" / EDITED.database / f"{EDITED.table}.sql"
    path.write_text(path.read_text().replace("\nselect\n", "\nselect\n  1 + 1 as two,  -- Two\n", 1))
    jobs, out = folder / "jobs.json", folder / "plain"
    with _home_of(env):
        jobs.write_text(json.dumps(plain_jobs(open_lake(), only=EDITED)))
    shutil.rmtree(out, ignore_errors=True)
    plain = run(python(str(PLAIN_SCRIPT), str(jobs), str(out)))
    usage = run(baikal("run", str(EDITED)), env)
    beside = f"{usage.cpu_s:.2f} against {plain.cpu_s:.2f} CPU-s of the plain script with its query alone"
    return Figure("edit one table and run it, CPU more than its query", usage.cpu_s - plain.cpu_s, "CPU-s", 1.5, beside)


@contextmanager
def _home_of(env: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
