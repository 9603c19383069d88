"""Reads the text that a command was given by file name or on standard input."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8
from pathlib import Path

from transforms.errors import UsageError


def read_input(path: Path) -> str:
    """The text of a file, or of stdin for `-`. Raises UsageError for what cannot be read as UTF-8."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: byte {error.start}; save it as UTF-8") from None


def read_lines(path: Path) -> list[bytes]:
    """The lines of a file, or of stdin for `-`: whether one is UTF-8 is told of that line alone."""
    return read_bytes(path).removeprefix(BOM_UTF8).split(b"\n")


def read_bytes(path: Path) -> bytes:
    """What the file holds, or stdin for `-`. Raises UsageError for what cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist") from None
    except (IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
