"""What is told of every function, operator and clause, and that docs/functions.md tells it."""

from __future__ import annotations

import pytest

from local_dev import function_docs
from local_dev.trino import ask
from transforms import portability
from transforms.analyzer.signatures import functions
from transforms.constructs import CLAUSES, OPERATORS
from transforms.dialect import rules
from transforms.dialect.trino_text import doubles_in_exponents
from transforms.gaps import query_of

Verdicts = dict[str, portability.Support]


@pytest.fixture(scope="module")
def found() -> Verdicts:
    """What is told of every function, by its name."""
    return {each.name: each for family in portability.families() for each in family.functions}


@pytest.mark.slow
def test_the_page_of_functions_is_current() -> None:
    assert function_docs.PAGE.read_text() == function_docs.page(), "run: python -m local_dev.function_docs"


def test_every_function_of_athena_has_a_verdict_and_a_refusal_its_reason(found: Verdicts) -> None:
    assert {name.lower() for name in functions()} - set(OPERATORS) <= set(found)
    assert [name for name, each in found.items() if each.verdict == "refused" and not each.problems[0].what] == []


def test_a_function_with_a_rule_for_every_overload_is_not_refused_by_its_name(found: Verdicts) -> None:
    """A strict marker: the refusal goes when the last gap of a function closes."""
    refused = [found[name] for name in rules.refusals() if name in found]
    assert [each.name for each in refused if each.verdict != "refused" and not each.missing] == []


def test_what_one_rule_says_of_one_function_is_told_of_all_that_share_it(found: Verdicts) -> None:
    for name in ("regexp_like", "regexp_count"):
        assert any("is not portable: \\G" in problem.what for problem in found[name].problems)


@pytest.mark.trino
def test_trino_accepts_every_operator_and_clause(trino: None) -> None:
    examples = [*OPERATORS.values(), *CLAUSES.values()]
    answers = {each: ask(f"explain (type validate) {doubles_in_exponents(query_of(each))}").error for each in examples}
    assert {example: error for example, error in answers.items() if error} == {}
