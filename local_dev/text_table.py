"""Rows as aligned text: Japanese characters take two places, numbers stand to the right."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from unicodedata import combining, east_asian_width

MAX_WIDTH = 80
"""The widest that one cell is shown; longer text ends in an ellipsis."""
MIN_WIDTH = 6


def text_table(headers: Sequence[str], rows: Sequence[Sequence[object]], right: Collection[int] | None = None) -> str:
    """The lines of the table without trailing spaces. `right` are the columns of numbers, seen by values if not given.

    >>> print(text_table(["table", "rows"], [["a.b", 1200], ["東京.c", 7]]))
    table     rows
    ──────  ──────
    a.b      1,200
    東京.c       7
    """
    cells = [[_shortened(_text(value)) for value in row] for row in rows]
    numeric = [
        all(isinstance(row[i], int | float | None) for row in rows) if right is None else i in right
        for i in range(len(headers))
    ]
    widths = [max(MIN_WIDTH, width(name), *(width(row[i]) for row in cells)) for i, name in enumerate(headers)]
    lines = [list(headers), ["─" * w for w in widths], *cells]
    return "\n".join(
        "  ".join(_padded(cell, widths[i], numeric[i]) for i, cell in enumerate(line)).rstrip() for line in lines
    )


def width(text: str) -> int:
    """The places that a terminal needs for the text."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) or c in "\u200d\ufe0f" else 1 + (east_asian_width(c) in "WF") for c in text)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return " ".join(str(value).split()) if "\n" in str(value) else str(value)


def _shortened(text: str) -> str:
    if width(text) <= MAX_WIDTH:
        return text
    end = len(text)
    while width(text[:end]) > MAX_WIDTH - 1:
        end -= max(1, (width(text[:end]) - MAX_WIDTH) // 2)
    return text[:end] + "…"


def _padded(text: str, places: int, right: bool) -> str:
    gap = " " * (places - width(text))
    return gap + text if right else text + gap
