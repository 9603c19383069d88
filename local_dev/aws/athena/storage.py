"""Tables as Athena registers them in Glue: the classes of a format, the parameters that it always writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from local_dev.aws.glue_store import Document
from transforms.column import Column

OWNER = "hadoop"
"""Of what a statement makes; Trino reads no view without one."""
_HADOOP = "org.apache.hadoop"
PARQUET: Document = {
    "InputFormat": f"{_HADOOP}.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": f"{_HADOOP}.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": f"{_HADOOP}.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    },
}
TEXT: Document = {
    "InputFormat": f"{_HADOOP}.mapred.TextInputFormat",
    "OutputFormat": f"{_HADOOP}.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "SerdeInfo": {"SerializationLibrary": f"{_HADOOP}.hive.serde2.lazy.LazySimpleSerDe", "Parameters": {}},
}
ORC: Document = {
    "InputFormat": f"{_HADOOP}.hive.ql.io.orc.OrcInputFormat",
    "OutputFormat": f"{_HADOOP}.hive.ql.io.orc.OrcOutputFormat",
    "SerdeInfo": {"SerializationLibrary": f"{_HADOOP}.hive.ql.io.orc.OrcSerde", "Parameters": {}},
}
STORED_AS = {"parquet": PARQUET, "textfile": TEXT, "orc": ORC}
"""What `STORED AS word` is short for."""


def table_input(
    name: str,
    columns: Sequence[Column],
    keys: Sequence[Column],
    storage: Document,
    *,
    parameters: Mapping[str, str] | None = None,
    comment: str = "",
) -> Document:
    """Glue's TableInput of an external table."""
    held = {"EXTERNAL": "TRUE", "has_encrypted_data": "false", **(parameters or {})}
    kept = {**storage, "Columns": described(columns), "NumberOfBuckets": -1, "Compressed": False}
    return {
        "Name": name,
        "Owner": OWNER,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": kept,
        "PartitionKeys": described(keys),
        "Parameters": {**held, "comment": comment} if comment else held,
    }


def described(columns: Sequence[Column]) -> list[Document]:
    """Columns as Glue has them."""
    return [
        {"Name": column.name, "Type": column.type.hive}
        | ({"Comment": column.description} if column.description else {})
        for column in columns
    ]
