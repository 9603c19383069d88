"""What the comment beside a column says of it: its description, and whether it is personal."""

from __future__ import annotations

import re

_PERSONAL = re.compile(r"(?:^|\s)@personal\b:?")


def read_comment(comments: list[str] | None) -> tuple[str, bool]:
    """Description and personal of `-- @personal Billing contact`.

    >>> read_comment([" @personal Billing contact"])
    ('Billing contact', True)
    """
    if not comments:
        return "", False
    text = " ".join(comment.strip() for comment in comments)
    personal = _PERSONAL.search(text) is not None
    return " ".join(_PERSONAL.sub(" ", text).split()), personal
