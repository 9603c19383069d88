"""The failures of the real services, at the rates that were asked for: what a client must live with."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from random import Random

from transforms.errors import UsageError, did_you_mean

KINDS = ("throttle", "slowdown", "fail", "lost", "latency")
_LATENCY = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")


@dataclass(frozen=True)
class Faults:
    """Shares of requests, 0 to 1: `throttle` (the JSON services, before anything is done), `slowdown` (S3's 503),
    `fail` (a 500 after the work was done), `lost` (the work is done, and the connection ends without an answer).
    `latency_s` delays every request.
    """

    throttle: float = 0.0
    slowdown: float = 0.0
    fail: float = 0.0
    lost: float = 0.0
    latency_s: float = 0.0

    async def wait(self) -> None:
        """The delay before every request."""
        if self.latency_s:
            await asyncio.sleep(self.latency_s)

    def strikes(self, kind: str, chance: Random) -> bool:
        """Whether this request is one of those that fail in this way."""
        share: float = getattr(self, kind)
        return share > 0 and chance.random() < share


def read_faults(text: str) -> Faults:
    """`throttle=0.1,slowdown=0.05,fail=0.02,latency=200ms`. Raises UsageError.

    >>> read_faults("throttle=0.1,latency=200ms")
    Faults(throttle=0.1, slowdown=0.0, fail=0.0, lost=0.0, latency_s=0.2)
    """
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        kind, _, value = part.partition("=")
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS)
            raise UsageError(
                f'no fault is named "{kind}"; faults are {", ".join(KINDS)}' + (f"; {hint}" if hint else "")
            )
        if kind == "latency":
            time = _LATENCY.fullmatch(value)
            if time is None:
                raise UsageError(f"latency={value} is no time; write it as latency=200ms or latency=1.5s")
            found["latency_s"] = float(time[1]) / (1000 if time[2] == "ms" else 1)
            continue
        try:
            share = float(value)
        except ValueError:
            share = -1
        if not 0 <= share <= 1:
            raise UsageError(f"{kind}={value} is no share of requests; write a number from 0 to 1, as {kind}=0.1")
        found[kind] = share
    return Faults(**found)
