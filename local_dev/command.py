"""What every command has: --target, --json and --debug, a session to work with, an answer to leave with."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from local_dev.console import Console

if TYPE_CHECKING:
    from connectors.lake import Lake
    from transforms.content import Content

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Answer:
    """`document` is what --json prints; a command shows the same to a person by itself."""

    document: Any
    code: int = 0


class Session:
    """One call of a command. The lake and the content are opened when first asked for."""

    def __init__(self, console: Console, target: str | None) -> None:
        self.console = console
        self.target = target

    @cached_property
    def home(self) -> Path:
        """The folder that holds the content."""
        return Path(os.environ.get("BAIKAL_HOME") or REPOSITORY).resolve()

    @cached_property
    def lake(self) -> Lake:
        """The target's tables and its engine."""
        from connectors.lake import open_lake

        return open_lake(self.target, home=self.home)

    @cached_property
    def content(self) -> Content:
        """Every declaration, read and analysed."""
        from connectors.content import open_content

        return open_content(self.home)


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Answer]], click.Command]:
    """Makes a command of a function that takes a session and its parameters, and returns its answer."""

    def decorate(function: Callable[..., Answer]) -> click.Command:
        @wraps(function)
        def call(target: str | None, as_json: bool, debug: bool, **parameters: Any) -> None:
            session = Session(Console(as_json=as_json), target)
            answer = function(session, **parameters)
            session.console.document(answer.document)
            click.get_current_context().exit(answer.code)

        for option in _COMMON:
            call = option(call)
        return click.command(name, **attributes)(call)

    return decorate


_COMMON = (
    click.option("--debug", is_flag=True, help="Show the traceback of an error (also BAIKAL_DEBUG=1)."),
    click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout; messages go to stderr."),
    click.option("--target", metavar="NAME", envvar="BAIKAL_TARGET", help="Where to do it: laptop, dev, stg, prd."),
)
