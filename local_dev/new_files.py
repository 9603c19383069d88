"""Files that `baikal new` writes: whose they are, never over another, and what a target says of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from local_dev.command import Call
from transforms.content import Content
from transforms.errors import UsageError, did_you_mean
from transforms.names import TableName
from transforms.target import DEFAULT_TARGET, TARGETS_FILE
from transforms.teams import TEAMS_FILE
from transforms.yaml_edit import YamlEdit


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


def replace_file(file: Path, text: str) -> None:
    """Another text at once: nobody reads half of it."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def targets_with(call: Call, held: Mapping[str, Mapping[str, str]]) -> str:
    """The text of the targets file where the target at hand says too, by word and name, where these are held.

    Empty when there is nothing to say. Raises UsageError for a name that leads elsewhere already.
    """
    target, file = call.lake.target, call.home / TARGETS_FILE
    text = file.read_text("utf-8") if file.exists() else f"{DEFAULT_TARGET}: {{engine: duckdb, timezone: UTC}}\n"
    edit = YamlEdit(text, TARGETS_FILE)
    for word, names in held.items():
        there = target.connections if word == "connections" else target.secrets
        if name := next((name for name in names if name in there), None):
            told = f"{name} leads to {there[name]} already, under {word} of {target.name} in {TARGETS_FILE}"
            raise UsageError(f"{told}; choose another name for the source")
        entries = [f"{name}: {place}" for name, place in names.items()]
        if not edit.has(target.name, word) and entries:
            edit.add((target.name,), f"{word}: {{{', '.join(entries)}}}")
        else:
            for entry in entries:
                edit.add((target.name, word), entry)
    return edit.text if any(held.values()) else ""
