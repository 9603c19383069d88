"""Every recorded case gives Athena's answer on DuckDB, or is refused; nothing gives another answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.parity.replay import Case, Laptop, Outcome, recorded

SAME_AT_LEAST = 5_360
REFUSED_AT_MOST = 140
RIGHT = frozenset(("same", "refused", "rejected"))


@pytest.fixture(scope="module")
def judged() -> Iterator[list[tuple[Case, Outcome]]]:
    laptop = Laptop()
    yield [(case, laptop.judge(case)) for case in recorded()]
    laptop.connection.close()


def test_no_case_has_another_answer_than_on_athena(judged: list[tuple[Case, Outcome]]) -> None:
    wrong = [
        f"[{outcome.verdict}] {case.sql}\n    {outcome.detail}"
        for case, outcome in judged
        if outcome.verdict not in RIGHT
    ]
    assert not wrong, f"{len(wrong)} cases:\n" + "\n".join(wrong[:20])


def test_as_many_cases_as_before_have_the_same_answer(judged: list[tuple[Case, Outcome]]) -> None:
    counts = Counter(outcome.verdict for _, outcome in judged)
    assert counts["same"] >= SAME_AT_LEAST
    assert counts["refused"] <= REFUSED_AT_MOST


def test_what_athena_rejects_is_among_the_cases(judged: list[tuple[Case, Outcome]]) -> None:
    assert sum(1 for case, _ in judged if case.error) > 200
