"""Why a statement failed, in Athena's words: its error code before the message, its category and type beside it."""

from __future__ import annotations

from typing import Any

from local_dev.aws.athena.sentences import DATA_ERROR, SYNTAX, athenas
from local_dev.aws.json_service import AwsError
from local_dev.aws.s3_errors import S3Error
from transforms.errors import BaikalError, ContentError, OutsideError, Problem, Refused, Rejected

SYSTEM, USER = 1, 2
_USER_ERROR, _DDL_FAILED, _NOT_SUPPORTED, _INTERNAL = 1000, 1003, 1200, 233


class StatementError(Exception):
    """A statement fails with this message; `type_` is Athena's number for it."""

    def __init__(
        self, message: str, *, category: int = USER, type_: int = _USER_ERROR, retryable: bool = False
    ) -> None:
        super().__init__(message)
        self.message, self.category, self.type, self.retryable = message, category, type_, retryable

    @property
    def document(self) -> dict[str, Any]:
        """The AthenaError of a query execution."""
        return {
            "ErrorCategory": self.category,
            "ErrorType": self.type,
            "Retryable": self.retryable,
            "ErrorMessage": self.message,
        }


class BytesExceeded(Exception):
    """A statement has read more than its workgroup allows, and is cancelled."""

    message = "Bytes scanned limit was exceeded"


def not_supported(message: str) -> StatementError:
    """Athena's error for what it cannot do, and here for what the local one cannot."""
    return StatementError(f"NOT_SUPPORTED: {message}", type_=_NOT_SUPPORTED)


def ddl_failed(message: str) -> StatementError:
    """Hive's error for a statement that it reads and cannot do."""
    what = f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {message}"
    return StatementError(what, type_=_DDL_FAILED)


def table_not_found(name: object) -> StatementError:
    """Hive's error."""
    return StatementError(f"FAILED: SemanticException [Error 10001]: Table not found {name}", type_=_DDL_FAILED)


def failure_of(error: BaseException) -> StatementError:
    """The failure of a statement for what was raised while it was read or ran."""
    if isinstance(error, StatementError):
        return error
    if isinstance(error, ContentError):
        return _of_problem(error.problems[0], refused=isinstance(error, Refused))
    if isinstance(error, AwsError):
        return StatementError(f"{error.code}: {error.message}")
    if isinstance(error, S3Error):
        return StatementError(f"PERMISSION_DENIED: Access denied on operation: {error.message}")
    if isinstance(error, FileNotFoundError):
        return StatementError(f"HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split: {error}", category=SYSTEM)
    if isinstance(error, OutsideError) and "memory" in str(error).lower():
        return StatementError("Query exhausted resources at this scale factor", category=SYSTEM, type_=0)
    if isinstance(error, BaikalError) and not isinstance(error, OutsideError):
        return StatementError(f"GENERIC_USER_ERROR: {error}")
    return StatementError(f"GENERIC_INTERNAL_ERROR: {error}", category=SYSTEM, type_=_INTERNAL)


def at_run_time(error: Rejected) -> StatementError:
    """Of what was read, and has failed with some value: Athena does not tell where."""
    problem = error.problems[0]
    if found := athenas(problem.what):
        return StatementError(f"{found[0].code}: {found[1]}", type_=found[0].type)
    return StatementError(f"INVALID_FUNCTION_ARGUMENT: {problem.what}", type_=DATA_ERROR)


def _of_problem(problem: Problem, *, refused: bool) -> StatementError:
    place = f"line {problem.line}:{problem.column}: " if problem.line else ""
    if refused:
        return not_supported(f"{place}{problem.message}")
    if found := athenas(problem.what):
        sentence, words = found
        return StatementError(f"{sentence.code}: {place if sentence.placed else ''}{words}", type_=sentence.type)
    return StatementError(f"SYNTAX_ERROR: {place}{problem.message}", type_=SYNTAX)
