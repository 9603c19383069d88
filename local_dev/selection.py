"""The tables that a command is about, from the selectors that it was given."""

from __future__ import annotations

import os
from collections.abc import Sequence

from local_dev.checkout import changed_files
from local_dev.console import plural
from transforms.content import Content
from transforms.errors import ContentError, UsageError, did_you_mean
from transforms.fields import listed
from transforms.names import TableName
from transforms.source import Source


def selected(content: Content, selectors: Sequence[str]) -> set[TableName]:
    """Everything that the selectors name; all names when there are none. Raises UsageError."""
    if not selectors:
        return set(content.names)
    from transforms.selector import select

    words = [word for selector in selectors for word in _spelled(content, selector)]
    return set(select(content, words, changed=changed_files(content.home) if _asks_git(words) else ()))


def named(content: Content, selectors: Sequence[str]) -> set[TableName]:
    """What the selectors name themselves, without what a + adds."""
    return selected(content, [word.strip("+") for word in selectors]) if selectors else set()


def one_name(content: Content, text: str) -> TableName:
    """A declared table, raw table or view, by its name or its file. Raises UsageError with the nearest name."""
    words = _spelled(content, text)
    if len(words) > 1:
        raise UsageError(f"{text} declares {plural(len(words), 'table')}; name one of {', '.join(words)}")
    try:
        name = TableName.parse(words[0])
    except ValueError:
        raise content.unknown(text) from None
    if name not in content.raw and name not in content.relations:
        raise content.unknown(name)
    return name


def _spelled(content: Content, selector: str) -> list[str]:
    """The selector as names: a file stands for what it declares, and names are known in any case."""
    core = selector.strip("+")
    if not core.endswith((".sql", ".yaml")) or "/" not in core:
        return [selector if ":" in core else selector.lower()]
    asked = {core, os.path.relpath(core, content.home)}
    names = [str(name) for name in content.names if asked & set(content.paths(name))]
    if not names:
        reason = (
            "nothing is declared in it; baikal check says why" if (content.home / core).is_file() else "no such file"
        )
        raise UsageError(f"{core}: {reason}")
    before, after = "+" * selector.startswith("+"), "+" * selector.endswith("+")
    return [f"{before}{name}{after}" for name in names]


def _asks_git(selectors: Sequence[str]) -> bool:
    return any(word.strip("+") == "changed" for word in selectors)


def one_source(content: Content, name: str) -> Source:
    """A declared source, which must be right. Raises UsageError with the nearest name, ContentError with its faults."""
    if name not in content.sources:
        hint = did_you_mean(name, content.sources) or f"sources are {listed(content.sources)}"
        raise UsageError(f'no source is named "{name}"; {hint}')
    source = content.sources[name]
    if faults := [one for one in content.errors if one.path in (source.path, source.schema_path)]:
        raise ContentError(faults)
    return source
