"""`baikal`: which commands there are, and what an error becomes: one line, one document, one exit code.

A command's module is imported only when that command is called; what is here must stay cheap to import.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import click

from local_dev.console import Console
from local_dev.failure import Failure, failure_of
from transforms.errors import did_you_mean

COMMANDS = {
    "demo": ("local_dev.demo:demo", "The whole river on the sample company, from nothing to views."),
    "check": ("local_dev.check:check", "Check every declaration; needs no data."),
    "run": ("local_dev.run:run", "Ingest and build what is stale."),
    "test": ("local_dev.cases:test", "Run the cases of the .test.yaml files."),
    "query": ("local_dev.query:query", "Run Athena SQL on the target."),
    "compile": ("local_dev.compile:compile_", "Show what each engine would receive."),
    "parity": ("local_dev.parity:parity", "Compare tables on DuckDB and on a real Trino, value by value."),
    "show": ("local_dev.show:show", "Say what a table is, what it promises and how fresh it is."),
    "lineage": ("local_dev.lineage:lineage", "Show where a table or a column comes from, and who uses it."),
    "repair": ("local_dev.repair:repair", "Try the rejects of a raw table again."),
    "diff": ("local_dev.diff:diff", "Compare a source as it is declared with its live system."),
    "history": ("local_dev.history:history", "List the kept versions of a table."),
    "runs": ("local_dev.runs:runs", "List the last runs: who, what, how they ended, what they cost."),
    "slo": ("local_dev.slo:slo", "Show whether promises are kept; tell the teams what is wrong."),
    "rollback": ("local_dev.history:rollback", "Make an older version of a table the current one."),
    "gc": ("local_dev.history:gc", "Delete the files that no kept version needs."),
    "aws": ("local_dev.aws.command:aws", "Serve S3, Glue and Athena on this machine, for unmodified AWS clients."),
    "new": ("local_dev.new:new", "Write the files of a new table, view or source."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and short helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], COMMANDS)
            ctx.fail(f'no command is named "{args[0]}"' + (f"; {hint}" if hint else ""))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would leave with 1
            ctx.exit(_unread())

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> NoReturn:
        """Run a command and leave with its exit code; every exception becomes one message here."""
        words = _in_order([_as_value(word) for word in (sys.argv[1:] if args is None else args)])
        extra |= {"prog_name": "baikal", "standalone_mode": False}
        sys.exit(_guarded(lambda: super(LazyGroup, self).main(words, **extra), words))


def _as_value(word: str) -> str:
    """SQL that begins with a comment is no option: it is moved by one blank."""
    return f" {word}" if word[:2] == "--" and word[2:3].isspace() else word


def _in_order(words: list[str]) -> list[str]:
    """Options before the command go behind it: `--json check` is `check --json`; `help run` is `run --help`."""
    first = 0
    while first < len(words) and (words[first] in ("--json", "--debug") or words[first].startswith("--target")):
        first += 2 if words[first] == "--target" else 1
    rest = words[first:]
    if not rest:
        return words
    if rest[0] == "help":
        rest = [*rest[1:], "--help"]
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *words[:first], *rest[end:]]


def _guarded(call: Any, words: Sequence[str]) -> int:
    """The edge of the command line: no exception gets past it, whatever it is."""
    try:
        result = call()
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return _stopped("--json" in words)
    except BrokenPipeError:
        return _unread()
    except Exception as error:  # noqa: BLE001  the edge of the command line
        debug = "--debug" in words or bool(os.environ.get("BAIKAL_DEBUG"))
        return _report(failure_of(error, debug=debug), "--json" in words)
    return result if isinstance(result, int) else 0


def _unread() -> int:
    """Whoever reads the output has gone: what is left of it goes nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE


def _stopped(as_json: bool) -> int:
    """Ctrl-C. A worker that did not stop in time is left behind: whatever it writes was never published."""
    told = "stopped; what was published is whole, and running again goes on from there"
    console = Console(as_json=as_json)
    console.say(told)
    console.document({"error": {"kind": "stopped", "message": told}})
    walk = sys.modules.get("local_dev.walk")  # without it there is no worker
    if walk is not None and walk.working():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(130)
    return 130


def _report(failure: Failure, as_json: bool) -> int:
    console = Console(as_json=as_json)
    console.error(failure.text)
    console.document({"error": failure.document})
    return failure.exit_code


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="baikal", message="baikal %(version)s")
@click.pass_context
def baikal(ctx: click.Context) -> None:
    """A company's data platform in one repository: sources to tables to views, in Athena SQL.

    Every command takes --target and --json, and leaves with 0 (done), 1 (content or data at fault),
    2 (called wrongly) or 3 (an outside system failed).
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _terminated(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> NoReturn:
    """The entry point. Being told to end is treated as Ctrl-C, so that servers started here end too."""
    signal.signal(signal.SIGTERM, _terminated)
    baikal.main()
