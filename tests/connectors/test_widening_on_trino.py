"""Which files of an older type a real Trino reads as the newer one, rows and statistics: what decides a rewrite."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.arrow_types import arrow_type
from local_dev.trino import PORT, ask, make_catalog
from transforms.lake_types import Type
from transforms.widening import reads_files_of, widens

pytestmark = pytest.mark.trino
CASES = [
    ("tinyint", "smallint", [1, 7], "smallint '6'"),
    ("smallint", "bigint", [1, 7], "6"),
    ("int", "bigint", [1, 7], "6"),
    ("int", "decimal(12,2)", [1, 7], "decimal '6'"),
    ("bigint", "decimal(20,0)", [1, 7], "decimal '6'"),
    ("float", "double", [0.5, 7], "6e0"),
    ("decimal(8,2)", "decimal(10,2)", [Decimal("1.25"), Decimal(7)], "decimal '6'"),
    ("decimal(8,2)", "decimal(30,2)", [Decimal("1.25"), Decimal(7)], "decimal '6'"),
    ("decimal(20,2)", "decimal(38,2)", [Decimal("1.25"), Decimal(7)], "decimal '6'"),
    ("decimal(8,2)", "decimal(12,4)", [Decimal("1.25"), Decimal(7)], "decimal '6'"),
    ("array<int>", "array<bigint>", [[1], [7]], "array[bigint '6']"),
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory, trino: None) -> Iterator[tuple[str, Path]]:
    folder, name = tmp_path_factory.mktemp("widening"), f"widening_{secrets.token_hex(4)}"
    assert make_catalog(name, folder, PORT, None).error is None
    assert ask("create schema s", catalog=name).error is None
    yield name, folder
    ask(f"drop catalog {name}")


@pytest.mark.parametrize(("old", "new", "values", "bound"), CASES, ids=lambda word: str(word).replace("/", ""))
def test_a_file_stays_just_where_trino_reads_it(
    catalog: tuple[str, Path], old: str, new: str, values: list[Any], bound: str
) -> None:
    name, folder = catalog
    held, wanted = Type.parse(old), Type.parse(new)
    assert widens(wanted, held)
    table = f"t{secrets.token_hex(4)}"
    (folder / table).mkdir()
    pq.write_table(pa.table({"x": pa.array(values, arrow_type(held))}), folder / table / "0.parquet")
    made = f"create table s.{table} (x {wanted}) with (external_location = 'local:///{table}', format = 'PARQUET')"
    assert ask(made, catalog=name).error is None
    found = ask(f"select count(*) from s.{table} where x > {bound}", catalog=name)
    right = found.error is None and list(found.rows) == [(1,)]
    assert right == reads_files_of(wanted, held), found
