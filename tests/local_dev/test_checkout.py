"""A protected target is only given what the main branch has, and only by who names it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from shop_home import write_home

from local_dev.checkout import changed_files, require_merged
from local_dev.cli import baikal
from transforms.errors import UsageError

PROTECTED = "prd: {engine: duckdb, timezone: Asia/Tokyo, protected: true, connections: {shop: SHOP_URL}}\n"


def git(home: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-C", str(home), "-c", "user.name=t", "-c", "user.email=t@example.com", *words],
        check=True,
        capture_output=True,
    )


def edit(home: Path) -> None:
    teams = home / "transforms/teams.yaml"
    teams.write_text(teams.read_text() + "# later\n")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    write_home(home, tmp_path / "logs")
    with (home / "connectors/targets.yaml").open("a") as targets:
        targets.write(PROTECTED)
    (home / ".gitignore").write_text(".baikal\n")
    git(home.parent, "init", "-q", "-b", "main", str(home))
    git(home, "add", "-A")
    git(home, "commit", "-qm", "all")
    monkeypatch.setenv("BAIKAL_HOME", str(home))
    monkeypatch.setenv("BAIKAL_LAKE", str(tmp_path / "lake"))
    return home


def called(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(baikal, words)
    return result.exit_code, result.stderr


def test_what_the_main_branch_has_is_taken(home: Path) -> None:
    require_merged(home, "prd")
    assert called("gc", "--target", "prd")[0] == 0


def test_a_protected_target_is_not_meant_by_a_variable_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAIKAL_TARGET", "prd")
    told = "prd is protected, and BAIKAL_TARGET is easily forgotten; write --target prd"
    for words in (("gc",), ("query", "select 1"), ("run", "--dry-run")):
        code, error = called(*words)
        assert (code, told in error) == (2, True), error
    assert called("query", "select 1", "--target", "prd")[0] == 0


def test_what_is_not_committed_is_refused_unless_forced(home: Path) -> None:
    edit(home)
    (home / "transforms/tables/new.sql").write_text("select 1\n")
    code, error = called("gc", "--target", "prd")
    assert code == 2
    assert "prd is protected and takes what the main branch has, but" in error
    assert "transforms/teams.yaml" in error
    assert "--force" in error
    assert called("gc", "--target", "prd", "--force")[0] == 0
    assert called("gc")[0] == 0, "the laptop is nobody's production"
    assert called("query", "select 1", "--target", "prd")[0] == 0, "reading changes nothing"


def test_what_was_only_saved_and_what_is_made_up_never_reach_a_protected_target(home: Path, tmp_path: Path) -> None:
    for words, told in (
        (("run", "--watch"), "--watch builds what was only saved, and prd is protected; leave out --watch"),
        (("run", "--watch", "--force"), "--watch builds what was only saved, and prd is protected"),
        (("demo",), "prd is protected, and the demo's company is made up; name another target"),
    ):
        code, error = called(*words, "--target", "prd")
        assert (code, told in error) == (2, True), error
    assert not (home / ".baikal/sample").exists()
    assert not list((tmp_path / "lake").rglob("*.parquet"))


def test_what_is_not_merged_is_refused(home: Path) -> None:
    git(home, "checkout", "-qb", "mine")
    require_merged(home, "prd")
    edit(home)
    git(home, "commit", "-qam", "later")
    with pytest.raises(UsageError, match="but main lacks 1 of the commits here; commit and merge it"):
        require_merged(home, "prd")
    assert changed_files(home) == ["transforms/teams.yaml"]


def test_a_git_that_cannot_say_what_differs_is_no_leave(home: Path) -> None:
    edit(home)
    (home / ".git/index").write_bytes(b"broken")
    with pytest.raises(UsageError, match=r"but git status of .* failed: .*index file.*; commit and merge it"):
        require_merged(home, "prd")


def test_what_was_pushed_goes_before_what_is_only_here(home: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(home), "origin.git")
    git(home, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(home, "fetch", "-q", "origin")
    git(home, "commit", "-q", "--allow-empty", "-m", "not pushed")
    with pytest.raises(UsageError, match="but origin/main lacks 1 of the commits here"):
        require_merged(home, "prd")
    git(home, "push", "-q", "origin", "main")
    require_merged(home, "prd")


def test_a_home_without_git_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a git repository"):
        require_merged(tmp_path, "prd")
