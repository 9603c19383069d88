"""What the local AWS costs: its start, its memory, small queries, many clients; and a build on it beside bare CTAS."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import boto3
import pyathena

from connectors.build import build
from connectors.lake import Lake, open_lake
from local_dev.bench.homes import copy_content
from local_dev.bench.measure import Figure, baikal, cpu_s, memory_mb, run
from local_dev.sample.company import Company, generate
from local_dev.sample.serving import serving
from local_dev.walk import walk
from transforms.names import TableName
from transforms.target import Target

CLIENTS, QUERIES = 20, 500
ROUNDS = 3
"""Builds of a side, one after the other; the least of each counts."""
FEW_EVENTS = 50_000
"""Of a company so small that what a build asks for besides its statements is all that it costs."""
RESULTS = "s3://lake/results/"
_LOCATION = re.compile(r"external_location\s*=\s*'[^']*'")
_TABLE = re.compile(r"(CREATE TABLE\s+)\S+", re.I)
_KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}


@dataclass(frozen=True)
class _Server:
    """A local AWS that runs: its address, its process, and what its start took."""

    url: str
    pid: int
    start_s: float

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.url, **_KEYS)

    def connect(self) -> Any:
        """PyAthena, on the local Athena."""
        where: dict[str, Any] = {"s3_staging_dir": RESULTS, "poll_interval": 0.05, "endpoint_url": self.url, **_KEYS}
        return pyathena.connect(**where)


def figures(folder: Path, events: int) -> Iterator[Figure]:
    """The sample company is ingested once. Each build begins on a server that has just started, over its data."""
    place = _Place.made(folder, "aws")
    with place.served() as server:
        yield Figure("local AWS: start", server.start_s, "s", 2)
        cursor = server.connect().cursor()
        yield Figure(
            "local Athena: SELECT 1, median", _median_ms(lambda: cursor.execute("select 1").fetchall()), "ms", 60
        )
        _write_thirty_days(server)
        days = "select day, count(*), sum(a) from bench.days group by day order by day"
        yield Figure(
            "local Athena: 30 partitions, median", _median_ms(lambda: cursor.execute(days).fetchall()), "ms", 150
        )
        yield _many_clients(server)
    built = _builds(folder, place, events, threads=Target.threads)
    yield Figure(
        f"build on local AWS, wall to bare CTAS by PyAthena, {events:,} events",
        built.ours.wall_s / built.bare.wall_s,
        "x",
        1.25,
        f"{built.ours.wall_s:.1f} against {built.bare.wall_s:.1f} s, CPU {built.ours.cpu_s:.1f} against "
        f"{built.bare.cpu_s:.1f} s; {built.told}, {Target.threads} at once on both sides, least of {ROUNDS}",
    )
    windows = f"{built.queries} queries, {built.statements / built.tables:.1f} windows a table"
    yield Figure("build on AWS: Athena queries a table and window", built.queries / built.statements, "", 2, windows)
    yield Figure("local AWS: memory after ingestion and build", built.memory_mb, "MB", 200)

    built = _builds(folder, _Place.made(folder, "aws-small"), FEW_EVENTS, threads=1)
    more = (built.ours.wall_s - built.bare.wall_s) * 1000 / built.tables
    cpu = (built.ours.cpu_s - built.bare.cpu_s) * 1000 / built.tables
    alone = f"its CTAS alone {1000 * built.bare.wall_s / built.tables:.0f} ms"
    beside = f"{FEW_EVENTS:,} events, {built.told}; {alone}; CPU {cpu:.0f} ms more"
    yield Figure("build on local AWS: more than the CTAS, a table", more, "ms", beside=beside)
    calls = ", ".join(f"{count / built.tables:.1f} of {kind}" for kind, count in sorted(built.calls.items()))
    yield Figure("build on AWS: API calls a table", sum(built.calls.values()) / built.tables, "", beside=calls)


@dataclass(frozen=True)
class _Place:
    """A home with the company's declarations, and the folder of a local AWS with a bucket for its lake."""

    home: Path
    data: Path

    @classmethod
    def made(cls, folder: Path, name: str) -> _Place:
        place = cls(folder / f"home-{name}", folder / name)
        shutil.rmtree(place.data, ignore_errors=True)
        copy_content(place.home)
        with place.served() as server:
            server.client("s3").create_bucket(Bucket="lake")
        return place

    @contextmanager
    def served(self) -> Iterator[_Server]:
        """Run the local AWS over the folder; within it the home's target names the server's address."""
        began = time.perf_counter()
        command = baikal("aws", "--port", "0", "--data", str(self.data))
        env = {**os.environ, "BAIKAL_HOME": str(self.home), "BAIKAL_LAKE": str(self.data.with_name("aws-laptop"))}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
        ) as process:
            assert process.stdout
            url = process.stdout.readline().split()[0].removeprefix("AWS_ENDPOINT_URL=")
            targets = self.home / "connectors" / "targets.yaml"
            targets.write_text(re.sub(r"endpoint: \S+", f"endpoint: {url}", targets.read_text()))
            try:
                yield _Server(url, process.pid, time.perf_counter() - began)
            finally:
                process.terminate()


def _median_ms(ask: Callable[[], object]) -> float:
    ask()
    spent = []
    for _ in range(30):
        began = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - began) * 1000)
    return median(spent)


def _write_thirty_days(server: _Server) -> None:
    cursor = server.connect().cursor()
    cursor.execute("create database if not exists bench")
    numbers = "select i as a, date_add('day', i % 30, date '2024-05-01') as day from unnest(sequence(1, 10000)) as t(i)"
    cursor.execute(f"create table bench.days with (partitioned_by = array['day']) as {numbers}")


def _many_clients(server: _Server) -> Figure:
    def ask(client: int) -> int:
        """How many of a client's queries are answered rightly."""
        cursor, right = server.connect().cursor(), 0
        for number in range(client, QUERIES, CLIENTS):
            with suppress(pyathena.error.Error):
                found = cursor.execute(f"select count(*), sum(a) from bench.days where a > {number}").fetchall()
                right += found == [(10000 - number, sum(range(number + 1, 10001)))]
        return right

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        right = sum(clients.map(ask, range(CLIENTS)))
    beside = f"{QUERIES} queries in {time.perf_counter() - began:.1f} s"
    return Figure(f"local Athena: {CLIENTS} clients, errors", QUERIES - right, "", 0, beside)


@dataclass(frozen=True)
class _Spent:
    """Seconds; of CPU those of this process and of the server together, which tell more on a machine that is busy."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class _Builds:
    """All tables, built by the platform (`ours`); then the very statements that it sent, by PyAthena (`bare`).

    `statements` are its CTAS; `queries` are all that it sent to Athena, `calls` its requests to each service.
    """

    ours: _Spent
    bare: _Spent
    tables: int
    statements: int
    queries: int
    calls: Counter[str]
    memory_mb: float

    @property
    def told(self) -> str:
        return f"{self.tables} tables, {self.statements} CTAS"


def _builds(folder: Path, place: _Place, events: int, threads: int) -> _Builds:
    with place.served() as server:
        _ingest(folder / f"company-{events}", place.home, events)
        ingested_mb = memory_mb(server.pid)
    rounds = [_round(place, threads) for _ in range(ROUNDS)]
    ours, bare = (
        min((getattr(each, side) for each in rounds), key=lambda spent: spent.wall_s) for side in ("ours", "bare")
    )
    most_mb = max(ingested_mb, *(each.memory_mb for each in rounds))
    return replace(rounds[0], ours=ours, bare=bare, memory_mb=most_mb)


def _round(ingested: _Place, threads: int) -> _Builds:
    """A build by the platform and one by PyAthena, of a copy of what is ingested."""
    place = replace(ingested, data=ingested.data.with_name(f"{ingested.data.name}-round"))
    shutil.rmtree(place.data, ignore_errors=True)
    shutil.copytree(ingested.data, place.data, symlinks=True)
    with place.served() as server:
        lake = open_lake("local-aws", home=place.home)
        graph = lake.content.graph
        needs = {name: graph.inputs(name) for name in graph.order if lake.content.kind(name) == "table"}
        calls = _watched_calls(lake)
        ours = _walked(needs, threads, server, lambda name: build(lake, name, run=lake.new_run()))
        asked, sent = len(lake.queries), [query for query in lake.queries if query.kind == "build"]
        statements: dict[TableName | None, list[str]] = {}
        for query in sent:
            statements.setdefault(query.table, []).append(_statement(server, query.query_id))
        lake.close()
        most_mb = memory_mb(server.pid)
    with place.served() as server:
        connection = server.connect()
        connection.cursor().execute("create database if not exists bench")

        def bare(name: TableName) -> None:
            _send(connection, statements[name], f"{name.database}_{name.table}")

        alone = _walked(needs, threads, server, bare)
    shutil.rmtree(place.data)
    return _Builds(ours, alone, len(needs), len(sent), asked, Counter(calls), most_mb)


def _walked(
    needs: Mapping[TableName, Collection[TableName]],
    threads: int,
    server: _Server,
    work: Callable[[TableName], object],
) -> _Spent:
    """What the work on all of them takes. Raises what it raises."""
    began, used = time.perf_counter(), time.process_time() + cpu_s(server.pid)
    outcomes = walk(needs, work, threads=threads, ended=lambda outcome: None)
    spent = _Spent(time.perf_counter() - began, time.process_time() + cpu_s(server.pid) - used)
    for outcome in outcomes.values():
        if outcome.error is not None:
            raise outcome.error
    return spent


def _ingest(company: Path, home: Path, events: int) -> None:
    """Generate the company, if that is still to do, and ingest it into the local AWS."""
    if not (company / "company.json").is_file():
        generate(Company(events=events, users=max(2_000, events // 50)), company)
    names = [path.name.partition(".")[0] for path in (home / "connectors" / "sources").glob("*.schema.yaml")]
    with serving(company) as variables:
        command = baikal("run", *(f"source:{name}" for name in names), "--target", "local-aws")
        run(command, {**variables, "BAIKAL_HOME": str(home)})


def _send(connection: Any, statements: Iterable[str], label: str) -> None:
    """By PyAthena, each with another table and place."""
    for number, sql in enumerate(statements):
        placed = _LOCATION.sub(f"external_location = 's3://lake/bare/{label}_{number}/'", sql)
        connection.cursor().execute(_TABLE.sub(rf"\1bench.bare_{label}_{number}", placed))


def _watched_calls(lake: Lake) -> list[str]:
    """A list that grows by the service of each request that the lake's clients send from now on."""
    calls: list[str] = []
    session = lake.storage.session  # type: ignore[attr-defined]  # the storage of a target on AWS is its bucket
    for service in ("s3", "glue", "athena"):
        session.client(service).meta.events.register(
            "before-send", lambda request, service=service, **_: calls.append(service)
        )
    return calls


def _statement(server: _Server, id_: str) -> str:
    """The SQL of a query that the platform sent."""
    found = server.client("athena").get_query_execution(QueryExecutionId=id_)
    return str(found["QueryExecution"]["Query"])
