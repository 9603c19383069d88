"""Reads a statement word by word: for what is no query, and so not the compiler's."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from sqlglot import Token, TokenType
from sqlglot.dialects.hive import Hive
from sqlglot.dialects.trino import Trino
from sqlglot.errors import TokenError

from local_dev.aws.athena.failures import StatementError
from local_dev.aws.athena.sentences import SYNTAX
from transforms.names import TableName

T = TypeVar("T")
_END = "<eof>"
_CATALOG = "awsdatacatalog"
_QUERIES = (TokenType.SELECT, TokenType.WITH, TokenType.VALUES, TokenType.L_PAREN)
_TEXTS = (TokenType.STRING, TokenType.RAW_STRING)


class _Trino(Trino):
    """Each word is a token of its own, and nothing is left unread as a command."""

    class Tokenizer(Trino.Tokenizer):
        COMMANDS: ClassVar = set()
        KEYWORDS: ClassVar = {word: kind for word, kind in Trino.Tokenizer.KEYWORDS.items() if " " not in word}


class _Hive(Hive):
    """As above, in Hive's grammar: strings may stand in double quotes and names in backticks."""

    class Tokenizer(Hive.Tokenizer):
        COMMANDS: ClassVar = set()
        KEYWORDS: ClassVar = {word: kind for word, kind in Hive.Tokenizer.KEYWORDS.items() if " " not in word}


_DIALECTS = {True: _Hive(), False: _Trino()}


def tokens_of(text: str, *, hive: bool) -> list[Token]:
    """The tokens without the semicolon at the end. Raises StatementError for an open quote or comment."""
    try:
        tokens = _DIALECTS[hive].tokenizer().tokenize(text)
    except TokenError as error:
        raise StatementError(f"SYNTAX_ERROR: line 1:1: {error}", type_=SYNTAX) from None
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    return tokens


class Words:
    """The words of a statement from the first to the last; `database` is that of names without one.

    `hive` tells whether it is one of Hive's and not of Trino's.
    """

    def __init__(self, text: str, database: str, *, hive: bool) -> None:
        self.text = text
        self.database = database
        self._tokens = tokens_of(text, hive=hive)
        self._at = 0

    @property
    def next(self) -> str:
        """The word that comes, in lower case."""
        return self._tokens[self._at].text.lower() if self._at < len(self._tokens) else _END

    def take(self, *words: str) -> bool:
        """Whether these words come next; then they are read."""
        coming = [token.text.lower() for token in self._tokens[self._at : self._at + len(words)]]
        if coming != list(words):
            return False
        self._at += len(words)
        return True

    def need(self, *words: str) -> None:
        """Raises StatementError when others come."""
        for word in words:
            if not self.take(word):
                raise self.unexpected(f"'{word.upper()}'")

    def end(self) -> None:
        """Raises StatementError when something is left."""
        if self._at < len(self._tokens):
            raise self.unexpected("<EOF>")

    def name(self) -> str:
        """An identifier, in lower case as Glue keeps it."""
        token = self._token("<identifier>")
        if not (token.text[:1].isalnum() or token.text[:1] == "_"):
            self._at -= 1
            raise self.unexpected("<identifier>")
        return token.text.lower()

    def table(self) -> TableName:
        """`table`, `database.table` or with the catalog before it."""
        parts = [self.name()]
        while self.take("."):
            parts.append(self.name())
        if len(parts) == 3 and parts[0] == _CATALOG:
            parts = parts[1:]
        if len(parts) > 2:
            raise self.unexpected("<EOF>")
        return TableName(parts[0] if len(parts) == 2 else self.database, parts[-1])

    def string(self) -> str:
        """A string literal."""
        token = self._token("<string>")
        if token.token_type not in _TEXTS:
            self._at -= 1
            raise self.unexpected("<string>")
        return token.text

    def typed_constant(self) -> str:
        """A literal, whose type may stand before it: `date '2024-05-01'`."""
        word = self.constant()
        typed = self._at < len(self._tokens) and self._tokens[self._at].token_type in _TEXTS
        return self.string() if typed else word

    def constant(self) -> str:
        """A literal as text: a string, a number, a word such as true."""
        sign = "-" if self.take("-") else ""
        return sign + self._token("<literal>").text

    def listed(self, item: Callable[[], T], around: str = "()") -> list[T]:
        """Items in parentheses, or in others."""
        self.need(around[0])
        found = [item()]
        while self.take(","):
            found.append(item())
        self.need(around[1])
        return found

    def names_before_query(self) -> list[str]:
        """The names in parentheses that stand before a query, if they do."""
        following = self._tokens[self._at + 1].token_type if self._at + 1 < len(self._tokens) else None
        return [] if self.next != "(" or following in _QUERIES else self.listed(self.name)

    def options(self) -> dict[str, str]:
        """`(TYPE io, FORMAT json)` in lower case, if they stand before a query."""
        following = self._tokens[self._at + 1].token_type if self._at + 1 < len(self._tokens) else None
        if self.next != "(" or following in _QUERIES:
            return {}
        return dict(self.listed(lambda: (self.name(), self.name())))

    def properties(self) -> dict[str, str]:
        """`('key' = 'value', ..)`."""
        return dict(self.listed(self._property))

    def until(self, *ends: str, nested: str = "(<[)>]") -> str:
        """The author's text up to one of these words, which stands in no parentheses or angles of its own."""
        start, depth = self._at, 0
        opening, closing = nested[: len(nested) // 2], nested[len(nested) // 2 :]
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if depth == 0 and token.text.lower() in ends:
                break
            if token.token_type not in _TEXTS:
                depth += sum((sign in opening) - (sign in closing) for sign in token.text)
            self._at += 1
        if self._at == start:
            raise self.unexpected("<identifier>")
        return self.text[self._tokens[start].start : self._tokens[self._at - 1].end + 1]

    def rest(self) -> str:
        """What is left of the text, at its place in it: what comes before is blank."""
        if self._at >= len(self._tokens):
            raise self.unexpected("<query>")
        start, end = self._tokens[self._at].start, self._tokens[-1].end + 1
        self._at = len(self._tokens)
        return _blank(self.text[:start]) + self.text[start:end]

    def in_parentheses(self) -> str:
        """As `rest`, of the text up to the parenthesis that closes the one that comes."""
        self.need("(")
        start = self._tokens[self._at].start if self._at < len(self._tokens) else 0
        self.until(")", nested="()")
        end = self._tokens[self._at - 1].end + 1
        self.need(")")
        return _blank(self.text[:start]) + self.text[start:end]

    def unexpected(self, expected: str) -> StatementError:
        """The error for the word that comes."""
        known = self._at < len(self._tokens)
        token = self._tokens[self._at] if known else self._tokens[-1]
        start = token.start if known else token.end + 1
        line, column = self.text.count("\n", 0, start) + 1, start - self.text.rfind("\n", 0, start)
        found = token.text if known else "<EOF>"
        what = f"line {line}:{column}: mismatched input '{found}'. Expecting: {expected}"
        return StatementError(f"SYNTAX_ERROR: {what}", type_=SYNTAX)

    def _property(self) -> tuple[str, str]:
        key = self.constant()
        self.need("=")
        return key, self.constant()

    def _token(self, expected: str) -> Token:
        if self._at >= len(self._tokens):
            raise self.unexpected(expected)
        self._at += 1
        return self._tokens[self._at - 1]


def _blank(text: str) -> str:
    return "".join("\n" if sign == "\n" else " " for sign in text)
