"""Names of columns and tables that the lake takes, made of those that a source has; and how YAML spells a text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import count

from transforms.japanese_words import in_english
from transforms.schema_file import COLUMN_NAME, OWN_COLUMNS

_YAML_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
"""Texts that YAML takes for another type."""


def is_lake_name(name: str) -> bool:
    """Lower case letters, digits and underscores: what Hive, Athena and a file system all keep as it is.

    The names of columns that ingest adds are taken.
    """
    return name not in OWN_COLUMNS and bool(COLUMN_NAME.match(name))


def lake_name(name: str) -> str:
    """The nearest name that the lake takes: of one in Japanese, its words in English where all are known.

    >>> lake_name("Mixed Col"), lake_name("2nd"), lake_name("売上金額"), lake_name("謎"), lake_name("_file")
    ('mixed_col', 'n2nd', 'sales_amount', 'unnamed', 'file')
    """
    known = None if name.isascii() else in_english(name)
    near = known or re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_") or "unnamed"
    return near if is_lake_name(near) else f"n{near}"


def lake_names(names: Iterable[str]) -> dict[str, str]:
    """Each name with the one that it has in the lake: no two the same, and those that the lake takes as they are."""
    names = list(names)
    found = {name: name for name in names if is_lake_name(name)}
    for name in names:
        if name not in found:
            near, taken = lake_name(name), set(found.values())
            found[name] = next(one for n in count(1) if (one := near if n == 1 else f"{near}_{n}") not in taken)
    return found


def yaml_text(text: str) -> str:
    """YAML for a text: plain where that is safe."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.<>()]*( [A-Za-z0-9_.()]+)*", text) and text.lower() not in _YAML_WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)
