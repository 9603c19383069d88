"""The baseline: the same compiled SELECTs, one after another, each written as one zstd Parquet file. Nothing else.

usage: python plain_script.py JOBS.json FOLDER
"""

import json
import sys
from pathlib import Path

import duckdb


def main(jobs_path: str, folder: str) -> None:
    """Reads {"macros": [sql], "inputs": [[name, select]], "tables": [[name, select]]} and builds the tables."""
    jobs = json.loads(Path(jobs_path).read_text())
    out = Path(folder)
    out.mkdir(parents=True)
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    for statement in jobs["macros"]:
        con.execute(statement)
    for name, select in [*jobs["inputs"], *jobs["tables"]]:
        database, table = name.split(".")
        con.execute(f'create schema if not exists "{database}"')
        if [name, select] in jobs["tables"]:
            path = out / f"{name}.parquet"
            con.execute(f"copy ({select}) to '{path}' (format parquet, compression zstd)")
            select = f"select * from read_parquet('{path}')"
        con.execute(f'create view "{database}"."{table}" as {select}')


if __name__ == "__main__":
    main(*sys.argv[1:])
