"""The tables that a command is about, from the selectors that it was given."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from local_dev.console import plural
from transforms.content import Content
from transforms.errors import OutsideError, UsageError
from transforms.names import TableName

_CONTENT = (".", ":!.baikal")
"""What of a home git is asked about: not the state beside the content."""


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


def changed_files(home: Path) -> list[str]:
    """The files under the home that differ from the main branch, or are not in git yet; relative to the home."""
    base = _git(home, "merge-base", "HEAD", _main_branch(home)).strip()
    differing = _git(home, "diff", "--name-only", "-z", "--relative", base, "--", *_CONTENT)
    untracked = _git(home, "ls-files", "--others", "--exclude-standard", "-z", "--", *_CONTENT)
    return sorted({path for path in (differing + untracked).split("\0") if path})


def _main_branch(home: Path) -> str:
    for name in ("origin/HEAD", "origin/main", "main", "origin/master", "master"):
        if _ran(home, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").stdout:
            return name
    return "HEAD"


def _git(home: Path, *words: str) -> str:
    """What git answers. Raises UsageError when the home is in no repository, OutsideError without git."""
    done = _ran(home, *words)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["git failed"])[0]
        raise UsageError(f'"changed" compares with git, and {home} is not in a repository with a commit: {reason}')
    return done.stdout


def _ran(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["git", "-C", str(home), *words], capture_output=True, text=True)
    except FileNotFoundError:
        raise OutsideError('"changed" asks git, which is not installed; name the tables instead') from None


def _asks_git(selectors: Sequence[str]) -> bool:
    return any(word.strip("+") == "changed" for word in selectors)
