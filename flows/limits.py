"""How many tables are read from one source at once, over all flow runs: a limit of Prefect's, by tag."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.exceptions import ObjectAlreadyExists

AT_ONCE = 2
"""A source's database is somebody's production database."""


def tag_of(source: str) -> str:
    """The tag of tasks that read this source."""
    return f"source-{source}"


def limit_sources(sources: Iterable[str]) -> None:
    """Gives each source that has no limit yet the default one; a limit that a person has set stays."""
    with get_client(sync_client=True) as client:
        for source in sorted(sources):
            with suppress(ObjectAlreadyExists):
                name = f"tag:{tag_of(source)}"
                client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=AT_ONCE))
