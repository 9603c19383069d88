"""Changes of a YAML text at single places."""

from __future__ import annotations

import pytest

from transforms.errors import UsageError
from transforms.yaml_edit import YamlEdit


@pytest.mark.parametrize(
    ("before", "way", "after"),
    [
        ("a: {x: 1}\n", ("a",), "a: {x: 1, n: 7}\n"),
        ("a: {}  # none\n", ("a",), "a: {n: 7}  # none\n"),
        ("a:\nb: 1\n", ("a",), "a: {n: 7}\nb: 1\n"),
        ("a:\n  x: 1  # one\n\n# b is next\nb: 1\n", ("a",), "a:\n  x: 1  # one\n  n: 7\n\n# b is next\nb: 1\n"),
        ("a:\n    x:\n      y: {z: [1, 2]}\nb: 1", ("a",), "a:\n    x:\n      y: {z: [1, 2]}\n    n: 7\nb: 1"),
        ("a: 1", (), "a: 1\nn: 7"),
        ("# nothing yet\n", (), "# nothing yet\nn: 7\n"),
        ("a:\n  x: |\n    some\n    text\nb: 1\n", ("a",), "a:\n  x: |\n    some\n    text\n  n: 7\nb: 1\n"),
    ],
)
def test_an_entry_comes_last(before: str, way: tuple[str, ...], after: str) -> None:
    edit = YamlEdit(before, "a.yaml")
    edit.add(way, "n: 7")
    assert edit.text == after


def test_a_value_is_replaced_where_it_stands() -> None:
    edit = YamlEdit("a: {x: 'old', y: 2}  # why\n", "a.yaml")
    edit.put(("a", "x"), "new")
    edit.add(("a",), "z: 3")
    assert edit.text == "a: {x: new, y: 2, z: 3}  # why\n"


def test_what_is_not_there_or_would_be_broken_is_told() -> None:
    with pytest.raises(UsageError, match=r"a\.yaml: b/c cannot be changed here"):
        YamlEdit("a: 1", "a.yaml").put(("b", "c"), "1")
    edit = YamlEdit("a: 1", "a.yaml")
    edit.put(("a",), "{")
    with pytest.raises(UsageError, match="change it by hand"):
        _ = edit.text
