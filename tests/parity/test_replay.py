"""Every recorded case gives Athena's answer on DuckDB, or is refused; nothing gives another answer."""

from __future__ import annotations

import doctest
from collections.abc import Iterator

import pytest

from tests.parity import score
from tests.parity.refusals import Reason, declared, reasons
from tests.parity.replay import Laptop, families, recorded

pytestmark = pytest.mark.parity
AT_LEAST = 15_200
RIGHT = frozenset(("same", "refused", "rejected"))


@pytest.fixture(scope="module")
def laptop() -> Iterator[Laptop]:
    laptop = Laptop()
    yield laptop
    laptop.engine.close()


@pytest.fixture(scope="module")
def known_gaps() -> set[Reason]:
    return declared()


@pytest.mark.parametrize("family", families())
def test_no_case_has_another_answer_than_on_athena(laptop: Laptop, known_gaps: set[Reason], family: str) -> None:
    cases = list(recorded(family))
    judged = list(zip(cases, laptop.judge_all(cases), strict=True))
    wrong = [
        f"[{outcome.verdict}] {case.sql}\n    {outcome.detail}"
        for case, outcome in judged
        if outcome.verdict not in RIGHT
    ]
    assert not wrong, f"{len(wrong)} cases:\n" + "\n".join(wrong[:20])
    undeclared = [
        f"{case.sql}\n    {outcome.detail}"
        for case, outcome in judged
        if outcome.verdict == "refused" and not case.error and not reasons(case.sql) <= known_gaps
    ]
    assert not undeclared, "refused, but no @gap says so:\n" + "\n".join(undeclared[:20])


def test_the_cases_are_many_and_some_are_rejected() -> None:
    cases = [case for family in families() for case in recorded(family)]
    assert len(cases) >= AT_LEAST
    assert sum(1 for case in cases if case.error) > 200


def test_the_score_is_told_by_family() -> None:
    assert doctest.testmod(score).failed == 0
