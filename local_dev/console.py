"""The one way to print: results go to stdout, everything said on the way goes to stderr.

Decides between a progress bar (a person watches a terminal) and plain lines. Never decides what is said.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import click

from local_dev.text_table import text_table

if TYPE_CHECKING:
    from local_dev.progress_bar import Bar

PATIENCE_S = 0.3
LINES_S = 30.0
"""Between two lines of a piece of work when nobody watches."""


class Progress(Protocol):
    """What a long piece of work tells the console; safe to call from several threads."""

    def started(self, name: str) -> None:
        """Work on `name` has begun."""

    def advanced(self, name: str, told: str) -> None:
        """`told` says how far the work on `name` is."""

    def finished(self, name: str, line: str) -> None:
        """Work on `name` has ended; `line` says how, empty when nothing is to be said."""


class Console:
    """With `as_json` stdout receives exactly one JSON document and nothing else."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    @property
    def seen(self) -> bool:
        """Whether one person sees both results and messages, so that neither needs to repeat the other."""
        return _watched() and sys.stdout.isatty()

    def show(self, text: str = "") -> None:
        """A line of the result."""
        if not self.as_json:
            click.echo(text, color=_color(sys.stdout))

    def say(self, text: str = "") -> None:
        """A line on the way: what is being done, a warning."""
        click.echo(text, err=True, color=_color(sys.stderr))

    def error(self, text: str) -> None:
        """What went wrong; the last lines of a failing command."""
        head, *rest = text.split("\n")
        self.say("\n".join([click.style("error: ", fg="red", bold=True) + head, *rest]))

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Rows under headers; numbers to the right. Nothing for no rows."""
        if rows:
            self.show(text_table(headers, rows))

    def document(self, document: object) -> None:
        """The one JSON document, when it was asked for."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False, default=str))

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Progress]:
        """Reports on `total` pieces of work: a bar for a person, plain lines otherwise."""
        if not _watched() or total < 1:
            yield _Lines(self)
            return
        shown = _LateBar(label, total)
        try:
            yield shown
        finally:
            shown.close()


class _Lines:
    """Progress as plain lines: one for every finished piece, and now and then one of a piece that takes long."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.said: dict[str, float] = {}

    def started(self, name: str) -> None:
        self.said[name] = time.monotonic()

    def advanced(self, name: str, told: str) -> None:
        now = time.monotonic()
        if now - self.said.setdefault(name, now) >= LINES_S:
            self.said[name] = now
            self.console.say(f"{name}: {told}")

    def finished(self, name: str, line: str) -> None:
        if line:
            self.console.say(line)


class _LateBar:
    """A bar that appears when the work turns out to take time: a run without work does not pay for importing rich."""

    def __init__(self, label: str, total: int) -> None:
        self.label, self.total, self.done = label, total, 0
        self.began = time.monotonic()
        self.lock = Lock()
        self.bar: Bar | None = None

    def started(self, name: str) -> None:
        with self.lock:
            if self.bar or time.monotonic() > self.began + PATIENCE_S:
                self._shown().started(name)

    def advanced(self, name: str, told: str) -> None:
        with self.lock:
            if self.bar or time.monotonic() > self.began + PATIENCE_S:
                self._shown().advanced(name, told)

    def finished(self, name: str, line: str) -> None:
        with self.lock:
            if self.bar or line:
                self._shown().finished(name, line)
            else:
                self.done += 1

    def close(self) -> None:
        """Take the bar away."""
        if self.bar:
            self.bar.close()

    def _shown(self) -> Bar:
        if self.bar is None:
            from local_dev.progress_bar import Bar  # rich: 0.1 CPU-s

            self.bar = Bar(self.label, self.total, self.done)
        return self.bar


def good(text: str) -> str:
    """Green, where colours are shown."""
    return click.style(text, fg="green")


def bad(text: str) -> str:
    """Red, where colours are shown."""
    return click.style(text, fg="red")


def faint(text: str) -> str:
    """Dim, where colours are shown."""
    return click.style(text, dim=True)


def plural(count: int, word: str) -> str:
    """`1 table`, `2 tables`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def size(count: int) -> str:
    """Bytes for a person: `1.5 MB`."""
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:,.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:,.1f} {unit}"


def _watched() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _color(stream: Any) -> bool:
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
