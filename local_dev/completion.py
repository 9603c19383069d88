"""Completes names at the prompt from file names alone: little is parsed, because a person waits for every Tab."""

from __future__ import annotations

from collections.abc import Iterator

import click

from connectors.home import home_folder, lake_folder
from transforms.errors import BaikalError
from transforms.names import TableName


def complete_selector(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Tables, views, databases as `db.*`, sources as `source:x`, teams as `owner:x`; a leading + stays."""
    plus = "+" if incomplete.startswith("+") else ""
    teams = (f"owner:{team}" for team in _keys("transforms/teams.yaml", ""))
    words = [*_names(), *_sources(), *teams, "changed"]
    return [plus + word for word in words if word.startswith(incomplete.removeprefix("+"))]


def complete_name(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Tables, raw tables and views."""
    return [name for name in _names() if name.startswith(incomplete) and not name.endswith("*")]


def complete_column(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The same, and behind a whole name its columns, for which the declarations are opened."""
    if incomplete.count(".") < 2:
        return complete_name(ctx, param, incomplete)
    from connectors.content import open_content

    try:
        content = open_content(home_folder())
        name = TableName.parse(incomplete.rpartition(".")[0])
        columns = content.columns(name) if name in content.raw or name in content.relations else ()
    except (BaikalError, ValueError):
        return []
    return [f"{name}.{column.name}" for column in columns if f"{name}.{column.name}".startswith(incomplete)]


def complete_team(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Who can be an owner."""
    return _keys("transforms/teams.yaml", incomplete)


def complete_target(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Where a command can work."""
    return _keys("connectors/targets.yaml", incomplete)


def _keys(path: str, incomplete: str) -> list[str]:
    file = home_folder() / path
    lines = file.read_text().splitlines() if file.is_file() else []
    return [line.partition(":")[0] for line in lines if line[:1].isalpha() and line.startswith(incomplete)]


def _names() -> Iterator[str]:
    home = home_folder()
    for folder in ("transforms/tables", "transforms/views"):
        for database in sorted((home / folder).glob("*/")):
            yield f"{database.name}.*"
            yield from (
                f"{database.name}.{file.stem}" for file in sorted(database.glob("*.sql")) if "." not in file.stem
            )
    yield from (f"{table.parent.name}.{table.name}" for table in sorted(lake_folder(home).glob("raw_*/*/")))


def _sources() -> Iterator[str]:
    files = sorted((home_folder() / "connectors" / "sources").glob("*.yaml"))
    yield from (f"source:{file.stem}" for file in files if not file.name.endswith(".schema.yaml"))
