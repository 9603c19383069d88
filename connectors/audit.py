"""Runs a table's checks on its staged rows. What the files' own statistics prove is not read again.

Which SQL finds bad rows is `transforms.audit`'s; nothing is published or removed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.engine import ColumnStats, Engine
from connectors.lake import Lake, Pins
from transforms.analysis import Compiled
from transforms.audit import Finding, Statement, Table, row_findings
from transforms.checks import NUMBERS, Rule, read_checks, tables_of
from transforms.errors import CheckFailed
from transforms.relation import Relation
from transforms.snapshot import Part, Snapshot


@dataclass(frozen=True, slots=True)
class Warned:
    """What checks of severity warn found: a line each, with some rows below it, and how many staged rows are bad."""

    lines: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True)
class Audit:
    """The checks of one table, ready to run in a session that has its inputs attached."""

    lake: Lake
    relation: Relation
    session: Engine

    def run(
        self,
        new: Snapshot,
        staged: Mapping[str, Part],
        current: Snapshot | None,
        stats: Mapping[str, ColumnStats],
        *,
        at_once: bool = False,
    ) -> Warned:
        """Judges the staged parts of `new`, the table as it would be published; `stats` may be empty.

        `at_once`: all rows of `new` are of one statement, so that keys which its form shows to be unique are.
        Returns what checks of severity warn found. Raises CheckFailed with counts and some rows, none of them personal.
        """
        rules = self._rules()
        if not rules:
            return Warned()
        rows = sum(part.rows for part in staged.values())
        shown = self._shown_keys(at_once)
        open_rules = [
            rule
            for rule in rules
            if not proven(rule, stats, rows, self.relation.partition)
            and not (rule.kind == "unique" and any(key <= set(rule.columns) for key in shown))
        ]
        before = {value: part.rows for value, part in current.parts.items()} if current else {}
        findings = row_findings(rules, {value: part.rows for value, part in staged.items()}, before)
        samples: dict[int, list[dict[str, Any]]] = {}
        table = Table(self.relation.name, new.columns, new.partition, self.lake.content.check_queries)
        newest = new.partition is None or max(new.parts, default="") in staged
        self._attach_others()
        statements = table.statements(open_rules, self.lake.now(), self.lake.today(), newest)
        asked = [(replace(new, parts=new.parts if one.whole else staged), self._compiled(one)) for one in statements]
        for statement, (snapshot, _), counts in zip(statements, asked, self.session.counts(asked), strict=True):
            for finding in statement.findings(counts):
                findings.append(finding)
                self.session.attach([snapshot], {})
                samples[id(finding)] = self._sample(table, finding.rule)
        return self._verdict(findings, samples)

    def _shown_keys(self, at_once: bool) -> list[set[str]]:
        """Keys that the query's form shows to be unique; one with the day across statements too: none shares a day."""
        keys = map(set, self.lake.content.analyses[self.relation.name].unique)
        return [key for key in keys if at_once or self.relation.partition in key]

    def _rules(self) -> tuple[Rule, ...]:
        content = self.lake.content
        types = {column.name: column.type for column in content.columns(self.relation.name)}
        return read_checks(self.relation, types, content.schema, content.check_queries).rules

    def _attach_others(self) -> None:
        """The tables that the checks look up, as they are now."""
        others = tables_of(self.relation, self.lake.content.check_queries)
        pins: Pins = {name: self.lake.catalog.get(name) for name in self.lake.tables(others)}
        self.lake.attach(self.session, others, pins)

    def _compiled(self, statement: Statement) -> Compiled:
        if statement.lasting:
            return self.lake.compiled(statement.sql)
        from transforms.compile import compile_sql  # it would be remembered for nothing

        return compile_sql(statement.sql, self.lake.content.schema)

    def _sample(self, table: Table, rule: Rule) -> list[dict[str, Any]]:
        sql = table.sample(rule)
        return self.session.rows(self.lake.compiled(sql)) if sql else []

    def _verdict(self, findings: Iterable[Finding], samples: Mapping[int, list[dict[str, Any]]]) -> Warned:
        failed: list[str] = []
        warned: list[str] = []
        bad = 0
        for finding in findings:
            line = f"{self.relation.path}:{finding.rule.check.line}: {finding.message}"
            shown = [
                f"  {', '.join(f'{name}={_told(value)}' for name, value in row.items())}"
                for row in samples.get(id(finding), ())
            ]
            (failed if finding.rule.fatal else warned).append("\n".join([line, *shown]))
            bad += finding.rows
        if failed:
            count = f"{len(failed)} check{'s' * (len(failed) != 1)} failed"
            raise CheckFailed("\n".join([f"{self.relation.name} was not published: {count}", *failed]))
        return Warned(tuple(warned), bad)


def _told(value: object) -> str:
    return "NULL" if value is None else str(value)


def proven(rule: Rule, stats: Mapping[str, ColumnStats], rows: int, partition: str | None) -> bool:
    """Whether the statistics of the written files show that the rule holds."""
    if rule.kind not in ("not_null", "at_least", "at_most"):
        return False
    (name,) = rule.columns
    if rule.kind == "not_null" and name == partition:
        return True
    if rows == 0:
        return True
    found = stats.get(name)
    if found is None:
        return False
    if rule.kind == "not_null":
        return found.nulls == 0
    bounds = found.lows if rule.kind == "at_least" else found.highs
    if bounds is None or rule.type is None or rule.type.name not in (*NUMBERS, "date"):
        return False
    if rule.type.name == "date":
        days = [bound for bound in bounds if len(bound) == 10]
        sound = len(days) == len(bounds)
        return sound and all(day >= rule.value if rule.kind == "at_least" else day <= rule.value for day in days)
    try:
        numbers = [Decimal(bound) for bound in bounds]
    except InvalidOperation:
        return False
    limit = Decimal(repr(rule.value))
    return all(number >= limit if rule.kind == "at_least" else number <= limit for number in numbers)
