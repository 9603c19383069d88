"""Casts from json and to it, part by part: a value of the type json is the text that Jackson writes for Trino."""

from __future__ import annotations

from collections.abc import Callable

from transforms.dialect import casts
from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import helper
from transforms.dialect.types import duckdb_type, row_fields, text
from transforms.gaps import gap
from transforms.json_text import written
from transforms.lake_types import INTEGERS, VARCHAR, Type
from transforms.names import quoted

_NO_SCALAR = (
    "when 'OBJECT' then fail('Cannot cast an object to a {0}') when 'ARRAY' then fail('Cannot cast an array to a {0}')"
)
helper(
    "json_to_text(j)",
    f"case json_type(j) when 'NULL' then null {_NO_SCALAR.format('varchar')} "
    "when 'DOUBLE' then athena_double_text(try_cast(json_extract_string(j, '$') as double)) "
    "else json_extract_string(j, '$') end",
)
helper(
    "json_to_double(j)",
    f"case json_type(j) when 'NULL' then null {_NO_SCALAR.format('double')} "
    "when 'BOOLEAN' then cast(json_extract_string(j, '$') = 'true' as double) "
    "else cast(athena_floating_text(json_extract_string(j, '$')) as double) end",
)
helper(
    "json_to_whole(j)",
    f"case json_type(j) when 'NULL' then null {_NO_SCALAR.format('number')} "
    "when 'BOOLEAN' then cast(json_extract_string(j, '$') = 'true' as bigint) "
    "when 'DOUBLE' then cast(round(cast(json_extract_string(j, '$') as double)) as bigint) "
    "else cast(athena_whole_text(json_extract_string(j, '$')) as bigint) end",
)
helper(
    "json_to_decimal(j)",
    f"case json_type(j) when 'NULL' then null {_NO_SCALAR.format('decimal')} "
    "when 'BOOLEAN' then cast(cast(json_extract_string(j, '$') = 'true' as integer) as varchar) "
    "else athena_decimal_text(json_extract_string(j, '$')) end",
)
helper(
    "json_to_boolean(j)",
    f"case json_type(j) when 'NULL' then null {_NO_SCALAR.format('boolean')} "
    "when 'BOOLEAN' then json_extract_string(j, '$') = 'true' "
    "when 'VARCHAR' then cast(athena_boolean_text(json_extract_string(j, '$')) as boolean) "
    "else cast(json_extract_string(j, '$') as double) <> 0 end",
)
helper(
    "json_items(j)",
    "cast(case when json_type(j) = 'ARRAY' then json_extract(j, '$[*]') "
    "when json_type(j) <> 'NULL' then fail('Cannot cast JSON to an array') end as json[])",
)
helper(
    "json_members(j)",
    "cast(case when json_type(j) = 'OBJECT' then list_transform(list_zip(cast(json_keys(j) as varchar[]), "
    "cast(json_extract(j, '$.*') as json[])), lambda pair: struct_pack(key := pair[1], value := pair[2])) "
    "when json_type(j) <> 'NULL' then fail('Cannot cast JSON to a map') end as struct(key varchar, value json)[])",
)
helper(
    "json_fields(j, names)",
    "case json_type(j) when 'OBJECT' then list_transform(names, lambda name: athena_json_field(j, name)) "
    "when 'ARRAY' then case when json_array_length(j) = len(names) then json_extract(j, '$[*]') "
    "else fail('Cannot cast JSON to a row of another length') end "
    "when 'NULL' then null else case when j is not null then fail('Expected a json array or object') end end",
)
helper(
    "json_field(j, name)",
    "case len(list_filter(json_keys(j), lambda key: lower(key) = name)) when 0 then null "
    "when 1 then list_filter(athena_json_members(j), lambda member: lower(member['key']) = name)[1].value "
    "else fail('Duplicate field in a JSON object') end",
)


def cast(sql: str, here: Type, to: Type, zone: str | None) -> str:
    """One of the types is json."""
    return _Casts(zone).to_json(sql, here) if to.name == "json" else _Casts(zone).from_json(sql, to)


def text_of(sql: str, here: Type) -> str:
    """The JSON text of a value as a varchar; NULL for NULL."""
    return _Casts(None).written(sql, here)


class _Casts:
    """`depth` keeps the variables of lambdas apart: DuckDB would confuse those of one name."""

    def __init__(self, zone: str | None) -> None:
        self.zone = zone
        self.depth = 0

    def each(self, items: str, made: Callable[[str], str]) -> str:
        """The list of what is made of each item of a list."""
        self.depth += 1
        part = f"part_{self.depth}"
        return f"list_transform({items}, lambda {part}: {made(part)})"

    def one(self, value: str, made: Callable[[str], str]) -> str:
        """What is made of a value that is computed once; NULL stays NULL."""
        return f"{self.each(f'[{value}]', lambda part: f'case when {part} is not null then {made(part)} end')}[1]"

    def from_json(self, sql: str, to: Type) -> str:
        """The value that the text of a JSON value means as the type."""
        if to.name == "json":
            return f"athena_json_element({sql})"
        if to.name == "varchar":
            return (
                f"athena_fits(athena_json_to_text({sql}), {to.numbers[0]})"
                if to.numbers
                else f"athena_json_to_text({sql})"
            )
        if to.name in INTEGERS:
            return f"cast(athena_json_to_whole({sql}) as {to.name})"
        if to.name == "decimal":
            return f"cast(athena_json_to_decimal({sql}) as {duckdb_type(to)})"
        if to.name == "real":
            return f"athena_to_real(athena_json_to_double({sql}))"
        if to.name in ("double", "boolean"):
            return f"athena_json_to_{to.name}({sql})"
        if to.name == "array":
            return self.each(f"athena_json_items({sql})", lambda part: self.from_json(part, to.element))
        if to.name == "map":
            return self._map(sql, to)
        if to.name == "row":
            return self._row(sql, to)
        raise NotPortable(f"a cast from json to {to} is not portable yet", "json_extract_scalar")

    def _map(self, sql: str, to: Type) -> str:
        def pair(part: str) -> str:
            key = casts.cast(f"{part}['key']", VARCHAR, to.parts[0])
            value = self.from_json(f"{part}['value']", to.parts[1])
            return f"struct_pack(key := {key}, value := {value})"

        return f"map_from_entries({self.each(f'athena_json_members({sql})', pair)})"

    @gap("cast(j as row(bigint))")
    def _row(self, sql: str, to: Type) -> str:
        fields = row_fields(to)
        if any(field.name is None for _, field in fields):
            raise NotPortable(f"a cast from json to {to} is not portable: its fields have no names", "row(a bigint)")

        def row(part: str) -> str:
            items = (
                f"{quoted(name)} := {self.from_json(f'{part}[{position}]', field.type)}"
                for position, (name, field) in enumerate(fields, 1)
            )
            return f"struct_pack({', '.join(items)})"

        names = ", ".join(text(name.lower()) for name, _ in fields)
        return self.one(f"athena_json_fields({sql}, [{names}])", row)

    def to_json(self, sql: str, here: Type) -> str:
        """The text of a value; NULL stays NULL."""
        return f"cast({self.written(sql, here)} as json)"

    def written(self, sql: str, here: Type) -> str:
        """The text of a value, as a varchar."""
        if here.name == "json":
            return f"cast({sql} as varchar)"
        if here.name in (*INTEGERS, "boolean", "unknown"):
            return f"cast({sql} as varchar)"
        if here.name == "varchar":
            return f"cast(athena_json_kept(to_json({sql})) as varchar)"
        if here.name == "decimal":
            return casts.cast(sql, here, VARCHAR)
        if here.name in ("double", "real"):
            return f"athena_json_{here.name}({sql})"
        if here.name in ("date", "timestamp", "timestamp with time zone"):
            return f"('\"' || {casts.cast(sql, here, VARCHAR, zone=self.zone)} || '\"')"
        if here.name == "array":
            items = self.each(sql, lambda part: self._or_null(part, here.element))
            return f"('[' || array_to_string({items}, ',') || ']')"
        if here.name == "map":
            return self._object(sql, here)
        if here.name == "row":
            return self._record(sql, here)
        raise NotPortable(f"a cast from {here} to json is not portable yet", "a cast to varchar first")

    def _or_null(self, sql: str, here: Type) -> str:
        return f"coalesce({self.written(sql, here)}, 'null')"

    def _object(self, sql: str, here: Type) -> str:
        key, value = here.parts
        if key.name not in (*INTEGERS, "varchar", "boolean", "double", "real", "decimal"):
            raise NotPortable(f"a cast from {here} to json is not portable", "keys that are texts or numbers")

        def pair(part: str) -> str:
            name = f"{part}['key']"
            name = name if key.name == "varchar" else self.written(name, key)
            shown = self._or_null(f"{part}['value']", value)
            return f"struct_pack(key := {name}, value := {shown})"

        def member(part: str) -> str:
            return f"cast(athena_json_kept(to_json({part}['key'])) as varchar) || ':' || {part}['value']"

        members = self.each(f"list_sort({self.each(f'map_entries({sql})', pair)})", member)
        return f"('{{' || array_to_string({members}, ',') || '}}')"

    def _record(self, sql: str, here: Type) -> str:
        def made(part: str) -> str:
            members = (
                f"{text(written(field.name or '') + ':')} "
                f"|| {self._or_null(f'struct_extract({part}, {text(name)})', field.type)}"
                for name, field in row_fields(here)
            )
            return "('{' || " + " || ',' || ".join(members) + " || '}')"

        return self.one(sql, made)


for _name in ("double", "real"):
    helper(
        f"json_{_name}(x)",
        f"case when isfinite(x) then athena_java_{_name}(x) else '\"' || athena_scientific_{_name}(x) || '\"' end",
    )
