"""Who builds: the name under which a person's own tables stand, where a target gives each person their own."""

from __future__ import annotations

import getpass
import os
import subprocess

from connectors.lake_names import lake_name


def user_name() -> str | None:
    """BAIKAL_USER, else what stands before the @ of git's user.email, else the login, as the lake spells names.

    None when BAIKAL_USER is set to nothing: then the shared tables are meant, as in a deployment.
    """
    asked = os.environ.get("BAIKAL_USER")
    if asked is not None:
        return lake_name(asked) if asked.strip() else None
    return lake_name(_email().partition("@")[0] or getpass.getuser())


def _email() -> str:
    try:
        done = subprocess.run(["git", "config", "user.email"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()
