"""What reading a MariaDB costs beside its floor: the same rows by the server's own client, thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from local_dev.bench.homes import write_home
from local_dev.bench.measure import Figure, baikal, run
from local_dev.mariadb_server import is_installed, mariadb_server

COLUMNS = {
    "id": ("bigint", "bigint", "seq"),
    "user_id": ("int", "int", "seq * 7919 % 500000"),
    "kind": ("varchar(20)", "string", "elt(1 + seq % 3, 'view', 'click', 'install')"),
    "title": ("varchar(200)", "string", "concat('記事 ', seq % 10000, ' morning news')"),
    "amount": ("decimal(12,2)", "decimal(12,2)", "(seq % 1000000) / 100"),
    "ratio": ("double", "double", "sin(seq)"),
    "paid": ("tinyint(1)", "boolean", "seq % 5 = 0"),
    "day_on": ("date", "date", "date '2024-04-01' + interval (seq % 30) day"),
    "created_at": ("timestamp(3) null", "timestamp", "'2024-04-01' + interval seq % 2592000 second"),
    "updated_at": ("datetime(3)", "timestamp", "'2024-04-01' + interval seq % 2592000 second"),
    "note": ("varchar(64)", "string", "if(seq % 4 = 0, null, md5(seq))"),
    "country": ("char(2)", "string", "elt(1 + seq % 4, 'JP', 'US', 'TW', 'KR')"),
}


def figures(folder: Path, rows: int) -> Iterator[Figure]:
    """Nothing but a word where there is no server to start."""
    if not is_installed():
        click.echo("left out: MariaDB, because there is no mariadbd", err=True)
        return
    with mariadb_server(folder / "mariadb", "--innodb-buffer-pool-size=512M") as server:
        if f"rows_{rows}" not in server.run("select table_name from information_schema.tables"):
            columns = ", ".join(f"{name} {kind}" for name, (kind, _, _) in COLUMNS.items())
            values = ", ".join(value for _, _, value in COLUMNS.values())
            server.run(
                f"create or replace database bench charset utf8mb4; use bench; create table t ({columns}, "
                f"primary key (id)); insert into t select {values} from seq_1_to_{rows}; rename table t to rows_{rows}"
            )
        home = folder / "home-mariadb"
        tables = f"  t: {{mode: snapshot, table: rows_{rows}}}\n"
        write_home(
            home,
            f"kind: mysql\nowner: bench\ndescription: Rows to time.\nconnection: bench\ntables:\n{tables}",
            {"t": {name: type_ for name, (_, type_, _) in COLUMNS.items()}},
        )
        floor = run(
            [
                "/bin/sh",
                "-c",
                'exec "$@" >/dev/null',
                "",
                *server.client("-q", "-e", f"select * from bench.rows_{rows}"),
            ]
        )
        usage = run(baikal("run", "source:bench"), {"BAIKAL_HOME": str(home), "BENCH_URL": server.address("bench")})
    beside = (
        f"{usage.wall_s:.1f} s against {floor.wall_s:.1f} s, CPU {usage.cpu_s:.1f} s against {floor.cpu_s:.1f} s, "
        f"{rows / usage.wall_s:,.0f} rows/s"
    )
    yield Figure("MariaDB rows x 12 columns, to its client thrown away", usage.wall_s / floor.wall_s, "x", 2, beside)
    yield Figure("MariaDB: memory", usage.peak_mb, "MB", 300)
