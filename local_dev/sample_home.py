"""The sample company of a home: where it lies, and its servers for as long as a run needs them.

Decides whether a run needs them: a source is to be ingested, its variable is unset, and the company is there.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.address import is_secret
from transforms.names import TableName

if TYPE_CHECKING:
    from connectors.lake import Lake
    from local_dev.console import Console

SERVED = frozenset(
    ("APP_LOGS_URL", "AD_LOGS_URL", "SALES_URL", "CONTENT_DB_URL", "ADS_DB_URL", "ACQUISITION_URL", "AD_NETWORK_URL")
)
"""The variables that the sample company stands in for: another source's address is its owner's to set."""


def sample_folder(home: Path) -> Path:
    """Where the demo makes the company of a home."""
    return home / ".baikal" / "sample"


def unset_variables(lake: Lake, names: Collection[TableName]) -> list[str]:
    """The environment variables that the ingest of these raw tables needs and that are not set."""
    connections = {lake.content.raw[name][0].connection for name in names if name in lake.content.raw}
    variables = {lake.target.connections[name] for name in connections if name in lake.target.connections}
    return sorted(place for place in variables if not is_secret(place) and not os.environ.get(place))


@contextmanager
def sample_served(console: Console, lake: Lake, names: Collection[TableName]) -> Iterator[None]:
    """While inside, a local target's unset connections lead to the sample company, if this home has one."""
    folder = sample_folder(lake.content.home)
    missing = [variable for variable in unset_variables(lake, names) if variable in SERVED]
    if not missing or not lake.target.is_local:
        yield
        return
    if not (folder / "company.json").is_file():
        console.say(f"not set: {', '.join(missing)}; `baikal demo` makes and serves a sample company instead")
        yield
        return
    from local_dev.sample.serving import serving

    console.say("starting the sample company's database and APIs")
    with serving(folder) as found, _environment({k: v for k, v in found.items() if not os.environ.get(k)}):
        yield


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)
