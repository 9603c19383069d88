"""What git says of the home: what differs from the main branch, and whether production may be given it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from connectors.commit import CONTENT
from transforms.errors import OutsideError, UsageError

_MAIN = ("origin/HEAD", "origin/main", "main", "origin/master", "master")
_SHOWN = 3


def changed_files(home: Path) -> list[str]:
    """The files under the home that differ from the main branch, or are not in git yet; relative to the home.

    Raises UsageError when the home is in no repository, OutsideError without git.
    """
    if reason := _fault(home):
        raise UsageError(f'"changed" compares with git, and {home} is not in a repository with a commit: {reason}')
    base = _git(home, "merge-base", "HEAD", _main_branch(home) or "HEAD").stdout.strip()
    differing = _git(home, "diff", "--name-only", "-z", "--relative", base, "--", *CONTENT).stdout
    untracked = _git(home, "ls-files", "--others", "--exclude-standard", "-z", "--", *CONTENT).stdout
    return sorted({path for path in (differing + untracked).split("\0") if path})


def require_merged(home: Path, target: str) -> None:
    """Raises UsageError unless everything in the home is committed, and the main branch has the commit."""
    reason = _fault(home) or _unmerged(home)
    if reason:
        raise UsageError(
            f"{target} is protected and takes what the main branch has, but {reason}; commit and merge it, "
            "or write --force if it cannot wait"
        )


def _fault(home: Path) -> str:
    """Why git knows nothing of the home; empty when it does."""
    done = _git(home, "rev-parse", "--verify", "HEAD")
    return _first_line(done) if done.returncode else ""


def _unmerged(home: Path) -> str:
    status = _git(home, "status", "--porcelain", "--", *CONTENT)
    if status.returncode:
        return f"git status of {home} failed: {_first_line(status)}"
    if dirty := status.stdout.splitlines():
        more = f" and {len(dirty) - _SHOWN} more" if len(dirty) > _SHOWN else ""
        return f"{', '.join(line[3:] for line in dirty[:_SHOWN])}{more} is not committed"
    main = _main_branch(home)
    if main is None:
        return f"{home} has no main branch"
    if _git(home, "merge-base", "--is-ancestor", "HEAD", main).returncode:
        ahead = _git(home, "rev-list", "--count", f"{main}..HEAD").stdout.strip()
        return f"{main} lacks {ahead} of the commits here"
    return ""


def _first_line(failed: subprocess.CompletedProcess[str]) -> str:
    return (failed.stderr.strip().splitlines() or ["git failed"])[0]


def _main_branch(home: Path) -> str | None:
    """What was pushed goes before what is only on this machine."""
    for name in _MAIN:
        if _git(home, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").stdout:
            return name
    return None


def _git(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["git", "-C", str(home), *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise OutsideError("this asks git, which is not installed") from None
