"""YAML keeps its lines, and only what is plainly a number or a flag is more than text."""

from __future__ import annotations

import pytest

from transforms.yaml_file import read_yaml


def test_every_key_knows_its_line() -> None:
    document = read_yaml("a: 1\nb:\n  - c: x\n  - {d: [1, 2]}\n", "f.yaml", first_line=3)
    assert document.value == {"a": 1, "b": [{"c": "x"}, {"d": [1, 2]}]}
    assert [document.line("a"), document.line("b"), document.line("b", 0, "c"), document.line("b", 1, "d")] == [
        3,
        4,
        5,
        6,
    ]
    assert document.line("b", 1, "unheard", "of") == 6


@pytest.mark.parametrize("written", ["no", "10:30", "2024-05-01", "on", "1_000", "007", "0x1f", ".5"])
def test_what_is_not_plainly_a_number_or_a_flag_stays_text(written: str) -> None:
    assert read_yaml(f"key: {written}", "f.yaml").value == {"key": written}


def test_numbers_and_flags_are_read() -> None:
    assert read_yaml("[7, -1, 1.5, 1e3, true, false, null, '7']", "f.yaml").value == [
        7,
        -1,
        1.5,
        1000.0,
        True,
        False,
        None,
        "7",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", 'f.yaml:3:1: "a" is written twice, first on line 1; keep one of them'),
        ("a:\n  b: 1\n  b: 2", 'f.yaml:3:3: "b" is written twice, first on line 2; keep one of them'),
        ("a: x: y", 'f.yaml:1:5: this is not YAML: a value with ": " in it needs quotes; write a: "x: y"'),
        (
            "a: x\n  b: y",
            "f.yaml:2:4: this is not YAML: this line is indented further than the one above it; "
            "indent it like that one",
        ),
        ("a:\n\tb: 1", "f.yaml:2:1: this is not YAML: a tab cannot indent YAML; indent by spaces"),
        (
            "a:\n  - [1, 2\nb: 3",
            "f.yaml:2:5: this is not YAML: this list has no end, or a comma is missing in it; write ] where it ends",
        ),
        (
            "a: {b: 1\nc: 3",
            "f.yaml:1:4: this is not YAML: this mapping has no end, or a comma is missing in it; write } where it ends",
        ),
        ('a: "1\nb: 3', "f.yaml:1:4: this is not YAML: this quote has no end; close the quotes"),
        (
            'a: "\\q"',
            "f.yaml:1:5: this is not YAML: found unknown escape character",
        ),
        ("a: {b: 1, c: #d}\ne: 2", 'f.yaml:1:14: this is not YAML: # begins a comment; write c: "#d"'),
        ("a: {path: *.csv}", 'f.yaml:1:11: this is not YAML: a text that begins with * needs quotes; write "*.csv"'),
        (
            "a: {b: decimal(14,2), c: date}",
            'f.yaml:1:8: a value with a comma in it needs quotes; write b: "decimal(14,2)"',
        ),
        ("a: {b: @c}", 'f.yaml:1:8: this is not YAML: a text that begins with @ needs quotes; write "@c"'),
        (
            "a: {b: c: d}",
            'f.yaml:1:9: this is not YAML: a comma is missing before this, or a value with ": " in it needs quotes',
        ),
        (
            "a:\n  b: 1\n c: 2",
            "f.yaml:3:2: this is not YAML: this line is indented like no line above it; "
            "indent it like the keys that it belongs to",
        ),
        ("a: {b: 1}}", "f.yaml:1:10: this is not YAML: there is one } too many; remove it"),
        (
            'a: "b" c',
            "f.yaml:1:8: this is not YAML: nothing can follow a value in quotes; put quotes around the whole text",
        ),
        ("a: 1\nb 2\nc: 3", "f.yaml:2:1: this is not YAML: this line is no key with a value; write key: value"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: this is not YAML: a second document begins here; write one document per file"),
        ("a: &x 1\nb: *x", "f.yaml:1:4: an alias (*name) is not read here; write the value out"),
        (
            "a: !!python/name:os.system x",
            "f.yaml:1:4: the tag tag:yaml.org,2002:python/name:os.system is not read here; write a plain value",
        ),
        ("a: 1\nb: \x01", "f.yaml:2: a control character is not allowed in YAML"),
        ("? [a]\n: b", 'f.yaml:1:3: a key must be a word; write "word: value"'),
    ],
)
def test_bad_yaml_is_one_problem_with_its_line(text: str, message: str) -> None:
    assert [str(problem) for problem in read_yaml(text, "f.yaml").problems] == [message]


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 900 + "]" * 900, "- " * 3000 + "a", "[" * 200_000 + "]" * 200_000, "{a: " * 3000 + "1" + "}" * 3000],
)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    assert [problem.what for problem in read_yaml(text, "f.yaml").problems] == ["this is nested too deep"]


def test_numbers_that_nothing_can_hold_stay_text() -> None:
    assert read_yaml("[99999999999999999999, 1e999]", "f.yaml").value == ["99999999999999999999", "1e999"]


def test_an_alias_that_contains_itself_ends() -> None:
    assert read_yaml("a: &x [*x]", "f.yaml").problems


def test_an_empty_document_has_no_value_and_no_problem() -> None:
    assert (read_yaml("# nothing\n", "f.yaml").value, read_yaml("", "f.yaml").problems) == (None, ())
