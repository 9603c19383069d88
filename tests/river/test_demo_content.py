"""The demo company's own content: complete, documented, checked, and its cases pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.content import open_content
from transforms.content import Content

REPOSITORY = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.river


@pytest.fixture(scope="module")
def content() -> Content:
    return open_content(REPOSITORY)


def test_nothing_is_wrong_with_it(content: Content) -> None:
    assert content.problems == ()


def test_it_has_the_width_of_a_company(content: Content) -> None:
    tables = [name for name, relation in content.relations.items() if relation.kind == "table"]
    views = [name for name, relation in content.relations.items() if relation.kind == "view"]
    assert len(tables) >= 16
    assert len(views) >= 10
    assert len({name.database for name in (*tables, *views)}) >= 6
    assert {source.kind for source in content.sources.values()} == {"jsonl", "postgres", "rest", "csv"}


def test_every_column_says_what_it_is(content: Content) -> None:
    names = [*content.raw, *content.relations]
    silent = [f"{name}.{c.name}" for name in names for c in content.columns(name) if not c.description.strip()]
    assert silent == []


def test_every_table_is_checked_and_has_an_owner(content: Content) -> None:
    tables = [relation for relation in content.relations.values() if relation.kind == "table"]
    assert [str(table.name) for table in tables if not table.checks or not table.key] == []
    assert {relation.owner for relation in content.relations.values()} <= set(content.teams)


def test_personal_columns_stay_out_of_views(content: Content) -> None:
    views = [name for name, relation in content.relations.items() if relation.kind == "view"]
    assert [f"{name}.{column.name}" for name in views for column in content.columns(name) if column.personal] == []


def test_the_databases_comments_are_the_schema_files_descriptions(content: Content) -> None:
    for source in ("content_db", "ads_db"):
        ddl = (REPOSITORY / f"local_dev/sample/{source}.sql").read_text(encoding="utf-8")
        for table in content.sources[source].tables:
            where = table.options.get("table", table.name.table)
            for column in table.columns:
                assert f"comment on column {where}.{column.name} is '{column.description}';" in ddl


def test_all_cases_pass() -> None:
    files = list((REPOSITORY / "transforms/tables").rglob("*.test.yaml"))
    assert len(files) >= 8
    command = [str(Path(sys.executable).with_name("baikal")), "test"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr
