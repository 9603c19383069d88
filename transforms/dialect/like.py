"""LIKE, with ESCAPE and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from transforms.dialect.errors import Invalid, NotPortable
from transforms.dialect.operators import writes
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.strictness import in_order
from transforms.dialect.types import text

if TYPE_CHECKING:
    from transforms.dialect.rewrite import Writer


@writes(exp.Like, parts=("negate",))
def like(writer: Writer, node: exp.Expr) -> str:
    """LIKE without ESCAPE: a backslash is a character like any other, as on DuckDB."""
    sides = (node.this, node.expression)
    texts = [writer.value(node.this), writer.unfold(node.expression, writer.value(node.expression))]
    return f"({f' {_like_word(node)} '.join(in_order(sides, texts))})"


def _like_word(node: exp.Expr) -> str:
    return "not like" if node.args.get("negate") else "like"


@writes(exp.Escape)
def like_escape(writer: Writer, node: exp.Expr) -> str:
    """LIKE .. ESCAPE: the pattern is written anew with a backslash, as DuckDB takes only marks of one byte."""
    inner, mark = node.this, node.expression
    if not isinstance(inner, exp.Like):
        raise NotPortable("ESCAPE is for LIKE", "like '10!%' escape '!'")
    value = writer.value(inner.this)
    if not isinstance(mark, exp.Literal):
        written = f"athena_like_pattern({writer.value(inner.expression)}, {writer.value(mark)})"
        return f"({value} {_like_word(inner)} {written} escape '\\')"
    if len(mark.this) != 1:
        raise Invalid(f"{mark.this!r} is no mark for ESCAPE", "one character: escape '!'")
    pattern = inner.expression
    if isinstance(pattern, exp.Literal):
        try:
            written = text(like_pattern(pattern.this, mark.this))
        except ValueError as error:
            raise Invalid(f"the pattern {pattern.this!r} fails on Athena: {error}", "like '10!%' escape '!'") from error
    else:
        written = f"athena_like_pattern({writer.value(pattern)}, {text(mark.this)})"
    return f"({value} {_like_word(inner)} {written} escape '\\')"


@row_by_row("like_pattern(varchar, varchar) -> varchar")
def like_pattern(pattern: str, mark: str) -> str:
    """A pattern of LIKE whose mark is a backslash instead."""
    if len(mark) != 1:
        raise ValueError("Escape string must be a single character")
    pieces, marked = list[str](), False
    for char in pattern:
        if marked and char not in ("%", "_", mark):
            break
        if char == mark and not marked:
            marked = True
            continue
        pieces.append(f"\\{char}" if marked or char == "\\" else char)
        marked = False
    if marked:
        raise ValueError("Escape character must be followed by %, _ or itself")
    return "".join(pieces)
