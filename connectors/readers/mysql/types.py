"""MySQL's and MariaDB's types as the lake's: one table, and for each what does not fit and why.

Decides types and the SQL that selects a column. Never runs a query and never changes a value silently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.live import LiveColumn
from transforms.lake_types import BIGINT, DATE, DOUBLE, INTEGERS, TIMESTAMP, VARBINARY, VARCHAR, Type, decimal

BOOLEAN = Type("boolean")
TYPES: Mapping[str, Type] = {
    "tinyint": Type("tinyint"),  # tinyint(1): boolean, other numbers than 0 and 1 are rejects
    "smallint": Type("smallint"),
    "mediumint": Type("integer"),
    "int": Type("integer"),
    "bigint": BIGINT,  # unsigned: numbers over 9223372036854775807 are rejects, unless it is declared decimal(20,0)
    "float": Type("real"),
    "double": DOUBLE,
    "bit": BIGINT,  # bit(1): boolean
    "year": Type("smallint"),
    "date": DATE,  # zero dates, dates with a zero in them and dates that no calendar has are rejects
    "datetime": TIMESTAMP,  # taken as UTC or as `timezone:` says; the same rejects, and digits under a millisecond
    "timestamp": TIMESTAMP,  # in UTC; the same rejects
    "binary": VARBINARY,
    "varbinary": VARBINARY,
    "tinyblob": VARBINARY,
    "blob": VARBINARY,
    "mediumblob": VARBINARY,
    "longblob": VARBINARY,
    "vector": VARBINARY,
}
"""Every other type is text, as the server writes it: time, json, enum, set, uuid, inet6; decimals over 38 digits.

Spatial types are text as ST_AsText writes it, which leaves the SRID out.
"""
_SPATIAL = re.compile(r"(multi)?(point|linestring|polygon)|geom(etry)?(collection)?")
WHOLE_CHARSETS = frozenset(
    ("ascii", "binary", "latin1", "ucs2", "utf16", "utf16le", "utf32", "utf8", "utf8mb3", "utf8mb4")
)
"""Those of which Unicode has every character. The server writes ? for a character of another one that it lacks."""
ZERO = "0000-00-00"
"""What a server holds for a date where it was told none, unless it is strict. It is no day."""
_UNSIGNED = {"tinyint": Type("smallint"), "smallint": Type("integer"), "mediumint": Type("integer"), "int": BIGINT}
_WRITTEN = re.compile(r"\w+(?:\((\d+)(?:,(\d+))?\))?")


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as information_schema describes it: `type` is the bare word, `written` has lengths and signs."""

    name: str
    type: str
    written: str
    charset: str = ""
    comment: str = ""
    default: str = ""

    @property
    def lake_type(self) -> Type:
        """The lake's type when nobody declares another one."""
        length, scale = self.lengths
        if self.type in ("tinyint", "bit") and length == 1:
            return BOOLEAN
        if self.type in _UNSIGNED and self.unsigned:
            return _UNSIGNED[self.type]
        if self.type == "decimal":
            return decimal(length, scale) if length <= 38 else VARCHAR
        return TYPES.get(self.type, VARCHAR)

    @property
    def lengths(self) -> tuple[int, int]:
        """The two numbers behind the type's name; 0 where there is none."""
        found = _WRITTEN.match(self.written)
        return (int(found[1] or 0), int(found[2] or 0)) if found else (0, 0)

    @property
    def unsigned(self) -> bool:
        """Whether it holds no negative numbers, and greater ones instead."""
        return " unsigned" in self.written

    @property
    def dated(self) -> bool:
        """Whether values are days, or times of days."""
        return self.lake_type in (DATE, TIMESTAMP)

    @property
    def zoneless(self) -> bool:
        """Whether values are a wall clock's, and nobody says whose."""
        return self.type == "datetime"

    @property
    def live(self) -> LiveColumn:
        """The column as every kind of system tells its own."""
        finer = self.type in ("datetime", "timestamp") and self.lengths[0] > 3
        zeros = ZERO in self.default
        return LiveColumn(self.name, self.lake_type, self.written, self.takes, self.comment, finer, zeros=zeros)

    def takes(self, declared: Type) -> bool:
        """Whether every value fits the declared type, or each one that does not can be told from the others."""
        found = self.lake_type
        if found == declared:
            return True
        if declared == VARCHAR:  # dates that no calendar has are texts by choice, plain numbers by mistake
            return found.name not in (*INTEGERS, "boolean", "real", "double", "decimal")
        if self.type in ("tinyint", "bit"):
            return declared.name in ("boolean", *INTEGERS) or declared == decimal(20, 0)
        if found.name in INTEGERS and declared.name in INTEGERS:
            return INTEGERS.index(declared.name) >= INTEGERS.index(found.name)
        if declared.name == "decimal":
            return declared.numbers[0] - declared.numbers[1] >= self._whole_digits() and self._decimals_fit(declared)
        if declared.name == "bigint":
            return found.name == "decimal"
        return found.name == "real" and declared.name == "double"

    def select(self, declared: Type, name: str) -> str:
        """The SQL of the column, under the name that it has in the lake."""
        return f"{self._expression(declared)} as {quoted(name)}"

    def lost(self, declared: Type) -> str | None:
        """The SQL of the value's bytes where Unicode lacks a character of it, else NULL; None if it has them all."""
        if declared != VARCHAR or not self.charset or self.charset in WHOLE_CHARSETS:
            return None
        own, unicode = quoted(self.name), f"convert({quoted(self.name)} using utf8mb4)"
        marks = [f"char_length({text}) - char_length(replace({text}, '?', ''))" for text in (unicode, own)]
        return f"case when {marks[0]} <> {marks[1]} then hex({own}) end"

    def _expression(self, declared: Type) -> str:
        name = quoted(self.name)
        if _SPATIAL.fullmatch(self.type) and declared == VARCHAR:
            return f"ST_AsText({name})"
        if self.type == "bit":
            return f"{name} + 0"  # the text protocol sends its bytes
        if self.type == "float":
            return f"{name} + 0e0"  # the text of a float has 6 digits of its 9
        return name

    def _whole_digits(self) -> int:
        found = self.lake_type
        if found.name == "decimal":
            return found.numbers[0] - found.numbers[1]
        return {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 20 if self.unsigned else 19}.get(found.name, 99)

    def _decimals_fit(self, declared: Type) -> bool:
        return self.lake_type.name != "decimal" or declared.numbers[1] >= self.lake_type.numbers[1]


def quoted(name: str) -> str:
    """An identifier in SQL.

    >>> quoted('a`b')
    '`a``b`'
    """
    return "`" + name.replace("`", "``") + "`"


def quoted_table(name: str) -> str:
    """`database.table` or `table`, each part quoted."""
    return ".".join(map(quoted, name.split(".", 1)))
