"""Where the content and the lake are, by the environment. Opens neither, and imports nothing that takes time."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
"""The folder that this package stands in."""


def home_folder() -> Path:
    """BAIKAL_HOME, or the repository: never the working directory, which says nothing of a scheduled run."""
    return Path(os.environ.get("BAIKAL_HOME") or REPOSITORY).resolve()


def lake_folder(home: Path) -> Path:
    """BAIKAL_LAKE, or a folder of the home that git ignores."""
    return Path(os.environ.get("BAIKAL_LAKE") or home / ".baikal" / "lake").absolute()
