"""The five forms of SQL/JSON as the parser reads them: calls whose arguments are their values, and their other words.

sqlglot reads three of them, and leniently; here is the grammar of Athena.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlglot import Token, TokenType, exp

from transforms.analyzer.tree import call_of

Format = Literal["", "json", "utf8", "utf16", "utf32"]


@dataclass(frozen=True, slots=True)
class JsonWords:
    """What stands in a form besides its values.

    `formats` has FORMAT JSON for each value; `names` are those of the values passed to the path, which follow the
    document; the values of DEFAULT ON EMPTY and ON ERROR come last. An empty word is the default of the form.
    """

    path: str = ""
    formats: tuple[Format, ...] = ()
    names: tuple[str, ...] = ()
    returning: exp.DataType | None = None
    output: Format = ""
    wrapper: str = ""
    quotes: str = ""
    on_empty: str = ""
    on_error: str = ""
    nulls: str = ""
    unique: bool = False


_COMMA, _CLOSE, _COLON, _ALIAS = TokenType.COMMA, TokenType.R_PAREN, TokenType.COLON, TokenType.ALIAS
_ENCODINGS: tuple[Format, ...] = ("utf8", "utf16", "utf32")
_OF_VALUE = {"NULL": "null", "ERROR": "error", "DEFAULT": "default"}
_OF_QUERY = {"NULL": "null", "ERROR": "error", "EMPTY ARRAY": "[]", "EMPTY OBJECT": "{}"}
_OF_EXISTS = {"TRUE": "true", "FALSE": "false", "UNKNOWN": "null", "ERROR": "error"}


def words_of(node: exp.Expr) -> JsonWords:
    """The words of a call that one of the parsers here made."""
    call = call_of(node)
    found = None if call is None else call.node.args.get("words")
    assert isinstance(found, JsonWords)
    return found


def json_exists(parser: Any) -> exp.Expr:
    """`json_exists(x, 'lax $.a' true on error)`."""
    return _Form(parser).over_path("json_exists", ("ERROR",), _OF_EXISTS)


def json_value(parser: Any) -> exp.Expr:
    """`json_value(x, 'lax $.a' returning bigint default 0 on empty)`."""
    return _Form(parser).over_path("json_value", ("EMPTY", "ERROR"), _OF_VALUE)


def json_query(parser: Any) -> exp.Expr:
    """`json_query(x, 'lax $.a[*]' with wrapper empty array on empty)`."""
    return _Form(parser).over_path("json_query", ("EMPTY", "ERROR"), _OF_QUERY)


def json_object(parser: Any) -> exp.Expr:
    """`json_object(key 'a' value 1, 'b' : 2 absent on null)`."""
    return _Form(parser).of_values("json_object")


def json_array(parser: Any) -> exp.Expr:
    """`json_array(1, 2 null on null)`."""
    return _Form(parser).of_values("json_array")


def member_colons(tokens: list[Token]) -> Iterator[int]:
    """Where the colons of `json_object('a' : 1)` stand."""
    depth, objects = 0, list[int]()
    for index, token in enumerate(tokens):
        kind = token.token_type
        if kind is TokenType.L_PAREN:
            depth += 1
            if index and tokens[index - 1].text.upper() == "JSON_OBJECT":
                objects.append(depth)
        elif kind is TokenType.R_PAREN:
            if objects and objects[-1] == depth:
                objects.pop()
            depth -= 1
        elif kind is _COLON and objects and objects[-1] == depth:
            yield index


class _Form:
    """Reads one form from its opening parenthesis to before the closing one."""

    def __init__(self, parser: Any) -> None:
        self.parser = parser
        self.values: list[exp.Expr] = []
        self.formats: list[Format] = []
        self.taken: Callable[..., bool] = lambda *words: bool(parser._match_text_seq(*words))

    def over_path(self, name: str, moments: tuple[str, ...], behaviors: dict[str, str]) -> exp.Expr:
        parser = self.parser
        self.value()
        parser._match(_COMMA)
        path = parser._parse_string()
        if path is None:
            parser.raise_error(f"{name} takes a path in quotes: 'lax $.a'")
        names = self.passed() if self.taken("PASSING") else ()
        returning, output = self.returning() if name != "json_exists" else (None, "")
        wrapper, quotes = (self.wrapper(), self.quotes()) if name == "json_query" else ("", "")
        found = {moment: self.behavior(moment, behaviors) for moment in moments}
        words = JsonWords(
            path=path.name,
            formats=tuple(self.formats),
            names=names,
            returning=returning,
            output=output,
            wrapper=wrapper,
            quotes=quotes,
            on_empty=found.get("EMPTY", ""),
            on_error=found["ERROR"],
        )
        return self.call(name, words)

    def of_values(self, name: str) -> exp.Expr:
        parser = self.parser
        nulls, unique = "", False
        if not self.ended():
            self.member() if name == "json_object" else self.value()
            while parser._match(_COMMA):
                self.member() if name == "json_object" else self.value()
            nulls = "null" if self.taken("NULL", "ON", "NULL") else ""
            nulls = "absent" if not nulls and self.taken("ABSENT", "ON", "NULL") else nulls
            unique = name == "json_object" and self.unique()
        returning, output = self.returning()
        return self.call(name, JsonWords("", tuple(self.formats), (), returning, output, nulls=nulls, unique=unique))

    def call(self, name: str, words: JsonWords) -> exp.Expr:
        call = exp.Anonymous(this=name, expressions=self.values)
        call.set("words", words)
        return call

    def ended(self) -> bool:
        return self.parser._curr is None or self.parser._curr.token_type is _CLOSE or self.next_is("RETURNING")

    def next_is(self, *words: str) -> bool:
        """Whether these words come next; none is stepped over."""
        before = self.parser._index
        found = self.taken(*words)
        self.parser._retreat(before)
        return found

    def value(self) -> None:
        self.expression()
        self.formats.append(self.format())

    def expression(self) -> None:
        value = self.parser._parse_disjunction()
        if value is None:
            self.parser.raise_error("a value is missing")
        self.values.append(value)

    def member(self) -> None:
        """`key 'a' value 1`, `'a' value 1`, `'a' : 1`."""
        named = self.next_is("KEY") and not self.next_is("KEY", "VALUE") and not self.next_is("KEY", ":")
        if named:
            self.taken("KEY")
        self.expression()
        self.formats.append("")
        if not self.taken("VALUE") and (named or not self.parser._match(_COLON)):
            self.parser.raise_error("json_object takes key 'a' value x")
        self.value()

    def format(self) -> Format:
        if not self.taken("FORMAT", "JSON"):
            return ""
        if self.taken("ENCODING"):
            for encoding in _ENCODINGS:
                if self.taken(encoding.upper()):
                    return encoding
            self.parser.raise_error("ENCODING is UTF8, UTF16 or UTF32")
        return "json"

    def passed(self) -> tuple[str, ...]:
        names = [self.passed_name()]
        while self.parser._match(_COMMA):
            names.append(self.passed_name())
        return tuple(names)

    def passed_name(self) -> str:
        self.value()
        self.parser._match(_ALIAS)
        name = self.parser._parse_id_var()
        if name is None:
            self.parser.raise_error("a value is passed as a name: passing x as y")
        return str(name.name if name.args.get("quoted") else name.name.upper())

    def returning(self) -> tuple[exp.DataType | None, Format]:
        if not self.taken("RETURNING"):
            return None, ""
        returning = self.parser._parse_types()
        if returning is None:
            self.parser.raise_error("RETURNING takes a type")
        return returning, self.format()

    def wrapper(self) -> str:
        if self.taken("WITHOUT"):
            self.taken("ARRAY")
            found = ""
        elif self.taken("WITH"):
            found = "conditional" if self.taken("CONDITIONAL") else "unconditional"
            self.taken("UNCONDITIONAL")
            self.taken("ARRAY")
        else:
            return ""
        if not self.taken("WRAPPER"):
            self.parser.raise_error("WRAPPER is missing")
        return found

    def quotes(self) -> str:
        found = "keep" if self.taken("KEEP", "QUOTES") else "omit" if self.taken("OMIT", "QUOTES") else ""
        if found:
            self.taken("ON", "SCALAR", "STRING")
        return found

    def behavior(self, moment: str, behaviors: dict[str, str]) -> str:
        before = self.parser._index
        for words, found in behaviors.items():
            if not self.taken(*words.split()):
                continue
            values = len(self.values)
            if found == "default":
                self.expression()
            if self.taken("ON", moment):
                return found
            del self.values[values:]
            self.parser._retreat(before)
        return ""

    def unique(self) -> bool:
        found = self.taken("WITH", "UNIQUE")
        if found or self.taken("WITHOUT", "UNIQUE"):
            self.taken("KEYS")
        return found
