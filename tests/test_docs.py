"""The documentation names everything that there is, and what it links to exists."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from connectors.readers.words import SOURCE_WORDS, TABLE_WORDS
from transforms.checks import KINDS
from transforms.incidents import KINDS as ALERTS
from transforms.relation import HEADER_KEYS
from transforms.slo import SLO_KEYS

HOME = Path(__file__).parent.parent
PACKAGES = ("transforms", "connectors", "flows", "local_dev")
READMES = sorted(path for package in PACKAGES for path in (HOME / package).rglob("README.md"))
COMPANYS = {HOME / "connectors" / "sources", HOME / "flows" / "custom"}
"""Where a contributor's Python lies, which needs no line in a README."""
FOLDERS = sorted({path.parent for package in PACKAGES for path in (HOME / package).rglob("*.py")} - COMPANYS)
PAGES = sorted([*HOME.glob("*.md"), *HOME.glob("docs/**/*.md"), *READMES])
EXAMPLES = sorted(
    ".".join(path.relative_to(HOME).with_suffix("").parts)
    for package in PACKAGES
    for path in (HOME / package).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


def test_every_word_of_a_declaration_is_documented() -> None:
    text = (HOME / "docs" / "declarations.md").read_text()
    words = {word for kinds in (SOURCE_WORDS, TABLE_WORDS) for kind in kinds.values() for word in kind}
    missing = [word for word in (*HEADER_KEYS, *KINDS, *sorted(words)) if not re.search(rf"`{word}\b", text)]
    assert not missing


def test_every_alert_has_its_page_and_every_promise_its_word() -> None:
    sections = re.findall(r"^## (.+)$", (HOME / "docs" / "operate.md").read_text(), re.MULTILINE)
    assert [kind for kind in ALERTS if kind not in sections] == []
    text = (HOME / "docs" / "declarations.md").read_text()
    assert [word for word in SLO_KEYS if not re.search(rf"`{word}\b", text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.fixture(scope="module")
def there() -> set[str]:
    """The names of all files of the packages."""
    return {path.name for package in PACKAGES for path in (HOME / package).rglob("*.*")}


@pytest.mark.parametrize("page", READMES, ids=lambda page: str(page.relative_to(HOME)))
def test_the_modules_that_a_folder_names_are_there(page: Path, there: set[str]) -> None:
    named = set(re.findall(r"`(?:[\w/]*/)?(\w+\.(?:py|yaml|sql))`", page.read_text()))
    assert named - there - {"prefect.yaml"} == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(HOME)))
def test_a_folder_tells_of_every_module(folder: Path) -> None:
    told = re.findall(r"`(\w+)(?:\.py)?`", (folder / "README.md").read_text())
    assert {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__", *told} == set()


@pytest.mark.parametrize("module", EXAMPLES)
def test_the_examples_of_a_module_hold(module: str) -> None:
    result = doctest.testmod(import_module(module))
    assert result.attempted
    assert result.failed == 0


def test_the_examples_of_the_compiler_hold() -> None:
    result = doctest.testfile(str(HOME / "docs" / "compiler.md"), module_relative=False)
    assert result.attempted > 10
    assert result.failed == 0
