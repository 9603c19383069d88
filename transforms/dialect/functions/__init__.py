"""The rules, one module a family. Importing this package declares all of them."""

from transforms.dialect.functions import (
    aggregates,
    arithmetic,
    arrays,
    binary,
    conditionals,
    dates,
    geospatial,
    json,
    lambdas,
    maps,
    regex,
    strings,
    urls,
    windows,
    zones,
)

__all__ = [
    "aggregates",
    "arithmetic",
    "arrays",
    "binary",
    "conditionals",
    "dates",
    "geospatial",
    "json",
    "lambdas",
    "maps",
    "regex",
    "strings",
    "urls",
    "windows",
    "zones",
]
