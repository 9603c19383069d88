"""Reads the text that a command was given by file name or on standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from transforms.errors import UsageError


def read_input(path: Path) -> str:
    """The text of a file, or of stdin for `-`. Raises UsageError for what cannot be read as UTF-8."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist") from None
    except (IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: byte {error.start}; save it as UTF-8") from None
