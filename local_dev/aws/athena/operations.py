"""Athena's API: query executions. Each operation takes the request's document and returns the answer's."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import uuid4

from local_dev.aws.athena.catalogs import Catalogs
from local_dev.aws.athena.locations import Location
from local_dev.aws.athena.order import Order, order_of
from local_dev.aws.athena.requests import invalid, page_size
from local_dev.aws.athena.results import Row, csv_page, text_page
from local_dev.aws.athena.runner import Runner
from local_dev.aws.athena.saved import SavedStatements
from local_dev.aws.athena.store import ENDED, AthenaStore, Document
from local_dev.aws.athena.workgroups import PRIMARY
from local_dev.aws.glue_store import GlueStore
from local_dev.aws.s3_errors import S3Error
from local_dev.aws.s3_store import Store

LONGEST_QUERY = 262_144
PATIENCE_S = 0.1
"""GetQueryExecution waits so long for the end: a client that asks at once would then sleep for its interval."""
ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}


class Athena(SavedStatements, Catalogs):
    """The operations, by their names in Python's words."""

    def __init__(self, root: Path, glue: GlueStore, objects: Store) -> None:
        self._store = AthenaStore(root / ".athena.sqlite")
        self._objects = objects
        self._glue = glue
        self._runner = Runner(self._store, glue, objects, root / ".athena-spill")

    def warm(self) -> None:
        """Be ready for the first statement before it comes."""
        self._runner.warm()

    def close(self) -> None:
        """End what is running and give back the files."""
        self._runner.close()
        self._store.close()

    def start_query_execution(self, given: Document) -> Document:
        """The same ClientRequestToken again gives the same execution."""
        sql = given["QueryString"]
        if len(sql.encode()) > LONGEST_QUERY:
            raise invalid(f"Your query has exceeded the maximum query length of {LONGEST_QUERY} bytes.")
        group = self._work_group(given.get("WorkGroup", PRIMARY))
        if group["State"] != "ENABLED":
            raise invalid(f"WorkGroup {group['Name']} is disabled.")
        id_ = str(uuid4())
        order = self._order(given, group)
        document = self._document(id_, given, group, order)
        known = self._store.add(document, given.get("ClientRequestToken"))
        if known is None:
            self._runner.start(document, order)
            return {"QueryExecutionId": id_}
        if (self._execution(known)["Query"]) != sql:
            raise invalid("Idempotent parameters do not match")
        return {"QueryExecutionId": known}

    def stop_query_execution(self, given: Document) -> None:
        """No error when it has ended."""
        self._execution(given["QueryExecutionId"])
        self._runner.stop(given["QueryExecutionId"])

    def get_query_execution(self, given: Document) -> Document:
        """Its state, and all else that is known of it."""
        self._runner.wait(given["QueryExecutionId"], PATIENCE_S)
        return {"QueryExecution": self._execution(given["QueryExecutionId"])}

    def batch_get_query_execution(self, given: Document) -> Document:
        """At most 50; those that there are none of come back as unprocessed."""
        found = [(id_, self._store.execution(id_)) for id_ in given["QueryExecutionIds"]]
        missing = [
            {"QueryExecutionId": id_, "ErrorCode": "INVALID_INPUT", "ErrorMessage": _not_found(id_)}
            for id_, document in found
            if document is None
        ]
        return {
            "QueryExecutions": [document for _, document in found if document],
            "UnprocessedQueryExecutionIds": missing,
        }

    def list_query_executions(self, given: Document) -> Document:
        """Newest first, in pages of at most 50."""
        group = self._work_group(given.get("WorkGroup", PRIMARY))["Name"]
        size = page_size(given, 50)
        found = self._store.executions(group, given.get("NextToken", ""), size + 1)
        more = {"NextToken": found[size - 1]} if len(found) > size else {}
        return {"QueryExecutionIds": found[:size], **more}

    def get_query_results(self, given: Document) -> Document:
        """At most 1,000 rows, read from the result file; the first row of a SELECT names its columns."""
        document = self._execution(given["QueryExecutionId"])
        state = document["Status"]["State"]
        if state not in ENDED:
            raise invalid(f"Query has not yet finished. Current state: {state}")
        if state != "SUCCEEDED":
            raise invalid(f"Query did not finish successfully. Final query state: {state}")
        result = self._store.result(given["QueryExecutionId"])
        location = document["ResultConfiguration"]["OutputLocation"]
        read = {".csv": csv_page, ".txt": text_page}.get(location[-4:])
        rows: list[Row] = []
        token = None
        if read is not None:
            try:
                path = self._path(Location.parse(location))
                rows, token = read(path, given.get("NextToken"), page_size(given, 1000))
            except FileNotFoundError:
                raise invalid(f"Could not find results for query {given['QueryExecutionId']}") from None
            except ValueError as error:
                raise invalid(str(error)) from None
        told = [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows]
        found = {"Rows": told, "ResultSetMetadata": {"ColumnInfo": result["columns"]}}
        more = {"NextToken": token} if token is not None else {}
        return {"UpdateCount": result["rows"], "ResultSet": found, **more}

    def get_query_runtime_statistics(self, given: Document) -> Document:
        """What GetQueryExecution tells of times, by itself."""
        told = self._execution(given["QueryExecutionId"])["Statistics"]
        times = {name: value for name, value in told.items() if name.endswith("Millis")}
        return {"QueryRuntimeStatistics": {"Timeline": times, "Rows": {}}}

    def _order(self, given: Document, group: Document) -> Order:
        """What is to run: the statement itself, or the one that it executes."""
        from local_dev.aws.athena.failures import StatementError
        from local_dev.aws.athena.grammar import refusal
        from local_dev.aws.athena.prepared import read_execute
        from local_dev.aws.athena.statements import EXECUTE, kind_of

        sql, values = given["QueryString"], given.get("ExecutionParameters", [])
        if kind_of(sql) is EXECUTE:
            try:
                name, using = read_execute(sql)
            except StatementError as error:
                raise invalid(error.message.removeprefix("SYNTAX_ERROR: "), "MALFORMED_QUERY") from None
            sql, values = self._prepared(name, group["Name"])["QueryStatement"], using or values
        order = order_of(sql, values, group)
        if told := refusal(order):
            raise invalid(told, "MALFORMED_QUERY")
        return order

    def _document(self, id_: str, given: Document, group: Document, order: Order) -> Document:
        from local_dev.aws.athena.statements import kind_of

        kind = kind_of(order.sql)
        configured = self._result_configuration(given, group)
        location = Location.parse(configured["OutputLocation"]).below(f"{id_}{kind.suffix}")
        document = {
            "QueryExecutionId": id_,
            "Query": given["QueryString"],
            "StatementType": kind.type,
            "ResultConfiguration": {**configured, "OutputLocation": str(location)},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": given.get("QueryExecutionContext", {}),
            "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
            "Statistics": {"ResultReuseInformation": {"ReusedPreviousResult": False}},
            "WorkGroup": group["Name"],
            "EngineVersion": ENGINE,
            "SubstatementType": kind.substatement,
        }
        if values := given.get("ExecutionParameters"):
            document["ExecutionParameters"] = values
        return document

    def _result_configuration(self, given: Document, group: Document) -> Document:
        """The workgroup's, if it enforces it or the client gave none."""
        own, asked = group["Configuration"].get("ResultConfiguration", {}), given.get("ResultConfiguration", {})
        enforced = group["Configuration"].get("EnforceWorkGroupConfiguration", False)
        configured: Document = own if enforced or not asked.get("OutputLocation") else asked
        if not configured.get("OutputLocation"):
            raise invalid(
                "No output location provided. An output location is required either through the Workgroup result "
                "configuration setting or as an API input."
            )
        try:
            self._objects.folder(Location.parse(configured["OutputLocation"]).bucket)
        except ValueError:
            raise invalid("outputLocation is not a valid S3 path.") from None
        except S3Error:
            bucket = Location.parse(configured["OutputLocation"]).bucket
            raise invalid(f"Unable to verify/create output bucket {bucket}") from None
        return dict(configured)

    def _path(self, place: Location) -> Path:
        try:
            return self._objects.path(place.bucket, place.key)
        except S3Error as error:
            raise invalid(error.message) from None

    def _execution(self, id_: str) -> Document:
        found = self._store.execution(id_)
        if found is None:
            raise invalid(_not_found(id_))
        return found


def _not_found(id_: str) -> str:
    return f"QueryExecution {id_} was not found"
