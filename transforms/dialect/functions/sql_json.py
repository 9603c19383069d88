"""SQL/JSON: json_exists, json_value and json_query follow a path, json_object and json_array write a text.

A path is followed in Python. What is asked most, a lax path of names in a text with no surprise, DuckDB reads itself:
a name that stands once in the text has no other member behind it, and one that stands nowhere finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import orjson

from transforms.analyzer.coercion import castable
from transforms.analyzer.json_syntax import JsonWords
from transforms.dialect import macros
from transforms.dialect.casts import cast
from transforms.dialect.errors import NotPortable
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import Arg, Invocation, family, helper, rule_of_call
from transforms.dialect.types import text
from transforms.gaps import gap
from transforms.json_items import MISSING, Items, PathError, encoded, filled, read, scalar
from transforms.json_items import text as json_text_of
from transforms.json_path import Here, Path, PathUnsupported, compiled, plain_members
from transforms.json_text import scientific
from transforms.lake_types import BIGINT, BOOLEAN, DOUBLE, INTEGERS, VARCHAR, Type

family("SQL/JSON")

_EMPTY, _ERROR, _FOUND, _NULL = "x", "e", "v", "n"
"""What comes before the text of an answer: nothing was found, the path failed, here it is, here is null."""
_PASSED: dict[str, Callable[[str], object]] = {
    "varchar": str,
    "boolean": lambda value: value == "true",
    "double": float,
    "decimal": Decimal,
    **dict.fromkeys(INTEGERS, int),
}


@lru_cache(maxsize=1024)
def _asked(how: str) -> tuple[Path, tuple[str, ...], bool]:
    """The path, the kinds of the values passed, and whether an error is one of the statement: what `_how` wrote."""
    path, passed, fails = orjson.loads(how)
    return compiled(path, tuple(name for name, _ in passed)), tuple(kind for _, kind in passed), fails


def _passed(kind: str, value: str | None) -> Items:
    """A value passed: NULL is null, but nothing when it is FORMAT JSON."""
    if kind == "json":
        return [] if value is None else [encoded(read(value))]
    return [None if value is None else _PASSED[kind](value)]


def _follow(document: str, how: str, passed: str) -> Items:
    path, kinds, _ = _asked(how)
    values = orjson.loads(passed) if kinds else []
    return path.follow(Here(read(document), list(map(_passed, kinds, values))))


@row_by_row("json_path_exists(varchar, varchar, varchar) -> boolean")
def exists(document: str, how: str, passed: str) -> bool | None:
    """json_exists; NULL where the path fails."""
    try:
        return bool(_follow(document, how, passed))
    except PathError:
        return None


@row_by_row("json_path_value(varchar, varchar, varchar) -> varchar")
def value(document: str, how: str, passed: str) -> str:
    """json_value: the kind of the value and its text."""
    try:
        items = _follow(document, how, passed)
    except PathError:
        return _ERROR
    if not items:
        return _EMPTY
    if items == [MISSING]:  # that a text without any value is null under ERROR ON ERROR only, is a whim of Trino's
        return _NULL if _asked(how)[2] else _ERROR
    return (scalar(items[0]) or _ERROR) if len(items) == 1 else _ERROR


@row_by_row("json_path_query(varchar, varchar, varchar, varchar, boolean) -> varchar")
def query(document: str, how: str, passed: str, wrapper: str, bare: bool) -> str:
    """json_query: the text behind a letter; `bare` is OMIT QUOTES."""
    try:
        items = filled(_follow(document, how, passed))
    except PathError:
        return _ERROR
    if not items:
        return _EMPTY
    alone = len(items) == 1 and (wrapper == "" or (wrapper == "conditional" and isinstance(items[0], (list, dict))))
    if not alone and not wrapper:
        return _ERROR
    found = items[0] if alone else items
    return _FOUND + (found if bare and isinstance(found, str) else json_text_of(found))


@row_by_row("json_path_text(varchar, varchar, varchar) -> varchar")
def value_text(document: str, how: str, passed: str) -> str | None:
    """json_value as varchar, NULL where there is none."""
    found = value(document, how, passed)
    kind, shown = found[0], found[1:]
    return scientific(float(shown)) if kind == "d" else shown if kind in "sib" else None


_UNSURE = r",[ \t\r\n]*[\]}]|(^|[,:\[])[ \t\r\n]*(-?(?i:nan|inf)|-0([^.eE]|$))|[0-9]{19}|\\u00"
"""What DuckDB reads and Jackson does not, what DuckDB writes otherwise, a name that is written with an escape."""
helper("json_twice(j, name)", "contains(substr(j, strpos(j, name) + 1), name)")
helper("json_nowhere(j, name)", "not contains(j, name) and not contains(j, '\\u00')")
helper(
    "json_value_at(j, p, twice, how)",
    f"case when twice or regexp_matches(j, {text(_UNSURE)}) then athena_json_path_text(j, how, '') "
    "when json_type(try_cast(j as json), p) in ('VARCHAR', 'UBIGINT', 'BIGINT', 'BOOLEAN') "
    "then json_extract_string(try_cast(j as json), p) else athena_json_path_text(j, how, '') end",
)
helper(
    "json_item_at(j, p, twice, how)",
    f"case when twice or regexp_matches(j, {text(_UNSURE)}) then athena_json_path_value(j, how, '') "
    "when json_type(try_cast(j as json), p) = 'VARCHAR' then 's' || json_extract_string(try_cast(j as json), p) "
    "when json_type(try_cast(j as json), p) in ('UBIGINT', 'BIGINT') "
    "then 'i' || json_extract_string(try_cast(j as json), p) when json_type(try_cast(j as json), p) = 'DOUBLE' "
    "then 'd' || json_extract_string(try_cast(j as json), p) else athena_json_path_value(j, how, '') end",
)
helper(
    "json_exists_at(j, p, twice, how)",
    f"case when json_type(try_cast(j as json), p) is not null and not twice "
    f"and not regexp_matches(j, {text(_UNSURE)}) then true else athena_json_path_exists(j, how, '') end",
)


@dataclass(frozen=True)
class _Place:
    """A document and where to look in it, as DuckDB sees them."""

    document: Arg
    words: JsonWords
    passed: tuple[Arg, ...]

    @property
    def how(self) -> str:
        """The constant that tells the functions in Python what to do: `_asked` reads it."""
        kinds = [
            (name, "json" if form else _kind(arg))
            for name, form, arg in zip(self.words.names, self.words.formats[1:], self.passed, strict=True)
        ]
        return text(orjson.dumps([self.words.path, kinds, self.words.on_error == "error"]).decode())

    @property
    def arguments(self) -> str:
        """What the functions in Python take: the document, the path, the texts of the values passed."""
        values = ", ".join(f"cast({arg} as varchar)" for arg in self.passed)
        return f"{self.document}, {self.how}, " + (f"cast(to_json([{values}]) as varchar)" if values else "''")

    @property
    def names(self) -> list[str]:
        """The names that a lax path of names goes down by, as they stand in a text; none for any other path."""
        found = None if self.passed else plain_members(self.words.path)
        return [text(f'"{name}"') for name in found or ()]

    def found_by(self, fast: str) -> str:
        """By a macro, for such a path."""
        path = "$." + ".".join(plain_members(self.words.path) or ())
        twice = " or ".join(f"athena_json_twice({self.document}, {name})" for name in self.names)
        return f"{fast}({self.document}, {text(path)}, ({twice}), {self.how})"

    def unless_nowhere(self, found: str, otherwise: str) -> str:
        """`otherwise` where the last of the names stands nowhere: the text has no such member, or is broken."""
        if not self.names:
            return found
        return f"case when athena_json_nowhere({self.document}, {self.names[-1]}) then {otherwise} else {found} end"


@gap(
    "json_value(b, 'lax $.a')",
    "json_exists(s, 'lax $.a ? (@ == $D)' passing d as d)",
    "json_exists(s, 'lax $[$X]' passing x as x)",
    "json_exists(s, 'lax $.a + 1 ')",
    "json_exists(s, 'lax $.a.double()')",
)
def _place(call: Invocation) -> _Place:
    words = call.words
    assert words is not None
    document, *others = call.args
    passed = tuple(others[: len(words.names)])
    for arg, form in zip((document, *passed), words.formats, strict=True):
        if arg.type.name == "varbinary" or form not in ("", "json"):
            raise NotPortable("JSON in bytes is not portable", "from_utf8(x)")
    try:
        path = compiled(words.path, words.names)
    except PathUnsupported as reason:
        raise NotPortable(f"this path of {call.name} is not portable: {reason}", "steps like 'lax $.a[0].b'") from None
    for name, arg in zip(words.names, passed, strict=True):
        if name in path.positions and arg.type.name not in INTEGERS:
            raise NotPortable(f"a position of type {arg.type} is not portable", "cast(.. as bigint)")
    return _Place(document, words, passed)


def _kind(arg: Arg) -> str:
    if arg.type.name == "unknown":
        return "varchar"
    if arg.type.name not in _PASSED:
        raise NotPortable(f"a value of type {arg.type} for a path is not portable", "cast(.. as varchar)")
    return arg.type.name


@rule_of_call("json_exists(varchar|varbinary, T...) -> boolean")
def json_exists(call: Invocation) -> str:
    """Whether the path finds something; false where it fails, or what ON ERROR says."""
    place = _place(call)
    found = f"athena_json_path_exists({place.arguments})"
    on_error = place.words.on_error or "false"
    if on_error == "null":
        return found
    if on_error == "error":
        failed = macros.failing("uncaught('json_exists failed')")
        known = f"case when found then true when found is null then {failed} else false end"
        return _answered(place, {}, known, found)
    if place.names and on_error == "false":
        found = place.unless_nowhere(place.found_by("athena_json_exists_at"), "false")
    return f"case when {place.document} is not null then coalesce({found}, {on_error}) end"


@rule_of_call("json_value(varchar|varbinary, T...) -> T")
@gap("json_value(s, 'lax $.a' returning char(3))", "json_value(s, 'lax $.a' returning timestamp with time zone)")
def json_value(call: Invocation) -> str:
    """The one value that is found, cast to the type; texts without quotes, doubles as `1.5E0`, JSON's null is NULL."""
    place, to = _place(call), call.type
    words = place.words
    if to.name == "char" or to.name.endswith("time zone"):
        raise NotPortable(f"json_value returning {to} is not portable", "returning varchar")
    plain = (words.on_empty or "null") == (words.on_error or "null") == "null"
    if plain and to == VARCHAR:
        slow = f"athena_json_path_text({place.arguments})"
        return place.unless_nowhere(place.found_by("athena_json_value_at") if place.names else slow, "null")
    defaults = list(call.args[1 + len(place.passed) :])
    given = {
        name: defaults.pop(0)
        for name, how in (("empty", words.on_empty), ("error", words.on_error))
        if how == "default"
    }
    empty, failed = (
        macros.failing("uncaught('json_value found no single value')")
        if how == "error"
        else f"found['{name}']"
        if how == "default"
        else "null"
        for name, how in (("empty", words.on_empty), ("error", words.on_error))
    )
    item = "found['item']" if given else "found"
    kinds = {"s": VARCHAR, "i": BIGINT, "d": DOUBLE, "b": BOOLEAN}
    cases = " ".join(
        f"when '{kind}' then {_cast(f'substr({item}, 2)', here, to, failed)}" for kind, here in kinds.items()
    )
    known = f"case {item}[1] when '{_NULL}' then null when '{_EMPTY}' then {empty} {cases} else {failed} end"
    slow = f"athena_json_path_value({place.arguments})"
    answer = _answered(place, given, known, place.found_by("athena_json_item_at") if place.names else slow)
    return place.unless_nowhere(answer, "null") if plain else answer


def _cast(shown: str, here: Type, to: Type, failed: str) -> str:
    """The text of a value of type `here` as `to`; `failed` where Trino cannot cast it."""
    if not castable(here, to):
        return failed
    if here == BOOLEAN and to.name == "varchar" and to.numbers and to.numbers[0] < len("false"):
        uncaught = macros.failing("uncaught('a boolean does not fit into the varchar')")
        return f"case when length({shown}) <= {to.numbers[0]} then {shown} else {uncaught} end"
    value_ = shown if here == VARCHAR else f"cast({shown} as {here})"
    found = cast(value_, here, to, safe=True)
    return found if failed == "null" else f"case when {found} is not null then {found} else {failed} end"


def _answered(place: _Place, given: dict[str, Arg], known: str, found: str) -> str:
    """What becomes of an answer in Python, called `found` in `known`; defaults are computed for each document."""
    fields = ", ".join(f"{name} := {arg}" for name, arg in given.items())
    item = f"struct_pack(item := {found}, {fields})" if given else found
    answer = f"list_transform([{item}], lambda found: {known})[1]"
    return f"case when {place.document} is not null then {answer} end"


@rule_of_call("json_query(varchar|varbinary, T...) -> varchar")
def json_query(call: Invocation) -> str:
    """The text of what is found, written anew; more than one item only with WRAPPER."""
    place = _place(call)
    words = place.words
    bare = "true" if words.quotes == "omit" else "false"
    found = f"athena_json_path_query({place.arguments}, {text(words.wrapper)}, {bare})"
    empty, failed = (
        macros.failing("uncaught('json_query found no single item')")
        if how == "error"
        else text(how)
        if how not in ("", "null")
        else "null"
        for how in (words.on_empty, words.on_error)
    )
    known = f"case found[1] when '{_EMPTY}' then {empty} when '{_ERROR}' then {failed} else substr(found, 2) end"
    answer = _answered(place, {}, known, found)
    return returned(place.unless_nowhere(answer, "null") if empty == failed == "null" else answer, call)


@gap("json_query(s, 'lax $' returning varbinary format json encoding utf16)", "json_object('a' : 1 returning char(3))")
def returned(written: str, call: Invocation) -> str:
    """The text as RETURNING wants it."""
    words, to = call.words, call.type
    assert words is not None
    if to.name == "char" or words.output not in ("", "json", "utf8"):
        raise NotPortable(f"{call.name} returning {to} is not portable in this form", "returning varchar")
    return f"encode({written})" if to.name == "varbinary" else cast(written, VARCHAR, to)
