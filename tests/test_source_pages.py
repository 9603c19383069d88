"""Each page of docs/sources is a home that works: its files are written, its commands run, their output compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from running_postgres import connected, running_postgres

from connectors.home import REPOSITORY
from local_dev.cli import baikal
from local_dev.mariadb_server import MariaDb

PAGES = sorted((REPOSITORY / "docs" / "sources").glob("*.md"))
_MARKS = {"mysql": pytest.mark.mariadb, "postgres": pytest.mark.postgres}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


@pytest.mark.slow
@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem, marks=_MARKS.get(page.stem, ())) for page in PAGES])
def test_a_page_does_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    files = tmp_path / "files"
    files.mkdir()
    _write(tmp_path, "transforms/teams.yaml", "shop: {description: Sells things}\n")
    connections = {name: f"{name.upper()}_URL" for name in re.findall(r"^connection: (\w+)", page.read_text(), re.M)}
    inner = ", ".join(f"{name}: {variable}" for name, variable in connections.items())
    targets = f"laptop: {{engine: duckdb, timezone: Asia/Tokyo, connections: {{{inner}}}}}\n"
    _write(tmp_path, "connectors/targets.yaml", targets)
    monkeypatch.setenv("BAIKAL_HOME", str(tmp_path))
    for language, text in blocks:
        if name := re.match(r"# (\S+\.\S+)\n", text):
            _write(tmp_path if name[1].startswith("connectors/") else files, name[1], text[name.end() :])
        elif language == "python":
            subprocess.run(
                [sys.executable, "-c", f"import gzip, pathlib\n{text}"], cwd=files, check=True, env=os.environ
            )
    statements = "".join(text for language, text in blocks if language == "sql")
    loaded = _on_postgres if page.stem == "postgres" else _on_mariadb
    with loaded(request, statements) if statements else _served(files) as address:
        for variable in connections.values():
            monkeypatch.setenv(variable, address or str(files))
        consoles = [text for language, text in blocks if language == "console"]
        for name, value in re.findall(r"^\$ export (\w+)=(.*)$", "\n".join(consoles), re.M):
            monkeypatch.setenv(name, value.replace("$PWD", str(files)))
        commands = [found for text in consoles for found in re.findall(r"^\$ baikal (.*)\n((?:[^$].*\n)*)", text, re.M)]
        for command, told in commands:
            _require_told(command, told)
    assert len(commands) > 1


@contextmanager
def _on_mariadb(request: pytest.FixtureRequest, statements: str) -> Iterator[str]:
    """The address of a MariaDB's database shop, which these statements filled."""
    server: MariaDb = request.getfixturevalue("mariadb")
    server.run(f"create or replace database shop charset utf8mb4; use shop; {statements}")
    yield server.address("shop")
    server.run("drop database shop")


@contextmanager
def _on_postgres(_: pytest.FixtureRequest, statements: str) -> Iterator[str]:
    """The address of a PostgreSQL that these statements filled."""
    with running_postgres() as address:
        with connected(address) as run:
            run(*filter(str.strip, statements.split(";\n")))
        yield address


@contextmanager
def _served(files: Path) -> Iterator[str | None]:
    """The address of the API that a page brings along as `serve.py`."""
    if not (files / "serve.py").exists():
        yield None
        return
    server = subprocess.Popen([sys.executable, "serve.py"], cwd=files, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.communicate()


def _write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _require_told(command: str, told: str) -> None:
    """Every line is told, in this order; times and blanks may be others."""
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]
    result = CliRunner().invoke(baikal, words)
    said = [" ".join(line.split()) for line in result.output.splitlines()]
    position = 0
    for line in told.splitlines():
        wanted = " ".join(line.split())
        found = next((i for i in range(position, len(said)) if said[i].startswith(wanted)), None)
        assert found is not None, f"{command} does not tell {wanted!r} but\n{result.output}"
        position = found + 1
