"""What a Google spreadsheet says of its sheets: columns and types by a sample of their cells. Never writes."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.lake_names import yaml_text
from connectors.live import Access, LiveTable, Sort, original
from connectors.readers.grid.sample import grid_sample
from connectors.readers.grid.sheet import chosen
from connectors.readers.sheets.cells import CELLS, TITLES, grids, titles
from connectors.readers.sheets.client import SheetsClient, quoted
from transforms.source import Source


class SheetsLive:
    """Each table is one answer, and so of one moment."""

    def __init__(self, source: Source, access: Access) -> None:
        self._source, self._client = source, SheetsClient(source, access.address, access.secret, access.storage)
        self._titles = titles(self._client.get(TITLES), hidden=False)
        self._declared = {original(source, table): table for table in source.tables}

    def tables(self) -> Mapping[str, Sort]:
        """The sheets that people see."""
        return dict.fromkeys(self._titles, "table")

    def table(self, name: str) -> LiveTable:
        """By its first rows; a declared one without `sheet:` may be the only sheet."""
        table = self._declared.get(name)
        found = chosen(self._titles, name)
        if not found and table and "sheet" not in table.options and len(self._titles) == 1:
            found = self._titles
        if not found:
            return LiveTable(name, ())
        answer = self._client.get(CELLS, [quoted(title) for title in found])
        sample = grid_sample(self._source, table, grids(answer))
        title = found[0] if len(found) == 1 else name
        words = [f"{word}: {text}" for word, text in {"sheet": yaml_text(title), **sample.words}.items()]
        columns, notes, told = tuple(sample.columns), tuple(sample.notes), tuple(sample.told)
        return LiveTable(title, columns, short=title, mode="snapshot", words=tuple(words), notes=notes, told=told)

    def close(self) -> None:
        """Ends what waits."""
        self._client.close()


def live(source: Source, access: Access) -> SheetsLive:
    """A look at the spreadsheet at this address."""
    return SheetsLive(source, access)
