"""The presets that there are: files of words of a vendor's API, which are the platform's.

Never decides how they are put under those of a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transforms.yaml_file import read_yaml

_FOLDER = Path(__file__).with_name("readers") / "presets"
DESCRIBING = ("salesforce",)
"""Those whose API tells what columns its objects have."""


def presets() -> list[str]:
    """Their names."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def preset_words(name: str) -> Mapping[str, Any]:
    """What a preset says: `source` and `table`."""
    found: Mapping[str, Any] = read_yaml((_FOLDER / f"{name}.yaml").read_text("utf-8"), name).value
    return found
