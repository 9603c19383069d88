"""The exceptions inside the dialect: a rule that cannot keep the meaning says why and what to write."""

from __future__ import annotations


class NotPortable(Exception):
    """Caught by the walk, which knows the place and collects all of them into one `Refused`."""

    def __init__(self, why: str, write: str = "") -> None:
        self.why = why
        self.write = write
        super().__init__(why)


class Invalid(NotPortable):
    """A constant with which the call fails on Athena too, for whatever row; under TRY the call is NULL."""
