"""Who builds: the name under which a person's own tables stand, where a target gives each person their own."""

from __future__ import annotations

import getpass
import os
import subprocess
from pathlib import Path

from connectors.lake_names import lake_name
from transforms.errors import UsageError


def user_name(home: Path) -> str | None:
    """BAIKAL_USER, else what stands before the @ of git's user.email in the home, else the login; a name of the lake.

    None when BAIKAL_USER is set to nothing: then the shared tables are meant, as in a deployment. Raises UsageError
    for somebody without any name.
    """
    asked = os.environ.get("BAIKAL_USER")
    if asked is not None:
        return lake_name(asked) if asked.strip() else None
    name = _email(home).partition("@")[0] or login()
    if name is None:
        raise UsageError("you have no login here, and tables of your own need a name; set BAIKAL_USER to yours")
    return lake_name(name)


def login() -> str | None:
    """Who is logged in on this machine; None for a container's user without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # KeyError until Python 3.12
        return None


def _email(home: Path) -> str:
    asked = ["git", "-C", str(home), "config", "user.email"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()
