"""Changes of a YAML text at single places: everything else of it, comments and order, stays as a person wrote it.

Only adds entries and replaces values. Reads text, never files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transforms.errors import UsageError
from transforms.yaml_file import read_yaml


class YamlEdit:
    """Values are named by the way of keys that leads to them."""

    def __init__(self, text: str, path: str) -> None:
        import yaml  # see yaml_file.py

        self._text, self._path = text, path
        self._root: Any = yaml.compose(text, yaml.SafeLoader)
        self._put: list[tuple[int, int, str]] = []
        self._added: dict[tuple[str, ...], list[tuple[str, Sequence[str]]]] = {}

    def add(self, way: tuple[str, ...], entry: str, block: Sequence[str] = ()) -> None:
        """An entry at the end of a mapping: `entry` where that is in braces, else the lines of `block`, or `entry`."""
        self._node(way)
        self._added.setdefault(way, []).append((entry, block or (entry,)))

    def put(self, way: tuple[str, ...], value: str) -> None:
        """Another value in the place of a scalar."""
        node = self._node(way)
        self._put.append((node.start_mark.index, node.end_mark.index, value))

    def has(self, *way: str) -> bool:
        """Whether there is a value at the end of the way."""
        *mapping, key = way
        return any(word.value == key for word, _ in self._node(mapping).value)

    def is_mapping(self, *way: str) -> bool:
        """Whether there is a mapping at the end of the way."""
        return bool(self._node(way).id == "mapping")

    @property
    def text(self) -> str:
        """The text with all changes. Raises UsageError where it would not be YAML any more."""
        text = self._text
        changes = [*self._put, *(self._addition(self._node(way), added) for way, added in self._added.items())]
        for start, end, value in sorted(changes, key=lambda change: change[0], reverse=True):
            text = text[:start] + value + text[end:]
        if problems := read_yaml(text, self._path).problems:
            raise UsageError(f"{self._path} cannot be changed here; change it by hand: {problems[0].message}")
        return text

    def _node(self, way: Sequence[str]) -> Any:
        node = self._root
        for word in way:
            pairs = node.value if node is not None and node.id == "mapping" else ()
            node = next((value for key, value in pairs if key.value == word), None)
            if node is None:
                raise UsageError(f"{self._path}: {'/'.join(way)} cannot be changed here; change it by hand")
        return node

    def _addition(self, node: Any, added: Sequence[tuple[str, Sequence[str]]]) -> tuple[int, int, str]:
        entries = ", ".join(entry for entry, _ in added)
        if node is None:
            return len(self._text), len(self._text), "".join(f"{line}\n" for _, block in added for line in block)
        start, end = node.start_mark.index, node.end_mark.index
        if node.id != "mapping" or not node.value:
            return start, end, f"{'' if self._text[:start][-1:].isspace() else ' '}{{{entries}}}"
        last = _end(node)
        if node.flow_style:
            return last, last, f", {entries}"
        here = self._text.find("\n", max(last - 1, 0))
        here = len(self._text) if here < 0 else here
        indent = " " * node.value[0][0].start_mark.column
        return here, here, "".join(f"\n{indent}{line}" for _, block in added for line in block)


def _end(node: Any) -> int:
    """Where the last value ends: the end of a mapping in lines is where the next thing begins."""
    if node.id == "scalar" or node.flow_style or not node.value:
        inner = node.value[-1][1] if node.id == "mapping" and node.value else node
        return int(inner.end_mark.index)
    last = node.value[-1][1] if node.id == "mapping" else node.value[-1]
    return int(last.end_mark.index) if last.id == "scalar" or last.flow_style else _end(last)
