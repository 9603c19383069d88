"""Files that a statement writes: beside the buckets first, then each becomes an object as a whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from local_dev.aws.athena.columns import count_info
from local_dev.aws.athena.engine import StagedFile
from local_dev.aws.athena.failures import StatementError
from local_dev.aws.athena.lake import Outcome, Statement
from local_dev.aws.athena.locations import Location
from local_dev.aws.athena.partition_names import NULL_PARTITION, Values
from local_dev.aws.athena.tables import files_below
from transforms.analysis import Compiled

MOST_PARTITIONS = 100
"""That one statement writes."""


@dataclass(frozen=True, slots=True)
class Written:
    """An object with rows; `folder` is where its partition is, or the table."""

    place: Location
    folder: Location
    values: Values
    rows: int


def write(
    statement: Statement,
    compiled: Compiled,
    items: Sequence[str],
    keys: Sequence[str],
    codec: str,
    folder_of: Callable[[Values], Location],
) -> list[Written]:
    """The rows of a query as Parquet. `items` make columns of c0, c1, ..; `folder_of` tells where a partition goes."""
    bucket = folder_of((NULL_PARTITION,) * len(keys)).bucket
    scratch = statement.lake.objects.scratch(bucket)
    scratch.mkdir()
    try:
        staged = statement.engine.write_parquet(compiled, items, scratch, keys, codec)
        if len({file.values for file in staged}) > MOST_PARTITIONS:
            what = f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets"
            raise StatementError(f"HIVE_TOO_MANY_OPEN_PARTITIONS: {what}")
        statement.scanned()
        return [_published(statement, file, folder_of) for file in staged if file.rows]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def require_empty(statement: Statement, place: Location, what: str) -> None:
    """Raises StatementError when there is something: nothing is overwritten."""
    if files_below(statement.lake.objects, str(place)):
        raise StatementError(
            f"HIVE_PATH_ALREADY_EXISTS: Target directory for {what} already exists: {place}. You may need to manually "
            f"clean the data at location '{place}' before retrying. Athena will not delete data in your account."
        )


def written_outcome(statement: Statement, written: Iterable[Written], result: Location) -> Outcome:
    """With the manifest of the files beside the result."""
    written = list(written)
    manifest = Location(result.bucket, f"{result.key}-manifest.csv")
    statement.lake.put(manifest, "".join(f"{each.place}\n" for each in written))
    rows = sum(each.rows for each in written)
    statistics = {"DataScannedInBytes": statement.scanned(), "DataManifestLocation": str(manifest)}
    return Outcome(count_info(), rows=rows, location=str(result), statistics=statistics)


def _published(statement: Statement, file: StagedFile, folder_of: Callable[[Values], Location]) -> Written:
    values = tuple(NULL_PARTITION if value is None else value for value in file.values)
    folder = folder_of(values)
    place = folder.below(f"{statement.id.replace('-', '_')}_{uuid4()}")
    statement.lake.objects.adopt(place.bucket, place.key, file.path)
    return Written(place, folder, values, file.rows)
