"""Sketches and digests, whose bytes are Trino's own: all are refused."""

from __future__ import annotations

from transforms.dialect.rules import family, refuse

family("Sketches")

_WHY = "it makes or reads an estimate in a format of Trino's own"
for _name, _instead in {
    "empty_approx_set": "count(distinct x)",
    "merge": "count(distinct x), or exact percentiles by row_number()",
    "make_set_digest": "array_agg(distinct x)",
    "merge_set_digest": "array_agg(distinct x)",
    "hash_counts": "count(*) with group by",
    "intersection_cardinality": "a join of both sets, and count(*)",
    "jaccard_index": "cardinality(array_intersect(a, b)) / cast(cardinality(array_union(a, b)) as double)",
    "qdigest_agg": "exact percentiles by row_number()",
    "value_at_quantile": "exact percentiles by row_number()",
    "values_at_quantiles": "exact percentiles by row_number()",
    "quantile_at_value": "cume_dist()",
}.items():
    refuse(_name, _WHY, _instead)
