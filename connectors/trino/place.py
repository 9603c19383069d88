"""A target on Trino, opened: the lake's folder, its catalog, its engine. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from connectors.catalog import Catalog
from connectors.catalogs.trino import TrinoCatalog
from connectors.engine import Engine
from connectors.storage import Folder
from connectors.trino.session import TrinoSession
from transforms.names import TableName
from transforms.trino_target import Trino


def open_place(place: Trino, root: Path, descriptions: Mapping[TableName, str]) -> tuple[Folder, TrinoCatalog]:
    """Asks Trino nothing yet. `descriptions` are what it tells of tables."""
    storage = Folder(root)
    return storage, TrinoCatalog(storage, TrinoSession(place), descriptions)


def engine_at(catalog: Catalog, owners: Mapping[TableName, str]) -> Engine:
    """Trino over that catalog."""
    from connectors.engines.trino import TrinoEngine

    assert isinstance(catalog, TrinoCatalog)
    return TrinoEngine(catalog.session, catalog, owners)
