"""What it costs to start the command line."""

from __future__ import annotations

from collections.abc import Iterator

from local_dev.bench.measure import Figure, baikal, python, typical


def figures() -> Iterator[Figure]:
    """`baikal --help`, beside an empty Python."""
    empty = typical(python("-c", ""))
    usage = typical(baikal("--help"))
    yield Figure("baikal --help", usage.cpu_s, "CPU-s", 0.25, f"python alone {empty.cpu_s:.2f}")
