"""Text to tokens to tree, in Athena's grammar: every function call stays a call, with the author's name and arguments.

sqlglot's parser is lenient and its compiled classes cannot be subclassed, so its tables for Athena are replaced once,
and what Athena's grammar lacks is found here, in the tokens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, ClassVar

from sqlglot import ErrorLevel, Token, TokenType, exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.athena import AthenaTrinoParser

from transforms.analyzer import json_syntax
from transforms.analyzer.clause_order import out_of_order
from transforms.analyzer.misplaced import misplaced
from transforms.analyzer.numerals import plain_numerals
from transforms.analyzer.other_engines import CLAUSES, SIGNS, STATEMENTS, TYPOGRAPHIC
from transforms.analyzer.tree import place_of_token
from transforms.analyzer.unreadable import misspelt_beginning, open_problem, parse_problem
from transforms.analyzer.words import EXTRACTED, FOREIGN, SHORT_UNITS
from transforms.errors import Problem, Rejected

QUERIES = (exp.Select, exp.SetOperation, exp.Values, exp.Subquery, exp.Table)
_CLOSERS = frozenset(
    (
        TokenType.FROM,
        TokenType.WHERE,
        TokenType.GROUP_BY,
        TokenType.HAVING,
        TokenType.ORDER_BY,
        TokenType.LIMIT,
        TokenType.R_PAREN,
        TokenType.R_BRACKET,
        TokenType.UNION,
        TokenType.SEMICOLON,
    )
)
_OPENERS = frozenset(
    (
        TokenType.SELECT,
        TokenType.DISTINCT,
        TokenType.FROM,
        TokenType.GROUP_BY,
        TokenType.ORDER_BY,
        TokenType.COMMA,
        TokenType.L_PAREN,
    )
)
_NO_NAMES = frozenset((TokenType.NUMBER, TokenType.STRING, TokenType.COMMA, TokenType.DPIPE, TokenType.STAR))
_JOIN_ENDS = frozenset((TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY, TokenType.UNION))

_SUSPECT = (
    _CLOSERS
    | frozenset(CLAUSES)
    | {TokenType.STRING, TokenType.L_BRACE, TokenType.COMMA, TokenType.ALIAS}
    | {TokenType.DOT, TokenType.L_PAREN, TokenType.COLON, TokenType.PLACEHOLDER}
    | {TokenType.L_BRACKET, TokenType.OFFSET}
)
_WANTING = frozenset(
    (
        *(TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY, TokenType.PARTITION_BY),
        *(TokenType.ON, TokenType.AND, TokenType.OR, TokenType.WHEN, TokenType.THEN, TokenType.ELSE),
    )
)
"""Something must follow these."""
_BEFORE_AMOUNT = frozenset((TokenType.INTERVAL, TokenType.DASH, TokenType.PLUS))
_VALUE_ENDS = frozenset((TokenType.VAR, TokenType.IDENTIFIER, TokenType.NUMBER, TokenType.R_PAREN, TokenType.R_BRACKET))
_SUSPECT_BEFORE = frozenset((TokenType.ALIAS, TokenType.NUMBER, TokenType.INTERVAL))
"""Only next to these can a token be at fault by itself: most tokens are looked at no further."""


def _call(name: str, *args: object) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[arg for arg in args if isinstance(arg, exp.Expr)])


def _extract(parser: Any) -> exp.Expr:
    """`extract(year from x)` is the call `year(x)`: Trino has one function per field; of others a node is left."""
    node: exp.Expr = parser._parse_extract()
    known = isinstance(node.this, exp.Var) and node.name.upper() in EXTRACTED
    if not known:
        return node
    call = _call(node.name.lower(), node.expression)
    call.meta["extract"] = True
    return call


def _position(parser: Any) -> exp.Expr:
    node = parser._parse_position()
    return _call("strpos", node.this, node.args["substr"])


def _substring(parser: Any) -> exp.Expr:
    node = parser._parse_substring()
    return _call("substring", node.this, node.args.get("start"), node.args.get("length"))


def _trim(parser: Any) -> exp.Expr:
    node = parser._parse_trim()
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")
    return _call(name, node.this, node.expression)


def _normalize(parser: Any) -> exp.Expr:
    node = parser._parse_normalize()
    form = node.args.get("form")
    return _call("normalize", node.this, exp.Literal.string(form.name if isinstance(form, exp.Expr) else "NFC"))


def _at_name(parse: Callable[[Any], exp.Expr]) -> Callable[[Any], exp.Expr]:
    """The parser of a call that stands where its name does, not where its first argument does."""

    def parse_at_name(parser: Any) -> exp.Expr:
        name = parser._tokens[parser._index - 2]
        return parse(parser).update_positions(name)

    return parse_at_name


def _listagg(parser: Any) -> exp.Expr:
    """What ON OVERFLOW says is only for results of more than a megabyte."""
    args = parser._parse_csv(parser._parse_lambda)
    if parser._match_text_seq("ON", "OVERFLOW") and not parser._match_text_seq("ERROR"):
        parser._match_text_seq("TRUNCATE")
        parser._parse_string()
        if not (parser._match_text_seq("WITH") or parser._match_text_seq("WITHOUT")):
            parser.raise_error("ON OVERFLOW TRUNCATE needs WITH COUNT or WITHOUT COUNT")
        parser._match_text_seq("COUNT")
    return _call("listagg", *args)


def _literal(parser: Any, this: exp.Expr, to: exp.DataType) -> exp.Expr:
    """`decimal '1.50'`: a cast of the string that is marked as a literal; its exact type is in its text."""
    node = exp.Cast(this=this, to=to)
    node.meta["literal"] = True
    return node


def _like(parser: Any, this: exp.Expr | None) -> exp.Expr:
    """`x like y escape z`, where sqlglot wants a quoted mark."""
    like = exp.Like(this=this, expression=_operand(parser, "LIKE"))
    if not parser._match(TokenType.ESCAPE):
        return like
    return exp.Escape(this=like, expression=_operand(parser, "ESCAPE"))


def _operand(parser: Any, word: str) -> exp.Expr:
    found: exp.Expr | None = parser._parse_bitwise()
    if found is None:
        parser.raise_error(f"a value is missing behind {word}")
    assert found is not None
    return found


def _placed(parse: Callable[..., exp.Expr | None]) -> Callable[..., exp.Expr | None]:
    """The parser of a node that begins with the token just read, and would not know its place."""

    def parse_placed(parser: Any, *given: Any) -> exp.Expr | None:
        token = parser._prev
        node = parse(parser, *given)
        if node is not None:
            node.update_positions(token)
        return node

    return parse_placed


def _signed(parser: Any) -> exp.Expr | None:
    """`+x`, in which sqlglot forgets the sign: it stays on the parentheses around what must be a number."""
    sign = parser._prev
    inner: exp.Expr | None = parser._parse_unary()
    if inner is None or (isinstance(inner, exp.Literal) and not inner.is_string):
        return inner
    signed = exp.Paren(this=inner)
    signed.update_positions(sign)
    signed.meta["plus"] = True
    return signed


def _adapt(parser: Any) -> None:
    """Replace the tables of sqlglot's Athena parser, which nothing else in this process uses."""
    kept = ("CAST", "TRY_CAST", "JSON_TABLE")
    special: dict[str, Callable[[Any], exp.Expr]] = {
        "EXTRACT": _extract,
        "POSITION": _position,
        "SUBSTRING": _substring,
        "TRIM": _trim,
        "NORMALIZE": _normalize,
        "LISTAGG": _listagg,
        "JSON_EXISTS": json_syntax.json_exists,
        "JSON_VALUE": json_syntax.json_value,
        "JSON_QUERY": json_syntax.json_query,
        "JSON_OBJECT": json_syntax.json_object,
        "JSON_ARRAY": json_syntax.json_array,
    }
    parser.FUNCTIONS = {}
    parser.UNARY_PARSERS = {**parser.UNARY_PARSERS, TokenType.PLUS: _signed}
    parser.RANGE_PARSERS = {**parser.RANGE_PARSERS, TokenType.LIKE: _like}
    named = {name: parser.FUNCTION_PARSERS[name] for name in kept} | special
    parser.FUNCTION_PARSERS = {name: _at_name(parse) for name, parse in named.items()}
    parser.NO_PAREN_FUNCTION_PARSERS = {name: parser.NO_PAREN_FUNCTION_PARSERS[name] for name in ("CASE", "ANY")}
    parser.PLACEHOLDER_PARSERS = {kind: _placed(parse) for kind, parse in parser.PLACEHOLDER_PARSERS.items()}
    constants = (TokenType.NULL, TokenType.TRUE, TokenType.FALSE)
    placed = {kind: _placed(parser.PRIMARY_PARSERS[kind]) for kind in constants}
    parser.PRIMARY_PARSERS = {**parser.PRIMARY_PARSERS, **placed}
    parser.TYPE_LITERAL_PARSERS = dict.fromkeys(exp.DType, _literal)
    parser.ZONE_AWARE_TIMESTAMP_CONSTRUCTOR = False


_adapt(AthenaTrinoParser)
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of statements that are rejected here anyway


class _AthenaQueries(Trino):
    """Athena's dialect for queries: subscripts keep the author's index, and other engines' words are plain names."""

    INDEX_OFFSET = 0
    SUPPORTS_USER_DEFINED_TYPES = True

    class Tokenizer(Trino.Tokenizer):
        KEYWORDS: ClassVar = {word: kind for word, kind in Trino.Tokenizer.KEYWORDS.items() if word not in FOREIGN}

    Parser = AthenaTrinoParser


_DIALECT = _AthenaQueries()


def tokenize(text: str) -> list[Token]:
    """Raises Rejected for text that has no tokens, such as an open quote."""
    try:
        return plain_numerals(_DIALECT.tokenizer().tokenize(text), text)
    except TokenError:
        raise Rejected([open_problem(text)]) from None


def parse(text: str) -> exp.Expression:
    """The tree of one query, its calls in the form that README.md describes.

    Raises Rejected, with paths left open, when Athena's grammar does not allow it.
    """
    return parse_tokens(tokenize(text), text)


def parse_tokens(tokens: list[Token], text: str) -> exp.Expression:
    """As `parse`, for a caller that has the tokens already."""
    first = tokens[0] if tokens else None
    if first is not None and (advice := STATEMENTS.get(first.text.lower())):
        what = f"a query is expected, and {first.text.upper()} is none"
        raise Rejected([Problem(None, *place_of_token(first), what, "", advice)])
    problems = list(_grammar_problems(tokens, text))
    if problems:
        raise Rejected(problems)
    try:
        trees = _DIALECT.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
    except ParseError as error:
        raise Rejected([parse_problem(error, tokens)]) from None
    found = [tree for tree in trees if tree is not None]
    if not found:
        raise Rejected([Problem(None, 1, 1, "there is no query", write="write select .. from ..")])
    if len(found) > 1:
        ends = [i for i, token in enumerate(tokens) if token.token_type is TokenType.SEMICOLON]
        begins = [i for i in range(len(tokens)) if i not in ends and (not i or i - 1 in ends)]
        what = f"one query is expected, but there are {len(found)} statements"
        raise Rejected([Problem(None, *place_of_token(tokens[begins[1]]), what)])
    tree = found[0]
    if not isinstance(tree, QUERIES):
        if guess := misspelt_beginning(tokens):
            token, what, write = guess
            raise Rejected([Problem(None, *place_of_token(token), what, write=write)])
        what = f"a query is expected, but this is {tree.key.upper()}"
        raise Rejected([Problem(None, 1, 1, what, "a query begins with select, with or values")])
    return tree


def _grammar_problems(tokens: list[Token], text: str) -> list[Problem]:
    """What sqlglot accepts and Athena's grammar does not, visible in a token and the one before it."""
    problems = []
    before: Token | None = None
    kind_before: TokenType | None = None
    in_objects = frozenset(json_syntax.member_colons(tokens))
    for index, token in enumerate(tokens):
        kind = token.token_type
        if index in in_objects:
            pass  # the key of a member stands before it
        elif kind in _SUSPECT or kind_before in _SUSPECT_BEFORE or token.text in SIGNS:
            fault = _fault(before, token)
            if fault is not None:
                at, what, allowed, write = fault
                problems.append(Problem(None, *place_of_token(at), what, allowed, write))
        before, kind_before = token, kind
    problems += [*_bare_joins(tokens), *_units(tokens), *_typographic(tokens, text)]
    problems += [*out_of_order(tokens), *misplaced(tokens)]
    kinds = [token.token_type for token in tokens]
    if kinds.count(TokenType.WHEN) != kinds.count(TokenType.THEN):
        case = tokens[kinds.index(TokenType.CASE)] if TokenType.CASE in kinds else tokens[0]
        problems.append(Problem(None, *place_of_token(case), "each WHEN of a CASE needs a THEN"))
    if before is not None and before.token_type in (TokenType.COMMA, TokenType.ALIAS):
        what = f"the query ends with {'a comma' if before.token_type is TokenType.COMMA else 'AS'}"
        problems.append(Problem(None, *place_of_token(before), what, "", "remove it"))
    return problems


def _bare_joins(tokens: list[Token]) -> list[Problem]:
    """Each JOIN that has neither ON nor USING, which sqlglot reads like a comma."""
    open_joins: list[tuple[int, Token]] = []
    bare: list[Token] = []
    depth, before = 0, None
    for token in tokens:
        kind = token.token_type
        if kind is TokenType.L_PAREN:
            depth += 1
        elif kind is TokenType.R_PAREN or kind in _JOIN_ENDS:
            bare += [join for level, join in open_joins if level == depth]
            open_joins = [(level, join) for level, join in open_joins if level != depth]
            depth -= kind is TokenType.R_PAREN
        elif kind is TokenType.JOIN and before not in (TokenType.CROSS, TokenType.NATURAL):
            open_joins.append((depth, token))
        elif kind in (TokenType.ON, TokenType.USING) and open_joins and open_joins[-1][0] == depth:
            open_joins.pop()
        before = kind
    places = sorted(place_of_token(join) for join in (*bare, *(join for _, join in open_joins)))
    return [
        Problem(None, *place, "the join has no condition", "", "write on .. or using (..), on true for unnest")
        for place in places
    ]


def _units(tokens: list[Token]) -> Iterator[Problem]:
    """`interval '1' h` and `interval '1 day'`, whose unit sqlglot finds or completes."""
    for (first, amount), unit in zip(pairwise(tokens), [*tokens[2:], None], strict=False):
        if amount.token_type is not TokenType.STRING or first.token_type not in _BEFORE_AMOUNT:
            continue
        if first.token_type is TokenType.INTERVAL and any(map(str.isalpha, amount.text)) and amount.text[:1].isdigit():
            yield Problem(None, *place_of_token(amount), "the unit stands in the quotes", "", "write interval '1' day")
        elif unit is not None and (known := SHORT_UNITS.get(unit.text.upper())):
            yield Problem(None, *place_of_token(unit), f"interval has no unit {unit.text}", "", f"write {known}")


def _typographic(tokens: list[Token], text: str) -> Iterator[Problem]:
    """The quotes of a text processor, which sqlglot takes for letters: the first is told."""
    if TYPOGRAPHIC.keys().isdisjoint(text):
        return
    for token in tokens:
        if token.token_type is TokenType.VAR and (found := [mark for mark in token.text if mark in TYPOGRAPHIC]):
            write = f"write {TYPOGRAPHIC[found[0]]} there, and at the other end"
            yield Problem(None, *place_of_token(token), f"{found[0]} is no quote in SQL", "", write)
            return


def _fault(before: Token | None, token: Token) -> tuple[Token, str, str, str] | None:
    """Where, what is wrong, what is allowed, what to write."""
    kind = token.token_type
    kind_before = None if before is None else before.token_type
    if kind in CLAUSES:
        what, write = CLAUSES[kind]
        return token, what, "", write
    if kind is TokenType.STRING and kind_before is not TokenType.ALIAS:
        if kind_before is not TokenType.STRING:
            return None
        return token, "two strings stand next to each other", "", f"write a comma before '{token.text}', or ||"
    if kind is TokenType.L_BRACE:
        if kind_before is TokenType.L_BRACE:
            return None
        return (
            token,
            "templates in braces do not exist here",
            ":start and :end are the days of the run",
            "write plain SQL",
        )
    if before is not None and kind_before is TokenType.COMMA and kind in _CLOSERS:
        return before, f"a comma stands before {token.text}", "", "remove the comma"
    if (
        before is not None
        and kind_before is TokenType.NUMBER
        and kind is TokenType.VAR
        and before.end + 1 == token.start
        and "." not in before.text
    ):
        return before, f"{before.text}{token.text} is not a number", "", "write a space before a name"
    if kind is TokenType.COMMA and kind_before in _OPENERS:
        return token, "nothing stands before the comma", "", "remove the comma"
    if kind is TokenType.ALIAS and kind_before in (TokenType.SELECT, TokenType.DISTINCT, TokenType.COMMA):
        return token, "nothing stands before AS", "", "write expression as name"
    if before is not None and kind_before is TokenType.ALIAS and (kind in _NO_NAMES or kind in _CLOSERS):
        return before, "a name is missing after AS", "", 'write a word, or "any text" in double quotes'
    if kind_before is TokenType.INTERVAL and kind is TokenType.NUMBER:
        return token, f"interval needs a quoted number, not {token.text}", "", f"write interval '{token.text}' day"
    if before is not None and kind_before in _WANTING and kind in (*_CLOSERS, TokenType.ORDER_BY, TokenType.COMMA):
        return before, f"something is missing behind {before.text.lower()}", "", ""
    if kind is TokenType.L_BRACKET and kind_before is TokenType.GT:
        return token, "[ stands behind >", "", "write array[..]"
    if kind is TokenType.OFFSET and kind_before is TokenType.WITH:
        return token, "WITH OFFSET does not exist on Athena", "", "write with ordinality"
    if before is not None and kind is kind_before is TokenType.DOT:
        return token, "a name is missing between two points", "", ""
    if kind in (TokenType.COLON, TokenType.PLACEHOLDER) and kind_before in _VALUE_ENDS:
        return token, f"{token.text} stands behind a value", ":start and :end are the days of the run", "remove it"
    if token.text in SIGNS and kind is not TokenType.IDENTIFIER:
        what, write = SIGNS[token.text]
        return token, what, "", write
    return None
