"""One module or package per kind of system that rows come from, imported when first asked for: libraries are slow."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.reader import Reader


def reader_for(kind: str) -> Reader:
    """The reader of a source's kind."""
    reader: Reader = import_module(f"connectors.readers.{kind}").reader()
    return reader
