"""Glue's statistics of columns, of a table or of one of its partitions: kept as they come, and told again."""

from __future__ import annotations

from collections.abc import Sequence

from local_dev.aws.glue_store import Document, GlueStore

_NONE = "Column statistics not found."


class ColumnStatistics:
    """The operations on them. Nothing here computes any."""

    _store: GlueStore

    def update_column_statistics_for_table(self, given: Document) -> Document:
        """Those of the columns that are given are replaced."""
        return self._put(given, None)

    def update_column_statistics_for_partition(self, given: Document) -> Document:
        """As for a table."""
        return self._put(given, given["PartitionValues"])

    def get_column_statistics_for_table(self, given: Document) -> Document:
        """A column without any is an error of the answer."""
        return self._get(given, None)

    def get_column_statistics_for_partition(self, given: Document) -> Document:
        """As for a table."""
        return self._get(given, given["PartitionValues"])

    def delete_column_statistics_for_table(self, given: Document) -> None:
        """Those of one column. No error when there are none: Trino relies on it."""
        self._delete(given, None)

    def delete_column_statistics_for_partition(self, given: Document) -> None:
        """As for a table."""
        self._delete(given, given["PartitionValues"])

    def _table(self, database: str, name: str) -> Document:
        raise NotImplementedError

    def _partition(self, table: Document, values: Sequence[str]) -> Document:
        raise NotImplementedError

    def _put(self, given: Document, values: Sequence[str] | None) -> Document:
        with self._store.change():
            database, name = self._place(given, values)
            for each in given["ColumnStatisticsList"]:
                self._store.put_statistics(database, name, values, each["ColumnName"].lower(), each)
        return {"Errors": []}

    def _get(self, given: Document, values: Sequence[str] | None) -> Document:
        database, name = self._place(given, values)
        known = self._store.statistics(database, name, values)
        asked = [column.lower() for column in given["ColumnNames"]]
        missing = [
            {"ColumnName": column, "Error": {"ErrorCode": "EntityNotFoundException", "ErrorMessage": _NONE}}
            for column in asked
            if column not in known
        ]
        return {"ColumnStatisticsList": [known[column] for column in asked if column in known], "Errors": missing}

    def _delete(self, given: Document, values: Sequence[str] | None) -> None:
        with self._store.change():
            database, name = self._place(given, values)
            self._store.delete_statistics(database, name, values, given["ColumnName"].lower())

    def _place(self, given: Document, values: Sequence[str] | None) -> tuple[str, str]:
        table = self._table(given["DatabaseName"], given["TableName"])
        if values is not None:
            self._partition(table, values)
        return table["DatabaseName"], table["Name"]
