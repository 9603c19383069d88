"""What the files of a place say of themselves: which are of one table, and by a sample of them its columns and types.

Looks at a few files of each table, the newest and the oldest, and at the beginning of each. Never writes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice

from connectors.file_store import Look, Stored, file_store
from connectors.lake_names import lake_name, yaml_text
from connectors.live import Access, LiveTable, Sort, original
from connectors.readers.files.samples import SAMPLERS, Samples
from connectors.readers.sampled import Sample
from connectors.readers.xlsx.file import XlsxFile
from transforms.errors import OutsideError
from transforms.file_groups import FileGroup, file_groups
from transforms.file_path import FilePath
from transforms.source import Mode, Source

MOST_FILES = 100_000
"""Of a place, so many are looked at by their names."""
_SAMPLED = 4
"""Files of a table that are opened."""
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "jsonl": ("jsonl", "ndjson", "json"),
    "csv": ("csv", "tsv", "txt"),
    "parquet": ("parquet", "pq"),
    "logs": ("log",),
    "xlsx": ("xlsx", "xlsm"),
}


class FilesLive:
    """One look at the names of all files."""

    def __init__(self, source: Source, access: Access) -> None:
        self._source = source
        self._store = file_store(source, access.address, access.storage)
        self._declared = {original(source, table): table for table in source.tables}

    def tables(self) -> Mapping[str, Sort]:
        """The declared ones, and groups of the files that these do not mean. Raises OutsideError when there is none."""
        if not self._declared and not self._groups:
            raise OutsideError(f"there is no file in {self._store} that could be a table")
        return dict.fromkeys([*self._declared, *self._groups], "table")

    def table(self, name: str) -> LiveTable:
        """By a sample of its files."""
        table, group = self._declared.get(name), self._groups.get(name)
        path = str(table.options["path"]) if table else group.path if group else name
        sheet = name.removeprefix(path).removeprefix("#")
        files = self._sampled(FilePath(path))
        if not files:
            return LiveTable(name, ())
        samples = Samples(self._source, table, self._store, files, sheet)
        found: Sample = SAMPLERS[self._source.kind](samples)
        words = {"path": yaml_text(path), **found.words}.items()
        mode: Mode = "snapshot" if group and group.one else "append"
        short = sheet if "*" not in sheet and lake_name(sheet) != lake_name("") else ""
        return LiveTable(
            name,
            tuple(found.columns),
            short=short or (group.word if group else "") or self._source.name,
            mode=mode,
            words=tuple(f"{word}: {text}" for word, text in words),
            notes=tuple(found.notes),
            told=tuple(found.told),
        )

    def close(self) -> None:
        """Nothing is held."""

    @cached_property
    def _files(self) -> list[Stored]:
        return list(islice(self._store.find(FilePath("**/*"), Look()), MOST_FILES))

    @cached_property
    def _groups(self) -> dict[str, FileGroup]:
        paths = [FilePath(str(table.options["path"])) for table in self._declared.values()]
        names = [one.name for one in self._files if all(path.meaning(one.name) is False for path in paths)]
        groups = file_groups(names, ENDINGS[self._source.kind])
        if self._source.kind != "xlsx":
            return {group.path: group for group in groups}
        return {
            f"{group.path}#{sheet}" if sheet else group.path: group for group in groups for sheet in self._sheets(group)
        }

    def _sheets(self, group: FileGroup) -> Sequence[str]:
        """Those of its newest file, of which each is a table; those that differ by numbers only are one."""
        samples = Samples(self._source, None, self._store, self._sampled(FilePath(group.path))[:1])
        sheets = [sheet for name, data in samples.whole() for sheet in XlsxFile(name, data).filled_sheets]
        if len(sheets) <= 1:
            return [""]
        forms = {sheet: re.sub(r"\d+", "*", sheet) for sheet in sheets}
        counts = Counter(forms.values())
        return list(dict.fromkeys(form if counts[form] > 1 else sheet for sheet, form in forms.items()))

    def _sampled(self, path: FilePath) -> list[Stored]:
        found = sorted((one for one in self._files if one.size and path.meaning(one.name) is not False), key=_age)
        return found if len(found) <= _SAMPLED else [*found[: _SAMPLED - 1], found[-1]]


def live(source: Source, access: Access) -> FilesLive:
    """A look at the place at this address."""
    return FilesLive(source, access)


def _age(file: Stored) -> tuple[float, str]:
    return file.age_s, file.name
