"""Where the content and the lake are, by the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.home import REPOSITORY, home_folder, lake_folder
from connectors.lake import open_lake
from transforms.errors import ContentError


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_home_is_the_repository_wherever_a_command_or_a_run_starts() -> None:
    assert home_folder() == REPOSITORY
    assert (REPOSITORY / "connectors" / "targets.yaml").is_file()
    assert open_lake().root == REPOSITORY / ".baikal" / "lake"


def test_the_environment_moves_the_home_and_the_lake_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BAIKAL_HOME", "company")
    assert home_folder() == (tmp_path / "company").resolve()
    assert lake_folder(home_folder()) == home_folder() / ".baikal" / "lake"


def test_a_lake_of_its_own_is_taken_as_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BAIKAL_LAKE", "lake")
    assert lake_folder(REPOSITORY) == tmp_path / "lake"


def test_a_lake_with_a_broken_target_is_not_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "targets.yaml").write_text("laptop:\n  engine: duckdbb\n")
    monkeypatch.setenv("BAIKAL_HOME", str(tmp_path))
    with pytest.raises(ContentError, match=r"connectors/targets\.yaml:2: .*duckdbb"):
        open_lake()
