"""Every key that a source has, beside the files of a table: which of their rows the source has no more.

Kept by DuckDB, which puts on the disk what memory has no room for. Never decides what becomes of such rows.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.durable import outside
from connectors.own_duckdb import own_duckdb
from transforms.names import quoted

MEMORY = "512MB"
Positions = npt.NDArray[np.int64]


class SourceKeys:
    """`key` are the columns. `scratch` is a folder for what does not fit into memory; it need not exist."""

    def __init__(self, key: Sequence[str], scratch: Path) -> None:
        self._key = [quoted(name) for name in key]
        self._spill = scratch / f"duckdb-{os.getpid()}-{secrets.token_hex(4)}"
        with suppress(OSError):  # without it keys are compared as long as memory suffices
            scratch.mkdir(parents=True, exist_ok=True)
        self._engine: Any = own_duckdb(memory_limit=MEMORY, temp_directory=str(self._spill))
        self.rows = 0

    def add(self, rows: pa.RecordBatch) -> None:
        """Some of the keys."""
        if not rows.num_rows:
            return
        self._engine.register("came", pa.Table.from_batches([rows]))
        columns = ", ".join(self._key)
        into = "insert into source" if self.rows else "create table source as"
        self._engine.execute(f"{into} select {columns} from came")
        self.rows += rows.num_rows

    def gone(self, files: Mapping[str, Path]) -> dict[str, Positions]:
        """The positions of rows whose keys the source does not have, in those of the files that have such rows."""
        if not files:
            return {}
        names = {str(path): name for name, path in files.items()}
        same = " and ".join(f"source.{name} = file.{name}" for name in self._key)
        options = "filename = true, file_row_number = true, union_by_name = true, hive_partitioning = false"
        rows = f"read_parquet(?, {options})"
        missing = f" where not exists (select 1 from source where {same})" if self.rows else ""
        with outside("compare keys"):
            sql = f"select filename, file_row_number from {rows} file{missing}"
            found = self._engine.sql(sql, params=[list(names)]).to_arrow_reader()
            parts: dict[str, list[Positions]] = {}
            for batch in found:
                for path in batch.column(0).unique().to_pylist():
                    of_file = batch.filter(pc.equal(batch.column(0), path)).column(1)
                    parts.setdefault(names[path], []).append(of_file.to_numpy())
        return {name: np.sort(np.concatenate(some)) for name, some in parts.items()}

    def close(self) -> None:
        """Gives back memory and disk."""
        self._engine.close()
        shutil.rmtree(self._spill, ignore_errors=True)
