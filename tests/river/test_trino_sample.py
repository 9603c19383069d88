"""The sample company on a real Trino server gives what it gives on a laptop: every table, by value and type."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from local_dev.cli import baikal
from local_dev.sample.company import Company, generate
from local_dev.sample_home import sample_folder
from local_dev.trino import LAKE, ask, make_catalog

REPOSITORY = Path(__file__).parent.parent.parent
CONTENT = ("connectors/sources", "connectors/targets.yaml", "transforms/tables", "transforms/views")
PORT = 8484


@pytest.mark.trino
@pytest.mark.river
def test_both_targets_publish_the_same(trino: None, servers_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, catalog = servers_folder / "home", f"sample_{secrets.token_hex(4)}"
    for path in CONTENT:
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (REPOSITORY / path).is_dir() else shutil.copy
        copy(REPOSITORY / path, home / path)
    shutil.copy(REPOSITORY / "transforms/teams.yaml", home / "transforms")
    targets = home / "connectors/targets.yaml"
    targets.write_text(targets.read_text().replace(f"catalog: {LAKE}\n", f"catalog: {catalog}\n"))
    monkeypatch.setenv("BAIKAL_HOME", str(home))
    generate(Company(users=120, days=3, events=1500), sample_folder(home))
    made = make_catalog(catalog, home / ".baikal/trino", PORT)
    assert made.error is None
    try:
        assert _baikal("run").exit_code == 0
        assert _baikal("run", "--target", "trino").exit_code == 0
        again = json.loads(_baikal("run", "--target", "trino", "--json").stdout)
        assert {table["state"] for table in again["tables"]} == {"fresh"}, "nothing stale costs nothing"
        compared = json.loads(_baikal("parity", "--all", "--with", "trino", "--json").stdout)
        assert (compared["different"], compared["same"] > 40) == (0, True), compared
        dashboard = ("query", "select * from kpi.daily order by day")
        assert _baikal(*dashboard).stdout == _baikal(*dashboard, "--target", "trino").stdout
    finally:
        ask(f"drop catalog {catalog}")


def _baikal(*words: str) -> Result:
    result = CliRunner().invoke(baikal, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert result.exit_code == 0, result.output
    return result
