"""Runs a command as a whole process and says what it cost, and holds figures against their bars."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

_LAUNCHER = """
import os, sys, time
out = os.dup(1)
os.dup2(2, 1)
started = time.perf_counter()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
wall = time.perf_counter() - started
code = os.waitstatus_to_exitcode(status)
os.write(out, f"{code} {used.ru_utime + used.ru_stime} {wall} {used.ru_maxrss}".encode())
"""
"""Starts the command from a small process: the system counts the starter's memory as the command's."""

_MACHINE = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Where that is set, every start compiles all of Python anew, which nobody's laptop does."""


@dataclass(frozen=True)
class Usage:
    """CPU and wall seconds of a process with its children, and the peak memory of all of them together in MB."""

    cpu_s: float
    wall_s: float
    peak_mb: float


@dataclass(frozen=True)
class Figure:
    """One row of the report: a figure, its unit, the bar it must not pass, and what stands beside it."""

    what: str
    value: float
    unit: str
    bar: float | None = None
    beside: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar holds; None without one."""
        return None if self.bar is None else self.value <= self.bar

    def to_json(self) -> dict[str, object]:
        """Plain JSON."""
        return {**asdict(self), "met": self.met}


def python(*arguments: str) -> list[str]:
    """A command of this environment's Python."""
    return [sys.executable, *arguments]


def baikal(*arguments: str) -> list[str]:
    """The command line as a user starts it."""
    return [str(Path(sys.executable).with_name("baikal")), *arguments]


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> Usage:
    """One run, its output thrown away. Raises RuntimeError with the end of the output when it fails."""
    with tempfile.TemporaryFile() as output:
        launcher = [sys.executable, "-ISc", _LAUNCHER, *command]
        process = subprocess.Popen(
            launcher, stdout=subprocess.PIPE, stderr=output, env={**_MACHINE, **(env or {})}, text=True
        )
        watch = _MemoryWatch(process.pid)
        watch.start()
        said, _ = process.communicate()
        watch.finish()
        code, cpu_s, wall_s, peak_kb = map(float, said.split())
        if code:
            output.seek(max(0, output.seek(0, os.SEEK_END) - 4000))
            end = output.read().decode(errors="replace")
            raise RuntimeError(f"{' '.join(command)} ended with {code:.0f}:\n{end}")
    return Usage(cpu_s, wall_s, max(peak_kb / 1024, watch.peak_mb))


def typical(command: Sequence[str], env: Mapping[str, str] | None = None, times: int = 5) -> Usage:
    """The median of several runs after a warm-up, figure by figure."""
    run(command, env)
    usages = [run(command, env) for _ in range(times)]
    return Usage(
        median(usage.cpu_s for usage in usages),
        median(usage.wall_s for usage in usages),
        median(usage.peak_mb for usage in usages),
    )


def memory_mb(pid: int) -> float:
    """What a process with all its descendants holds now."""
    return sum(map(_proportional_kb, _with_descendants(pid))) / 1024


def cpu_s(pid: int) -> float:
    """The CPU seconds that a process with all its descendants that live has used so far."""
    return sum(map(_ticks, _with_descendants(pid))) / os.sysconf("SC_CLK_TCK")


class _MemoryWatch(threading.Thread):
    """Samples the memory of a process with all its descendants; pages that they share count once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak_mb = 0.0
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.1):
            self.peak_mb = max(self.peak_mb, memory_mb(self.pid))

    def finish(self) -> None:
        self._done.set()
        self.join()


def _with_descendants(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _with_descendants(int(child))
    except OSError:
        return


def _ticks(pid: int) -> int:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(after_name[11]) + int(after_name[12])


def _proportional_kb(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
