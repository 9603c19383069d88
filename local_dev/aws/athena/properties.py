"""What stands in WITH (..) of a statement of Trino's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from local_dev.aws.athena.failures import StatementError, not_supported
from local_dev.aws.athena.words import Words
from transforms.errors import did_you_mean

Value = str | list[str]
_CODECS = {"GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "LZ4": "lz4_raw", "NONE": "uncompressed"}
_COMPRESSIONS = ("write_compression", "parquet_compression", "compression")


@dataclass(frozen=True, slots=True)
class Properties:
    """A text or a list of texts for each key."""

    values: Mapping[str, Value]

    def text(self, key: str, default: str = "") -> str:
        """Raises StatementError for a list."""
        value = self.values.get(key, default)
        if isinstance(value, list):
            raise _bad(key, str(value))
        return value

    def names(self, key: str) -> list[str]:
        """Names of columns, in lower case."""
        value = self.values.get(key, [])
        return [each.lower() for each in (value if isinstance(value, list) else [value])]

    @property
    def codec(self) -> str:
        """DuckDB's word for the compression; Athena's own choice is GZIP."""
        key = next((key for key in _COMPRESSIONS if key in self.values), "")
        asked = self.text(key, "GZIP").upper()
        if asked not in _CODECS:
            raise _bad(key, asked)
        return _CODECS[asked]

    def require_parquet(self) -> None:
        """Raises StatementError for another format."""
        if (asked := self.text("format", "PARQUET").upper()) != "PARQUET":
            raise not_supported(f"line 1:1: the local Athena writes no {asked}; write format = 'PARQUET'")


def read_properties(words: Words, allowed: Collection[str]) -> Properties:
    """WITH and what follows, if it comes. Raises StatementError for a key that there is not."""
    if not words.take("with"):
        return Properties({})
    found: dict[str, Value] = {}

    def one() -> None:
        key = words.name()
        if key not in allowed:
            hint = did_you_mean(key, allowed)
            raise StatementError(
                f"INVALID_TABLE_PROPERTY: line 1:1: '{key}' does not exist{'; ' + hint if hint else ''}"
            )
        words.need("=")
        found[key] = _value(words)

    words.listed(one)
    return Properties(found)


def _value(words: Words) -> Value:
    if not words.take("array"):
        return words.constant()
    return words.listed(words.string, "[]")


def _bad(key: str, value: str) -> StatementError:
    return StatementError(f"INVALID_TABLE_PROPERTY: line 1:1: Unable to set property '{key}' to {value}")
