"""`baikal run --watch`: after every saved file, builds what it changes and what is below. Ends by Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from local_dev.command import Call
from local_dev.console import faint
from local_dev.river import RiverRun
from local_dev.run import other_errors
from transforms.content import Content
from transforms.errors import BaikalError
from transforms.names import TableName

ROOTS = ("transforms", "connectors")
FOLDERS = ("transforms/tables/", "transforms/views/", "connectors/sources/")
FILES = ("transforms/teams.yaml", "connectors/targets.yaml")
SUFFIXES = (".sql", ".yaml")
_PUBLISHED = "; what it had published stays, and baikal gc tells of it"


def watch(call: Call, names: Collection[TableName] | None, build: Callable[[Call, set[TableName]], RiverRun]) -> None:
    """Never returns by itself. Of what a saved file changes, all that is computed is built, or what is in `names`."""
    known, errors = set(call.content.problems), set(call.content.errors)
    _waiting(call)
    for paths in _saved(call.home):
        call.close()
        call = Call(call.console, call.target, call.debug)
        try:
            below = call.content.graph.downstream(changed_names(call.content, paths))
            todo = {name for name in below if name in call.content.relations and (names is None or name in names)}
            for path in sorted(path for path in paths if not (call.home / path).exists()):
                call.console.say(f"{path} is gone{_PUBLISHED * _publishes(path)}")
            new = [one for one in call.content.problems if one not in known or one.path in paths]
            others = [one for one in other_errors(call, todo) if one in new]
            for problem in others:
                call.console.say(str(problem))
            river = build(call, todo) if todo else None
            for problem in new:
                if problem not in others and not (river and problem in river.problems):
                    call.console.say(str(problem))
            if known.intersection(errors) and not call.content.errors:
                call.console.say("no errors any more")
            known, errors = set(call.content.problems), set(call.content.errors)
        except BaikalError as error:
            call.console.error(str(error))
        _waiting(call)


def changed_names(content: Content, paths: Collection[str]) -> set[TableName]:
    """The names whose files are among the paths, which are relative to the home."""
    from transforms.selector import select

    if set(paths) & set(FILES):
        return set(content.names)
    return set(select(content, ["changed"], changed=paths))


def _publishes(path: str) -> bool:
    """Whether the file is that of a table or of a source, and no test, check or schema beside one."""
    return path.startswith(("transforms/tables/", "connectors/sources/")) and path.count(".") == 1


def _saved(home: Path) -> Iterator[set[str]]:
    """The content's files that changed together. Folders are watched: editors put a new file in the place of a file."""
    from watchfiles import watch as changes

    root = home.resolve()
    folders = [root / folder for folder in ROOTS if (root / folder).is_dir()]
    for found in changes(*folders, debounce=300, raise_interrupt=True):
        paths = {Path(path).relative_to(root).as_posix() for _, path in found if path.endswith(SUFFIXES)}
        if declared := {path for path in paths if path in FILES or path.startswith(FOLDERS)}:
            yield declared


def _waiting(call: Call) -> None:
    call.console.say(faint("watching the content; Ctrl-C ends"))
    sys.stderr.flush()
