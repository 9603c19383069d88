"""Requests whose addresses hold secrets, and so stand in no log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident


@contextmanager
def unlogged() -> Iterator[None]:
    """httpx logs the whole address of everything that it asks for; not what this thread asks for here."""
    logger, here = logging.getLogger("httpx"), get_ident()

    def elsewhere(record: logging.LogRecord) -> bool:
        return record.thread != here

    logger.addFilter(elsewhere)
    try:
        yield
    finally:
        logger.removeFilter(elsewhere)
