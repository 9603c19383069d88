"""Rows of an odd API: from a generator function in `connectors/sources/<source>.py` that is named as its table.

Decides which line of that file a failure is told at. The function sees no lake, and what it yields is checked.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.api import Api, Generator, Row
from connectors.reader import Asked
from connectors.readers.json_shape import json_text
from connectors.readers.rest.client import Client
from connectors.readers.rest.page import Page
from connectors.readers.rest.range import Range
from transforms.errors import BaikalError, ContentError, Problem
from transforms.generator_file import generator_example, generator_path
from transforms.source import Source, SourceTable

STATE = "generator"
"""Under which the state of a table keeps the generator's own."""
_ROWS = 1_000
"""That are parsed together."""


def generated(asked: Asked, client: Client, range_: Range, state: dict[str, Any]) -> Iterator[tuple[Page, int]]:
    """The rows, some together, with the bytes that came for them. Raises ContentError at a line of the file."""
    source, table = asked.source, asked.table
    path, secrets = generator_path(source), list[str]()
    received = 0

    def send(way: str, parameters: Mapping[str, Any], post: bool) -> bytes:
        nonlocal received
        content = client.send(way, parameters, post=post).content
        received += len(content)
        return content

    def secret(name: str) -> str:
        secrets.append(asked.secret(name, table.line))
        return secrets[-1]

    own = dict(state.get(STATE, {})) if table.mode != "snapshot" else {}
    names = tuple(column.name for column in table.columns)
    api = Api(table.name.table, range_.since, range_.today, asked.now, names, own, send, secret)
    with _told(asked.home / path, path, secrets):
        rows = _function(asked.home / path, path, source, table)(api)
    while True:
        before = received
        with _told(asked.home / path, path, secrets):
            lines = [_line(row) for row in islice(rows, _ROWS)]
        if not lines:
            break
        yield Page(b"\n".join(lines), len(lines), None), received - before
    if own:
        state[STATE] = own


def _function(file: Path, path: str, source: Source, table: SourceTable) -> Generator:
    spec = importlib.util.spec_from_file_location(f"baikal_source_{source.name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses of the file look for their module there
    spec.loader.exec_module(module)
    found: Generator | None = getattr(module, table.name.table, None)
    if found is None:
        what = f"{path} has no function {table.name.table}"
        raise ContentError([Problem(source.path, table.line, 0, what, write=f"write there {generator_example(table)}")])
    return found


@contextmanager
def _told(file: Path, path: str, secrets: list[str]) -> Iterator[None]:
    """What goes wrong in the file is told at its line there, without what was secret."""
    try:
        yield
    except BaikalError:
        raise
    except Exception as error:  # noqa: BLE001 - the company's code may raise anything
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        line = lines[-1] if lines else getattr(error, "lineno", 0)
        said = f"{type(error).__name__}: {error}"
        for one in secrets:
            said = said.replace(one, "***")
    else:
        return
    raise ContentError([Problem(path, line or 1, 0, said)])


def _line(row: Row) -> bytes:
    if not isinstance(row, Mapping):
        raise TypeError(f"a generator yields rows as mappings, and this one yielded {type(row).__name__}")
    return json_text(_plain(dict(row))).encode()


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
