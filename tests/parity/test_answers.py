"""The recorded answers, asked of a live Trino server again."""

from __future__ import annotations

import gzip

import pytest

from local_dev.trino import PORT
from tests.parity.cases import FAMILIES, STATEMENTS
from tests.parity.record import lines
from tests.parity.replay import ANSWERS

pytestmark = pytest.mark.trino


@pytest.mark.parametrize("family", [*FAMILIES, *STATEMENTS])
def test_trino_answers_as_it_was_recorded(trino: None, family: str) -> None:
    with gzip.open(ANSWERS / f"{family}.jsonl.gz", "rt", encoding="utf-8") as file:
        recorded = file.read().split("\n")[:-1]
    assert list(lines(family, PORT)) == recorded
