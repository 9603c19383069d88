"""Distributions of probability, of which DuckDB has none, and intervals of confidence."""

from __future__ import annotations

from transforms.dialect.rules import family, helper, macro, refuse

family("Numbers")

for _name in ("beta_cdf", "inverse_beta_cdf", "inverse_normal_cdf", "normal_cdf", "t_cdf", "t_pdf"):
    refuse(_name, "DuckDB has no distributions of probability", "a table of its values that is joined")
for _bound, _sign in {"lower": "-", "upper": "+"}.items():
    helper(
        f"wilson_{_bound}(p, n, z)",
        f"(p + z * z / (2 * n) {_sign} z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)",
    )
    macro(
        f"wilson_interval_{_bound}(successes bigint, trials bigint, z double) -> double",
        "case when successes < 0 then fail('number of successes must not be negative') "
        "when trials <= 0 then fail('number of trials must be positive') "
        "when successes > trials then fail('number of successes must not be larger than number of trials') "
        "when z < 0 or isnan(z) then fail('z-score must not be negative') "
        f"else athena_wilson_{_bound}(cast(successes as double) / trials, cast(trials as double), z) end",
    )
