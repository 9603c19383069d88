"""`baikal run --watch`: after every saved file, builds what it changes and what is below. Ends by Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from local_dev.command import Call
from local_dev.console import faint
from local_dev.river import RiverRun
from transforms.content import Content
from transforms.errors import BaikalError
from transforms.names import TableName

FOLDERS = ("transforms/tables", "transforms/views", "connectors/sources")
FILES = ("transforms/teams.yaml", "connectors/targets.yaml")
SUFFIXES = (".sql", ".yaml")


def watch(call: Call, names: Collection[TableName] | None, build: Callable[[Call, set[TableName]], RiverRun]) -> None:
    """Never returns by itself. Of what a saved file changes, all that is computed is built, or what is in `names`."""
    known = set(call.content.problems)
    _waiting(call)
    for paths in _saved(call.home):
        call.close()
        call = Call(call.console, call.target, call.debug)
        try:
            below = call.content.graph.downstream(changed_names(call.content, paths))
            todo = {name for name in below if name in call.content.relations and (names is None or name in names)}
            river = build(call, todo) if todo else None
            for path in sorted(path for path in paths if not (call.home / path).exists()):
                call.console.say(f"{path} is gone; what it had published stays, and baikal gc tells of it")
            for problem in call.content.problems:
                if (problem not in known or problem.path in paths) and not (river and problem in river.problems):
                    call.console.say(str(problem))
            known = set(call.content.problems)
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


def _waiting(call: Call) -> None:
    call.console.say(faint("watching the content; Ctrl-C ends"))
    sys.stderr.flush()
