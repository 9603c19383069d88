"""`baikal new source`: the files of a source, written from its live system, files or spreadsheet."""

from __future__ import annotations

import os
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from connectors.address import key, read_address
from connectors.live import KINDS, Access
from connectors.preset_files import DESCRIBING, preset_words
from connectors.readers.words import CHOICES
from local_dev.command import Answer, Call, command
from local_dev.completion import complete_team
from local_dev.new_files import owner_of, replace_file, require_free, targets_with, write_files
from local_dev.source_update import update_source
from transforms.errors import UsageError
from transforms.fields import listed
from transforms.layout import SCHEMA_SUFFIX, SOURCE_FOLDER
from transforms.source import Source
from transforms.target import TARGETS_FILE

if TYPE_CHECKING:
    from connectors.introspect import Proposal


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
    stands in an environment variable, whose name the target gets. --update adds new tables, columns and comments to the
    files that are there, and writes types that changed; the rest stays as it is. Of an API without a preset it looks at
    the first page of each declared table, and knows no others.
    """
    if update:
        if any((connection, owner, description, tables, form, preset, service_account)):
            raise UsageError("--update goes by the source's own file; leave the other options out")
        return update_source(call, name, dry_run=dry_run)
    if dry_run:
        raise UsageError("--dry-run shows what --update would write; write --update too")
    if connection is None:
        raise click.UsageError("Missing option '--connection'.", click.get_current_context())
    if name != name.lower() or not name.isidentifier():
        raise UsageError(f'"{name}" is not the name of a source; write lower case letters, digits and underscores')
    options = _options(name, kind, form, preset, service_account, tables)
    address = _address(connection, kind, f"{name.upper()}_URL")
    known = {variable: word for word, variable in call.lake.target.connections.items()}
    paths = [f"{SOURCE_FOLDER}/{name}.yaml", f"{SOURCE_FOLDER}/{name}{SCHEMA_SUFFIX}"]
    require_free(call.home, paths)
    team, word = owner_of(call.content, owner, None), known.get(connection, name)
    proposed = Source(name, paths[0], kind, team, description, word, (), options=options)
    held = {
        "connections": {} if connection in known else {word: connection},
        "secrets": {one: one.upper() for one in _secrets(proposed) if one not in call.lake.target.secrets},
    }
    targets = targets_with(call, held)
    found = _proposal(call, proposed, address, form, tables)
    write_files(call, dict(zip(paths, (found.source, found.schema), strict=True)))
    if targets:
        replace_file(call.home / TARGETS_FILE, targets)
        entries = [f"{name}: {place}" for names in held.values() for name, place in names.items()]
        call.console.show(f"wrote {TARGETS_FILE}: {listed(entries)} under {call.lake.target.name}")
        paths.append(TARGETS_FILE)
    _tell_what_is_left(call, found, tables)
    call.console.show(f"try: baikal run source:{name}")
    return Answer({"files": paths})


def _options(
    name: str,
    kind: str,
    form: str | None,
    preset: str | None,
    service_account: str | None,
    tables: tuple[str, ...],
) -> dict[str, Any]:
    """The words that only this kind of source has. Raises UsageError for options of another kind."""
    if form and kind != "logs":
        raise UsageError("only logs have a --format; write --kind logs --format nginx")
    if service_account and kind != "sheets":
        raise UsageError("only sheets have a --service-account; write --kind sheets")
    if (kind == "rest") != bool(preset) or (preset and not tables):
        example = f"write --kind rest --preset {DESCRIBING[0]} --table Account"
        raise UsageError(f"an API needs its --preset and the objects to read, and nothing else has a preset; {example}")
    if kind == "sheets":
        return {"service_account": service_account or f"{name}_key"}
    return _preset_options(preset, name) if preset else {}


def _proposal(call: Call, proposed: Source, address: str, form: str | None, tables: tuple[str, ...]) -> Proposal:
    """The texts of both files, and what they leave out."""
    if form:
        from connectors.log_source import log_source

        return log_source(proposed, form)
    from connectors.introspect import introspect

    return introspect(
        proposed.kind,
        Access(address, call.lake.storage, partial(_secret, call, proposed)),
        proposed.name,
        owner=proposed.owner,
        connection=proposed.connection,
        description=proposed.description,
        tables=tables,
        options=proposed.options,
    )


def _tell_what_is_left(call: Call, found: Proposal, tables: tuple[str, ...]) -> None:
    for line in found.told:
        call.console.say(line)
    if found.views and not tables:
        call.console.say(
            f"left out: {listed(found.views)}, which the database computes or has from elsewhere; "
            f"to take a view in, name it and the tables with --table, as in --table {found.views[0]}"
        )
    if found.unknown:
        call.console.say(
            f"left out: {listed(found.unknown)}, of whose columns nothing is told; "
            "a table with a dot in its name is read through a view without one"
        )


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
