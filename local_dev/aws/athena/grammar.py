"""What Athena refuses before anything is started: a text that it cannot read, and statements that it has not."""

from __future__ import annotations

from local_dev.aws.athena.order import Order
from local_dev.aws.athena.statements import CTAS, QUERY, UNKNOWN, Kind, kind_of, statement_tokens, with_parameters
from local_dev.aws.athena.words import Words
from transforms.analyzer.syntax import parse
from transforms.errors import Rejected

_OF_TRINO = (
    *("analyze", "call", "comment", "commit", "deny", "grant", "refresh", "reset", "revoke", "rollback", "set"),
    *("show", "start", "truncate", "use"),
)
"""Words with which statements begin that Trino has and Athena does not run."""
_EXPECTED = (
    "'ALTER', 'ANALYZE', 'CALL', 'COMMENT', 'COMMIT', 'CREATE', 'DEALLOCATE', 'DELETE', 'DENY', 'DESC', 'DESCRIBE', "
    "'DROP', 'EXECUTE', 'EXPLAIN', 'GRANT', 'INSERT', 'MERGE', 'PREPARE', 'REFRESH', 'RESET', 'REVOKE', 'ROLLBACK', "
    "'SET', 'SHOW', 'START', 'TRUNCATE', 'UNLOAD', 'UPDATE', 'USE', 'WITH', <query>"
)
_WRITES = ("alter", "create", "delete", "drop", "merge", "optimize", "update", "vacuum")
"""Words with which statements begin that Athena has, beyond those of the local one."""


def refusal(order: Order) -> str | None:
    """Why a statement cannot be started, in the words of InvalidRequestException; None where it can.

    Queries are read to their end, also those of CTAS and of views; other statements fail when they run.
    """
    try:
        sql = with_parameters(order.sql, order.values) if order.values else order.sql
    except ValueError:  # told when it runs
        return None
    kind = kind_of(sql)
    if kind is UNKNOWN:
        return _unknown(sql)
    query = _query(sql, kind)
    try:
        if query:
            parse(query)
    except Rejected as error:
        problem = error.problems[0]
        if "statements" in problem.what and "one query" in problem.what:
            return f"Only one sql statement is allowed. Got: {sql}"
        return f"line {problem.line}:{problem.column}: {problem.message}"
    return None


def _query(sql: str, kind: Kind) -> str:
    """The query of a statement, at its place in the text; empty where there is none."""
    if kind is QUERY:
        return sql
    if kind is not CTAS and kind.substatement != "CREATE_VIEW":
        return ""
    words = Words(sql, "", hive=False)
    words.until("as", nested="([)]")
    return words.rest() if words.take("as") else ""


def _unknown(sql: str) -> str | None:
    first = next(iter(statement_tokens(sql)), None)
    word = first.text.lower() if first else ""
    if word in _WRITES:
        return None
    if word in _OF_TRINO:
        return "Queries of this type are not supported"
    end = sql.rstrip()
    start = first.start if first else len(end)
    line, column = sql.count("\n", 0, start) + 1, start - sql.rfind("\n", 0, start)
    return f"line {line}:{column}: mismatched input '{first.text if first else '<EOF>'}'. Expecting: {_EXPECTED}"
