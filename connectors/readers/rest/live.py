"""What an API has: of presets whose API can be asked, what it says of its objects, else by first pages.

Never decides what is written of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from connectors.lake_names import yaml_text
from connectors.live import Access, LiveColumn, LiveTable, Sort
from connectors.preset_files import DESCRIBING
from connectors.readers.rest.client import Client
from connectors.readers.rest.first_page import ApiLive
from transforms.errors import DataError
from transforms.lake_types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, Type
from transforms.source import Source
from transforms.widening import widens

_OBJECTS = "/services/data/v61.0/sobjects"
_TYPES: Mapping[str, Type] = {"boolean": BOOLEAN, "date": DATE, "datetime": TIMESTAMP, "int": Type("integer")}
_NUMBERS = frozenset(("double", "currency", "percent"))
_NOT_IN_BULK = frozenset(("address", "location", "base64", "complexvalue"))
"""Compound fields, whose parts are fields of their own, and files."""


class SalesforceLive:
    """A CRM by Salesforce's describe calls."""

    def __init__(self, source: Source, access: Access) -> None:
        self._client = Client(source, access.address, source.path, access.secret, storage=access.storage)

    def tables(self) -> Mapping[str, Sort]:
        """The objects that can be queried."""
        return {str(one["name"]): "table" for one in self._asked(_OBJECTS, "sobjects") if one.get("queryable")}

    def table(self, name: str) -> LiveTable:
        """As the preset reads it: by its Id, what changed by SystemModstamp."""
        if name not in self.tables():
            return LiveTable(name, ())
        fields = self._asked(f"{_OBJECTS}/{name}/describe", "fields")
        columns = tuple(_column(one) for one in fields if one.get("type") not in _NOT_IN_BULK)
        return LiveTable(name, columns, ("Id",), words=tuple(_words(name, columns)))

    def _asked(self, path: str, what: str) -> list[Mapping[str, Any]]:
        reply = self._client.send(path, {})
        try:
            found: list[Mapping[str, Any]] = reply.json()[what]
        except (ValueError, KeyError, TypeError):
            raise DataError(f"{path} did not answer with {what}") from None
        return found

    def close(self) -> None:
        """Lets go of the connection."""
        self._client.close()


def live(source: Source, access: Access) -> SalesforceLive | ApiLive:
    """A look at the API at this address."""
    if source.options.get("preset") not in DESCRIBING:
        return ApiLive(source, access)
    return SalesforceLive(source, access)


def _words(name: str, columns: tuple[LiveColumn, ...]) -> Iterator[str]:
    """Of an object that does not tell when a row changed, everything is asked for; of others deleted rows leave."""
    yield f"object: {yaml_text(name)}"
    names = {column.name for column in columns}
    if {"SystemModstamp", "IsDeleted"} <= names:
        yield "deleted_at: isdeleted"
    if "SystemModstamp" not in names:
        whole = "select {columns} from {object}"
        yield f'mode: snapshot, cursor: id, report: {{parameters: {{query: "{whole}"}}}}'


def _column(field: Mapping[str, Any]) -> LiveColumn:
    type_, written = _type(field), str(field.get("type", "string"))
    comment = str(field.get("inlineHelpText") or field.get("label") or "")
    return LiveColumn(str(field["name"]), type_, written, partial(_takes, type_), comment)


def _type(field: Mapping[str, Any]) -> Type:
    kind = field.get("type")
    if kind in _NUMBERS:
        precision, scale = int(field.get("precision") or 0), int(field.get("scale") or 0)
        return Type("decimal", (precision, scale)) if 0 < precision <= 38 and scale <= precision else DOUBLE
    if kind == "long":
        return BIGINT
    return _TYPES.get(str(kind), VARCHAR)


def _takes(live: Type, declared: Type) -> bool:
    """Its answers are texts, so that a text takes all of them."""
    return declared in (live, VARCHAR) or widens(declared, live) or (live.name == "decimal" and declared == DOUBLE)
