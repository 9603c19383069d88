"""What is asked of an API, and what pages need to know of its answers, in whatever form these are written.

Never decides which request comes next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from connectors.readers.json_lines import LineParser
from connectors.readers.pieces import Parsed
from transforms.source import SourceTable


@dataclass(frozen=True)
class Request:
    """What is asked for: a path, or an address of the API, and parameters; after the `report` was made, if one is."""

    path: str
    parameters: Mapping[str, Any]
    report: Request | None = None


class Answer(Protocol):
    """Rows of an answer, which are to be parsed or let go of by `close`. `size` are the bytes that came for them.

    The names of `headers` are in small letters.
    """

    @property
    def size(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def count(self) -> int:
        """How many rows there are."""

    def around(self) -> Any:
        """What stands around the rows, whose list is empty there."""

    def last(self) -> bytes:
        """The last row as it was written; empty when there is none, or nobody needs it."""

    def mark(self) -> object:
        """Equal of equal rows."""

    def close(self) -> None: ...


class Came(Protocol):
    """What came and was not looked into: so many bytes are `held` in memory."""

    @property
    def held(self) -> int: ...
    def close(self) -> None: ...


C = TypeVar("C", bound=Came)
A = TypeVar("A", bound=Answer)


class Form(Protocol[C, A]):
    """How the answers of a table are written. Safe to use from several threads."""

    @property
    def parser(self) -> LineParser: ...
    def ask(self, request: Request) -> C: ...
    def answers(self, came: Sequence[C]) -> list[A]:
        """One for each, looked into at once."""

    def parsed(self, answers: Sequence[A]) -> Iterator[Parsed]:
        """The rows of answers in the order in which they were asked for."""


def place(table: SourceTable) -> str:
    """What stands for the file of its rows."""
    return str(table.options.get("path", table.name))


def posts(table: SourceTable) -> bool:
    """Whether its parameters are sent as JSON."""
    return table.options.get("method") == "post"
