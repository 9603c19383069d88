"""What a workgroup says about the statements that run in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """`enforced`: its own output location holds for all; `cutoff` is how many bytes one may scan."""

    enforced: bool = False
    cutoff: int | None = None


def settings_of(group: dict[str, Any]) -> Settings:
    """Of a workgroup as the API describes it."""
    configured = group["Configuration"]
    enforced = configured.get("EnforceWorkGroupConfiguration", False)
    placed = bool(configured.get("ResultConfiguration", {}).get("OutputLocation"))
    return Settings(enforced and placed, configured.get("BytesScannedCutoffPerQuery"))
