"""How long a server asks to wait before it is asked again. Waits for nothing itself."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime

AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
"""The states of an answer after which the same request may succeed."""
TOO_MANY = 429
DOWN = frozenset((TOO_MANY, 502, 503))
"""Those that, again and again, are of the whole API: 500 and 504 may be of one path alone."""
ASKS = "retry-after"
"""As `headers` have it whose names are in small letters; those of requests do not care."""


def retry_after(headers: Mapping[str, str], otherwise: float) -> float:
    """Seconds that Retry-After asks for: a number, or a date."""
    text = headers.get(ASKS, "")
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return otherwise
    if moment.tzinfo is None:  # a date that names no zone is in GMT, as all dates of HTTP are
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
