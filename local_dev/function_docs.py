"""Writes `docs/functions.md`: `python -m local_dev.function_docs`. A test asserts it is current.

Nothing is decided here: the verdicts are those of `transforms.portability`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from connectors.home import REPOSITORY
from transforms.compile import compile_sql
from transforms.constructs import CLAUSES, OPERATORS
from transforms.errors import Problem, Refused, Rejected
from transforms.gaps import query_of
from transforms.portability import Family, Support, constructs, families, other_gaps

PAGE = REPOSITORY / "docs" / "functions.md"
_INTRODUCTION = """\
# Every function, operator and clause of Athena engine 3

`python -m local_dev.function_docs` writes this page from the compiler's own rules. A function is **same** where
DuckDB gives Athena's answer for every argument, **same but** where some calls are refused, **refused** where all are.
Nothing that compiles gives another answer; what is refused is told by `baikal check`, with its line.

The third column is for **same but**: each part says which calls are refused, and behind "instead" what to write.
Letters such as `HH` or `%d` are those of a date pattern (`HH` is the hour from 00 to 23, `hh` from 01 to 12). "Not
for" lists the overloads that are refused. A number, pattern or unit that "varies by row" is one that is computed from
a column: a constant in its place is fine.
"""
_WORDS = {"same": "same", "condition": "same but", "refused": "refused"}
_TYPES = {
    "boolean": "true",
    "bigint": "i",
    "double": "x",
    "decimal(3,2)": "p",
    "varchar": "s",
    "varbinary": "b",
    "date": "d",
    "time": "cast(t as time)",
    "timestamp": "t",
    "timestamp with time zone": "z",
    "interval day to second": "interval '1' day",
    "interval year to month": "interval '1' month",
    "json": "j",
    "array(bigint)": "a",
    "map(varchar, bigint)": "m",
    "row(id bigint, name varchar)": "r",
    "uuid": "uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'",
}
"""Types of the table of casts, with a value of each. The other whole numbers are like bigint, real is like double."""


def page() -> str:
    """The whole page."""
    chapters = families()
    operators, clauses = list(constructs(OPERATORS)), list(constructs(CLAUSES))
    called = [each.name for chapter in chapters for each in chapter.functions]
    parts = [
        _INTRODUCTION,
        *_counts(chapters, operators, clauses),
        *(line for chapter in chapters for line in _chapter(chapter)),
        *_table("Operators and syntax", operators),
        *_casts(),
        *_table("Clauses", clauses),
        *_others(called, {problem for each in (*operators, *clauses) for problem in each.problems}),
    ]
    return "\n".join(parts)


def _counts(chapters: list[Family], operators: list[Support], clauses: list[Support]) -> Iterator[str]:
    yield "| | same | same but | refused |\n|---|---|---|---|"
    listed = [(f"[{each.title}](#{each.title.lower().replace(' ', '-')})", each.functions) for each in chapters]
    listed += [("[Operators and syntax](#operators-and-syntax)", operators), ("[Clauses](#clauses)", clauses)]
    for title, found in [*listed, ("**all**", [one for _, each in listed for one in each])]:
        counted = Counter(each.verdict for each in found)
        yield f"| {title} | {counted['same']} | {counted['condition']} | {counted['refused']} |"
    yield ""


def _chapter(chapter: Family) -> Iterator[str]:
    yield from _table(chapter.title, chapter.functions)


def _table(title: str, found: Iterable[Support]) -> Iterator[str]:
    yield f"## {title}\n| | | |\n|---|---|---|"
    for each in found:
        told = "; ".join([*map(_told, each.problems), *([f"not for {_listed(each.missing)}"] if each.missing else [])])
        yield f"| `{_cell(each.name)}` | {_WORDS[each.verdict]} | {told} |"
    yield ""


def _listed(signatures: Iterable[str]) -> str:
    return ", ".join(f"`{_cell(each)}`" for each in signatures)


def _told(problem: Problem) -> str:
    instead = problem.write.removeprefix("write ")
    return _cell(f"{problem.what}; instead: {instead}" if instead else problem.what)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _casts() -> Iterator[str]:
    """A row for each type that is cast, a column for each that it is cast to."""
    yield "## Casts\n`=` means the same, `x` is refused; Athena has none where nothing stands.\n"
    yield f"| from, to | {' | '.join(_TYPES)} |\n|---|{'---|' * len(_TYPES)}"
    for here, value in _TYPES.items():
        yield f"| **{here}** | {' | '.join(_cast(value, to) for to in _TYPES)} |"
    yield ""


def _cast(value: str, to: str) -> str:
    try:
        compile_sql(query_of(f"cast({value} as {to})"), {})
    except Refused:
        return "x"
    except Rejected:
        return " "
    return "="


def _others(called: Iterable[str], told: Collection[Problem]) -> Iterator[str]:
    yield "## Other forms that are refused\nEach with an example.\n\n| example | why, and what to write |\n|---|---|"
    for example, problem in other_gaps(called):
        if problem not in told:
            yield f"| `{_cell(example)}` | {_told(problem)} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
