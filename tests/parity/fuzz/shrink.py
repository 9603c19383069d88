"""Makes a bad statement small: takes parts out, puts a descendant or a plain value in a node's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.parity.fuzz.node import Node
from transforms.lake_types import Type

MOST_TRIES = 120
"""How many statements are asked for one difference."""
AT_ONCE = 8


def shrunk(node: Node, bad: Callable[[list[Node]], list[bool]], plain: Callable[[Type], list[Node]]) -> Node:
    """The smallest tree found that is still bad; `bad` is asked about several, `plain` has simple nodes of a type."""
    seen = {str(node)}
    while len(seen) < MOST_TRIES:
        new = {str(each): each for each in _smaller(node, plain) if len(str(each)) < len(str(node))}
        candidates = sorted((each for text, each in new.items() if text not in seen), key=lambda each: len(str(each)))
        for start in range(0, len(candidates), AT_ONCE):
            several = candidates[start : start + AT_ONCE]
            seen.update(map(str, several))
            found = [each for each, still in zip(several, bad(several), strict=True) if still]
            if found:
                node = found[0]
                break
        else:
            return node
    return node


def _smaller(node: Node, plain: Callable[[Type], list[Node]]) -> Iterator[Node]:
    for path, part in node.walk():
        above = _at(node, path[:-1]) if path else None
        if above is not None and (part.optional or (above.between is not None and len(above.parts) > 1)):
            yield node.put(path, None)
        if part.type is None or not path:
            continue
        for _, below in part.walk():
            if below is not part and below.type == part.type:
                yield node.put(path, below)
        if part.parts:
            for leaf in plain(part.type):
                yield node.put(path, leaf)


def _at(node: Node, path: tuple[int, ...]) -> Node:
    for index in path:
        node = node.parts[index]
    return node
