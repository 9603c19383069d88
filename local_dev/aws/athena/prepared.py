"""PREPARE, EXECUTE and DEALLOCATE: a statement is kept under a name and run with values for its question marks."""

from __future__ import annotations

from dataclasses import replace

from local_dev.aws.athena.failures import StatementError
from local_dev.aws.athena.grammar import refusal
from local_dev.aws.athena.lake import Outcome, Statement
from local_dev.aws.athena.saved import PREPARED, put_prepared
from local_dev.aws.athena.sentences import SYNTAX
from local_dev.aws.athena.words import Words

_DONE = Outcome(lines=())


def read_execute(sql: str) -> tuple[str, list[str]]:
    """The name and the values of `EXECUTE name USING ..`. Raises StatementError."""
    words = Words(sql, "", hive=False)
    words.need("execute")
    name = words.name()
    values: list[str] = []
    if words.take("using"):
        values.append(words.until(",", nested="([)]"))
        while words.take(","):
            values.append(words.until(",", nested="([)]"))
    words.end()
    return name, values


def prepare(statement: Statement) -> Outcome:
    """PREPARE name FROM statement."""
    words = statement.words
    words.need("prepare")
    name = words.name()
    words.need("from")
    text = words.rest()
    if told := refusal(replace(statement.order, sql=text)):
        raise StatementError(f"SYNTAX_ERROR: {told}", type_=SYNTAX)
    put_prepared(statement.lake.statements, name, text.strip(), statement.document["WorkGroup"])
    return _DONE


def deallocate(statement: Statement) -> Outcome:
    """DEALLOCATE PREPARE name."""
    words = statement.words
    words.need("deallocate", "prepare")
    name = words.name()
    words.end()
    group = statement.document["WorkGroup"]
    if not statement.lake.statements.delete_thing(PREPARED, name, group):
        raise StatementError(f"PreparedStatement {name} was not found in workGroup {group}")
    return _DONE
