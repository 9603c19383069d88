"""Errors carry their file and line; a misspelt word has its hint."""

from __future__ import annotations

import pytest

from transforms.errors import Problem, Refused, did_you_mean

TABLES = ("core_ads.campaigns", "core_ads.campaign_daily", "core_content.works", "kpi.daily", "raw_ads_db.clicks")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("core_ads.campaign", "core_ads.campaigns"),
        ("core_adz.campaigns", "core_ads.campaigns"),
        ("core_ads.campaign_dayly", "core_ads.campaign_daily"),
        ("raw_ads_db.click", "raw_ads_db.clicks"),
        ("kpi.dialy", "kpi.daily"),
    ],
)
def test_a_misspelt_name_is_recognised(word: str, near: str) -> None:
    assert did_you_mean(word, TABLES) == f'did you mean "{near}"?'


def test_a_word_and_its_beginning_are_near() -> None:
    assert did_you_mean("minimum", ("min", "max")) == 'did you mean "min"?'


@pytest.mark.parametrize("word", ["core_ads.users", "core_content.words_of_all", "core_ads.refunds", "x", "", "kpi.x"])
def test_what_is_far_off_is_no_hint(word: str) -> None:
    assert did_you_mean(word, TABLES) == ""


def test_an_error_within_a_file_names_it_and_keeps_its_class() -> None:
    found = Refused([Problem(None, 2, 1, "no"), Problem("b.sql", 1, 1, "nor this")]).within("a.sql")
    assert isinstance(found, Refused)
    assert str(found) == "a.sql:2:1: no\nb.sql:1:1: nor this"
