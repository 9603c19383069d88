"""A digest of the platform's own code: what was remembered by other code is not believed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

import transforms


@cache
def platform_digest() -> str:
    """Changes with every change of the code that reads and analyses: nothing older than it is believed."""
    parser = find_spec("sqlglot")
    version = Path(parser.origin).with_name("_version.py") if parser and parser.origin else None
    own = sorted(Path(__file__).parent.glob("*.py"))
    files = [*own, *_code(Path(transforms.__path__[0])), *([version] if version and version.exists() else [])]
    parts = [f"{sys.version_info[:2]}"]
    for file in files:
        stat = file.stat()
        parts.append(f"{file} {stat.st_mtime_ns} {stat.st_size}")
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _code(folder: Path) -> Iterator[Path]:
    """The platform's own files, without the company's content beside them."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name not in ("tables", "views", "queries", "__pycache__"):
                    yield from _code(Path(entry.path))
            elif entry.name.endswith((".py", ".txt", ".json")):
                yield Path(entry.path)
