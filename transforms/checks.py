"""The checks of a table: what each kind may say, read against the table's columns.

Decides whether `checks:` makes sense. The SQL that finds bad rows is `transforms.audit`; running it is not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from transforms.errors import Problem, did_you_mean
from transforms.fields import described, listed, read_share, read_span
from transforms.lake_types import INTEGERS, Type
from transforms.layout import CHECK_SUFFIX
from transforms.names import TableName
from transforms.relation import Check, Relation

if TYPE_CHECKING:
    from transforms.content import CheckQuery

NUMBERS = (*INTEGERS, "decimal", "real", "double")
_EXAMPLES = {
    "not_null": "not_null: [id]",
    "unique": "unique: [day, id]",
    "accepted": "accepted: {kind: [click, impression]}",
    "at_least": "at_least: {revenue_jpy: 0}",
    "at_most": "at_most: {share: 1}",
    "matches": "matches: {email: '.+@.+'}",
    "references": "references: {campaign_id: core_ads.campaigns.id}",
    "row_count": "row_count: {min: 1, within: 50%}",
    "fresh": "fresh: {day: 2 days}",
    "sql": f"sql: campaign_daily.refunds{CHECK_SUFFIX}",
}
KINDS = tuple(_EXAMPLES)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold, of one check; a check on three columns is three rules.

    `value` is the bound of at_least and at_most, the list of accepted, the pattern of matches, the span of fresh.
    """

    check: Check
    columns: tuple[str, ...] = ()
    type: Type | None = None
    value: Any = None
    other: tuple[TableName, str] | None = None
    least: int | None = None
    most: int | None = None
    within: float | None = None
    path: str = ""

    @property
    def kind(self) -> str:
        """The word in the header."""
        return self.check.kind

    @property
    def fatal(self) -> bool:
        """Whether the table is not published when the rule does not hold."""
        return self.check.severity == "error"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one table, and what is wrong in its checks."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...] = field(default=())


def read_checks(
    relation: Relation,
    columns: Mapping[str, Type],
    schema: Mapping[TableName, Any],
    queries: Mapping[str, CheckQuery],
) -> Rules:
    """Every rule that a header declares; `key:` is checked too: its columns are never null and together unique."""
    reader = _Reader(relation, columns, schema, queries)
    rules = [rule for check in _all_checks(relation, columns.keys()) for rule in reader.read(check)]
    return Rules(tuple(rules), tuple(reader.problems))


def tables_of(relation: Relation, queries: Mapping[str, CheckQuery]) -> set[TableName]:
    """The other tables that the checks read."""
    tables = set()
    for check in relation.checks:
        if check.kind == "references" and isinstance(check.arguments, dict):
            tables |= {other[0] for value in check.arguments.values() if (other := _column_of(value))}
        elif check.kind == "sql" and isinstance(check.arguments, str):
            query = queries.get(_query_path(relation, check.arguments))
            tables |= {table.table for table in query.analysis.inputs} if query else set()
    return tables - {relation.name}


def query_paths(relation: Relation) -> tuple[str, ...]:
    """The SQL files that a table's checks name, whether they exist or not."""
    files = (check.arguments for check in relation.checks if check.kind == "sql")
    return tuple(_query_path(relation, file) for file in files if isinstance(file, str))


def _query_path(relation: Relation, file: str) -> str:
    """The path of a check's SQL file, which stands beside the table's."""
    return str(PurePosixPath(relation.path).parent / file)


def _all_checks(relation: Relation, known: Set[str]) -> Iterator[Check]:
    yield from relation.checks
    if relation.key and known >= set(relation.key):
        line, said = relation.lines.get("key", 0), [(check.kind, check.arguments) for check in relation.checks]
        if ("unique", list(relation.key)) not in said and (
            len(relation.key) > 1 or ("unique", relation.key[0]) not in said
        ):
            yield Check("unique", list(relation.key), "error", line)
        yield Check("not_null", list(relation.key), "error", line)


def _column_of(value: object) -> tuple[TableName, str] | None:
    """`core_ads.campaigns.id` as a table and its column."""
    table, dot, column = value.rpartition(".") if isinstance(value, str) else ("", "", "")
    try:
        return (TableName.parse(table), column) if dot and column else None
    except ValueError:
        return None


class _Reader:
    """Reads the checks of one relation."""

    def __init__(
        self,
        relation: Relation,
        columns: Mapping[str, Type],
        schema: Mapping[TableName, Any],
        queries: Mapping[str, CheckQuery],
    ) -> None:
        self.relation = relation
        self.columns = columns
        self.schema = schema
        self.queries = queries
        self.problems: list[Problem] = []

    def read(self, check: Check) -> Iterator[Rule]:
        """The rules of one check."""
        readers: Mapping[str, Callable[[Check], Iterator[Rule]]] = {
            "not_null": self._not_null,
            "unique": self._unique,
            "accepted": self._per_column,
            "at_least": self._per_column,
            "at_most": self._per_column,
            "matches": self._per_column,
            "references": self._references,
            "row_count": self._row_count,
            "fresh": self._fresh,
            "sql": self._sql,
        }
        if check.kind in readers:
            yield from readers[check.kind](check)
        else:
            hint = did_you_mean(check.kind, KINDS)
            self._problem(check, f'unknown check "{check.kind}"', f"checks are {listed(KINDS)}", hint)

    def _problem(self, check: Check, what: str, allowed: str = "", write: str | None = None) -> None:
        example = f"write - {_EXAMPLES[check.kind]}" if write is None else write
        self.problems.append(Problem(self.relation.path, check.line, 0, what, allowed, example))

    def _named(self, check: Check, names: Any) -> tuple[str, ...]:
        """The columns that a check names, if all of them exist."""
        items = names if isinstance(names, list) else [names]
        if not items or not all(isinstance(item, str) for item in items):
            self._problem(check, f"{check.kind} needs column names")
            return ()
        missing = [item for item in items if not self._exists(check, item)]
        return () if missing else tuple(items)

    def _exists(self, check: Check, name: str) -> bool:
        if not self.columns:
            return False
        if name in self.columns:
            return True
        hint, columns = did_you_mean(name, self.columns), listed(self.columns)
        self._problem(check, f'{check.kind} names "{name}", which is no column', f"columns are {columns}", hint)
        return False

    def _not_null(self, check: Check) -> Iterator[Rule]:
        for name in self._named(check, check.arguments):
            yield Rule(check, (name,), self.columns[name])

    def _unique(self, check: Check) -> Iterator[Rule]:
        if names := self._named(check, check.arguments):
            yield Rule(check, names)

    def _by_column(self, check: Check) -> Iterator[tuple[str, Any]]:
        if not isinstance(check.arguments, dict) or not check.arguments:
            self._problem(check, f"{check.kind} needs columns with their values")
            return
        for name, value in check.arguments.items():
            if self._exists(check, name):
                yield name, value

    def _per_column(self, check: Check) -> Iterator[Rule]:
        for name, value in self._by_column(check):
            type_ = self.columns[name]
            kinds, what = _TYPES.get(check.kind, ((), ""))
            if kinds and type_.name not in kinds:
                usable = listed(column for column, found in self.columns.items() if found.name in kinds)
                allowed = f"such columns are {usable}" if usable else "this table has none"
                self._problem(check, f"{check.kind} needs {what}, and {name} is {type_.hive}", allowed, "")
            elif not _suits(check.kind, value, type_):
                needed = f"a list of {type_.hive} values" if check.kind == "accepted" else _VALUES[check.kind]
                problem = f"{check.kind} of {name} ({type_.hive}) cannot be {described(value)}"
                self._problem(check, problem, f"it needs {needed}", _line(check.kind, name, type_))
            else:
                yield Rule(check, (name,), type_, value)

    def _references(self, check: Check) -> Iterator[Rule]:
        for name, value in self._by_column(check):
            other = _column_of(value)
            columns = {column.name: column.type for column in self.schema.get(other[0], ())} if other else {}
            if other is None or (other[0] not in self.schema and self._is_table(value)):
                what = f"references needs database.table.column, not {described(value)}"
                self._problem(check, what, write=self._reference(name, value))
            elif other[0] not in self.schema:
                hint = did_you_mean(str(other[0]), map(str, self.schema))
                self._problem(check, f"there is no table {other[0]}", write=hint or self._reference(name, value))
            elif columns and other[1] not in columns:
                hint = did_you_mean(other[1], columns)
                self._problem(check, f'{other[0]} has no column "{other[1]}"', f"columns are {listed(columns)}", hint)
            elif columns and not _comparable(self.columns[name], columns[other[1]]):
                types = f"{self.columns[name].hive} with {columns[other[1]].hive}"
                self._problem(check, f"references cannot compare {types}", write="write columns of the same type")
            elif other[0].layer == "view":
                self._problem(check, f"{other[0]} is a view, and tables never read views", write="name a table")
            else:
                yield Rule(check, (name,), self.columns[name], other=other)

    def _reference(self, name: str, value: object) -> str:
        """The line to write: of the table that was named without a column, the column of the same name."""
        table = value if self._is_table(value) else "core_ads.campaigns"
        return f"write - references: {{{name}: {table}.{name}}}"

    def _is_table(self, value: object) -> bool:
        return any(str(known) == value for known in self.schema)

    def _row_count(self, check: Check) -> Iterator[Rule]:
        values = check.arguments if isinstance(check.arguments, dict) else {}
        unknown = [key for key in values if key not in ("min", "max", "within")]
        least, most, within = values.get("min"), values.get("max"), values.get("within")
        share = read_share(within) if within is not None else None
        if unknown:
            hint = did_you_mean(unknown[0], ("min", "max", "within"))
            self._problem(check, f'row_count has no "{unknown[0]}"', "it has min, max and within", hint)
        elif not values or not all(_count(value) for value in (least, most) if value is not None):
            self._problem(check, "row_count needs min, max (whole numbers) or within (a percentage)")
        elif within is not None and not share:
            self._problem(check, f"within must be a percentage above 0%, not {described(within)}")
        elif within is not None and self.relation.partition is None:
            what = "within compares a day with the same weekdays before it, and this table has no days"
            self._problem(check, what, write="write partition: day, or min and max")
        elif least is not None and most is not None and least > most:
            self._problem(check, f"row_count: no number is at least {least} and at most {most}")
        else:
            yield Rule(check, least=least, most=most, within=share)

    def _fresh(self, check: Check) -> Iterator[Rule]:
        for rule in self._per_column(check):
            (name,), span = rule.columns, read_span(rule.value) or timedelta()
            if rule.type and rule.type.name == "date" and span % timedelta(days=1):
                what = f"fresh of {name} cannot be {described(rule.value)}"
                allowed = f"{name} is a date, so that it needs whole days"
                self._problem(check, what, allowed, f"write - fresh: {{{name}: 2 days}}")
            else:
                yield replace(rule, value=span)

    def _sql(self, check: Check) -> Iterator[Rule]:
        file = check.arguments
        if not isinstance(file, str) or not file.endswith(CHECK_SUFFIX) or "/" in file:
            self._problem(check, f"sql needs the name of a file beside this one that ends with {CHECK_SUFFIX}")
        elif (path := _query_path(self.relation, file)) not in self.queries:
            beside = [PurePosixPath(known).name for known in self.queries]
            hint = did_you_mean(file, beside) or f"write {path}: a query that returns bad rows"
            self._problem(check, f"there is no file {path}", write=hint)
        else:
            yield Rule(check, path=path)


_TYPES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "matches": (("varchar",), "a column of text"),
    "at_least": ((*NUMBERS, "date", "timestamp"), "a column of numbers, dates or timestamps"),
    "at_most": ((*NUMBERS, "date", "timestamp"), "a column of numbers, dates or timestamps"),
    "fresh": (("date", "timestamp"), "a column of dates or timestamps"),
}
_VALUES = {
    "matches": "a regular expression",
    "at_least": "a value of the column's type to compare with",
    "at_most": "a value of the column's type to compare with",
    "fresh": "a length of time",
}


def _suits(kind: str, value: object, type_: Type) -> bool:
    """Whether the value is what the kind compares a column of this type with."""
    if kind == "accepted":
        return isinstance(value, list) and bool(value) and all(_fits(item, type_) for item in value)
    if kind == "fresh":
        return read_span(value) is not None
    return _fits(value, type_) and bool(value or kind != "matches")


def _line(kind: str, name: str, type_: Type) -> str:
    """The line to write for a column."""
    texts = {"varchar": "click", "boolean": "true", "date": '"2024-05-01"', "timestamp": '"2024-05-01"'}
    value = texts.get(type_.name, "0")
    values = {"accepted": f"[{value}]", "fresh": "2 days", "matches": "'.+@.+'"}
    return f"write - {kind}: {{{name}: {values.get(kind, value)}}}"


def _fits(value: object, type_: Type) -> bool:
    """Whether a YAML value can be a literal of a type."""
    if type_.name == "boolean":
        return isinstance(value, bool)
    if type_.name in NUMBERS:
        whole = type_.name in INTEGERS
        return isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if type_.name in ("date", "timestamp"):
        return isinstance(value, str) and _is_day(value)
    return type_.name == "varchar" and isinstance(value, str)


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _comparable(one: Type, other: Type) -> bool:
    return one.name == other.name or (one.name in INTEGERS and other.name in INTEGERS)
