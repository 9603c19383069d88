"""What Athena would say about a query: names, types, zones, lineage, and why it would reject it."""

from transforms.analyzer.syntax import parse
from transforms.analyzer.tree import (
    Call,
    call_of,
    coerced_of,
    field_of,
    is_literal,
    name_of,
    place_of,
    signature_of,
    table_of,
    type_of,
    typed,
    zone_of,
)

__all__ = [
    "Call",
    "call_of",
    "coerced_of",
    "field_of",
    "is_literal",
    "name_of",
    "parse",
    "place_of",
    "signature_of",
    "table_of",
    "type_of",
    "typed",
    "zone_of",
]
