"""What every test has: a home and a lake of its own, and no variable of the machine's."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def no_variables_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BAIKAL_HOME", "BAIKAL_LAKE", "BAIKAL_TARGET", "BAIKAL_DEBUG"):
        monkeypatch.delenv(name, raising=False)
