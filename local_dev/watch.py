"""`baikal run --watch`: after every saved file, builds what it changes and what is below. Ends by Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from local_dev.command import Call
from local_dev.console import faint
from transforms.content import Content
from transforms.errors import BaikalError
from transforms.names import TableName

FOLDERS = ("transforms/tables", "transforms/views", "connectors/sources")
FILES = ("transforms/teams.yaml", "connectors/targets.yaml")
SUFFIXES = (".sql", ".yaml")


def watch(call: Call, names: Collection[TableName], build: Callable[[Call, set[TableName]], object]) -> None:
    """Never returns by itself. With `names`, only changes to those and to what is below them are built."""
    _waiting(call)
    for paths in _saved(call.home):
        try:
            call = Call(call.console, call.target, call.debug)
            _tell_problems(call, paths)
            below = call.content.graph.downstream(changed_names(call.content, paths))
            todo = {name for name in below if name in names or name not in call.content.raw}
            if todo:
                build(call, {name for name in todo if name in call.content.relations})
        except BaikalError as error:
            call.console.error(str(error))
        _waiting(call)


def changed_names(content: Content, paths: Collection[str]) -> set[TableName]:
    """The names whose files are among the paths, which are relative to the home."""
    from transforms.selector import select

    if set(paths) & set(FILES):
        return set(content.names)
    return set(select(content, ["changed"], changed=paths))


def _saved(home: Path) -> Iterator[set[str]]:
    """The content's files that changed together."""
    from watchfiles import watch as changes

    folders = [home / folder for folder in FOLDERS if (home / folder).is_dir()]
    files = [home / file for file in FILES if (home / file).is_file()]
    for found in changes(*folders, *files, debounce=300, raise_interrupt=True):
        paths = {Path(path) for _, path in found if path.endswith(SUFFIXES)}
        if paths:
            yield {path.resolve().relative_to(home.resolve()).as_posix() for path in paths}


def _tell_problems(call: Call, paths: Collection[str]) -> None:
    for problem in call.content.problems:
        if problem.path in paths:
            call.console.say(str(problem))


def _waiting(call: Call) -> None:
    call.console.say(faint("watching the content; Ctrl-C ends"))
    sys.stderr.flush()
