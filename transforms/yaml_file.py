"""YAML as people mean it, with the line of every key: plain values and the places to point at.

Only `true`, `false`, `null`, whole and decimal numbers are more than text: `no`, `10:30` and `2024-05-01` stay
as they are written. Keys written twice, anchors and tags are refused. Reads text, never files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from math import isfinite
from typing import TYPE_CHECKING, Any

from transforms.errors import Problem

if TYPE_CHECKING:
    from yaml import Node
    from yaml.error import Mark

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_DEEPEST = 50
_HARMLESS = 1000
_LARGEST = 2**63
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_UNENDED = {
    "while parsing a flow sequence": ("this list has no end, or a comma is missing in it", "write ] where it ends"),
    "while parsing a flow mapping": ("this mapping has no end, or a comma is missing in it", "write } where it ends"),
    "while scanning a quoted scalar": ("this quote has no end", "close the quotes"),
    "while scanning a simple key": ("this line is no key with a value", "write key: value"),
}
"""What the parser says of a place further down, by what it was reading; the place to look at is where that began."""
_NAMED = ("while scanning an alias", "while scanning an anchor")
_COMMENTED = re.compile(r"([\w-]+):\s+(#.*)")
_WORD = re.compile(r"[\s,}\]]")
_TAG = re.compile(r"tag:yaml\.org,2002:(map|seq|str|int|float|bool|null|timestamp|merge|value)\Z")


@dataclass(frozen=True, slots=True)
class Document:
    """`lines` maps the way to a key (`checks/0/unique`) to the line that it stands on, counted from 1."""

    path: str
    value: Any
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, *way: str | int) -> int:
        """The line of a key, or of the nearest thing around it."""
        for length in range(len(way), 0, -1):
            found = self.lines.get("/".join(map(str, way[:length])))
            if found:
                return found
        return self.lines.get("", 1)

    def to_json(self) -> list[Any]:
        """Plain JSON; only for documents without problems."""
        return [self.value, dict(self.lines)]


def read_yaml(text: str, path: str, first_line: int = 1) -> Document:
    """The document; `first_line` is the line of the file on which the text begins. Broken YAML is one problem."""
    import yaml  # a warm cache reads no YAML: the import is a tenth of the time that is left

    if _too_deep(text):
        return Document(path, None, {"": first_line}, (Problem(path, first_line, 0, "this is nested too deep"),))
    try:
        node = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        return Document(path, None, {"": first_line}, (_broken(error, text, path, first_line),))
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + first_line
        what = "a control character is not allowed in YAML"
        return Document(path, None, {"": first_line}, (Problem(path, line, 0, what),))
    if node is None:
        return Document(path, None, {"": first_line})
    reader = _Reader(path, first_line)
    value = reader.value(node, "")
    return Document(path, value, reader.lines, tuple(reader.problems))


def _too_deep(text: str) -> bool:
    """Whether the parser, which calls itself for each level, might not come back. Ten thousand levels are no matter."""
    if text.count("[") + text.count("{") + text.count("- ") < 10 * _HARMLESS:
        return False
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth = max(0, depth - 1)
    return deepest > _HARMLESS or any(line.count("- ") > _HARMLESS for line in text.splitlines())


def _broken(error: Any, text: str, path: str, first_line: int) -> Problem:
    mark: Mark | None = error.problem_mark or error.context_mark
    context, reason, write = str(error.context or ""), str(error.problem or error), ""
    lines = text.splitlines() or [""]
    line, column = (mark.line, mark.column) if mark else (0, 0)
    here = lines[line][column:] if line < len(lines) else ""
    unended = _UNENDED.get(context)
    if "while parsing a flow" in context and (comment := _comment_for_a_value(lines[: line + 1])):
        line, column, reason, write = comment
    elif unended and here.startswith(":") and error.context_mark.line == line:
        reason = 'a comma is missing before this, or a value with ": " in it needs quotes'
    elif unended and error.context_mark and not reason.startswith("found unknown escape"):
        line, column = error.context_mark.line, error.context_mark.column
        reason, write = unended
    elif "expected a single document" in (context or reason):
        reason, write = "a second document begins here", "write one document per file"
    elif "mapping values are not allowed" in reason and _is_pushed_in([*lines[:line], lines[line][:column]]):
        reason, write = "this line is indented further than the one above it", "indent it like that one"
    elif "mapping values are not allowed" in reason:
        reason, write = 'a value with ": " in it needs quotes', _quoted(*lines[line].strip().partition(":")[::2])
    elif "tab character" in reason or ("start any token" in reason and "\t" in lines[line]):
        reason, write = "a tab cannot indent YAML", "indent by spaces"
    elif "start any token" in reason:
        reason, write = f"a text that begins with {here[:1]} needs quotes", f'write "{_WORD.split(here)[0]}"'
    elif context in _NAMED and error.context_mark:
        line, column = error.context_mark.line, error.context_mark.column
        here = lines[line][column:]
        reason, write = f"a text that begins with {here[:1]} needs quotes", f'write "{_WORD.split(here)[0]}"'
    elif "did not find expected key" in reason:
        reason, write = _no_key(lines[line][:column], here)
    return Problem(path, line + first_line, column + 1 if mark else 0, f"this is not YAML: {reason}", write=write)


def _comment_for_a_value(lines: Sequence[str]) -> tuple[int, int, str, str] | None:
    """Where a # that was meant as a value begins a comment, which takes the end of its braces with it."""
    for line, text in enumerate(lines):
        if found := _COMMENTED.search(text):
            return line, found.start(2), "# begins a comment", f'write {found[1]}: "{_WORD.split(found[2])[0]}"'
    return None


def _is_pushed_in(lines: Sequence[str]) -> bool:
    """Whether a key, the last of the lines, is further in than the line above it, which has its value already."""
    *_, above, key = ("", *filter(str.strip, lines))
    is_further_in = len(key) - len(key.lstrip()) > len(above) - len(above.lstrip())
    return is_further_in and bool(re.fullmatch(r"[\w-]+", key.strip()) and re.match(r" *[\w-]+: +\S", above))


def _quoted(key: str, value: str) -> str:
    plain = re.fullmatch(r"[\w-]+", key) and value and '"' not in value
    return f'write {key}: "{value.strip()}"' if plain else "put the whole text in quotes"


def _no_key(before: str, here: str) -> tuple[str, str]:
    if here[:1] in ("}", "]"):
        return f"there is one {here[0]} too many", "remove it"
    if before.strip():
        return "nothing can follow a value in quotes", "put quotes around the whole text"
    return "this line is indented like no line above it", "indent it like the keys that it belongs to"


def _is_cut(value: Any, key: Any, after: Any) -> bool:
    """Whether a comma within braces has cut a type in two: `decimal(14` and the key `2)`, which has no value."""
    return (
        all(node.id == "scalar" and not node.style for node in (value, key, after))
        and "(" in value.value
        and ")" not in value.value
        and key.value.endswith(")")
        and not after.value
    )


class _Reader:
    """Turns nodes into plain values, remembering lines and collecting problems."""

    def __init__(self, path: str, first_line: int) -> None:
        self.path = path
        self.first_line = first_line
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def value(self, node: Any, way: str) -> Any:
        """The plain value of a node; `way` leads to it from the document's root."""
        self.lines.setdefault(way, self._line(node))
        if id(node) in self._seen:
            return self._refuse(node, "an alias (*name) is not read here", "write the value out")
        self._seen.add(id(node))
        if way.count("/") > _DEEPEST:
            return self._refuse(node, "this is nested too deep", "write it flatter")
        if not _TAG.match(node.tag):
            return self._refuse(node, f"the tag {node.tag} is not read here", "write a plain value")
        if isinstance(node.value, str):
            return node.value if node.style else _plain(node.value)
        if node.id == "mapping":
            return self._mapping(node, way)
        return [self.value(item, f"{way}/{i}" if way else str(i)) for i, item in enumerate(node.value)]

    def _mapping(self, node: Any, way: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        skipped: Node | None = None
        for (key, value), following in zip_longest(node.value, node.value[1:]):
            if node.flow_style and following and _is_cut(value, *following):
                cut = f"{value.value},{following[0].value}"
                what, write = "a value with a comma in it needs quotes", f'write {key.value}: "{cut}"'
                self._refuse(value, what, write)
                result[key.value] = cut
                skipped = following[0]
                continue
            if key is skipped:
                continue
            if key.id != "scalar":
                self._refuse(key, "a key must be a word", 'write "word: value"')
                continue
            inner = f"{way}/{key.value}" if way else key.value
            if key.value in result:
                first = self.lines[inner]
                self._refuse(key, f'"{key.value}" is written twice, first on line {first}', "keep one of them")
                continue
            self.lines[inner] = self._line(key)
            result[key.value] = self.value(value, inner)
        return result

    def _line(self, node: Node) -> int:
        return int(node.start_mark.line) + self.first_line

    def _refuse(self, node: Node, what: str, write: str) -> None:
        self.problems.append(Problem(self.path, self._line(node), node.start_mark.column + 1, what, write=write))


def _plain(text: str) -> Any:
    """What an unquoted scalar means.

    >>> [_plain(word) for word in ("7", "1.5", "true", "no", "10:30", "2024-05-01", "007", "")]
    [7, 1.5, True, 'no', '10:30', '2024-05-01', '007', None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text) if abs(int(text)) < _LARGEST else text
    return float(text) if _NUMBER.match(text) and isfinite(float(text)) else text
