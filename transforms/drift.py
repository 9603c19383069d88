"""How a source has drifted from what is declared of it: what is new, gone, wider, narrower or of another type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from transforms.column import Column
from transforms.lake_types import INTEGERS, Type
from transforms.widening import widens

Change = Literal["new", "gone", "widened", "narrowed", "changed", "comment"]
"""`comment`: the source describes what the declaration does not. A person's own description is no difference."""


@dataclass(frozen=True)
class ToldColumn:
    """A column as the source tells it, under its name in the lake. `takes` as in `connectors.live`."""

    column: Column
    written: str
    takes: Callable[[Type], bool] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Difference:
    """Of a table, or of one of its columns. `declared` and `live` say how each side has it, empty where it is not."""

    table: str
    column: str
    change: Change
    declared: str = ""
    live: str = ""

    @property
    def name(self) -> str:
        """`table` or `table.column`."""
        return f"{self.table}.{self.column}" if self.column else self.table


def change_of(declared: Type, live: Type, *, takes: bool, before: Type | None) -> Change | None:
    """What happened to a type; `before` is what the source had when it was last read, if it was.

    A type that is declared wider than the source's, or as text, is right as long as the source did not change its mind.
    """
    if live == declared:  # what of its values does not fit is a reject, and no news of the type
        return None
    if not takes:
        return "widened" if widens(live, declared) else "narrowed" if widens(declared, live) else "changed"
    if before is None or _grew(live, before) or _is_shown_otherwise(declared, live, before):
        return None
    return "narrowed" if widens(before, live) else "changed"


def _grew(new: Type, old: Type) -> bool:
    """Whether each value of the old type is one of the new one, in its parts too; fields may come and go."""
    if new == old or widens(new, old):
        return True
    if new.name == old.name == "row":
        held = {field.name: field.type for field in old.fields}
        return all(field.name not in held or _grew(field.type, held[field.name]) for field in new.fields)
    return new.name == old.name and new.name in ("array", "map") and all(map(_grew, new.parts, old.parts))


def _is_shown_otherwise(declared: Type, *types: Type) -> bool:
    """Whether both are the same numbers: MySQL's tinyint(1) counts as a boolean, and holds what a tinyint does."""
    names = {type_.name for type_ in types}
    return declared.name in INTEGERS and names in ({"boolean", "tinyint"}, {"boolean", "smallint"})


def column_differences(
    table: str,
    declared: Iterable[Column],
    told: Mapping[str, ToldColumn],
    before: Mapping[str, Type],
    dropped: frozenset[str] = frozenset(),
) -> Iterator[Difference]:
    """In the order of the declaration, what is new at the end; `dropped` are declared not to be taken in."""
    names = set(dropped)
    for column in declared:
        names.add(column.name)
        live = told.get(column.name)
        if live is None:
            yield Difference(table, column.name, "gone", column.type.hive)
            continue
        takes = live.takes(column.type)
        change = change_of(column.type, live.column.type, takes=takes, before=before.get(column.name))
        if change:
            yield Difference(table, column.name, change, column.type.hive, live.column.type.hive)
        if live.column.description and not column.description:
            yield Difference(table, column.name, "comment", "", live.column.description)
    for name, live in told.items():
        if name not in names:
            yield Difference(table, name, "new", "", live.column.type.hive)
