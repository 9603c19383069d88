"""How a function over Arrow arrays is declared: for what DuckDB's SQL cannot express, and for nothing common.

An engine loads it only for a statement that calls it, and Arrow with it only when rows arrive: a macro may keep it for
the rare rows of a CASE. It must be pure: DuckDB computes it as often as it likes, and once for constants.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from transforms.dialect import macros

if TYPE_CHECKING:
    import pyarrow as pa

_SIGNATURE = re.compile(r"(\w+)\((.*?)\) -> (.+)")
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


def vectorised(signature: str) -> Callable[[Callable[..., pa.Array]], Callable[..., pa.Array]]:
    """Make a function over Arrow arrays known: `vectorised("spread(varchar, bigint) -> varchar[]")`.

    The types are DuckDB's. Rules and macros call it as `athena_spread(..)`.
    """

    def declare(run: Callable[..., pa.Array]) -> Callable[..., pa.Array]:
        _add(signature, run)
        return run

    return declare


def row_by_row(signature: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function of the values of one row known. NULL if one of them is NULL."""

    def declare(one: Callable[..., Any]) -> Callable[..., Any]:
        def run(*columns: pa.ChunkedArray) -> pa.Array:
            import pyarrow as pa

            rows = zip(*(column.to_pylist() for column in columns), strict=True)
            found = [None if any(value is None for value in row) else one(*row) for row in rows]
            return pa.array(found, arrow_type(returns))

        returns = _add(signature, run)
        return one

    return declare


def arrow_type(duckdb: str) -> pa.DataType:
    """The Arrow type that DuckDB expects of a function that returns this type."""
    import pyarrow as pa

    if duckdb.endswith("[]"):
        return pa.list_(arrow_type(duckdb[:-2]))
    return getattr(pa, _ARROW[duckdb])()


def _add(signature: str, run: Callable[..., pa.Array]) -> str:
    """Gives the type of the result. DuckDB reads how many arguments there are from the signature."""
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError(f"not a signature: {signature}")
    params = tuple(part.strip() for part in found[2].split(","))

    def called(*columns: Any) -> Any:
        try:
            return run(*columns)
        except ValueError as error:  # of whatever class: an engine knows it by this name
            raise ValueError(str(error)) from error

    names = (Parameter(f"a{index}", Parameter.POSITIONAL_ONLY) for index in range(len(params)))
    called.__signature__ = Signature(list(names))  # type: ignore[attr-defined]  # what inspect.signature looks at first
    macros.add(macros.Vectorised(macros.PREFIX + found[1], params, found[3], called))
    return found[3]
