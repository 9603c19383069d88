"""Files of text: JSON lines, CSV with quotes, and Hive's delimited rows. A value that its type cannot hold is NULL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from local_dev.aws.athena.json_keys import JsonKeys
from local_dev.aws.athena.selects import Select, item, listed, select
from transforms.column import Column
from transforms.dialect.types import duckdb_type, text
from transforms.lake_types import Type
from transforms.names import quoted

_STRUCTURED = ("array", "map", "row")


class JsonLines:
    """One object in a line. Keys are found whatever their case, as the serdes do; `mapping.column` names another."""

    def __init__(self, keys: JsonKeys, parameters: Mapping[str, str]) -> None:
        self._keys = keys
        self._parameters = parameters

    def selects(
        self, files: Sequence[str], stored: Sequence[Column], by_path: Sequence[Column], constants: Sequence[str] = ()
    ) -> list[Select]:
        """One for the files that have the same keys."""
        alike: dict[frozenset[str], list[str]] = {}
        for file, keys in self._keys.of(files).items():
            alike.setdefault(keys, []).append(file)
        return [self._select(some, keys, stored, by_path, constants) for keys, some in alike.items()]

    def _select(
        self,
        files: Sequence[str],
        keys: frozenset[str],
        stored: Sequence[Column],
        by_path: Sequence[Column],
        constants: Sequence[str],
    ) -> Select:
        found = {column.name: self._found(column, keys) for column in stored}
        lenient = str(self._parameters.get("ignore.malformed.json", "false").lower() == "true").lower()
        if any(len(names) > 1 for names in found.values()):
            items = [_extracted(column, found[column.name]) for column in stored]
            opened = f"read_ndjson_objects({listed(files)}, ignore_errors={lenient}"
            return select(opened, items, by_path, constants, files)
        types = {names[0]: duckdb_type(column.type) for column in stored if (names := found[column.name])}
        items = [
            f"{quoted(found[column.name][0])} as {quoted(column.name)}"
            if found[column.name]
            else item(column, held=False)
            for column in stored
        ]
        declared = ", ".join(f"{text(key)}: {text(type_)}" for key, type_ in types.items()) or "'$none': 'varchar'"
        options = f"format='newline_delimited', columns={{{declared}}}, ignore_errors={lenient}"
        return select(f"read_json({listed(files)}, {options}", items, by_path, constants, files)

    def _found(self, column: Column, keys: frozenset[str]) -> list[str]:
        wanted = self._parameters.get(f"mapping.{column.name}", column.name).lower()
        return sorted(key for key in keys if key.lower() == wanted)


def _extracted(column: Column, names: Sequence[str]) -> str:
    """The value under the first of several spellings of a key: DuckDB's reader takes only one."""
    values = [f"json -> {text(_pointer(name))}" for name in names]
    spec = text(json.dumps(duckdb_type(column.type)))
    return f"json_transform(coalesce({', '.join(['null', *values])}), {spec}) as {quoted(column.name)}"


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


class DelimitedText:
    """Columns by their number. `quote` is empty for rows that know none."""

    def __init__(self, delimiter: str, quote: str, escape: str, null: str, parameters: Mapping[str, str]) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self._escape = escape
        self._null = null
        self._parameters = parameters

    def selects(
        self, files: Sequence[str], stored: Sequence[Column], by_path: Sequence[Column], constants: Sequence[str] = ()
    ) -> list[Select]:
        """One for all files."""
        if not files:
            return []
        names = [f"c{index}" for index, _ in enumerate(stored)]
        declared = ", ".join(f"{text(name)}: 'varchar'" for name in names)
        skipped = self._parameters.get("skip.header.line.count", "0")
        options = (
            f"auto_detect=false, header=false, skip={int(skipped)}, delim={text(self._delimiter)}, "
            f"quote={text(self._quote)}, escape={text(self._escape if self._quote else '')}, "
            f"nullstr={text(self._null)}, null_padding=true, strict_mode=false, columns={{{declared}}}"
        )
        items = [f"{self._value(name, c.type)} as {quoted(c.name)}" for name, c in zip(names, stored, strict=True)]
        return [select(f"read_csv({listed(files)}, {options}", items, by_path, constants, files)]

    def _value(self, name: str, type_: Type) -> str:
        if type_.name in ("varchar", "char"):
            return name
        if type_.name == "varbinary":
            return f"try(from_base64({name}))"
        if type_.name in _STRUCTURED:
            return self._structured(name, type_)
        return f"try_cast(nullif(trim({name}), '') as {duckdb_type(type_)})"

    def _structured(self, name: str, type_: Type) -> str:
        """Items are parted by the second delimiter, keys and values by the third."""
        items = f"string_split({name}, {text(self._parameters.get('collection.delim', chr(2)))})"
        target = duckdb_type(type_)
        if type_.name == "array":
            return f"try_cast({items} as {target})"
        if type_.name == "map":
            parted = text(self._parameters.get("mapkey.delim", "\x03"))
            pair = f"struct_pack(k := split_part(e, {parted}, 1), v := split_part(e, {parted}, 2))"
            return f"try_cast(map_from_entries(list_transform({items}, lambda e: {pair})) as {target})"
        fields = ", ".join(
            f"{quoted(field.name or '')} := {items}[{index}]" for index, field in enumerate(type_.fields, 1)
        )
        return f"case when {name} is not null then try_cast(struct_pack({fields}) as {target}) end"
