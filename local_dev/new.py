"""`baikal new table` and `new view`: writes a new SQL file. `new source` is `local_dev.new_source`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_name, complete_team
from local_dev.new_files import owner_of, require_free, write_files
from local_dev.new_source import source
from local_dev.relation_template import relation_text
from local_dev.selection import one_name
from transforms.content import Content
from transforms.errors import Problem, UsageError
from transforms.layout import RELATION_FOLDERS, relation_place
from transforms.names import TableName

if TYPE_CHECKING:
    from transforms.relation import Kind


_OWNER = "A team of transforms/teams.yaml; the owner of --from when it is left out."


@click.group("new", no_args_is_help=False)
def new() -> None:
    """Write the files of a new table, view or source."""


def _relation_options(function: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.option("--description", help="What a row is; written into the header."),
        click.option("--owner", shell_complete=complete_team, help=_OWNER),
        click.option("--from", "from_", metavar="NAME", shell_complete=complete_name, help="Take its columns."),
    ):
        function = option(function)
    return click.argument("name", metavar="DATABASE.NAME")(function)


@command("table")
@_relation_options
def table(call: Call, name: str, from_: str | None, owner: str | None, description: str | None) -> Answer:
    """Write transforms/tables/DATABASE/NAME.sql, ready to be built.

    The database of a table begins with core_.
    """
    return _relation(call, "table", name, from_, owner, description)


@command("view")
@_relation_options
def view(call: Call, name: str, from_: str | None, owner: str | None, description: str | None) -> Answer:
    """Write transforms/views/DATABASE/NAME.sql, which people can read at once."""
    return _relation(call, "view", name, from_, owner, description)


for _each in (table, view, source):
    new.add_command(_each)


def _relation(
    call: Call, kind: Kind, text: str, from_: str | None, owner: str | None, description: str | None
) -> Answer:
    content = call.content
    folder = next(folder for folder, known in RELATION_FOLDERS.items() if known == kind)
    try:
        name = TableName.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from None
    path = f"{folder}/{name.database}/{name.table}.sql"
    place = relation_place(path, is_folder=False)
    if isinstance(place, Problem):
        raise UsageError(place.message)
    if name in content.relations:
        raise UsageError(f"{name} is there already: {content.relations[name].path}")
    upstream = _upstream(content, kind, from_) if from_ else None
    written = relation_text(content, kind, upstream, owner_of(content, owner, upstream), description)
    require_free(call.home, [path])
    write_files(call, {path: written})
    call.console.show(f"try: baikal check {name}" if kind == "view" else f"try: baikal run +{name}")
    return Answer({"files": [path]})


def _upstream(content: Content, kind: Kind, text: str) -> TableName:
    name = one_name(content, text)
    is_view = content.kind(name) == "view"
    if kind == "table" and is_view:
        raise UsageError(f"{name} is a view; a table reads raw tables and tables")
    if kind == "view" and name in content.raw:
        raise UsageError(f"{name} is a raw table; a view reads tables and views, so write a table over it first")
    return name
