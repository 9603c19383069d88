"""Distributions of probability, of which DuckDB has none: all are refused."""

from __future__ import annotations

from transforms.dialect.rules import family, refuse

family("Numbers")

for _name in ("beta_cdf", "inverse_beta_cdf", "inverse_normal_cdf", "normal_cdf", "t_cdf", "t_pdf"):
    refuse(_name, "DuckDB has no distributions of probability", "a table of its values that is joined")
for _name in ("wilson_interval_lower", "wilson_interval_upper"):
    refuse(_name, "DuckDB has none", "its formula: sqrt, + and / are the same")
