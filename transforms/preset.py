"""A preset of a source: words that are the same for everyone who reads one vendor's API, under those that the file has.

A preset is a mapping: `source` has words of a source, `table` those of each of its tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from transforms.yaml_file import Document


def with_preset(document: Document, preset: Mapping[str, Any]) -> Document:
    """The source's document with the words that it leaves to the preset; mappings are filled up key by key."""
    tables = document.value.get("tables")
    merged = _filled(document.value, preset.get("source", {}))
    if isinstance(tables, dict):
        words = preset.get("table", {})
        merged["tables"] = {
            name: _filled(table or {}, words) if isinstance(table, dict | None) else table
            for name, table in tables.items()
        }
    return replace(document, value=merged)


def _filled(own: Mapping[str, Any], preset: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        word: _filled(own[word], preset[word])
        for word in preset.keys() & own.keys()
        if _are_mappings(preset, own, word)
    }
    return {**preset, **own, **both}


def _are_mappings(preset: Mapping[str, Any], own: Mapping[str, Any], word: str) -> bool:
    return isinstance(preset[word], dict) and isinstance(own[word], dict)
