"""How many recorded answers of Athena come out the same on DuckDB, by family: `make score`.

`rejected` is an error on both, `refused` one that the compiler tells beforehand. Exit code 1 when one is different.
"""

from __future__ import annotations

import sys
from collections import Counter

from tests.parity.replay import Laptop, families, recorded

RIGHT = ("same", "rejected", "refused")


def score() -> dict[str, Counter[str]]:
    """The verdicts by family; what is not in `RIGHT` counts as different."""
    laptop = Laptop()
    found = {}
    for family in families():
        verdicts = [outcome.verdict for outcome in laptop.judge_all(list(recorded(family)))]
        found[family] = Counter(verdict if verdict in RIGHT else "different" for verdict in verdicts)
    laptop.engine.close()
    return found


def table(found: dict[str, Counter[str]]) -> str:
    """A line for each family, and one for all.

    >>> print(table({"casts": Counter(same=3, refused=1)}))
    family             cases      same  rejected   refused different
    casts                  4         3         0         1         0
    all                    4         3         0         1         0
    75.0 % have Athena's answer, 25.0 % are refused, 0 are different
    """
    total = sum(found.values(), Counter[str]())
    lines = ["family             cases      same  rejected   refused different"]
    for family, counts in [*found.items(), ("all", total)]:
        numbers = [counts.total(), *(counts[verdict] for verdict in (*RIGHT, "different"))]
        lines.append(family.ljust(14) + "".join(f"{number:>10,}" for number in numbers))
    right, refused = (f"{100 * n / total.total():.1f} %" for n in (total["same"] + total["rejected"], total["refused"]))
    told = f"{right} have Athena's answer, {refused} are refused, {total['different']:,} are different"
    return "\n".join([*lines, told])


def main() -> int:
    """Print the score."""
    found = score()
    sys.stdout.write(table(found) + "\n")
    return 1 if any(counts["different"] for counts in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
