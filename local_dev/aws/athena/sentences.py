"""The compiler's sentences, and what Athena says instead: its code, and its own words where they are known.

Places are the compiler's: of an operator it is its first operand's, where Athena tells that of the sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SYNTAX = 1006
DATA_ERROR = 1001
_TABLE_NOT_FOUND = 1301
_HIDDEN = "cannot be resolved or requester is not authorized to access requested resources"
_NOT_AGGREGATE = "'{0}' must be an aggregate expression or appear in GROUP BY clause"
_CAST_TYPES = ("bigint", "boolean", "double", "integer", "real", "smallint", "tinyint")


@dataclass(frozen=True)
class Sentence:
    """`told` is the compiler's; its groups fill in Athena's `words`. `type` is Athena's number for the error."""

    told: re.Pattern[str]
    code: str
    words: str
    type: int = SYNTAX

    @property
    def placed(self) -> bool:
        """Whether Athena tells where: of what fails with some value it does not."""
        return self.type != DATA_ERROR


def _sentence(told: str, code: str, words: str, type_: int = SYNTAX) -> Sentence:
    return Sentence(re.compile(told, re.S), code, words, type_)


_OF_VALUES = (
    _sentence(r"(Division by zero).*", "DIVISION_BY_ZERO", "{0}", DATA_ERROR),
    *(
        _sentence(f"(Cannot cast .*) to {name}", "INVALID_CAST_ARGUMENT", f"{{0}} to {hive.upper()}", DATA_ERROR)
        for name, hive in [(name, "int" if name == "integer" else name) for name in _CAST_TYPES]
    ),
    _sentence(r"(Cannot cast .*|Value cannot be cast .*)", "INVALID_CAST_ARGUMENT", "{0}", DATA_ERROR),
    _sentence(r"(.*overflow.*|Out of range.*|.*out of range.*)", "NUMERIC_VALUE_OUT_OF_RANGE", "{0}", DATA_ERROR),
)
_OF_NAMES = (
    _sentence(r'column "(.*)" does not exist.*', "COLUMN_NOT_FOUND", f"Column '{{0}}' {_HIDDEN}"),
    _sentence(r'"(.*)" is an alias of the select list.*', "COLUMN_NOT_FOUND", f"Column '{{0}}' {_HIDDEN}"),
    _sentence(r'"(.*)" is not in FROM', "COLUMN_NOT_FOUND", f"Column '{{0}}' {_HIDDEN}"),
    _sentence(r'column "(.*)" is ambiguous.*', "AMBIGUOUS_NAME", "Column '{0}' is ambiguous"),
    _sentence(
        r"table (\S+) does not exist.*",
        "TABLE_NOT_FOUND",
        "Table 'awsdatacatalog.{0}' does not exist",
        _TABLE_NOT_FOUND,
    ),
    _sentence(r'"(.*)" is not a table in FROM', "TABLE_NOT_FOUND", "Unable to resolve reference {0}"),
    _sentence(r'catalog "(.*)" does not exist.*', "CATALOG_NOT_FOUND", "Catalog '{0}' not found"),
    _sentence(r'function "(.*)" does not exist.*', "FUNCTION_NOT_FOUND", "Function '{0}' not registered"),
    _sentence(
        r"(\w+)(\(.*\)) does not exist on Athena", "FUNCTION_NOT_FOUND", "Unexpected parameters {1} for function {0}"
    ),
    _sentence(
        r'"(.*)" is defined twice in WITH', "DUPLICATE_NAMED_QUERY", "WITH query name '{0}' specified more than once"
    ),
    _sentence(r'the row has no field "(.*)"', "INVALID_COLUMN_REFERENCE", "Column reference '{0}' is invalid"),
    _sentence(
        r"(\w+ BY) (\d+) is not a position of the select list",
        "INVALID_COLUMN_REFERENCE",
        "{0} position {1} is not in select list",
    ),
)
_OF_GROUPS = (
    _sentence(
        r"(?:\w+\.)?(.*) is neither in GROUP BY nor inside an aggregate",
        "EXPRESSION_NOT_AGGREGATE",
        _NOT_AGGREGATE,
    ),
    _sentence(r'"(.*)" is a column of the select list here, .*', "EXPRESSION_NOT_AGGREGATE", _NOT_AGGREGATE),
    _sentence(
        r"(\w+) cannot contain an? (?:aggregate|window).* \((.*)\)",
        "EXPRESSION_NOT_SCALAR",
        "{0} clause cannot contain aggregations, window functions or grouping operations: [{1}]",
    ),
    _sentence(r"(.*) is a window function", "MISSING_OVER", "Window function {0} requires an OVER clause"),
    _sentence(r"(.*) stands inside another aggregate", "NESTED_AGGREGATION", "Cannot nest aggregations: [{0}]"),
    _sentence(
        r"with DISTINCT, ORDER BY is for .*",
        "EXPRESSION_NOT_IN_DISTINCT",
        "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
    ),
    _sentence(
        r"(a subquery .* several rows).*", "SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows"
    ),
    _sentence(
        r"(\d+) column names are given to (\d+) columns",
        "MISMATCHED_COLUMN_ALIASES",
        "Column alias list has {0} entries but there are {1} columns available",
    ),
)
_OF_TYPES = (
    _sentence(
        r"there is no (\S.* \|\| \S.*) on Athena",
        "FUNCTION_NOT_FOUND",
        "Unexpected parameters for function concat: {0}",
    ),
    _sentence(r"there is no (\S.*) on Athena", "TYPE_MISMATCH", "Cannot apply operator: {0}"),
    _sentence(r"cannot compare (.*) between (.*)", "TYPE_MISMATCH", "Cannot check if {0} is BETWEEN {1}"),
    _sentence(
        r"cannot compare (.*) in (.*)",
        "TYPE_MISMATCH",
        "IN value and list items must be the same type or coercible to a common type: {0}, {1}",
    ),
    _sentence(r"cannot compare (.*)", "TYPE_MISMATCH", "Cannot apply operator: {0}"),
    _sentence(
        r"nullif cannot compare (.*) with (.*)", "TYPE_MISMATCH", "Types are not comparable with NULLIF: {0} vs {1}"
    ),
    _sentence(
        r"(WHERE|HAVING) must be a condition, but it is (.*)",
        "TYPE_MISMATCH",
        "{0} clause must evaluate to a boolean: actual type {1}",
    ),
    _sentence(
        r"what stands behind (WHEN) must be a condition, but it is (.*)",
        "TYPE_MISMATCH",
        "CASE {0} clause must evaluate to a boolean (actual: {1})",
    ),
    _sentence(
        r"what stands behind (NOT) must be a condition, but it is (.*)",
        "TYPE_MISMATCH",
        "Value of logical {0} expression must evaluate to a boolean (actual: {1})",
    ),
    _sentence(
        r"the first argument of if must be a condition, but it is (.*)",
        "TYPE_MISMATCH",
        "IF condition must evaluate to a boolean (actual: {0})",
    ),
    _sentence(
        r"each side of (?:AND|OR) must be a condition, but it is (.*)",
        "TYPE_MISMATCH",
        "Logical expression term must evaluate to a boolean (actual: {0})",
    ),
    _sentence(
        r"the arguments of (\w+) must have one type, but they are (.*)",
        "TYPE_MISMATCH",
        "All operands of {0} must be the same type or coercible to a common type: [{1}]",
    ),
    _sentence(
        r"the elements of an array must have one type, but they are (.*)",
        "TYPE_MISMATCH",
        "All ARRAY elements must be the same type or coercible to a common type: [{0}]",
    ),
    _sentence(
        r"(\w+) joins (\d+) columns with (\d+)",
        "TYPE_MISMATCH",
        "{0} query has different number of fields: {1}, {2}",
    ),
    _sentence(
        r"(\w+) joins (.*) with (.*) in column (\d+)",
        "TYPE_MISMATCH",
        "column {3} in {0} query has incompatible types: {1}, {2}",
    ),
    _sentence(
        r"rows of VALUES have (\d+) and (\d+) columns", "TYPE_MISMATCH", "Values rows have mismatched sizes: {0} vs {1}"
    ),
    _sentence(r"(.*) cannot be cast to (.*)", "TYPE_MISMATCH", "Cannot cast {0} to {1}"),
    _sentence(r"(.*) cannot be negated", "TYPE_MISMATCH", "Cannot negate {0}"),
    _sentence(r"(.*) is not a type in a query on Athena", "TYPE_MISMATCH", "Unknown type: {0}"),
    _sentence(
        r"LIKE is for text, but this is (.*)",
        "TYPE_MISMATCH",
        "Left side of LIKE expression must evaluate to a varchar (actual: {0})",
    ),
    _sentence(r"('.*') is not a (decimal|date|timestamp|time)", "INVALID_LITERAL", "{0} is not a valid {1} literal"),
    _sentence(r"'(.*)' is not an amount of (\w+)", "INVALID_LITERAL", "Invalid INTERVAL {1} value: {0}"),
    _sentence(
        r"UNNEST is for arrays and maps, but this is (.*)", "INVALID_FUNCTION_ARGUMENT", "Cannot unnest type: {0}"
    ),
    _sentence(r"the regular expression .* is invalid on Athena: (.*)", "INVALID_FUNCTION_ARGUMENT", "{0}", DATA_ERROR),
    _sentence(
        r"(.*) is not a unit of a date.*", "INVALID_FUNCTION_ARGUMENT", "'{0}' is not a valid DATE field", DATA_ERROR
    ),
    _sentence(r'"(.*)" is not a time zone', "INVALID_FUNCTION_ARGUMENT", "'{0}' is not a valid time zone", DATA_ERROR),
    _sentence(
        r"('.*') is not a path of JSON on Athena", "INVALID_FUNCTION_ARGUMENT", "Invalid JSON path: {0}", DATA_ERROR
    ),
)
_SENTENCES = (*_OF_VALUES, *_OF_NAMES, *_OF_GROUPS, *_OF_TYPES)


def athenas(what: str) -> tuple[Sentence, str] | None:
    """The sentence of Athena's for one of the compiler's, and its words filled in; None where none is known."""
    for sentence in _SENTENCES:
        if found := sentence.told.fullmatch(what):
            return sentence, sentence.words.format(*found.groups())
    return None
