"""How one rule says no; the walk makes a problem with a place of it, and goes on with the next part."""

from __future__ import annotations

from sqlglot import exp

from transforms.lake_types import Type


class Fault(Exception):
    """Athena would reject the query because of this node."""

    def __init__(self, node: exp.Expr | None, what: str, allowed: str = "", write: str = "") -> None:
        super().__init__(what)
        self.node = node
        self.what = what
        self.allowed = allowed
        self.write = write


class Unsupported(Fault):
    """Athena accepts the node, but it cannot be made to mean the same on DuckDB."""


class Unknowable(Exception):
    """Something was used whose own fault is reported elsewhere."""


def brief(type_: Type) -> str:
    """A type as messages spell it: the length of a text rarely matters to the reader."""
    return "varchar" if type_.name == "varchar" else str(type_)
