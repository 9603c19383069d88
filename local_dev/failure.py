"""What the user is told of an exception, and the exit code that it gives: never a bare traceback."""

from __future__ import annotations

import errno
import traceback
from dataclasses import dataclass, replace
from typing import Any

import click

from transforms.errors import BaikalError, ContentError, Problem, UsageError

_KINDS = {"Rejected": "user", "Refused": "refused", "Conflict": "conflict"}
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Failure:
    """`kind` is one of usage, content, user, refused, data, conflict, outside, engine.

    Of a statement it is what `--batch` says: user (Athena would reject it or fail, too), refused, engine.
    """

    kind: str
    text: str
    exit_code: int
    problems: tuple[Problem, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """As `--json` gives it."""
        found: dict[str, Any] = {"kind": self.kind, "message": self.text}
        if self.problems:
            found["problems"] = [problem_document(problem) for problem in self.problems]
        return found


def problem_document(problem: Problem) -> dict[str, Any]:
    """A problem as `--json` gives it."""
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
        "what": problem.what,
        "allowed": problem.allowed,
        "write": problem.write,
    }


def failure_of(error: BaseException, *, debug: bool = False) -> Failure:
    """One sentence for any exception; with `debug`, the traceback above it."""
    failure = _failure_of(error)
    if not debug:
        return failure
    trace = "".join(traceback.format_exception(error))
    return replace(failure, text=f"{trace}{failure.text}")


def _failure_of(error: BaseException) -> Failure:
    if isinstance(error, click.UsageError):
        return Failure("usage", _usage(error), 2)
    if isinstance(error, click.ClickException):
        return Failure("usage", error.format_message(), 2)
    if isinstance(error, BaikalError):
        problems = error.problems if isinstance(error, ContentError) else ()
        return Failure(_kind(error), str(error), error.exit_code, problems)
    if isinstance(error, OSError):
        return Failure("outside", _of_system(error), 3)
    if isinstance(error, MemoryError):
        return Failure("outside", "the memory is full; give the target fewer threads or a lower memory_limit", 3)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    text = f"baikal failed on an error of its own: {what[:500]}; the same command with --debug says where"
    return Failure("engine", text, 3)


def _kind(error: BaikalError) -> str:
    if isinstance(error, UsageError):
        return "usage"
    if named := _KINDS.get(type(error).__name__):
        return named
    if error.exit_code != 1:
        return "outside"
    return "content" if isinstance(error, ContentError) else "data"


def _usage(error: click.UsageError) -> str:
    hint = f"; `{error.ctx.command_path} --help` lists what is allowed" if error.ctx else ""
    message = " ".join(error.format_message().split())
    return f"{message.rstrip('.')}{hint}"


def _of_system(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    if error.errno in _FULL:
        reason = "the disk is full"
    elif error.errno == errno.EROFS:
        reason = "the folder cannot be written to"
    return f"{error.filename}: {reason}" if error.filename else reason
