"""The small tables of the fuzzer: a column of every type of the lake, rows of hard values and NULL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from tests.parity.fuzz.node import Node, listed
from tests.parity.values import VALUES
from transforms.column import Column
from transforms.lake_types import Type
from transforms.names import TableName

ROWS = 10
_DAYS = ("2024-02-29", "1970-01-01", "2023-12-31", "2024-01-31", "2021-01-03", "1969-12-31", "1900-03-01", "2024-03-10")
_MILD = tuple(f"{n}e0" for n in ("0", "0.25", "-1.5", "2.5", "10", "-3", "100.75"))
_COLUMNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "g": ("integer", ("1", "2", "2", "3", "null")),
    "b": ("boolean", ("true", "false", "null")),
    "y": ("tinyint", ("0", "127", "-128", "5", "null")),
    "z": ("smallint", ("0", "32767", "-32768", "12", "null")),
    "i": ("integer", (*VALUES["int"], "null")),
    "n": ("bigint", (*VALUES["big"], "3", "-1", "100")),
    "r": ("real", (*_MILD, "null")),
    "d": ("double", (*_MILD, "null")),
    "x": ("double", ("0.1", "1e300", "-1e-300", "2.675", "-0e0", "1234567.891", "1e15", "null")),
    "m": ("decimal(10,2)", ("1.50", "-0.07", "0.00", "99999999.99", "-2.55", "10", "null")),
    "w": ("decimal(38,10)", ("0.0000000001", "-123456789012.5", "0", "7.25", "null")),
    "s": ("varchar", VALUES["str"]),
    "c": ("varchar", ("''", "'a'", "'b'", "'B'", "'語'", "'😀'", "'10'", "null")),
    "v": ("varbinary", ("x''", "x'00ff'", "x'61'", "x'e38182'", "null")),
    "day": ("date", (*(f"date '{day}'" for day in _DAYS), "null")),
    "at": ("timestamp(3)", tuple(value for value in VALUES["stamp"])),
    "a": ("array(bigint)", ("array[1, 2, 3]", "array[3, null, 1]", "array[]", "array[7, 7]", "null")),
    "l": ("array(varchar)", ("array['a', 'b']", "array['b', null, 'A']", "array[]", "array['', '語']", "null")),
    "p": (
        "map(varchar, bigint)",
        ("map(array['a', 'b'], array[1, null])", "map()", "map(array['k'], array[9])", "null"),
    ),
    "o": ("row(id bigint, name varchar)", ("row(1, 'a')", "row(null, 'b')", "row(2, null)", "null")),
}


@dataclass(frozen=True)
class Table:
    """Columns by name, `k` first, which differs in every row; rows as Athena's literals."""

    database: str
    name: str
    columns: dict[str, Type]
    rows: tuple[tuple[str, ...], ...]

    @property
    def full_name(self) -> TableName:
        """As statements name it."""
        return TableName(self.database, self.name)

    @property
    def declared(self) -> tuple[Column, ...]:
        """What the compiler knows of it."""
        return tuple(Column(name, type_) for name, type_ in self.columns.items())

    def values(self, names: list[str]) -> Node:
        """A query of the rows with these columns; any row may go."""
        items = ", ".join(f"cast({name} as {self.columns[name]}) as {name}" for name in names)
        places = [list(self.columns).index(name) for name in names]
        rows = [Node(f"({', '.join(row[place] for place in places)})") for row in self.rows]
        return Node(f"select {items} from (values {{}}) as q({', '.join(names)})", (listed(*rows),))

    def inlined(self, text: str) -> Node:
        """A CTE in place of the table, with the columns that a text may read."""
        used = [name for name in self.columns if re.search(rf"\b{name}\b", text)] or ["k"]
        return Node(f"{self.name} as ({{}})", (self.values(used),))


def tables(seed: int) -> tuple[Table, ...]:
    """`t` with every column, and `u`, which has some of its keys and some others."""
    random = Random(seed)
    return tuple(_table(f"fuzz_{seed}", name, first, random) for name, first in (("t", 1), ("u", ROWS // 2)))


def _table(database: str, name: str, first: int, random: Random) -> Table:
    columns = {"k": Type.parse("bigint")} | {column: Type.parse(kind) for column, (kind, _) in _COLUMNS.items()}
    chosen = [
        [f"bigint '{first + row}'" for row in range(ROWS)],
        *(_cells(kind, values, random) for kind, values in _COLUMNS.values()),
    ]
    return Table(database, name, columns, tuple(zip(*chosen, strict=True)))


def _cells(kind: str, values: tuple[str, ...], random: Random) -> list[str]:
    """Each value once in an order of its own, then again; typed, so that every row may go."""
    shuffled = random.sample(values, len(values))
    return [f"cast({shuffled[row % len(shuffled)]} as {kind})" for row in range(ROWS)]
