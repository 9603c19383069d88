"""Statements as analysts write them, in everyday.sql: reports over two small tables, `sales` and `shops`."""

from __future__ import annotations

import re
from pathlib import Path

_WITH = (
    "with sales(id, day, shop, item, price, qty, at) as (values "
    "(1, date '2024-01-01', 'tokyo', 'tea', decimal '3.50', 2, timestamp '2024-01-01 14:59:59.999'), "
    "(2, date '2024-01-01', 'osaka', 'tea', decimal '3.40', 1, timestamp '2024-01-01 15:00:00.000'), "
    "(3, date '2024-01-02', 'tokyo', 'rice', decimal '12.00', 5, timestamp '2024-01-02 00:00:00.000'), "
    "(4, date '2024-01-08', 'tokyo', 'tea', decimal '3.55', null, timestamp '2024-01-08 23:59:59.001'), "
    "(5, date '2024-02-29', null, 'rice', decimal '11.95', 3, null), "
    "(6, date '2024-02-29', 'osaka', null, null, 7, timestamp '2024-02-29 10:00:00.500')), "
    "shops(name, region, tags, opened) as (values "
    "('tokyo', 'east', array['big', 'old'], date '2001-04-01'), "
    "('osaka', 'west', array['big'], date '2010-10-10'), "
    "('kyoto', 'west', cast(null as array(varchar)), null)) "
)
_QUERIES = (Path(__file__).parent / "everyday.sql").read_text(encoding="utf-8")

_READS_TABLES = re.compile(r"\b(sales|shops)\b")

STATEMENTS: dict[str, str] = {
    "everyday": ";\n".join(
        _WITH + " ".join(query.split()) if _READS_TABLES.search(query) else " ".join(query.split())
        for query in _QUERIES.strip().removesuffix(";").split(";\n")
    )
}
