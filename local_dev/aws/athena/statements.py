"""What kind of statement a text is, told by its first words; nothing is read further here."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sqlglot import Token, TokenType

from local_dev.aws.athena.failures import StatementError
from local_dev.aws.athena.words import tokens_of
from transforms.analyzer.syntax import tokenize
from transforms.errors import Rejected


@dataclass(frozen=True, slots=True)
class Kind:
    """`type` and `substatement` are those of GetQueryExecution; `suffix` is that of the result's object."""

    type: str
    substatement: str
    suffix: str = ".txt"

    @property
    def hive(self) -> bool:
        """Whether it is one of Hive's and not of Trino's."""
        return self.substatement not in _TRINOS


_TRINOS = (
    *("SELECT", "INSERT", "UNLOAD", "CREATE_TABLE_AS_SELECT", "CREATE_VIEW", "DROP_VIEW", "SHOW_CREATE_VIEW"),
    *("EXPLAIN", "PREPARE", "EXECUTE", "DEALLOCATE"),
)
QUERY = Kind("DML", "SELECT", ".csv")
CTAS = Kind("DDL", "CREATE_TABLE_AS_SELECT", "")
EXECUTE = Kind("DML", "EXECUTE")
PREPARE = Kind("DDL", "PREPARE")
UNKNOWN = Kind("DDL", "")
_CREATE_TABLE = Kind("DDL", "CREATE_TABLE")
_WORDS: dict[str, Kind] = {
    **dict.fromkeys(("select", "with", "values", "table", "("), QUERY),
    "insert into": Kind("DML", "INSERT", ""),
    "unload": Kind("DML", "UNLOAD", ""),
    "explain": Kind("UTILITY", "EXPLAIN"),
    "prepare": PREPARE,
    "execute": EXECUTE,
    "deallocate prepare": Kind("DDL", "DEALLOCATE"),
    "create view": Kind("DDL", "CREATE_VIEW"),
    "create or replace view": Kind("DDL", "CREATE_VIEW"),
    "drop view": Kind("DDL", "DROP_VIEW"),
    **dict.fromkeys(("create database", "create schema"), Kind("DDL", "CREATE_DATABASE")),
    **dict.fromkeys(("drop database", "drop schema"), Kind("DDL", "DROP_DATABASE")),
    "create external table": _CREATE_TABLE,
    "create table": _CREATE_TABLE,
    "drop table": Kind("DDL", "DROP_TABLE"),
    "alter table": Kind("DDL", "ALTER_TABLE"),
    "msck repair table": Kind("DDL", "MSCK_REPAIR"),
    **dict.fromkeys(("show databases", "show schemas"), Kind("UTILITY", "SHOW_DATABASES")),
    "show tables": Kind("UTILITY", "SHOW_TABLES"),
    "show views": Kind("UTILITY", "SHOW_VIEWS"),
    "show partitions": Kind("UTILITY", "SHOW_PARTITIONS"),
    "show columns": Kind("UTILITY", "SHOW_COLUMNS"),
    "show create table": Kind("UTILITY", "SHOW_CREATE_TABLE"),
    "show create view": Kind("UTILITY", "SHOW_CREATE_VIEW"),
    "show tblproperties": Kind("UTILITY", "SHOW_TBLPROPERTIES"),
    **dict.fromkeys(("describe", "desc"), Kind("UTILITY", "DESCRIBE_TABLE")),
}
"""By how a statement begins."""
_LONGEST = max(len(words.split()) for words in _WORDS)
_QUERY_WORDS = (TokenType.SELECT, TokenType.WITH, TokenType.VALUES)


def kind_of(text: str) -> Kind:
    """Never raises: a text that has no tokens is a query that fails."""
    try:
        tokens = statement_tokens(text)
    except StatementError:
        return QUERY
    words = [token.text.lower() for token in tokens[:_LONGEST]]
    for count in range(len(words), 0, -1):
        kind = _WORDS.get(" ".join(words[:count]))
        if kind is _CREATE_TABLE and words[1] == "table":
            return CTAS if _has_query(tokens) else kind
        if kind is not None:
            return kind
    return UNKNOWN


def _has_query(tokens: list[Token]) -> bool:
    """Whether `as` stands before a query, in parentheses or not."""
    for before, token in pairwise(token for token in tokens if token.token_type is not TokenType.L_PAREN):
        if before.token_type is TokenType.ALIAS and token.token_type in _QUERY_WORDS:
            return True
    return False


def statement_tokens(text: str) -> list[Token]:
    """Double quotes are closed in both grammars alike; backticks are Hive's."""
    try:
        return tokens_of(text, hive=False)
    except StatementError:
        return tokens_of(text, hive=True)


def with_parameters(text: str, values: list[str]) -> str:
    """The text with a value, as SQL, for each question mark. Raises ValueError when their numbers differ.

    >>> with_parameters("select '?', ?", ["1"])
    "select '?', 1"
    """
    try:
        marks = [token for token in tokenize(text) if token.token_type is TokenType.PLACEHOLDER and token.text == "?"]
    except Rejected:
        return text
    if len(marks) != len(values):
        raise ValueError(f"Incorrect number of parameters: expected {len(marks)} but found {len(values)}")
    pieces, position = [], 0
    for mark, value in zip(marks, values, strict=True):
        pieces += [text[position : mark.start], value]
        position = mark.end + 1
    return "".join([*pieces, text[position:]])
