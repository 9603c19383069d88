"""Vectors: arrays of numbers of one length, and sparse ones as maps from a name to a number."""

from __future__ import annotations

from transforms.dialect.rules import family, helper, macro

family("Numbers")

helper("dot(a, b)", "coalesce(list_sum(list_transform(list_zip(a, b), lambda p: p[1] * p[2])), 0e0)")
_LENGTHS = "case when len(a) <> len(b) then fail('The arguments must have the same length') "
_SIMILARITY = (
    "when list_count(a) < len(a) or list_count(b) < len(b) then null "
    "when athena_dot(a, a) = 0 or athena_dot(b, b) = 0 then fail('Vector magnitude cannot be zero') else {} end"
)
_COSINE = "athena_dot(a, b) / sqrt(athena_dot(a, a) * athena_dot(b, b))"
_HOLES = (
    f"{_LENGTHS}when list_count(a) < len(a) or list_count(b) < len(b) "
    "then unportable('NULL in a vector, for which Athena takes what it finds in its memory,') "
)
macro("dot_product(a array(double), b array(double)) -> double", f"{_HOLES}else athena_dot(a, b) end")
macro(
    "euclidean_distance(a array(double), b array(double)) -> double",
    f"{_HOLES}else sqrt(coalesce(list_sum(list_transform(list_zip(a, b), lambda p: pow(p[1] - p[2], 2))), 0e0)) end",
)
macro(
    "cosine_similarity(a array(double), b array(double)) -> double",
    _LENGTHS + _SIMILARITY.format(_COSINE),
    name="cosine_of_arrays",
)
macro(
    "cosine_distance(a array(double), b array(double)) -> double",
    _LENGTHS + _SIMILARITY.format(f"1 - {_COSINE}"),
    name="cosine_distance_of_arrays",
)
macro(
    "cosine_similarity(a map(varchar, double), b map(varchar, double)) -> double",
    "case when a is null or b is null then null "
    "when list_count(map_values(a)) = len(map_values(a)) and list_count(map_values(b)) = len(map_values(b)) "
    "then athena_dot(map_values(a), list_transform(map_keys(a), lambda k: b[k])) "
    "/ (sqrt(athena_dot(map_values(a), map_values(a))) * sqrt(athena_dot(map_values(b), map_values(b)))) end",
    name="cosine_of_maps",
)
macro(
    "cosine_distance(a map(varchar, double), b map(varchar, double)) -> double",
    "1 - athena_cosine_of_maps(a, b)",
    name="cosine_distance_of_maps",
)
