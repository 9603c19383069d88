"""What every command has: --target, --json and --debug, the call to work with, an answer to leave with."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectors.home import home_folder
from local_dev.completion import complete_target
from local_dev.console import Console

if TYPE_CHECKING:
    from connectors.lake import Lake
    from transforms.content import Content

_FORCE = "Give a protected target also what the main branch does not have."


@dataclass(frozen=True)
class Answer:
    """`document` is what --json prints; a command shows the same to a person by itself."""

    document: Any
    code: int = 0


class Call:
    """One call of a command. The lake and the content are opened when first asked for.

    With `merged_only` a protected target is opened for nothing but what the main branch has.
    """

    def __init__(self, console: Console, target: str | None, debug: bool = False, merged_only: bool = False) -> None:
        self.console = console
        self.target = target
        self.merged_only = merged_only
        self.debug = debug or bool(os.environ.get("BAIKAL_DEBUG"))

    @cached_property
    def home(self) -> Path:
        """The folder that holds the content."""
        return home_folder()

    @cached_property
    def lake(self) -> Lake:
        """The target's tables and its engine."""
        from connectors.lake import open_lake
        from connectors.user import user_name

        lake = open_lake(self.target, home=self.home, user=lambda: user_name(self.home))
        if lake.target.protected and self.merged_only:
            from local_dev.checkout import require_merged

            require_merged(self.home, lake.target.name)
        return lake

    @cached_property
    def content(self) -> Content:
        """Every declaration, read and analysed."""
        return self.lake.content

    @cached_property
    def declarations(self) -> Content:
        """The same, for what needs no target; one that was named must exist all the same, and is not opened."""
        from connectors.content import open_content

        content = open_content(self.home)
        if self.target:
            from connectors.lake import named_target

            named_target(content, self.target)
        return content

    def close(self) -> None:
        """Give back what was opened."""
        if "lake" in self.__dict__:
            self.lake.close()


def command(name: str, *, writes: bool = False, **attributes: Any) -> Callable[[Callable[..., Answer]], click.Command]:
    """Makes a command of a function that takes the call and its parameters, and returns its answer.

    One that `writes` to its target has --force beside.
    """

    def decorate(function: Callable[..., Answer]) -> click.Command:
        @wraps(function)
        def run(target: str | None, as_json: bool, debug: bool, force: bool = False, **parameters: Any) -> None:
            call = Call(Console(as_json=as_json), target, debug, merged_only=writes and not force)
            try:
                answer = function(call, **parameters)
                call.console.document(answer.document)
            except Exception:  # not Ctrl-C: a worker may be left behind that is still at work
                call.close()
                raise
            call.close()
            click.get_current_context().exit(answer.code)

        make: Callable[[Callable[..., None]], click.Command] = click.command(name, cls=click.Command, **attributes)
        made = make(run)
        if writes:
            made.params.append(click.Option(["--force"], is_flag=True, help=_FORCE))
        made.params += [
            click.Option(
                ["--target"],
                metavar="NAME",
                shell_complete=complete_target,
                help="A target of connectors/targets.yaml.",
            ),
            click.Option(["--json", "as_json"], is_flag=True, help="One JSON document on stdout, messages on stderr."),
            click.Option(["--debug"], is_flag=True, help="Show where an error came from (also BAIKAL_DEBUG=1)."),
        ]
        return made

    return decorate
