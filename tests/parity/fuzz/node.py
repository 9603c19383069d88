"""A statement as a tree of texts, so that a part can be taken out or put in another's place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from transforms.lake_types import Type

Path = tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """A text with `{}` for each part; without parts the text is taken as it is.

    `type` is that of an expression; clauses have none. The parts of a list are written with `between` between them,
    and any of them may go; `optional` may go itself.
    """

    text: str
    parts: tuple[Node, ...] = ()
    type: Type | None = None
    between: str | None = None
    optional: bool = False

    def __str__(self) -> str:
        if not self.parts:
            return self.text if self.between is None else ""
        if self.between is not None:
            return self.text.format(self.between.join(map(str, self.parts)))
        return self.text.format(*self.parts)

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return 1 + sum(part.size for part in self.parts)

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """Every node with its path, those above first."""
        yield path, self
        for index, part in enumerate(self.parts):
            yield from part.walk((*path, index))

    def put(self, path: Path, node: Node | None) -> Node:
        """The same tree with another node there; None takes out an item of a list or an optional clause."""
        if not path:
            assert node is not None
            return node
        index, rest = path[0], path[1:]
        if rest or node is not None:
            new = (self.parts[index].put(rest, node),)
        else:
            new = () if self.between is not None else (NOTHING,)
        return replace(self, parts=(*self.parts[:index], *new, *self.parts[index + 1 :]))


NOTHING = Node("")


def call(name: str, type_: Type, *parts: Node) -> Node:
    """A call of a function."""
    return Node(f"{name}({', '.join(['{}'] * len(parts))})", parts, type_)


def listed(*parts: Node, text: str = "{}", between: str = ", ") -> Node:
    """A list of which any item may go."""
    return Node(text, parts, between=between)
