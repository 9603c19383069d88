"""In what manner a table's files are read: what of its declaration decides which rows a file gives.

Files are read once, so the rows of known files stay as they are when the declaration changes: this notices it, and a
mapping of `columns:` that no file has a use for. Never reads a file, never decides that one is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from connectors.reader import Reading
from connectors.readers.json_shape import column_name
from connectors.readers.words import LISTING
from transforms.column import Column
from transforms.errors import did_you_mean
from transforms.fields import listed
from transforms.source import Source, SourceTable

STATE = "manner"
"""Where the state of a table remembers it."""
Meaning = Callable[[str, str], object]
"""What a path makes of a file's name: whether it names the file, and the day of it."""


class Manner:
    """`changed` are the words of the declaration that known files were read otherwise with."""

    def __init__(self, source: Source, table: SourceTable, state: Mapping[str, Any], meaning: Meaning) -> None:
        before = state.get(STATE, {})
        self._table, self._has_letters = table.name, source.kind == "xlsx"
        words = {**source.options, **table.options}
        self._words = {word: value for word, value in words.items() if word not in LISTING}
        self._types = {column.name: [str(column.type)] for column in table.columns}
        self._before: Mapping[str, list[str]] = before.get("types", {})
        self._mapping: Mapping[str, str] = self._words.get("columns", {})
        self._met: set[str] = set(before.get("met", ()))
        self._files = state.get("files", {})
        found = {*before.get("changed", ()), *self._other_words(before.get("words"), meaning), *self._other_types()}
        self.changed = sorted(found)

    def _other_words(self, before: Mapping[str, Any] | None, meaning: Meaning) -> Iterable[str]:
        """Those that say something else of a known file."""
        for word in {**before, **self._words} if before else ():
            old: Any = before.get(word) if before else None
            new: Any = self._words.get(word)
            if word == "path":
                other = old != new and any(meaning(old, file) != meaning(new, file) for file in self._files)
            elif word == "columns":
                other = self._other_mapping(old or {}, new or {})
            else:
                other = old != new
            if other:
                yield f"{word}:"

    def _other_mapping(self, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
        """A name that a known file has was mapped, or else landed under the name that the lake makes of it.

        Every sheet has columns of all letters.
        """
        differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        by_letters = (key for key in differing if self._has_letters and key.isupper() and len(key) <= 3)
        return any(by_letters) or any(key in self._met or column_name(key) in self._before for key in differing)

    def _other_types(self) -> Iterable[str]:
        """A column that no file had cannot be missing in their rows, so that a new one is no change."""
        for name, (type_,) in self._types.items():
            if type_ not in self._before.get(name, [type_]):
                yield f"the type of {name}"

    def forget(self) -> None:
        """Every known file is read again."""
        self.changed, self._before = [], {}
        self._met.clear()

    def meet(self, keys: Iterable[str]) -> None:
        """Names of the source that a file has."""
        self._met.update(self._mapping.keys() & set(keys))

    def unmet(self) -> Mapping[str, str]:
        """The mappings of `columns:` that no file has had a use for."""
        return {key: column for key, column in self._mapping.items() if key not in self._met}

    def warning(self) -> str | None:
        """What a person is told while rows stay that were read otherwise."""
        if not self.changed:
            return None
        count = len(self._files)
        files = "1 file was" if count == 1 else f"{count:,} files were"
        return (
            f"{self._table}: {listed(self.changed)} changed after {files} read, whose rows stay as they are; "
            f"to read them again, write baikal run {self._table} --full"
        )

    def end(self, reading: Reading, files: int, others: Collection[str] = ()) -> None:
        """After the last batch: what the next reading must know, and the mappings that had no use in these files."""
        met: Iterable[Column] = (*reading.new_columns, *reading.widened_columns)
        types = {name: list(known) for name, known in self._before.items()}
        for name, type_ in [*((n, t[0]) for n, t in self._types.items()), *((c.name, str(c.type)) for c in met)]:
            known = types.setdefault(name, [])
            if type_ not in known:
                known.append(type_)
        reading.state[STATE] = {
            "words": self._words,
            "types": types,
            "met": sorted(self._met),
            "changed": self.changed,
        }
        for key in self.unmet() if files else ():
            hint = did_you_mean(key, others)
            told = f'{self._table}: columns: names "{key}", which no file has'
            reading.warnings.append("; ".join(filter(None, (told, hint))))
