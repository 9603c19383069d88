"""A source that fails is told in Prefect without its password: in no log and no state, and nowhere in its files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from api_server import serve

from local_dev.prefect_server import free_port

PASSWORD = "zebra-4711"
KEY = "giraffe-0815"
BEGUN = """\
export STORE_URL="postgresql://me:{password}@127.0.0.1:{port}/shop"
export BROKEN_URL="postgresql://me:{password}%zz@127.0.0.1:{port}/shop"
export DESK_URL="{api}" DESK_KEY="{key}"
exec {python} -c "
import runpy
from flows import retries
retries.PATIENT['retry_delay_seconds'] = [0.1]
runpy.run_module('prefect.engine', run_name='__main__')
"
"""
"""What only the process of the run knows: what is given to Prefect with a run, Prefect keeps and shows."""


def declare(home: Path) -> None:
    targets = home / "connectors/targets.yaml"
    held = "{store: STORE_URL, broken: BROKEN_URL, desk: DESK_URL, "
    text = targets.read_text().replace("connections: {", f"secrets: {{desk_key: DESK_KEY}}\n  connections: {held}")
    targets.write_text(text)
    for name, kind, table in (
        ("store", "postgres", "snapshot"),
        ("broken", "postgres", "snapshot"),
        ("desk", "rest\napi_key: {parameter: token, secret: desk_key}", "{mode: snapshot, path: /v1/t}"),
    ):
        source = f"kind: {kind}\nowner: shop\ndescription: A system.\nconnection: {name}\ntables:\n  t: {table}\n"
        (home / f"connectors/sources/{name}.yaml").write_text(source)
        (home / f"connectors/sources/{name}.schema.yaml").write_text("t:\n  id: {type: bigint, description: Number}\n")


@pytest.mark.prefect
@pytest.mark.http
def test_no_password_of_a_source_that_fails_is_anywhere_in_prefect(runs: Any, shop: Any, tmp_path: Path) -> None:
    declare(shop.folder / "home")
    begun = tmp_path / "begun.sh"
    with serve() as api:
        api.answer = lambda path, query, headers: (403, {}, {"error": f"the token {query['token']} may not do this"})
        words = {"password": PASSWORD, "key": KEY, "port": free_port(), "api": api.address, "python": sys.executable}
        begun.write_text(BEGUN.format(**words))
        asked = {"selectors": ["source:store", "source:broken", "source:desk"]}
        submitted = runs.server.submit("ingest/laptop", asked, shop.environment, command=f"sh {begun}")
        run = runs.server.ended(submitted, patience=300)
    assert "3 of 3 tables failed" in run["state"]["message"]
    assert {query["token"] for query in api.asked} == {KEY}
    tasks = runs.tasks(run)
    assert {state["type"] for state in tasks.values()} == {"FAILED"}
    logs = runs.server.post("/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})
    told = [run, tasks, logs, runs.artifacts(run)]
    held = [file for folder in (runs.server.folder, shop.folder / "lake") for file in folder.rglob("*")]
    kept = b"".join(file.read_bytes() for file in held if file.is_file())
    assert run["state"]["message"].encode()[:60] in kept, "the server's database is elsewhere"
    for secret in (PASSWORD, KEY):
        assert secret not in str(told)
        assert secret.encode() not in kept
