"""When two values of a type are equal, and which comes first: as on Trino, also where NULL or NaN is inside of them.

DuckDB compares arrays, rows and maps as wholes: NULL is like NULL there, NaN like NaN, and the order of a map's entries
counts. That is Trino's IS DISTINCT FROM (without the maps), but not its `=`, which is unknown where a NULL decides.
"""

from __future__ import annotations

from transforms.dialect.errors import NotPortable
from transforms.dialect.macros import failing
from transforms.dialect.rules import helper
from transforms.dialect.types import row_fields, text
from transforms.gaps import gap
from transforms.lake_types import FLOATING, INTEGERS, Type

_SIMPLE = (
    *(*INTEGERS, "varchar", "date", "boolean", "decimal", "timestamp", "unknown", "varbinary", "json", "char"),
    *("timestamp with time zone", "interval day to second", "interval year to month", "uuid"),
)
NESTED = ("array", "map", "row")


@gap("array[ipaddress '10.0.0.1'] = array[ipaddress '10.0.0.1']", "array_distinct(array[ipaddress '10.0.0.1'])")
def known(kind: Type, *, ordered: bool = False) -> None:
    """Refuse what is equal, or ordered, otherwise on the two engines."""
    if kind.name in NESTED and not (ordered and kind.name == "map"):
        for inner in (*kind.parts, *(field.type for field in kind.fields)):
            known(inner, ordered=ordered)
    elif kind.name not in (*_SIMPLE, *FLOATING):
        raise NotPortable(f"comparing {kind} is not portable yet", "a comparison of its parts")


def holds(kind: Type, *names: str) -> bool:
    """Whether a type of one of these names is it, or is anywhere inside of it."""
    inner = (*kind.parts, *(field.type for field in kind.fields))
    return kind.name in names or any(holds(each, *names) for each in inner)


def equal(left: str, right: str, kind: Type) -> str:
    """`left = right`: true, false, or NULL where one is NULL or a NULL inside decides. NaN equals nothing."""
    if kind.name in FLOATING:
        return f"({left} = {right} and {left} <= 'infinity')"
    if kind.name == "row":
        names = [(text(name), field.type) for name, field in row_fields(kind)]
        parts = (equal(_field(left, name), _field(right, name), each) for name, each in names)
        return f"({' and '.join(parts)})"
    if kind.name == "array" and kind.element.name in _SIMPLE:
        return f"athena_same_arrays({left}, {right})"
    if kind.name == "array":
        pairs = f"list_transform(list_zip({left}, {right}), lambda pair: {equal('pair[1]', 'pair[2]', kind.element)})"
        return f"athena_same_lengths(len({left}), len({right}), {pairs})"
    if kind.name == "map":
        value = equal("entry['value']", f"({right})[entry['key']]", kind.parts[1])
        found = f"case when map_contains({right}, entry['key']) then {value} else false end"
        pairs = f"list_transform(map_entries({left}), lambda entry: {found})"
        return f"athena_same_lengths(cardinality({left}), cardinality({right}), {pairs})"
    return f"({left} = {right})"


helper("same_lengths(m, n, l)", "case when m <> n then false when m = n then athena_all_true(l) end")
helper(
    "same_arrays(a, b)",
    "case when a is null or b is null then null when len(a) <> len(b) then false "
    "when list_count(a) = len(a) and list_count(b) = len(b) then a = b "
    "when len(list_filter(list_zip(a, b), lambda p: p[1] <> p[2])) > 0 then false end",
)


def _field(value: str, name: str) -> str:
    return f"struct_extract({value}, {name})"


def ordered(left: str, sign: str, right: str, kind: Type) -> str:
    """`left < right` and the like of arrays and rows; a NULL inside that decides is an error."""
    known(kind, ordered=True)
    unknown = f"{left} is null or {right} is null"
    return failing(
        f"case when {unknown} then null when {_undecided(left, right, kind)} then {_fail(kind)} "
        f"else {left} {sign} {right} end"
    )


def sorted_array(a: str, kind: Type) -> str:
    """The elements in ascending order, NULLs last. Neighbours whose order a NULL decides are an error."""
    known(kind, ordered=True)
    result = f"list_sort({a}, 'ASC', 'NULLS LAST')"
    if kind.name not in NESTED:
        return result
    decided = f"pair[1] is not null and pair[2] is not null and {_undecided('pair[1]', 'pair[2]', kind)}"
    wrong = f"len(list_filter(athena_neighbours({result}), lambda pair: {decided})) > 0"
    return failing(f"case when {wrong} then {_fail(kind)} else {result} end")


helper("neighbours(l)", "list_zip(l[1:len(l) - 1], l[2:len(l)])")


def extreme(a: str, which: str, kind: Type) -> str:
    """The greatest or the least of the arrays or rows in an array. Athena compares until it meets a NULL."""
    known(kind, ordered=True)
    sign = ">=" if which == "max" else "<="
    better = f"when best {sign} item then best else item end"
    unknown = "best is null or item is null"
    choice = f"case when {unknown} then null when {_undecided('best', 'item', kind)} then {_fail(kind)} {better}"
    result = f"case when len({a}) > 0 then list_reduce({a}, lambda best, item: {choice}) end"
    if which == "max" and holds(kind, *FLOATING):
        nan = f"len(list_filter({a}, lambda item: {missing('item', kind, nan=True)})) > 0"
        return failing(f"case when {nan} then unportable('the greatest of rows with NaN') else {result} end")
    return failing(result)


def _fail(kind: Type) -> str:
    return f"uncaught('{_NULLS[kind.name]}')"


_NULLS = {
    "array": "ARRAY comparison not supported for arrays with null elements",
    "row": "ROW comparison not supported for fields with null elements",
}


def _undecided(left: str, right: str, kind: Type) -> str:
    """Whether a NULL inside of arrays or rows stands where their order is decided; both are not NULL."""
    if kind.name == "array":
        inner = _undecided("pair[1]", "pair[2]", kind.element)
        unknown = "pair[1] is null or pair[2] is null" + f" or {inner}" * (inner != "false")
        verdict = f"case when {unknown} then 2 when pair[1] = pair[2] then 0 else 1 end"
        shorter = f"least(len({left}), len({right}))"
        pairs = f"list_zip(({left})[1:{shorter}], ({right})[1:{shorter}])"
        return f"coalesce(list_filter(list_transform({pairs}, lambda pair: {verdict}), lambda v: v > 0)[1] = 2, false)"
    if kind.name != "row":
        return "false"
    result = ""
    for name, field in reversed(row_fields(kind)):
        one, other = _field(left, text(name)), _field(right, text(name))
        inner = _undecided(one, other, field.type)
        unknown = f"{one} is null or {other} is null" + f" or {inner}" * (inner != "false")
        result = f"({unknown} or {one} = {other} and {result})" if result else f"({unknown})"
    return result


def missing(value: str, kind: Type, *, nan: bool = False) -> str:
    """Whether a NULL is anywhere inside of an array, row or map (or NaN); false for other types and for NULL itself."""
    if kind.name == "array":
        inner = _hole("item", kind.element, nan)
        return f"coalesce(len(list_filter({value}, lambda item: {inner})) > 0, false)"
    if kind.name == "map":
        return missing(f"map_values({value})", Type("array", (), (kind.parts[1],)), nan=nan)
    if kind.name == "row":
        holes = (_hole(_field(value, text(name)), field.type, nan) for name, field in row_fields(kind))
        return f"({value} is not null and ({' or '.join(holes)}))"
    return "false"


def _hole(value: str, kind: Type, nan: bool) -> str:
    inner = missing(value, kind, nan=nan)
    floating = nan and kind.name in FLOATING
    return f"{value} is null" + f" or {inner}" * (inner != "false") + f" or isnan({value})" * floating
