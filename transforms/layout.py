"""What a path in a home means: folder = database, file = table. Knows names of files, never opens one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from transforms.errors import Problem, did_you_mean
from transforms.fields import listed
from transforms.names import TableName
from transforms.relation import Kind

Meaning = Literal["relation", "check", "test", "source", "schema", "code", "note"]
RELATION_FOLDERS: Mapping[str, Kind] = {"transforms/tables": "table", "transforms/views": "view"}
SOURCE_FOLDER = "connectors/sources"
HOME_FOLDERS: Mapping[str, tuple[str, ...]] = {
    "transforms": ("tables", "views", "teams.yaml"),
    "connectors": ("sources", "targets.yaml"),
}
"""The two folders that make a home, and what a declaration may stand in."""
SCHEMA_SUFFIX = ".schema.yaml"
_SOURCE_MEANINGS: Mapping[str, Meaning] = {SCHEMA_SUFFIX: "schema", ".yaml": "source", ".py": "code"}
CHECK_SUFFIX = ".check.sql"
TEST_SUFFIX = ".test.yaml"


@dataclass(frozen=True, slots=True)
class Place:
    """What a file is for. `name` is the table that a relation or test is named by; `stem` the source's name."""

    path: str
    meaning: Meaning
    name: TableName | None = None
    stem: str = ""


def relation_place(path: str, is_folder: bool) -> Place | Problem:
    """What an entry of a database's folder is."""
    file = PurePosixPath(path)
    root, database = str(file.parent.parent), file.parent.name
    kind = RELATION_FOLDERS[root]
    if is_folder:
        return Problem(path, 0, 0, "folders of tables do not nest", write=f"move its files to {file.parent}")
    if file.suffix == ".md":
        return Place(path, "note")
    if path.endswith(CHECK_SUFFIX):
        return Place(path, "check")
    suffix = next((known for known in (TEST_SUFFIX, ".sql") if path.endswith(known)), None)
    if suffix is None:
        return _unexpected(path, (".sql", TEST_SUFFIX, CHECK_SUFFIX, ".md"))
    table = file.name.removesuffix(suffix)
    try:
        name = TableName.parse(f"{database}.{table}")
    except ValueError:
        write = "write lower case letters, digits and underscores"
        return Problem(path, 0, 0, f'"{database}.{table}" is not the name of a {kind}', write=write)
    if problem := _wrong_layer(path, kind, name):
        return problem
    return Place(path, "test" if suffix == TEST_SUFFIX else "relation", name)


def _wrong_layer(path: str, kind: Kind, name: TableName) -> Problem | None:
    """The name says the layer: core_ for tables, plain names for views, raw_ for what ingest lands."""
    if kind == "table" and name.layer != "core":
        write = f"write transforms/tables/core_{name.database.removeprefix('raw_')}/, or make it a view"
        return Problem(path, 0, 0, f'the database of a table begins with core_, not "{name.database}"', write=write)
    if kind == "view" and name.layer != "view":
        plain = name.database.removeprefix("raw_").removeprefix("core_")
        what = f'the database of a view has a plain name, not "{name.database}"'
        return Problem(path, 0, 0, what, write=f"write transforms/views/{plain}/")
    return None


def source_place(path: str, is_folder: bool) -> Place | Problem:
    """What an entry of the sources' folder is."""
    file = PurePosixPath(path)
    if is_folder:
        return Problem(path, 0, 0, "folders of sources do not nest", write=f"move its files to {file.parent}")
    if file.suffix == ".md":
        return Place(path, "note")
    suffix = next((known for known in (SCHEMA_SUFFIX, ".yaml", ".py") if path.endswith(known)), None)
    if suffix is None:
        return _unexpected(path, (".yaml", SCHEMA_SUFFIX, ".py", ".md"))
    stem = file.name.removesuffix(suffix)
    try:
        TableName.parse(f"raw_{stem}.x")
    except ValueError:
        write = "write lower case letters, digits and underscores"
        return Problem(path, 0, 0, f'"{stem}" is not the name of a source', write=write)
    return Place(path, _SOURCE_MEANINGS[suffix], None, stem)


def outside_of_database(path: str) -> Problem | None:
    """A file that stands beside the databases' folders instead of in one; notes may."""
    file = PurePosixPath(path)
    if file.suffix == ".md":
        return None
    kind = RELATION_FOLDERS[str(file.parent)]
    database = "core_ads" if kind == "table" else "ads"
    write = f"move it to {file.parent}/{database}/{file.name}, or whichever database it belongs to"
    return Problem(path, 0, 0, f"a {kind} stands in the folder of its database", write=write)


def outside_of_declarations(path: str, is_folder: bool, is_code: bool) -> Problem | None:
    """An entry of one of the home's two folders that looks declared and is read by nothing; code and notes may."""
    file = PurePosixPath(path)
    allowed = HOME_FOLDERS[str(file.parent)]
    if file.name in allowed or is_code or not (is_folder or file.suffix in (".sql", ".yaml", ".yml")):
        return None
    what = f"nothing reads this {'folder' if is_folder else 'file'}"
    hint = did_you_mean(file.name, allowed)
    if not hint and file.suffix == ".sql":
        hint = f"move it to transforms/tables/core_ads/{file.name}, or whichever database it belongs to"
    return Problem(path, 0, 0, what, f"in {file.parent} stand {listed(allowed)}", hint or "rename or remove it")


def _unexpected(path: str, allowed: tuple[str, ...]) -> Problem:
    file = PurePosixPath(path)
    suffix = file.name[file.name.find(".") :] if "." in file.name else ""
    what = f'nothing reads a file that ends with "{suffix}"' if suffix else "nothing reads a file without a suffix"
    hint = did_you_mean(suffix, allowed) or "rename or remove it"
    return Problem(path, 0, 0, what, f"here stand {', '.join(allowed)}", hint)
