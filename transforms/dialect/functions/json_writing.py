"""SQL/JSON that writes: json_object and json_array. A value of another such form is written as JSON, not as a text."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.json_forms import is_json
from transforms.analyzer.json_syntax import JsonWords, words_of
from transforms.analyzer.tree import type_of
from transforms.dialect import json_casts, macros
from transforms.dialect.casts import cast
from transforms.dialect.errors import NotPortable
from transforms.dialect.functions.sql_json import returned
from transforms.dialect.java_hash import hash_order
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import Arg, Invocation, family, helper, rule_of_call
from transforms.dialect.types import text
from transforms.gaps import gap
from transforms.json_items import PathError, encoded, read
from transforms.json_items import text as text_of
from transforms.json_text import written
from transforms.lake_types import INTEGERS, VARCHAR

family("SQL/JSON")

_MOST_ABSENT = 12
"""A HashMap of Java grows behind so many members, which changes their order."""


@row_by_row("json_reread(varchar) -> varchar")
def reread(document: str) -> str | None:
    """The text of a value FORMAT JSON as it is written; NULL where it is none."""
    try:
        return text_of(encoded(read(document)))
    except PathError:
        return None


@row_by_row("json_object_members(varchar[], varchar[], boolean) -> varchar")
def members(keys: list[str | None], texts: list[str | None], unique: bool) -> str | None:
    """The members of a json_object whose keys vary by row, without those that have no text; NULL for keys twice."""
    if None in keys:
        raise ValueError("a key of json_object is NULL")
    shown = {key: value for key, value in zip(keys, texts, strict=True) if key is not None and value is not None}
    if len(shown) < sum(value is not None for value in texts):
        if unique:
            raise ValueError("json_object has a key twice")
        return None
    names = list(shown)
    return ",".join(f"{written(names[at])}:{shown[names[at]]}" for at in hash_order(names))


helper("json_digits(s)", "ltrim(translate(s, '-.', ''), '0')")
helper(  # as Java's BigDecimal: what is below a millionth has an exponent
    "json_decimal(s, places)",
    "case when length(athena_json_digits(s)) - 1 - places >= -6 then s when athena_json_digits(s) = '' "
    "then '0E-' || places else regexp_replace(s, '[0-9.]+', '') "
    "|| regexp_replace(athena_json_digits(s), '^(.)(.)', '\\1.\\2') || 'E' "
    "|| (length(athena_json_digits(s)) - 1 - places) end",
)


@rule_of_call("json_array(T...) -> varchar")
def json_array(call: Invocation) -> str:
    """NULL is left out unless NULL ON NULL says otherwise."""
    words = _words(call)
    texts = [_text(arg, form) for arg, form in zip(call.args, words.formats, strict=True)]
    return returned(f"('[' || {_listed(texts, words.nulls == 'null')} || ']')", call)


@rule_of_call("json_object(T...) -> varchar")
@gap("json_object('a' : 1, 'a' : 2)", "json_object(cast('a' as char(3)) : 1)")
def json_object(call: Invocation) -> str:
    """Members in the order of a HashMap of Java; NULL is written unless ABSENT ON NULL says otherwise."""
    words = _words(call)
    keys, values = call.args[::2], call.args[1::2]
    kept = words.nulls != "absent"
    texts = [_text(arg, form) for arg, form in zip(values, words.formats[1::2], strict=True)]
    if any(key.type.name != "varchar" for key in keys):
        raise NotPortable("a key of type char is not portable", "cast(.. as varchar)")
    if all(key.constant is not None for key in keys):
        return returned(_of_constants([key.constant or "" for key in keys], texts, kept), call)
    shown = ", ".join(f"coalesce({each}, 'null')" if kept else each for each in texts)
    found = f"athena_json_object_members([{', '.join(keys)}], [{shown}], {'true' if words.unique else 'false'})"
    return returned(f"('{{' || {_or_uncaught(found, 'json_object has a key twice')} || '}}')", call)


def _of_constants(keys: list[str], texts: list[str], kept: bool) -> str:
    """The order is known before any row is."""
    if len(set(keys)) < len(keys):
        raise NotPortable("json_object with a key twice is not portable: Athena fails", "each key once")
    if len(keys) > _MOST_ABSENT and not kept:
        raise NotPortable(f"ABSENT ON NULL of more than {_MOST_ABSENT} members is not portable", "null on null")
    values = [f"coalesce({each}, 'null')" if kept else each for each in texts]
    shown = [f"({text(written(key) + ':')} || {value})" for key, value in zip(keys, values, strict=True)]
    return f"('{{' || {_listed([shown[at] for at in hash_order(keys)], kept=False)} || '}}')"


def _listed(texts: list[str], kept: bool) -> str:
    """The texts with commas between them; those that are NULL as null, or left out."""
    shown = [f"coalesce({each}, 'null')" if kept else each for each in texts]
    return f"concat_ws(',', {', '.join(shown)})" if shown else "''"


def _words(call: Invocation) -> JsonWords:
    assert call.words is not None
    return call.words


def _text(arg: Arg, form: str) -> str:
    """The JSON text of a value; NULL for NULL."""
    if form or is_json(arg.node):
        return _as_json(arg, form)
    if arg.type.name == "char":
        return json_casts.text_of(f"rpad({arg}, {arg.type.numbers[0]}, ' ')", VARCHAR)
    if arg.type.name in (*INTEGERS, "boolean", "varchar", "double", "real", "unknown"):
        return json_casts.text_of(arg, arg.type)
    if arg.type.name == "decimal":
        return f"athena_json_decimal({cast(arg, arg.type, VARCHAR)}, {arg.type.numbers[1]})"
    return json_casts.text_of(cast(arg, arg.type, VARCHAR, zone=arg.zone), VARCHAR)


@gap("json_array(b format json)", "json_array(json_array(1 returning varbinary))")
def _as_json(arg: Arg, form: str) -> str:
    """A value FORMAT JSON is read and written anew; one that was just written so is taken as it is."""
    if arg.type.name == "varbinary" or form not in ("", "json"):
        raise NotPortable("JSON in bytes is not portable", "from_utf8(x)")
    if not form and _canonical(arg.node.unnest()):
        return arg
    found = _or_uncaught(f"athena_json_reread({arg})", "a text FORMAT JSON is no JSON")
    return f"case when {arg} is not null then {found} end"


def _canonical(node: exp.Expr) -> bool:
    """Whether a form writes what it would write again: no decimals, no quotes left out, not cut."""
    words = words_of(node)
    decimals = any(type_of(part).name == "decimal" for part in node.expressions)
    inner = all(_canonical(part.unnest()) for part in node.expressions if is_json(part))
    return type_of(node) == VARCHAR and words.quotes != "omit" and not decimals and inner


def _or_uncaught(found: str, why: str) -> str:
    """What is found, or an error that no TRY catches."""
    failed = macros.failing(f"uncaught('{why}')")
    return f"list_transform([{found}], lambda found: case when found is null then {failed} else found end)[1]"
