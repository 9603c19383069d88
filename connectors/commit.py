"""What git says of the content: which commit it is, and whether it differs from it. Never changes anything."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

CONTENT = (".", ":!.baikal")
"""What of a home git is asked about: not the state beside the content."""
_PATIENCE_S = 10.0


class Commit:
    """Asks git on the side, from the moment that it is made; the answer is there when it is wanted."""

    def __init__(self, home: Path) -> None:
        self._asked: subprocess.Popen[str] | None = None
        words = ["git", "-C", str(home), "--no-optional-locks", "status", "--porcelain=v2", "--branch", "--", *CONTENT]
        with suppress(OSError):  # no git, or no such folder
            self._asked = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._state: tuple[str | None, bool | None] | None = None

    def state(self) -> tuple[str | None, bool | None]:
        """The commit, and whether files are new or changed; None for both where git knows nothing."""
        if self._state is None:
            self._state = self._answer()
        return self._state

    def _answer(self) -> tuple[str | None, bool | None]:
        if self._asked is None:
            return None, None
        try:
            lines = self._asked.communicate(timeout=_PATIENCE_S)[0].splitlines()
        except (subprocess.TimeoutExpired, UnicodeDecodeError):
            self._asked.kill()
            self._asked.communicate()
            return None, None
        told = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# ") and " " in line[2:])
        if "branch.oid" not in told:
            return None, None
        commit = told["branch.oid"]
        return (None if commit == "(initial)" else commit), any(not line.startswith("# ") for line in lines)
