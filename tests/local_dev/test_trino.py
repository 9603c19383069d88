"""What a person is told when the real server cannot be had. Starting it is covered by recording the parity cases."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from local_dev import trino
from local_dev.trino import ask, give_lake
from transforms.errors import OutsideError


def test_a_missing_jdk_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trino, "_jdk_candidates", lambda: iter([tmp_path]))
    with pytest.raises(OutsideError, match=r"^Trino 476 needs a JDK of 24 or newer and none was found; set JAVA_HOME"):
        trino.start(port=1, home=tmp_path)


def test_an_old_jdk_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'java.specification.version = 17' >&2\n")
    java.chmod(0o755)
    monkeypatch.setattr(trino, "_jdk_candidates", lambda: iter([tmp_path]))
    with pytest.raises(OutsideError, match="24 or newer"):
        trino.start(port=1, home=tmp_path)


def test_a_missing_maven_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trino, "_jdk", lambda: tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OutsideError, match="mvn client, which was not found"):
        trino.start(port=1, home=tmp_path)


def test_stopping_what_never_ran_is_no_error(tmp_path: Path) -> None:
    trino.stop(port=1, home=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.trino
def test_the_catalog_of_the_target_is_that_of_this_checkout(trino: None, tmp_path: Path) -> None:
    name = f"lake_{secrets.token_hex(4)}"
    try:
        for folder in (tmp_path / "one", tmp_path / "other", tmp_path / "other"):
            give_lake(folder, catalog=name)
            assert ask("create schema if not exists here", catalog=name).error is None
            assert (folder / "metastore" / ".here.trinoSchema").is_file()
            assert (folder / "lake").is_dir()
    finally:
        ask(f"drop catalog {name}")
