"""Runs SELECTs one after another, each for its rows' number and hash alone, and prints these. Nothing else.

usage: python select_script.py JOBS.json
"""

import json
import sys
from pathlib import Path

import duckdb


def main(jobs_path: str) -> None:
    """Reads {"macros": [sql], "inputs": [[name, select]], "tables": [[name, select]]}; inputs become views."""
    jobs = json.loads(Path(jobs_path).read_text())
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    for statement in jobs["macros"]:
        con.execute(statement)
    for name, select in jobs["inputs"]:
        database, table = name.split(".")
        con.execute(f'create schema if not exists "{database}"')
        con.execute(f'create view "{database}"."{table}" as {select}')
    found = {}
    for name, select in jobs["tables"]:
        count, total = con.execute(f"select count(*), sum(hash(t)) from ({select}) as t").fetchall()[0]
        found[name] = [count, str(total)]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
