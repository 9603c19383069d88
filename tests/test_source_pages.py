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
from running_aws import running_aws
from running_postgres import connected, running_postgres

from connectors.home import REPOSITORY
from connectors.readers.logs.formats import FORMATS
from connectors.readers.words import SOURCE_WORDS
from local_dev.cli import baikal
from local_dev.mariadb_server import MariaDb

PAGES = sorted((REPOSITORY / "docs" / "sources").glob("*.md"))
_MARKS = {"mysql": pytest.mark.mariadb, "postgres": pytest.mark.postgres, "s3": pytest.mark.aws}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


@pytest.mark.slow
@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem, marks=_MARKS.get(page.stem, ())) for page in PAGES])
def test_a_page_does_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    connections = {name: f"{name.upper()}_URL" for name in re.findall(r"^connection: (\w+)", page.read_text(), re.M)}
    inner = ", ".join(f"{name}: {variable}" for name, variable in connections.items())
    targets = f"laptop: {{engine: duckdb, timezone: Asia/Tokyo, connections: {{{inner}}}}}\n"
    _write(tmp_path, "connectors/targets.yaml", targets)
    _write(tmp_path, "transforms/teams.yaml", "shop: {description: Sells things}\n")
    monkeypatch.setenv("BAIKAL_HOME", str(tmp_path))
    files = _files(tmp_path, blocks)
    statements = "".join(text for language, text in blocks if language == "sql")
    serving = {"postgres": _on_postgres, "mysql": _on_mariadb, "s3": _on_aws}
    with serving.get(page.stem, _served)(request, files, statements) as address:
        for variable in connections.values():
            monkeypatch.setenv(variable, address or str(files))
        consoles = [text for language, text in blocks if language == "console"]
        for name, value in re.findall(r"^\$ export (\w+)=(.*)$", "\n".join(consoles), re.M):
            told = address if name == "AWS_ENDPOINT_URL" else value.replace("$PWD", str(files))
            monkeypatch.setenv(name, str(told))
        commands = [found for text in consoles for found in re.findall(r"^\$ baikal (.*)\n((?:[^$].*\n)*)", text, re.M)]
        for command, told in commands:
            _require_told(command, told)
    assert len(commands) > 1


def test_every_kind_preset_and_format_of_logs_has_an_example_that_runs() -> None:
    blocks = [block for page in PAGES for block in _BLOCK.findall(page.read_text(encoding="utf-8"))]
    ran = "".join(text for language, text in blocks if language == "console" or text.startswith("# connectors/"))
    presets = [path.stem for path in (REPOSITORY / "connectors" / "readers" / "presets").glob("*.yaml")]
    wanted = [f"kind: {kind}" for kind in SOURCE_WORDS] + [f"preset: {preset}" for preset in presets]
    assert [line for line in wanted if not re.search(rf"^{line}$", ran, re.M)] == []
    assert [form for form in FORMATS if not re.search(rf"\bformat:? {form}\b", ran)] == []


def _files(home: Path, blocks: list[tuple[str, str]]) -> Path:
    """The folder with the files that a page shows, and that its Python writes; those of the content go to the home."""
    files = home / "files"
    files.mkdir()
    for language, text in blocks:
        if name := re.match(r"# (\S+\.\S+)\n", text):
            _write(home if name[1].startswith("connectors/") else files, name[1], text[name.end() :])
        elif language == "python":
            subprocess.run(
                [sys.executable, "-c", f"import gzip, pathlib\n{text}"], cwd=files, check=True, env=os.environ
            )
    return files


@contextmanager
def _on_mariadb(request: pytest.FixtureRequest, _: Path, statements: str) -> Iterator[str | None]:
    """The address of a MariaDB's database shop, which these statements filled."""
    server: MariaDb = request.getfixturevalue("mariadb")
    server.run(f"create or replace database shop charset utf8mb4; use shop; {statements}")
    yield server.address("shop")
    server.run("drop database shop")


@contextmanager
def _on_postgres(_: pytest.FixtureRequest, files: Path, statements: str) -> Iterator[str | None]:
    """The address of a PostgreSQL that these statements filled."""
    with running_postgres() as address:
        with connected(address) as run:
            run(*filter(str.strip, statements.split(";\n")))
        yield address


@contextmanager
def _on_aws(_: pytest.FixtureRequest, files: Path, statements: str) -> Iterator[str | None]:
    """The address of a local AWS whose buckets are the folders that a page shows below `buckets`."""
    with running_aws(files / "buckets") as aws:
        yield aws.url


@contextmanager
def _served(_: pytest.FixtureRequest, files: Path, statements: str) -> Iterator[str | None]:
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
