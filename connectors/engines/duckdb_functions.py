"""Makes what a compiled statement calls known to a DuckDB: its macros and its functions in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

import duckdb
from duckdb.func import FunctionNullHandling, PythonUDFType

from transforms.dialect.macros import Macro, RowFunction, needed

if TYPE_CHECKING:
    import pyarrow as pa

_ARROW = {
    "varchar": "string",
    "blob": "binary",
    "boolean": "bool_",
    "bigint": "int64",
    "integer": "int32",
    "double": "float64",
    "real": "float32",
    "date": "date32",
}


def install(connection: duckdb.DuckDBPyConnection, names: Iterable[str], known: set[str]) -> None:
    """Every cursor of the database sees them. `known` is what it has already, and grows; one thread at a time."""
    arrow, nulls = PythonUDFType.ARROW, FunctionNullHandling.SPECIAL
    for made in needed(names):
        if made.name in known:
            continue
        if isinstance(made, Macro):
            connection.execute(made.statement)
        else:
            params: list[Any] = list(made.params)
            run = _over_columns(made)
            connection.create_function(made.name, run, params, made.returns, type=arrow, null_handling=nulls)
        known.add(made.name)


@cache  # and so kept: DuckDB forgets its reference with the cursor that created the function
def _over_columns(made: RowFunction) -> Callable[..., pa.Array]:
    """The function over Arrow arrays. Arrow is imported only when rows arrive."""

    def run(*columns: pa.ChunkedArray) -> pa.Array:
        import pyarrow as pa

        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        try:
            found = [None if any(value is None for value in row) else made.run(*row) for row in rows]
        except ValueError as error:  # of whatever subclass: by this name it is the statement's fault
            raise ValueError(str(error)) from error
        return pa.array(found, _arrow_type(made.returns))

    names = (Parameter(f"a{index}", Parameter.POSITIONAL_ONLY) for index in range(len(made.params)))
    run.__signature__ = Signature(list(names))  # type: ignore[attr-defined]  # where DuckDB reads how many there are
    return run


def _arrow_type(duckdb_type: str) -> pa.DataType:
    """The Arrow type that DuckDB expects of a function that returns this type."""
    import pyarrow as pa

    if duckdb_type.endswith("[]"):
        return pa.list_(_arrow_type(duckdb_type[:-2]))
    made: pa.DataType = getattr(pa, _ARROW[duckdb_type])()
    return made
