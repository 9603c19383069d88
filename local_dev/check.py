"""`baikal check`: every problem of every declaration, at once. Needs no data and opens no target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_selector
from local_dev.console import bad, good, plural
from local_dev.failure import problem_document
from local_dev.selection import selected
from transforms.content import Content
from transforms.errors import Problem, Severity
from transforms.fields import listed
from transforms.names import TableName
from transforms.rules import connection_line
from transforms.target import TARGETS_FILE


@command("check")
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=complete_selector)
def check(call: Call, selectors: tuple[str, ...]) -> Answer:
    """Check every declaration: syntax, names, types, portability, lineage, test cases.

    Needs no data. All problems of all files are shown at once, with what to write instead.
    """
    content = call.declarations
    problems = [*content.problems, *_case_problems(content), *_connection_problems(content, call.target)]
    names = list(content.names)
    if selectors:
        chosen = selected(content, selectors)
        paths = {path for name in chosen for path in content.paths(name)}
        names = [name for name in names if name in chosen]
        problems = [problem for problem in problems if problem.path in paths]
    problems.sort(key=lambda problem: problem.place)
    counted = Counter(problem.severity for problem in problems)
    for problem in problems:
        call.console.show(str(problem))
    counts = _counts(content, names)
    call.console.show(_summary(counted["error"], counted["warning"], counts))
    document = {
        "problems": [problem_document(problem) for problem in problems],
        "errors": counted["error"],
        "warnings": counted["warning"],
        **counts,
    }
    return Answer(document, 1 if counted["error"] else 0)


def _connection_problems(content: Content, target: str | None) -> Iterator[Problem]:
    """Connections that only some targets have: an error for the target that is asked for, and else a warning."""
    known = {name for one in content.targets.values() for name in one.connections}
    asked = [one for one in content.targets.values() if target in (None, one.name)]
    severity: Severity = "error" if target else "warning"
    for source in content.sources.values():
        for word, name in source.addresses.items():
            lacking = [one.name for one in asked if name not in one.connections]
            if name in known and lacking:
                what = f'{word} "{name}" is not in {TARGETS_FILE} under {listed(lacking)}'
                write = f"write there {connection_line(name)}"
                yield Problem(source.path, source.lines.get(word, 1), 0, what, write=write, severity=severity)


def _case_problems(content: Content) -> list[Problem]:
    if not content.tests:
        return []
    from local_dev.case_files import read_case_file  # reads YAML: nothing to import where there are no cases

    return [
        problem
        for name in content.tests
        if name in content.relations
        for problem in read_case_file(content, name).problems
    ]


def _counts(content: Content, names: Sequence[TableName]) -> dict[str, int]:
    kinds = Counter(content.relations[name].kind for name in names if name in content.relations)
    sources = {content.raw[name][0].name for name in names if name in content.raw}
    return {"sources": len(sources), "tables": kinds["table"], "views": kinds["view"]}


def _summary(errors: int, warnings: int, counts: dict[str, int]) -> str:
    found = ", ".join(plural(n, word.removesuffix("s")) for word, n in counts.items())
    told = f"{plural(errors, 'error')}, {plural(warnings, 'warning')}" if errors or warnings else "no problems"
    return (bad if errors else good)(f"{told} in {found}")
