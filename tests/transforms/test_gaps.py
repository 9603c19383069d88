"""Every known gap is one: the compiler refuses its example. One that closes must be taken from the code."""

from __future__ import annotations

import pytest

from local_dev.trino import ask
from transforms.compile import compile_sql
from transforms.dialect.trino_text import doubles_in_exponents
from transforms.errors import Refused
from transforms.gaps import gaps, query_of


def test_no_gap_is_declared_twice() -> None:
    assert sorted(set(gaps())) == sorted(gaps())


@pytest.mark.parametrize("example", gaps())
def test_a_known_gap_is_still_refused(example: str) -> None:
    with pytest.raises(Refused):
        compile_sql(query_of(example), {})


@pytest.mark.trino
def test_trino_accepts_every_example_of_a_gap(trino: None) -> None:
    """It is read and typed, not run: some have a value only for other rows."""
    answers = {
        example: ask(f"explain (type validate) {doubles_in_exponents(query_of(example))}").error for example in gaps()
    }
    assert {example: error for example, error in answers.items() if error} == {}
