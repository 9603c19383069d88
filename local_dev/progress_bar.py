"""A progress bar for a person at a terminal, and the only place that imports rich."""

from __future__ import annotations

from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text


class Bar:
    """Finished pieces scroll above the bar; the bar names what is being worked on."""

    def __init__(self, label: str, total: int, done: int = 0) -> None:
        self.running: dict[str, str] = {}
        self.lock = Lock()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[running]}", style="dim"),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.progress.add_task(label, total=total, completed=done, running="")
        self.progress.start()

    def started(self, name: str) -> None:
        with self.lock:
            self.running[name] = ""
            self._update(0)

    def advanced(self, name: str, told: str) -> None:
        with self.lock:
            self.running[name] = told
            self._update(0)

    def finished(self, name: str, line: str) -> None:
        with self.lock:
            self.running.pop(name, None)
            if line:
                self.progress.console.print(Text.from_ansi(line), highlight=False, soft_wrap=True)
            self._update(1)

    def _update(self, advance: int) -> None:
        names = [f"{name} ({told})" if told else name for name, told in self.running.items()]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        self.progress.update(self.task, advance=advance, running=shown)

    def close(self) -> None:
        """Take the bar away; what scrolled above it stays."""
        self.progress.stop()
