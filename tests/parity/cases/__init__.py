"""The templates by family: how many combinations of each, and the templates one a line."""

from tests.parity.cases import (
    analytics,
    dates,
    everyday,
    nested,
    numbers,
    queries,
    rejected,
    sql_json,
    statements,
    texts,
)

FAMILIES: dict[str, tuple[int, str]] = {
    **numbers.FAMILIES,
    **texts.FAMILIES,
    **sql_json.FAMILIES,
    **dates.FAMILIES,
    **nested.FAMILIES,
}
STATEMENTS: dict[str, str] = {
    **statements.STATEMENTS,
    **queries.STATEMENTS,
    **analytics.STATEMENTS,
    **rejected.STATEMENTS,
    **everyday.STATEMENTS,
    **texts.STATEMENTS,
    **sql_json.STATEMENTS,
}
