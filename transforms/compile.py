"""From Athena SQL to what is known of it, and to what each engine receives.

`analyze` finds every problem and raises none; `compile_sql` raises instead. Neither needs any data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

from sqlglot import Token, TokenType, exp

from transforms.analysis import Analysis, Compiled, Origin
from transforms.analyzer.analyze import Findings, analyze_tree
from transforms.analyzer.keys import unique_keys
from transforms.analyzer.reach import inputs_of
from transforms.analyzer.syntax import parse_tokens, tokenize
from transforms.analyzer.tables import Kind, partition_problems, relation_problems
from transforms.analyzer.tree import place_of_token
from transforms.analyzer.unsteady import unsteady
from transforms.column import OutputColumn, Schema
from transforms.dialect.rewrite import to_duckdb
from transforms.errors import Problem, Refused, Rejected
from transforms.names import TableName
from transforms.window import OPEN_DAYS, Window

LONGEST_QUERY = 262_144
"""Bytes of a query that Athena accepts."""
_TOO_DEEP = Problem(None, 1, 1, "the query is nested too deeply", "", "name its parts in WITH, or use IN (..)")


def analyze(
    text: str, schema: Schema, *, path: str | None = None, partition: str | None = None, kind: Kind = "query"
) -> Analysis:
    """Columns, inputs and problems of a query, table or view; bad SQL is a problem, never an exception.

    >>> from transforms.column import Column
    >>> from transforms.lake_types import DATE, DOUBLE
    >>> from transforms.names import TableName
    >>> schema = {TableName("raw_ads", "spend"): (Column("cost", DOUBLE), Column("day", DATE))}
    >>> found = analyze("select sum(cost) as cost_jpy, day from raw_ads.spend group by day", schema)
    >>> [(column.name, str(column.type), [str(source) for source in column.sources]) for column in found.columns]
    [('cost_jpy', 'double', ['raw_ads.spend.cost']), ('day', 'date', ['raw_ads.spend.day'])]
    >>> print(analyze("select csot from raw_ads.spend", schema).problems[0])
    1:8: column "csot" does not exist; did you mean "cost"?
    """
    try:
        tokens = tokenize(text)
        tree = parse_tokens(tokens, text)
        findings = analyze_tree(tree, schema)
        problems = [*findings.problems, *relation_problems(tree, findings, kind), *_length_problems(text)]
        problems += findings.refusals
        if not _errors(problems) and findings.fields is not None:
            problems += _portability_problems(tree)
            problems += unsteady(tree) if kind == "table" else ()
        known = findings.fields is not None and not _errors(problems)
        problems += partition_problems(tree, findings, partition) if partition and kind != "query" else ()
    except Rejected as rejected:
        return Analysis((), (), "", _placed(rejected.problems, path))
    except RecursionError:
        return Analysis((), (), "", _placed([_TOO_DEEP], path))
    columns = _columns(findings) if known else ()
    if kind != "query":  # Glue stores names in lower case
        columns = tuple(replace(column, name=column.name.lower()) for column in columns)
    if kind == "table":
        columns = tuple(replace(column, type=column.type.stored) for column in columns)
    unique = tuple(tuple(name.lower() for name in key) for key in unique_keys(tree)) if columns else ()
    inputs, windowed = inputs_of(findings.scans), bool(_days_in(tokens))
    return Analysis(columns, inputs, fingerprint(tokens), _placed(problems, path), windowed, unique)


def compile_sql(
    text: str, schema: Schema, *, window: Window | None = None, path: str | None = None, database: str = ""
) -> Compiled:
    """The query for both engines. Raises Rejected or Refused with every problem at once.

    `database` is that of tables whose names have none, for a query of somebody who has chosen one.

    >>> from datetime import date
    >>> day = Window(date(2024, 5, 1), date(2024, 5, 1))
    >>> compile_sql("select date_diff('day', :start, :end) as days", {}, window=day).athena
    "select date_diff('day', DATE '2024-05-01', DATE '2024-05-01') as days"
    """
    return _compiled(text, schema, path, database, days=window is not None).at(window)


def broken_inputs(text: str, schema: Schema) -> list[TableName]:
    """The tables that a query names and whose own queries have problems; none of a text that cannot be read."""
    try:
        return _broken_inputs(parse_tokens(tokenize(text), text), schema)
    except (Rejected, RecursionError):
        return []


def compile_template(text: str, schema: Schema, *, path: str | None = None) -> Compiled:
    """The query with its days left open, for any window: `Compiled.at` fills them in. Raises as `compile_sql`.

    >>> from datetime import date
    >>> template = compile_template("select :end as day", {})
    >>> print(template.at(Window(date(2024, 5, 1), date(2024, 5, 2))).duckdb)
    select date '2024-05-02' as "day"
    """
    return _compiled(text, schema, path, "", days=True)


def _compiled(text: str, schema: Schema, path: str | None, database: str, *, days: bool) -> Compiled:
    """`days` tells whether `:start` and `:end` will have values."""
    try:
        tokens = tokenize(text)
        tree = parse_tokens(tokens, text)
        findings = analyze_tree(tree, schema, database)
        problems = [*findings.problems, *_length_problems(text), *(() if days else _day_problems(tokens))]
        if findings.refusals and not _errors(problems):
            raise Refused(_placed(findings.refusals, path))
        if findings.fields is None and not _errors(problems):
            problems += _reads_broken(tree, schema)
        if _errors(problems):
            raise Rejected([problem for problem in problems if problem.severity == "error"])
        rewritten = to_duckdb(tree, path=path)
    except Rejected as rejected:
        raise Rejected(_placed(rejected.problems, path)) from None
    except RecursionError:
        raise Rejected(_placed([_TOO_DEEP], path)) from None
    return Compiled(
        athena=_with_open_days(text, tokens),
        duckdb=rewritten.sql,
        columns=_columns(findings),
        inputs=tuple(sorted({scan.table for scan in findings.scans})),
        macros=rewritten.macros,
        ordered=tree.args.get("order") is not None,
        zones=rewritten.zones,
        origin=Origin(text, schema, path, database),
    )


def fingerprint(tokens: Iterable[Token]) -> str:
    """A hash of what a query says: comments, white space and the case of words do not change it.

    >>> fingerprint(tokenize("SELECT a -- first")) == fingerprint(tokenize("select  A"))
    True
    """
    words = []
    for token in tokens:
        kind = token.token_type
        if kind is TokenType.STRING or kind is TokenType.IDENTIFIER:
            words.append(f"{kind.value}\x1f{token.text}")
        elif kind is not TokenType.SEMICOLON:
            words.append(token.text.lower())
    return sha256("\x1e".join(words).encode()).hexdigest()[:32]


def _errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _placed(problems: Iterable[Problem], path: str | None) -> tuple[Problem, ...]:
    placed = (replace(problem, path=path) for problem in problems)
    return tuple(sorted(placed, key=lambda problem: problem.place))


def _portability_problems(tree: exp.Expression) -> tuple[Problem, ...]:
    try:
        to_duckdb(tree)
    except Refused as refused:
        return refused.problems
    return ()


def _reads_broken(tree: exp.Expression, schema: Schema) -> list[Problem]:
    broken = list(map(str, _broken_inputs(tree, schema)))
    what = "the query reads a table that has problems of its own"
    write = f"baikal check {' '.join(broken)} tells them"
    return [Problem(None, 1, 1, what, f"these have: {', '.join(broken)}", write)]


def _broken_inputs(tree: exp.Expression, schema: Schema) -> list[TableName]:
    """A table without columns is one whose own query has problems, told where it is declared."""
    named = {(table.db.lower(), table.name.lower()) for table in tree.find_all(exp.Table)}
    return sorted(one for one, columns in schema.items() if not columns and (one.database, one.table) in named)


def _columns(findings: Findings) -> tuple[OutputColumn, ...]:
    fields = findings.fields or ()
    return tuple(
        OutputColumn(name, field.type, tuple(sorted(field.sources)), field.description, field.personal)
        for name, field in zip(findings.names, fields, strict=True)
    )


def _length_problems(text: str) -> list[Problem]:
    size = len(text.encode())
    if size <= LONGEST_QUERY:
        return []
    return [Problem(None, 1, 1, f"the query has {size:,} bytes", f"Athena accepts {LONGEST_QUERY:,}")]


def _days_in(tokens: list[Token]) -> list[tuple[Token, Token]]:
    """The colon and the word of each `:start` and `:end`."""
    return [
        (colon, word)
        for colon, word in pairwise(tokens)
        if colon.token_type is TokenType.COLON and word.text.lower() in OPEN_DAYS and colon.end + 1 == word.start
    ]


def _day_problems(tokens: list[Token]) -> list[Problem]:
    return [
        Problem(None, *place_of_token(colon), f":{word.text} has no value here", "", "give the days: --start and --end")
        for colon, word in _days_in(tokens)[:1]
    ]


def _with_open_days(text: str, tokens: list[Token]) -> str:
    """The author's own text, its placeholders as `Window.filled` expects them."""
    pieces, position = [], 0
    for colon, word in _days_in(tokens):
        pieces += [text[position : colon.start], f"DATE {OPEN_DAYS[word.text.lower()]}"]
        position = word.end + 1
    return "".join([*pieces, text[position:]])
