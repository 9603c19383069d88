"""What tests of commands have: the shop's home, and `baikal` called in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from shop_home import write_home

from local_dev.cli import baikal

Call = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home, with the shop's logs beside it; BAIKAL_HOME leads to it."""
    folder = tmp_path / "home"
    write_home(folder, tmp_path / "logs")
    monkeypatch.setenv("BAIKAL_HOME", str(folder))
    monkeypatch.setenv("SHOP_URL", str(tmp_path / "logs"))
    return folder


@pytest.fixture
def cli() -> Call:
    """Calls `baikal` in this process."""

    def call(*words: str, input: str | None = None) -> Result:  # noqa: A002  click's name
        result = CliRunner().invoke(baikal, list(words), input=input)
        assert "an error of its own" not in result.output, result.output
        return result

    return call


@pytest.fixture
def document(cli: Call) -> Callable[..., Any]:
    """Calls `baikal .. --json` and reads its one document."""

    def call(*words: str, code: int = 0) -> Any:
        result = cli(*words, "--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    return call
