"""The sample company's systems, up: a folder of logs and exports, PostgreSQL, the APIs, and how to reach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from local_dev.sample.api import KEYS, apis
from local_dev.sample.company import MARKER, generated
from local_dev.sample.postgres import postgres
from transforms.errors import UsageError


@contextmanager
def serving(folder: Path) -> Iterator[Mapping[str, str]]:
    """Environment variables, by name, under which the sources find the company in `folder` while this is open.

    The APIs report the company as it is when asked, the databases as it was at the start.
    Raises UsageError when no company is there, OutsideError when a server does not start.
    """
    folder = folder.absolute()
    if generated(folder) is None:
        raise UsageError(f"{folder}: no sample company is here; generate one first")
    edition = sha256((folder / MARKER).read_bytes()).hexdigest()
    with postgres(folder, edition) as databases, apis(folder) as services:
        yield {
            "APP_LOGS_URL": str(folder / "app_logs"),
            "AD_LOGS_URL": str(folder / "ad_logs"),
            "SALES_URL": str(folder / "sales"),
            **{f"{name.upper()}_URL": address for name, address in databases.items()},
            **{f"{name.upper()}_URL": address for name, address in services.items()},
            **{f"{name.upper()}_API_KEY": key for name, key in KEYS.items()},
        }
