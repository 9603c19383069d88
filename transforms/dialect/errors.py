"""The one exception inside the dialect: a rule that cannot keep the meaning says why and what to write."""

from __future__ import annotations


class NotPortable(Exception):
    """Caught by the walk, which knows the place and collects all of them into one `Refused`."""

    def __init__(self, why: str, write: str = "") -> None:
        self.why = why
        self.write = write
        super().__init__(why)
