"""`baikal new`: writes the files of a new table, view or source. Never overwrites a file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectors.address import key, read_address
from connectors.live import KINDS, Access
from connectors.preset_files import DESCRIBING, preset_words
from connectors.readers.words import CHOICES
from local_dev.command import Answer, Call, command
from local_dev.completion import complete_name, complete_team
from local_dev.relation_template import relation_text
from local_dev.selection import one_name
from local_dev.source_update import update_source
from transforms.content import Content
from transforms.errors import Problem, UsageError, did_you_mean
from transforms.fields import listed
from transforms.layout import RELATION_FOLDERS, SCHEMA_SUFFIX, SOURCE_FOLDER, relation_place
from transforms.names import TableName
from transforms.source import Source
from transforms.teams import TEAMS_FILE

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


@command("source")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="postgres", show_default=True, help="What it is.")
@click.option("--connection", metavar="VARIABLE", help="The environment variable with its address.")
@click.option("--owner", shell_complete=complete_team, help="A team of transforms/teams.yaml.")
@click.option("--format", "form", type=click.Choice(CHOICES["format"]), help="Of logs: their format.")
@click.option("--preset", type=click.Choice(DESCRIBING), help="Of an API: whose it is.")
@click.option("--service-account", metavar="SECRET", help="Of sheets: the secret with its key; NAME_key if left out.")
@click.option("--description", default="", help="What the system is for.")
@click.option("--table", "tables", multiple=True, metavar="[SCHEMA.]TABLE", help="Only this one; may be repeated.")
@click.option("--update", is_flag=True, help="Write what is new in the system into the files of a source.")
@click.option("--dry-run", is_flag=True, help="With --update, show what would be written.")
def source(
    call: Call,
    name: str,
    kind: str,
    connection: str | None,
    owner: str | None,
    form: str | None,
    preset: str | None,
    service_account: str | None,
    description: str,
    tables: tuple[str, ...],
    update: bool,
    dry_run: bool,
) -> Answer:
    """Write a source and its schema from the live system: tables, keys, columns, types, comments.

    Of files and spreadsheets a sample is read: which are of one table, how they are written, their columns. The address
    stands in an environment variable and is written nowhere. --update adds new tables, columns and comments to the
    files that are there, and writes types that changed; the rest stays as it is.
    """
    content = call.content
    if update:
        if connection or owner or description or tables:
            raise UsageError("--update goes by the source's own file; leave the other options out")
        return update_source(call, name, dry_run=dry_run)
    if dry_run:
        raise UsageError("--dry-run shows what --update would write; write --update too")
    if connection is None:
        raise click.UsageError("Missing option '--connection'.", click.get_current_context())
    if name != name.lower() or not name.isidentifier():
        raise UsageError(f'"{name}" is not the name of a source; write lower case letters, digits and underscores')
    if form and kind != "logs":
        raise UsageError("only logs have a --format; write --kind logs --format nginx")
    if service_account and kind != "sheets":
        raise UsageError("only sheets have a --service-account; write --kind sheets")
    if (kind == "rest") != bool(preset) or (preset and not tables):
        example = f"write --kind rest --preset {DESCRIBING[0]} --table Account"
        raise UsageError(f"an API needs its --preset and the objects to read, and nothing else has a preset; {example}")
    address = _address(connection, kind, f"{name.upper()}_URL")
    known = {variable: word for word, variable in call.lake.target.connections.items()}
    paths = [f"{SOURCE_FOLDER}/{name}.yaml", f"{SOURCE_FOLDER}/{name}{SCHEMA_SUFFIX}"]
    _require_free(call.home, paths)
    team, word = _owner(content, owner, None), known.get(connection, name)
    proposed = Source(name, paths[0], kind, team, description, word, ())
    if kind == "sheets":
        proposed = replace(proposed, options={"service_account": service_account or f"{name}_key"})
    elif preset:
        proposed = replace(proposed, options=_preset_options(preset, name))
    if form:
        from connectors.log_source import log_source

        found = log_source(proposed, form)
    else:
        from connectors.introspect import introspect

        found = introspect(
            kind,
            Access(address, call.lake.storage, partial(_secret, call, proposed)),
            name,
            owner=team,
            connection=word,
            description=description,
            tables=tables,
            options=proposed.options,
        )
    _write(call, dict(zip(paths, (found.source, found.schema), strict=True)))
    if found.views and not tables:
        call.console.say(
            f"left out: {listed(found.views)}, which the database computes each time from its tables; "
            f"to take a view in, name it and the tables with --table, as in --table {found.views[0]}"
        )
    if found.unknown:
        call.console.say(f"left out: {listed(found.unknown)}, of whose columns nothing is told")
    if connection not in known:
        call.console.say(f"write under connections in connectors/targets.yaml:  {name}: {connection}")
    for secret in _secrets(proposed):
        if secret not in call.lake.target.secrets:
            call.console.say(f"write under secrets in connectors/targets.yaml:  {secret}: {secret.upper()}")
    return Answer({"files": paths})


def _address(connection: str, kind: str, example: str) -> str:
    """What the variable holds. A word that is no variable may be the address with its password: it is not repeated."""
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", connection):
        raise UsageError(
            "--connection takes the name of an environment variable, in capitals, and never the address itself; "
            f"put the address into {example} and write --connection {example}"
        )
    return read_address(connection, kind)


def _preset_options(preset: str, name: str) -> dict[str, Any]:
    """The words of a source with a preset; its secrets are named after the source."""
    words = preset_words(preset)["source"]
    login = {"oauth2": {**words["oauth2"], "id": f"{name}_id", "secret": f"{name}_secret"}}
    return {**words, **login, "preset": preset}


def _secrets(source: Source) -> tuple[str, ...]:
    """The names of those that log in."""
    login = source.options.get("oauth2", {})
    names = [login.get(word) for word in ("id", "secret")] + [source.options.get("service_account")]
    return tuple(filter(None, names))


def _secret(call: Call, source: Source, name: str, line: int) -> str:
    """From where the target says, or else from the variable of its name, since no file says anything yet."""
    if name in call.lake.target.secrets:
        return key(call.lake, source, name, line)
    value = os.environ.get(name.upper())
    if not value:
        raise UsageError(f"the environment variable {name.upper()} is not set, which holds the secret {name}")
    return value


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
    written = relation_text(content, kind, upstream, _owner(content, owner, upstream), description)
    _require_free(call.home, [path])
    _write(call, {path: written})
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


def _owner(content: Content, asked: str | None, upstream: TableName | None) -> str:
    if asked is not None:
        if asked not in content.teams:
            hint = did_you_mean(asked, content.teams)
            known = f'"{asked}" is not a team; teams are {", ".join(sorted(content.teams))}'
            raise UsageError(f"{known}; {hint or f'a new team is written into {TEAMS_FILE}'}")
        return asked
    if upstream is not None:
        relation = content.relations.get(upstream)
        return relation.owner if relation else content.raw[upstream][0].owner
    if len(content.teams) == 1:
        return next(iter(content.teams))
    known = f"; teams are {', '.join(sorted(content.teams))}" if content.teams else ""
    raise UsageError(f"whose is it? write --owner TEAM{known}")


def _require_free(home: Path, paths: list[str]) -> None:
    for path in paths:
        if (home / path).exists():
            raise UsageError(f"{path} is there already, and is never overwritten; remove it or choose another name")


def _write(call: Call, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        file = call.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
        call.console.show(f"wrote {path}")
