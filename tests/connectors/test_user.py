"""Whose tables are one's own: by a variable, by the home's git, by the login; never by nobody's name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from connectors.user import login, user_name
from transforms.errors import UsageError


@pytest.fixture(autouse=True)
def nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine says who calls."""
    monkeypatch.delenv("BAIKAL_USER", raising=False)
    for level in ("SYSTEM", "GLOBAL"):
        monkeypatch.setenv(f"GIT_CONFIG_{level}", "/dev/null")


def _repository(folder: Path, email: str) -> Path:
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "config", "user.email", email], check=True)
    return folder


def test_a_user_is_named_as_the_lake_spells_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAIKAL_USER", "Taro.Yamada@example.com")
    assert user_name(tmp_path) == "taro_yamada_example_com"
    monkeypatch.setenv("BAIKAL_USER", "")
    assert user_name(tmp_path) is None


def test_git_is_asked_in_the_home_not_where_the_command_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = _repository(tmp_path / "home", "hanako.sato@example.com")
    monkeypatch.chdir(_repository(tmp_path / "other", "taro@example.com"))
    assert user_name(home) == "hanako_sato"


def test_without_an_email_it_is_the_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "Jiro")
    assert (login(), user_name(tmp_path)) == ("Jiro", "jiro")


def test_a_container_without_a_name_asks_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert login() is None
    with pytest.raises(UsageError, match=r"you have no login here, .*; set BAIKAL_USER to yours"):
        user_name(tmp_path)
