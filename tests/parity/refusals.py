"""Where in the compiler a statement is refused, so that recorded cases can be held against the declared gaps."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

from transforms.analyzer.faults import Unsupported
from transforms.compile import compile_sql
from transforms.dialect import rules
from transforms.dialect.errors import NotPortable
from transforms.errors import Refused
from transforms.gaps import gaps, query_of

Reason = tuple[str, str]
"""The place in the code, and the first word of what it says, which names the function or the type."""


def reasons(sql: str) -> set[Reason]:
    """Why a statement is refused; empty if it is not."""
    with _noted() as found, suppress(Refused):
        compile_sql(sql, {})
        return set()
    return found


def declared() -> set[Reason]:
    """Every reason of a declared gap, and of a function that is refused by its name."""
    with _noted() as found:
        for name in rules.refusals():
            with suppress(NotPortable):
                rules.find(name, ())
    return found.union(*(reasons(query_of(example)) for example in gaps()))


@contextmanager
def _noted() -> Iterator[set[Reason]]:
    """What is raised within it."""
    found: set[Reason] = set()

    def noting(raised: type[Exception]) -> Any:
        construct = raised.__init__

        def note(self: Exception, *given: Any, **named: Any) -> None:
            code = sys._getframe(1)
            what = next(word for word in given if isinstance(word, str))
            found.add((f"{code.f_code.co_filename}:{code.f_lineno}", re.findall(r"\w+", what)[0]))
            construct(self, *given, **named)

        return patch.object(raised, "__init__", note)

    with noting(NotPortable), noting(Unsupported):
        yield found
