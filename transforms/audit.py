"""The SQL that finds rows that break a table's checks, and the sentences that say so.

Athena SQL, so that one audit runs on every engine: one statement counts for all checks of single rows. Decides
what is counted and when a count is a failure; running it, and proving it unnecessary, is `connectors.audit`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from transforms.checks import NUMBERS, Rule
from transforms.column import Column
from transforms.content import CheckQuery
from transforms.lake_types import INTEGERS, Type
from transforms.names import TableName, quoted
from transforms.snapshot import WHOLE

SAMPLE_ROWS = 5
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
_WEEKS = 4
"""How many same weekdays `within` looks back on."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A query of one row: its i-th column is the number of bad rows (or keys) of the i-th rule.

    It reads the table under its own name: the staged rows only, or with `whole` the table as it will be published.
    """

    sql: str
    rules: tuple[Rule, ...]
    whole: bool = False

    @property
    def lasting(self) -> bool:
        """Whether it is the same text at another time; `fresh` has the clock in it."""
        return all(rule.kind != "fresh" for rule in self.rules)

    def findings(self, counts: Sequence[int]) -> list[Finding]:
        """What the row that the query returned means."""
        return [
            Finding(rule, fault(rule, n), 0 if self.whole or rule.kind == "fresh" else n)
            for rule, n in zip(self.rules, counts, strict=True)
            if n
        ]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold: `revenue_jpy: 3 rows under 0`. `rows` are those of the staged ones that break it."""

    rule: Rule
    message: str
    rows: int = 0


@dataclass(frozen=True)
class Table:
    """The table to audit."""

    name: TableName
    columns: tuple[Column, ...]
    partition: str | None
    queries: Mapping[str, CheckQuery]

    def statements(self, rules: Iterable[Rule], now: datetime, today: date, newest: bool = True) -> list[Statement]:
        """The queries that judge these rules, the cheap one first.

        `newest` tells whether the newest rows of the table are among the staged ones: otherwise `fresh` says nothing.
        """
        by_row = [rule for rule in rules if rule.kind in _CONDITIONS or (rule.kind == "fresh" and newest)]
        found = []
        if by_row:
            items = ",\n  ".join(f"{_measure(rule, now, today)} as bad_{i}" for i, rule in enumerate(by_row))
            found.append(Statement(f"select\n  {items}\nfrom {self.name}", tuple(by_row)))
        for rule in rules:
            if rule.kind == "unique":
                whole = self.partition is not None and self.partition not in rule.columns
                found.append(Statement(_counted(self._repeated(rule)), (rule,), whole))
            elif rule.kind == "references":
                found.append(Statement(_counted(self._unmatched(rule, "t." + quoted(rule.columns[0]))), (rule,)))
            elif rule.kind == "sql":
                found.append(Statement(_counted(_query(self.queries[rule.path].text)), (rule,), whole=True))
        return found

    def sample(self, rule: Rule) -> str | None:
        """A query of some bad rows, without personal columns; None where no row in particular is bad."""
        if rule.kind in _CONDITIONS:
            shown = self._shown("", self.columns)
            return f"select {shown}\nfrom {self.name}\nwhere {_condition(rule)}\nlimit {SAMPLE_ROWS}" if shown else None
        if rule.kind == "unique":
            return f"{self._repeated(rule)}\nlimit {SAMPLE_ROWS}"
        if rule.kind == "references":
            shown = self._shown("t.", self.columns)
            return f"{self._unmatched(rule, shown)}\nlimit {SAMPLE_ROWS}" if shown else None
        if rule.kind == "sql":
            query = self.queries[rule.path]
            shown = self._shown("", [column.column for column in query.analysis.columns])
            return f"select {shown}\nfrom (\n{_query(query.text)}\n) bad\nlimit {SAMPLE_ROWS}" if shown else None
        return None

    def _shown(self, prefix: str, columns: Iterable[Column]) -> str:
        return ", ".join(prefix + quoted(column.name) for column in columns if not column.personal)

    def _repeated(self, rule: Rule) -> str:
        """The keys that occur more than once. NULL is a value like another: `not_null` says what may not be missing."""
        keys = ", ".join(map(quoted, rule.columns))
        shown = [quoted(column.name) for column in self.columns if column.name in rule.columns and not column.personal]
        items = ", ".join([*shown, "count(*) as rows_with_it"])
        return f"select {items}\nfrom {self.name}\ngroup by {keys}\nhaving count(*) > 1"

    def _unmatched(self, rule: Rule, items: str) -> str:
        table, column = rule.other or (self.name, "")
        own = f"t.{quoted(rule.columns[0])}"
        return (
            f"select {items}\nfrom {self.name} t\n"
            f"left join (select distinct {quoted(column)} as known from {table}) o on o.known = {own}\n"
            f"where {own} is not null and o.known is null"
        )


def row_findings(rules: Iterable[Rule], built: Mapping[str, int], before: Mapping[str, int]) -> list[Finding]:
    """The row_count rules that do not hold; needs no query.

    `built` maps the partition values that are staged to their rows, `before` those of the published table.
    A table begins with its first day that has rows: empty days before it are not too small.
    """
    rows = {**before, **built}
    begin = min((value for value, count in rows.items() if count), default="")
    rows = {value: count for value, count in rows.items() if value >= begin}
    judged = sorted(rows.keys() & built.keys())
    return [
        Finding(rule, message)
        for rule in rules
        if rule.kind == "row_count"
        for message in _row_faults(rule, judged, rows)
    ]


def _row_faults(rule: Rule, judged: Sequence[str], rows: Mapping[str, int]) -> Iterator[str]:
    """One sentence for each fault, however many days have it."""
    if rule.least is not None and (few := [value for value in judged if rows[value] < rule.least]):
        worst = min(few, key=lambda value: rows[value])
        yield _told(few, judged, f"fewer than {rule.least}", f"lowest {rows[worst]}", worst, rows)
    if rule.most is not None and (many := [value for value in judged if rows[value] > rule.most]):
        worst = max(many, key=lambda value: rows[value])
        yield _told(many, judged, f"more than {rule.most}", f"highest {rows[worst]}", worst, rows)
    if rule.within is not None:
        usual = {value: found for value in judged if (found := _usual(value, rows)) is not None}
        off = [value for value, found in usual.items() if abs(rows[value] - found) > rule.within * found]
        if off:
            worst = max(off, key=lambda value: abs(rows[value] - usual[value]) / (usual[value] or 1))
            of = f"{usual[worst]:g}, " if len(off) == 1 else ""
            fault = f"not within {rule.within:.0%} of {of}the median of the same weekday in the {_WEEKS} weeks before"
            yield _told(off, judged, fault, f"such as {rows[worst]} instead of {usual[worst]:g}", worst, rows)


def _told(
    bad: Sequence[str], judged: Sequence[str], fault: str, extreme: str, worst: str, rows: Mapping[str, int]
) -> str:
    if len(bad) > 1:
        return f"{len(bad)} of {len(judged)} days: rows {fault}, {extreme} on {worst}"
    begin = f"{worst}: " if worst != WHOLE else ""
    return f"{begin}{_rows(rows[worst])}, {fault}"


def _usual(value: str, rows: Mapping[str, int]) -> float | None:
    """The median of the same weekday in the weeks before, as far as there are any."""
    weekdays = (date.fromisoformat(value) - timedelta(weeks=week) for week in range(1, _WEEKS + 1))
    known = [rows[day.isoformat()] for day in weekdays if day.isoformat() in rows]
    return median(known) if known else None


def fault(rule: Rule, count: int) -> str:
    """What a count of bad rows says: `revenue_jpy: 3 rows under 0`."""
    names, rows = ", ".join(rule.columns), _rows(count)
    if rule.kind == "unique":
        return f"{names}: {count} {'key occurs' if count == 1 else 'keys occur'} more than once"
    if rule.kind == "references" and rule.other:
        return f"{names}: {rows} without a match in {rule.other[0]}.{rule.other[1]}"
    if rule.kind == "fresh":
        return f"{names}: nothing from the last {_span(rule.value)}"
    if rule.kind == "sql":
        return f"{rule.path.rpartition('/')[2]}: {count} bad {'row' if count == 1 else 'rows'}"
    faults = {
        "not_null": "without a value",
        "at_least": f"under {rule.value}",
        "at_most": f"over {rule.value}",
        "accepted": f"with none of {', '.join(map(str, rule.value)) if isinstance(rule.value, list) else rule.value}",
        "matches": f"not matching {rule.value}",
    }
    return f"{names}: {rows} {faults[rule.kind]}"


def _span(span: timedelta) -> str:
    """As it was written, or nearly: `2 days`, `36 hours`."""
    seconds = int(span.total_seconds())
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    return f"{seconds // size} {unit}{'s' * (seconds != size)}"


def _rows(count: int) -> str:
    return f"{count} {'row' if count == 1 else 'rows'}"


_CONDITIONS = ("not_null", "accepted", "at_least", "at_most", "matches")


def _condition(rule: Rule) -> str:
    """True for a bad row. A NULL is bad to `not_null` only."""
    column, type_ = quoted(rule.columns[0]), rule.type
    if rule.kind == "not_null" or type_ is None:
        return f"{column} is null"
    if rule.kind == "accepted":
        return f"{column} not in ({', '.join(literal(value, type_) for value in rule.value)})"
    if rule.kind == "matches":
        return f"not regexp_like({column}, {literal(rule.value, type_)})"
    return f"{column} {'<' if rule.kind == 'at_least' else '>'} {literal(rule.value, type_)}"


def _measure(rule: Rule, now: datetime, today: date) -> str:
    if rule.kind != "fresh":
        return f"count_if({_condition(rule)})"
    column = quoted(rule.columns[0])
    if rule.type and rule.type.name == "date":
        oldest = f"date '{today - rule.value}'"
    else:
        oldest = f"timestamp '{(now.astimezone(UTC) - rule.value).isoformat(' ', 'milliseconds')[:23]}'"
    return f"if(coalesce(max({column}) < {oldest}, true), 1, 0)"


def _counted(query: str) -> str:
    return f"select count(*) as bad_0 from (\n{query}\n) bad"


def _query(text: str) -> str:
    """The author's query as it can stand in parentheses."""
    return text.strip().removesuffix(";")


def literal(value: Any, type_: Type) -> str:
    """A YAML value as a literal of Athena's SQL, of the column's own type so that nothing is rounded."""
    if type_.name in ("date", "timestamp"):
        return f"date '{value}'" if type_.name == "date" else f"timestamp '{value} 00:00:00.000'"
    if type_.name in INTEGERS:
        return str(value)
    if type_.name in NUMBERS:
        exact = format(Decimal(repr(value)), "f")
        if type_.name == "decimal":
            return f"decimal '{exact}'"
        return f"{exact}e0" if type_.name == "double" else f"cast({exact}e0 as real)"
    if type_.name == "boolean":
        return str(value).lower()
    text = str(value).replace("'", "''")
    return f"'{text}'"
