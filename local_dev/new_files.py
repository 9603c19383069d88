"""Files that `baikal new` writes: whose they are, and never over another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from local_dev.command import Call
from transforms.content import Content
from transforms.errors import UsageError, did_you_mean
from transforms.names import TableName
from transforms.teams import TEAMS_FILE


def owner_of(content: Content, asked: str | None, upstream: TableName | None) -> str:
    """The team of new files: the one that was asked for, the owner of what they read, or the only one there is."""
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


def require_free(home: Path, paths: list[str]) -> None:
    """Raises UsageError if one of the files is there."""
    for path in paths:
        if (home / path).exists():
            raise UsageError(f"{path} is there already, and is never overwritten; remove it or choose another name")


def write_files(call: Call, texts: Mapping[str, str]) -> None:
    """Write each text to its path from the home, and tell it."""
    for path, text in texts.items():
        file = call.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
        call.console.show(f"wrote {path}")
