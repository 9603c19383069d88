"""Tables and partitions as Glue describes them in Hive's words. Pure; every engine of AWS reads what stands here.

Files of a part that lie in one folder are read from it. Those of several are listed in a text file, which is what
Hive's SymlinkTextInputFormat reads: Athena's guide reads the inventories of S3 so, and nothing is copied.
"""

from __future__ import annotations

import hashlib
from typing import Any

from transforms.column import Column
from transforms.snapshot import Part

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
_SYMLINK = "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat"
_PARQUET_OUTPUT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
_SYMLINK_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
CLASS = "baikal.class"
"""Of a column's parameters: what kind of data it holds."""
_LONGEST_COMMENT = 255
"""Of a column, in Glue."""


def glue_columns(columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    """Columns with their Hive types, descriptions and classes."""
    return [
        {
            "Name": c.name,
            "Type": c.type.hive,
            **({"Comment": _short(c.description)} if c.description else {}),
            **({"Parameters": {CLASS: "personal"}} if c.personal else {}),
        }
        for c in columns
    ]


def descriptor(columns: list[dict[str, Any]], url: str, *, symlink: bool = False) -> dict[str, Any]:
    """A storage descriptor of Parquet files: those under the address, or those that the files under it list."""
    return {
        "Columns": columns,
        "Location": url.rstrip("/") + "/",
        "InputFormat": _SYMLINK if symlink else _PARQUET,
        "OutputFormat": _SYMLINK_OUTPUT if symlink else _PARQUET_OUTPUT,
        "SerdeInfo": {"SerializationLibrary": _SERDE, "Parameters": {"serialization.format": "1"}},
        "Compressed": False,
        "NumberOfBuckets": -1,
        "StoredAsSubDirectories": False,
    }


def folder_of(part: Part) -> str | None:
    """The folder that holds all files of a part; None when there are several, or none."""
    folders = {file.rpartition("/")[0] for file in part.files}
    return folders.pop() if len(folders) == 1 else None


def links_name(part: Part) -> str:
    """Of the list of a part's files: equal files, equal name."""
    return hashlib.sha256("\n".join(part.files).encode()).hexdigest()[:20]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_COMMENT else f"{line[: _LONGEST_COMMENT - 2]}.."
