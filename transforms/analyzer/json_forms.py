"""The types of the forms of SQL/JSON, and what Trino rejects in them: paths, types of values, clauses."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.coercion import NUMBERS, TEXTS, coercible
from transforms.analyzer.faults import Fault, brief
from transforms.analyzer.json_syntax import JsonWords, words_of
from transforms.analyzer.literals import written_type
from transforms.analyzer.scope import Scope
from transforms.analyzer.special_forms import special
from transforms.analyzer.tree import coerce, is_call, name_of
from transforms.analyzer.walk import Walk
from transforms.json_path import PathFault, PathUnsupported, compiled
from transforms.lake_types import BOOLEAN, VARCHAR, Type

_MOMENTS = frozenset(("date", "time", "time with time zone", "timestamp", "timestamp with time zone"))
_SCALARS = NUMBERS | TEXTS | _MOMENTS | {"boolean"}
_PASSED = _SCALARS | {"unknown"}
_CAST_TO_TEXT = frozenset(("interval day to second", "interval year to month", "uuid", "ipaddress", "json"))
_WRITTEN = _PASSED | _CAST_TO_TEXT
_READABLE = frozenset(("varchar", "varbinary", "unknown"))


@special("json_exists")
def _json_exists(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    _over_path(walk, node, scope)
    return BOOLEAN


@special("json_value")
def _json_value(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    words = _over_path(walk, node, scope)
    found = VARCHAR if words.returning is None else written_type(words.returning)
    if found.name not in _SCALARS:
        allowed = "json_value returns texts, numbers, booleans, dates and times"
        raise Fault(node, f"json_value cannot return {brief(found)}", allowed, "write json_query(..)")
    for default in node.expressions[1 + len(words.names) :]:
        given = walk.type(default, scope)
        if not coercible(given, found):
            what = f"the default of json_value is {brief(given)}, and it returns {brief(found)}"
            raise Fault(default, what, write=f"write cast(.. as {found})")
        coerce(default, found)
    return found


@special("json_query")
def _json_query(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    words = _over_path(walk, node, scope)
    if words.wrapper and words.quotes:
        what = f"{words.quotes.upper()} QUOTES does not go with {words.wrapper.upper()} WRAPPER"
        raise Fault(node, what, write="remove one of them")
    return _written_as(node, words)


@special("json_object")
def _json_object(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    words = words_of(node)
    for key, value, value_format in zip(
        node.expressions[::2], node.expressions[1::2], words.formats[1::2], strict=True
    ):
        given = walk.type(key, scope)
        if given.name not in TEXTS:
            raise Fault(key, f"a key of json_object is a text, not {brief(given)}", write="write cast(.. as varchar)")
        _value(walk, value, value_format, scope)
    return _written_as(node, words)


@special("json_array")
def _json_array(walk: Walk, node: exp.Anonymous, scope: Scope) -> Type:
    words = words_of(node)
    for value, value_format in zip(node.expressions, words.formats, strict=True):
        _value(walk, value, value_format, scope)
    return _written_as(node, words)


def _over_path(walk: Walk, node: exp.Anonymous, scope: Scope) -> JsonWords:
    """The document, the path and the values passed to it."""
    words = words_of(node)
    document, *others = node.expressions
    _readable(document, walk.type(document, scope))
    for value, value_format in zip(others[: len(words.names)], words.formats[1:], strict=True):
        given = walk.type(value, scope)
        if value_format:
            _readable(value, given)
        elif given.name not in _PASSED | _CAST_TO_TEXT:
            raise Fault(value, f"{brief(given)} cannot be passed to a path", write="write cast(.. as varchar)")
    if len(set(words.names)) < len(words.names):
        raise Fault(node, "two values are passed with the same name")
    try:
        compiled(words.path, words.names)
    except PathFault as fault:
        path = words.path.strip()
        hint = f"write 'lax {path}'" if path.startswith("$") else "a path is like 'lax $.a[0].b'"
        raise Fault(node, f"{name_of(node)} cannot read the path '{words.path}': {fault}", write=hint) from None
    except PathUnsupported:
        pass  # told where it is refused
    return words


def _readable(node: exp.Expr, given: Type) -> None:
    if given.name not in _READABLE:
        write = "write json_format(..) around it" if given.name == "json" else "write cast(.. as varchar)"
        raise Fault(node, f"JSON is read from a text, not from {brief(given)}", write=write)


def _value(walk: Walk, node: exp.Expr, value_format: str, scope: Scope) -> None:
    given = walk.type(node, scope)
    if value_format:
        _readable(node, given)
    elif given.name not in _WRITTEN and not (given.name == "varbinary" and is_json(node)):
        write = "write json_format(cast(.. as json)) format json"
        raise Fault(node, f"{brief(given)} cannot be written as JSON here", write=write)


def is_json(node: exp.Expr) -> bool:
    """Whether the value of another form stands here, which is written as JSON and not as a text."""
    inner = node.unnest()
    return is_call(inner, "json_object", "json_array", "json_query")


def _written_as(node: exp.Anonymous, words: JsonWords) -> Type:
    found = VARCHAR if words.returning is None else written_type(words.returning)
    if found.name not in (*TEXTS, "varbinary"):
        what = f"{name_of(node)} returns a text, not {brief(found)}"
        raise Fault(node, what, write="write json_parse(..) around it" if found.name == "json" else "")
    return found
