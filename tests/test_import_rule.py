"""The arrow between the four packages: transforms <- connectors <- flows, local_dev."""

from __future__ import annotations

import ast
from collections.abc import Collection
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
MAY_IMPORT = {
    "transforms": set(),
    "connectors": {"transforms"},
    "flows": {"transforms", "connectors"},
    "local_dev": {"transforms", "connectors", "flows"},
}
NEVER = {
    "transforms": {"boto3", "duckdb", "pyathena", "prefect", "httpx", "pyarrow", "polars"},
    "connectors": {"prefect"},
    "flows": set(),
    "local_dev": set(),
}


def imported(path: Path, asked: Collection[str]) -> set[str]:
    """The top-level names that a file imports, if it has any of those asked for."""
    names: set[str] = set()
    text = path.read_text()
    if not any(word in text for word in (*asked, "from .")):
        return names
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{path}: relative import; write the package's name"
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_follow_the_arrow(package: str) -> None:
    forbidden = (set(MAY_IMPORT) - MAY_IMPORT[package] - {package}) | NEVER[package]
    wrong = {
        f"{path.relative_to(HOME)} imports {name}"
        for path in (HOME / package).rglob("*.py")
        for name in imported(path, forbidden) & forbidden
    }
    assert not wrong


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_says_what_belongs_in_it(package: str) -> None:
    assert (HOME / package / "README.md").is_file()
