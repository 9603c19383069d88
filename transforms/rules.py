"""What must hold between declarations: owners, layers, documentation, keys, checks, tests.

Decides what each file alone cannot; every finding is a Problem with its place and the line to write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from transforms.analysis import Analysis
from transforms.checks import Rule, query_paths, read_checks
from transforms.content import Content
from transforms.errors import Problem, did_you_mean
from transforms.fields import listed
from transforms.names import TableName
from transforms.relation import Relation
from transforms.target import TARGETS_FILE
from transforms.teams import TEAMS_FILE


def problems_of(content: Content) -> list[Problem]:
    """All that is wrong between the files of a home; what is wrong within one is found when it is read."""
    problems = [*_owners(content), *_connections(content), *_secrets(content), *_tests(content), *_check_files(content)]
    problems += [_cycle(content, cycle) for cycle in content.cycles]
    knotted = {name for cycle in content.cycles for name in content.needs.knot(cycle[0])}
    for name, relation in content.relations.items():
        analysis = content.analyses[name]
        if name not in knotted:
            problems += _of_query(content, relation, analysis)
        problems += _inputs(content, relation, analysis)
        problems += _columns(content, relation, analysis)
    return problems


def _of_query(content: Content, relation: Relation, analysis: Analysis) -> Iterator[Problem]:
    """What the compiler found, without what only follows from a fault that is told at its own place."""
    follows = tuple(f"table {one.table} does not exist" for one in analysis.inputs if content.is_unclear(one.table))
    unselected = f"the partition column {relation.partition} is not selected"
    for problem in analysis.problems:
        if problem.what == unselected:
            yield _unselected(relation, problem)
        elif not problem.what.startswith(follows):
            yield problem


def _unselected(relation: Relation, problem: Problem) -> Problem:
    """Placed where the partition is named; a name that nearly is a word of the query is misspelt there."""
    name, query = relation.partition or "", relation.text[max(relation.text.find("*/"), 0) :]
    hint = did_you_mean(name, sorted(set(re.findall(r"[a-z_][a-z0-9_]*", query.lower()))))
    line = relation.lines.get("partition", 1)
    return replace(problem, line=line, column=0, write=hint or problem.write)


def _owners(content: Content) -> Iterator[Problem]:
    declared = [(one.path, one.lines.get("owner", 1), one.owner) for one in content.sources.values()]
    declared += [(one.path, one.lines.get("owner", 1), one.owner) for one in content.relations.values()]
    if not content.teams:
        if any(owner for *_, owner in declared):
            write = 'write it: ads: {description: What the team does, contact: "#ads"}'
            yield Problem(TEAMS_FILE, 0, 0, "no team is declared, and every source and table has an owner", write=write)
        return
    allowed = f"owners are {', '.join(sorted(content.teams))}"
    for path, line, owner in declared:
        if owner and owner not in content.teams:
            what = f'owner "{owner}" is not in {TEAMS_FILE}'
            yield Problem(path, line, 0, what, allowed, did_you_mean(owner, content.teams))


def _connections(content: Content) -> Iterator[Problem]:
    known = {name for target in content.targets.values() for name in target.connections}
    wanted = {name: connection_line(name) for one in content.sources.values() for name in one.addresses.values()}
    wanted.pop("", None)
    if wanted and not known:
        what = f"no target has a connection, and the sources need {listed(sorted(wanted))}"
        write = f"write it: laptop: {{engine: duckdb, timezone: UTC, connections: {{{', '.join(wanted.values())}}}}}"
        yield Problem(TARGETS_FILE, 0, 0, what, write=write)
        return
    for source in content.sources.values():
        for word, name in source.addresses.items():
            if name and name not in known:
                what = f'{word} "{name}" is in no target of {TARGETS_FILE}'
                allowed = f"connections are {listed(sorted(known))}"
                write = did_you_mean(name, known) or f"write there {wanted[name]}"
                yield Problem(source.path, source.lines.get(word, 1), 0, what, allowed, write)


def _secrets(content: Content) -> Iterator[Problem]:
    known = {name for target in content.targets.values() for name in target.secrets}
    for source in content.sources.values():
        for table in source.tables:
            for column, protection in table.protections.items():
                if protection.kind == "hash" and protection.word not in known:
                    what = f'{table.name}: {column} is hashed under "{protection.word}", a secret of no target'
                    line = f"secrets: {{{protection.word}: {protection.word.upper()}}}"
                    write = did_you_mean(protection.word, known) or f"write in {TARGETS_FILE} {line}"
                    yield Problem(source.path, table.line, 0, what, write=write)


def connection_line(name: str) -> str:
    """What a target may say of a connection."""
    return f"{name}: {name.upper()}_URL"


def _tests(content: Content) -> Iterator[Problem]:
    for name, path in content.tests.items():
        if name not in content.relations:
            hint = did_you_mean(str(name), map(str, content.relations)) or "rename it after the table that it tests"
            yield Problem(path, 0, 0, f"this tests {name}, which does not exist", write=hint)


def _check_files(content: Content) -> Iterator[Problem]:
    used = {path for relation in content.relations.values() for path in query_paths(relation)}
    for path, query in content.check_queries.items():
        yield from query.analysis.problems
        if query.analysis.windowed:
            write = "remove :start and :end: it sees the table as it would be published"
            yield Problem(path, 0, 0, "a check's query has no days", write=write)
        if path not in used:
            write = f"write - sql: {path.rpartition('/')[2]} under checks: of its table"
            yield Problem(path, 0, 0, "no table names this file in its checks", write=write)


def _cycle(content: Content, cycle: tuple[TableName, ...]) -> Problem:
    relation = content.relations[cycle[0]]
    what = f"{' reads '.join(map(str, cycle))}" if len(cycle) > 2 else f"{cycle[0]} reads itself"
    write = "let one of them read a table above both" if len(cycle) > 2 else "read the table that it is computed from"
    line = _mentioned(relation, str(cycle[1]))
    return Problem(relation.path, line, 0, f"{what}: nothing can be built first", write=write)


def _inputs(content: Content, relation: Relation, analysis: Analysis) -> Iterator[Problem]:
    for name in {one.table for one in analysis.inputs}:
        if name in content.relations:
            yield from _deprecated(relation, content.relations[name])
            if relation.kind == "table" and content.relations[name].kind == "view":
                what, write = f"{name} is a view, and tables never read views", "read the tables that the view reads"
                yield Problem(relation.path, _mentioned(relation, str(name)), 0, what, write=write)
        elif relation.kind == "view" and name.layer == "raw":
            what, write = f"{name} is a raw table, and views read tables and views", "write a table over it first"
            yield Problem(relation.path, _mentioned(relation, str(name)), 0, what, write=write)
        elif name in content.raw or content.is_unclear(name):
            continue
        elif not any(str(name) in problem.what for problem in analysis.problems):
            yield _missing(content, relation, name)


def _deprecated(relation: Relation, above: Relation) -> Iterator[Problem]:
    if above.deprecated and not relation.deprecated:
        line = _mentioned(relation, str(above.name))
        what = f"{above.name} is deprecated: {above.deprecated}"
        yield Problem(relation.path, line, 0, what, severity="warning")


def _missing(content: Content, relation: Relation, name: TableName) -> Problem:
    others = (str(other) for other in (*content.raw, *content.relations) if other != relation.name)
    hint = did_you_mean(str(name), others)
    what, write = f"there is no table {name}", hint or "name a table or view of this home"
    if name.layer == "raw":
        what = f"no source lands {name}"
        write = hint or f"write {name.table}: snapshot under tables: of connectors/sources/{name.source}.yaml"
    return Problem(relation.path, _mentioned(relation, str(name)), 0, what, write=write)


def _columns(content: Content, relation: Relation, analysis: Analysis) -> Iterator[Problem]:
    columns = {column.name: column.type for column in analysis.columns}
    for column in analysis.columns:
        if not column.description:
            line = _selected(relation, column.name)
            write = f"write -- What it is, in which unit, behind {column.name}"
            yield Problem(relation.path, line, 0, f"column {column.name} is not documented", write=write)
    if columns:
        yield from _key(relation, columns)
        if _has_header(relation):
            yield from _days(content, relation, analysis)
    if relation.kind == "table" and _has_header(relation):
        read = read_checks(relation, columns, content.schema, content.check_queries)
        yield from (*read.problems, *_patterns(relation, read.rules))
        if not relation.checks and not relation.key:
            line = relation.lines.get("checks") or relation.lines.get("owner", 1)
            yield Problem(relation.path, line, 0, "this table has no checks", write="write checks: [{not_null: [id]}]")


def _patterns(relation: Relation, rules: Iterable[Rule]) -> Iterator[Problem]:
    """Regular expressions that Athena rejects, or that cannot mean the same here."""
    for rule in rules:
        if rule.kind == "matches":
            from transforms.dialect import joni  # most homes have none, and nothing changed needs none
            from transforms.dialect.errors import NotPortable

            try:
                joni.read(rule.value)
            except NotPortable as problem:
                write = f"write {problem.write}" if problem.write else ""
                yield Problem(
                    relation.path, rule.check.line, 0, f"matches of {rule.columns[0]}: {problem.why}", write=write
                )


def _key(relation: Relation, columns: Collection[str]) -> Iterator[Problem]:
    line = relation.lines.get("key", 1)
    for name in relation.key:
        if name not in columns:
            allowed = f"columns are {listed(columns)}"
            yield Problem(
                relation.path, line, 0, f'key names "{name}", which is no column', allowed, did_you_mean(name, columns)
            )


def _days(content: Content, relation: Relation, analysis: Analysis) -> Iterator[Problem]:
    """What Athena demands of the partition column is the compiler's; here: that days are asked for, and known."""
    line, what, write = relation.lines.get("partition", 1), "", ""
    if relation.partition is None:
        if analysis.windowed and relation.kind == "table":
            line = _mentioned(relation, ":start") or _mentioned(relation, ":end")
            what = "only a table with days has :start and :end"
            write = "write partition: day in the header, or remove them"
    elif not any(has_days(content, one.table) for one in analysis.inputs):
        what = "a table with days needs an input with days, which tells which of them there are"
        write = _day_to_write(content, analysis) or "read a table with days, or remove partition:"
    elif not analysis.windowed:
        what = "a table with days is built for some days at a time, and this query does not ask for them"
        write = "write where day between :start and :end"
    if what:
        yield Problem(relation.path, line, 0, what, write=write)


def _day_to_write(content: Content, analysis: Analysis) -> str:
    """The line that gives days to a raw table that is read, by its first column that could tell them."""
    for source, table in (content.raw[one.table] for one in analysis.inputs if one.table in content.raw):
        column = next((column.name for column in table.columns if column.type.name in ("date", "timestamp")), None)
        if column:
            return f"write day: {column} under {table.name.table}: of {source.path}, or remove partition:"
    return ""


def has_days(content: Content, name: TableName) -> bool:
    """Whether a table is split by day, or might be."""
    if (known := content.raw.get(name)) is not None:
        return known[1].day is not None
    relation = content.relations.get(name)
    return relation is not None and (relation.partition is not None or not _has_header(relation))


def _has_header(relation: Relation) -> bool:
    """Whether the header could be read: what a broken one may have said is not held against anybody."""
    return len(relation.lines) > 1


def _selected(relation: Relation, column: str) -> int:
    """The line on which a column ends, or else is named; of one that only a * selects the first line of the query."""
    before, _, query = relation.text.rpartition("*/")
    name = rf"(?<!\w){re.escape(column)}(?!\w)"
    ends = rf"{name}\s*(,|--|$)"
    found = re.search(ends, query, re.MULTILINE) or re.search(name, query) or re.search(r"\S", query)
    return before.count("\n") + query.count("\n", 0, found.start() if found else 0) + 1


def _mentioned(relation: Relation, word: str) -> int:
    """The first line of the query that has the word: the line to look at, since analyses keep no places."""
    first = relation.text.find("*/")
    pattern = re.compile(rf"(?<![\w.]){re.escape(word)}(?!\w)")
    body = relation.text[max(first, 0) :]
    places = [found.start() for found in pattern.finditer(body)]
    return relation.text.count("\n", 0, max(first, 0) + places[0]) + 1 if places else 0
