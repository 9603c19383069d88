"""A home is opened: what is parsed and analysed, what is remembered, and which problems are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from connectors.content import compiler_analysis, open_content
from connectors.content_cache import CACHE_FILE
from local_dev.bench.many_tables import write_many
from transforms.analyses import QueryKind
from transforms.analysis import Analysis, Reach
from transforms.column import Column, ColumnRef
from transforms.content import Content
from transforms.errors import ContentError, UsageError
from transforms.names import TableName

FIRST, SECOND = (TableName.parse(f"core_many_000.table_0000{number}") for number in (0, 1))


class Counting:
    """The real analysis, with the paths that it was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def __call__(
        self,
        text: str,
        schema: Mapping[TableName, tuple[Column, ...]],
        path: str,
        partition: str | None,
        kind: QueryKind,
    ) -> Analysis:
        self.paths.append(Path(path).name)
        return compiler_analysis(text, schema, path, partition, kind)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Twelve tables that were written a while ago."""
    write_many(tmp_path, 12)
    for file in tmp_path.rglob("*.*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    return tmp_path


def opened(home: Path) -> tuple[Content, list[str]]:
    analyze = Counting()
    return open_content(home, analyze=analyze), sorted(analyze.paths)


def table(home: Path, number: int) -> Path:
    return home / f"transforms/tables/core_many_000/table_{number:05}.sql"


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_home_is_read_and_analysed(home: Path) -> None:
    content, analysed = opened(home)
    assert content.problems == ()
    assert len(analysed) == len(content.relations) == 12
    assert content.targets["laptop"].connections == {"ads_db": "ADS_DB_URL"}
    assert [column.name for column in content.columns(TableName("raw_ads_db", "transactions"))][-2:] == [
        "_ingested_at",
        "day",
    ]
    email = next(column for column in content.analyses[FIRST].columns if column.name == "contact_email")
    assert (email.description, email.personal) == ("Billing contact", True)
    assert email.sources == (ColumnRef(TableName("raw_ads_db", "campaigns"), "email"),)
    reaches = {one.table.table: one.reach for one in content.analyses[FIRST].inputs}
    assert reaches == {"transactions": Reach(), "campaigns": None}
    assert content.names.index(FIRST) < content.names.index(TableName.parse("core_many_000.table_00011"))


def test_what_is_unchanged_is_not_analysed_again_and_reads_the_same(home: Path) -> None:
    first, _ = opened(home)
    second, analysed = opened(home)
    assert analysed == []
    assert (second.relations, second.analyses, second.sources, second.teams, second.targets, second.problems) == (
        first.relations,
        first.analyses,
        first.sources,
        first.teams,
        first.targets,
        first.problems,
    )


def test_a_warm_start_imports_no_parser_and_no_engine(home: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from connectors.content import open_content; "
        "content = open_content(Path(sys.argv[1])); assert len(content.relations) == 12; "
        "print([name for name in ('sqlglot', 'yaml', 'duckdb', 'pyarrow', 'prefect') if name in sys.modules])"
    )
    opened(home)
    done = subprocess.run([sys.executable, "-c", program, str(home)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_edit_that_keeps_the_columns_analyses_one_file(home: Path) -> None:
    opened(home)
    edit(table(home, 0), "t.kind = 'click'", "t.kind = 'view'")
    assert opened(home)[1] == ["table_00000.sql"]


def test_an_edit_of_a_column_analyses_what_reads_it(home: Path) -> None:
    opened(home)
    edit(table(home, 5), "as clicks", "+ 1e0 as clicks")
    content, analysed = opened(home)
    assert analysed == ["table_00005.sql", "table_00010.sql", "table_00011.sql"]
    types = {c.name: str(c.type) for c in content.columns(TableName.parse("core_many_000.table_00011"))}
    assert types["clicks"] == "double"


def test_an_edit_of_a_schema_analyses_what_reads_the_raw_table(home: Path) -> None:
    opened(home)
    edit(home / "connectors/sources/ads_db.schema.yaml", "name: {type: string,", "name: {type: bigint,")
    content, analysed = opened(home)
    assert analysed == [f"table_{number:05}.sql" for number in range(12)]
    assert [problem.path for problem in content.problems] == [
        f"transforms/tables/core_many_000/table_000{n}.sql" for n in (10, 11)
    ]


def test_a_touched_file_is_not_analysed_again(home: Path) -> None:
    opened(home)
    os.utime(table(home, 3))
    assert opened(home)[1] == []


@pytest.mark.parametrize(("saved", "tick"), [(17 * 10**17 + 1, 50_000_000), (17 * 10**17, 2 * 10**9)])
def test_a_file_of_the_same_size_and_age_as_before_is_noticed(
    home: Path, monkeypatch: pytest.MonkeyPatch, saved: int, tick: int
) -> None:
    """Saved twice within one tick of the file system's clock, which may count whole seconds."""
    monkeypatch.setattr("connectors.content_files.time", SimpleNamespace(time_ns=lambda: saved + tick))
    file = table(home, 0)
    os.utime(file, ns=(saved, saved))
    opened(home)
    edit(file, "'click'", "'clack'")
    os.utime(file, ns=(saved, saved))
    assert opened(home)[1] == ["table_00000.sql"]


def test_a_file_that_goes_and_comes_back_is_noticed(home: Path) -> None:
    opened(home)
    text = table(home, 5).read_text(encoding="utf-8")
    table(home, 5).unlink()
    content, _ = opened(home)
    assert {problem.path for problem in content.problems} == {
        "transforms/tables/core_many_000/table_00010.sql",
        "transforms/tables/core_many_000/table_00011.sql",
    }
    table(home, 5).write_text(text, encoding="utf-8")
    content, analysed = opened(home)
    assert content.problems == ()
    assert "table_00010.sql" in analysed


def test_problems_stay_until_they_are_mended(home: Path) -> None:
    edit(table(home, 1), "count(*)", "cnt(*)")
    first, _ = opened(home)
    second, _ = opened(home)
    assert first.problems
    assert second.problems == first.problems
    assert {problem.path for problem in first.problems} == {"transforms/tables/core_many_000/table_00001.sql"}


def test_a_mended_table_mends_what_reads_it(home: Path) -> None:
    whole, _ = opened(home)
    edit(table(home, 5), "count(*)", "cnt(*)")
    broken, _ = opened(home)
    below = TableName.parse("core_many_000.table_00011")
    assert broken.columns(below) == ()
    with pytest.raises(ContentError, match="cnt"):
        broken.require(below)
    edit(table(home, 5), "cnt(*)", "count(*)")
    mended, _ = opened(home)
    assert mended.problems == ()
    assert mended.analyses == whole.analyses
    mended.require(below)


def test_only_the_files_of_the_named_tables_are_in_the_way(home: Path) -> None:
    edit(table(home, 1), "count(*)", "cnt(*)")
    edit(home / "connectors/sources/ads_db.yaml", "kind: postgres", "kind: postgres\nevry: 1h")
    content, _ = opened(home)
    content.require(FIRST)
    with pytest.raises(ContentError, match="cnt"):
        content.require(SECOND)
    with pytest.raises(ContentError, match="evry"):
        content.require(TableName("raw_ads_db", "campaigns"))


@pytest.mark.parametrize(
    "damage",
    [lambda text: text[: len(text) // 2], lambda text: "[]", lambda text: "\x00", lambda text: '{"platform": 1}'],
)
def test_a_damaged_cache_is_ignored(home: Path, damage: Callable[[str], str]) -> None:
    first, _ = opened(home)
    cache = home / CACHE_FILE
    cache.write_text(damage(cache.read_text(encoding="utf-8")), encoding="utf-8")
    content, analysed = opened(home)
    assert len(analysed) == 12
    assert content.analyses == first.analyses


def test_the_cache_of_other_code_is_not_believed(home: Path) -> None:
    opened(home)
    cache = home / CACHE_FILE
    data = json.loads(cache.read_text(encoding="utf-8"))
    cache.write_text(json.dumps(data | {"platform": "other"}), encoding="utf-8")
    assert len(opened(home)[1]) == 12


def test_a_home_that_cannot_be_written_is_read_without_a_cache(home: Path) -> None:
    (home / ".baikal").write_text("a file where the cache's folder should be", encoding="utf-8")
    assert len(opened(home)[1]) == len(opened(home)[1]) == 12


def test_commands_at_the_same_time_share_the_cache(home: Path) -> None:
    found: list[Content] = []
    threads = [threading.Thread(target=lambda: found.append(open_content(home))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(content.analyses == found[0].analyses for content in found)
    assert opened(home)[1] == []
    assert [path.name for path in (home / ".baikal/cache").iterdir()] == ["content.json"]


def test_a_home_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder; BAIKAL_HOME must name the folder that holds the content"):
        open_content(tmp_path / "nowhere")


def test_a_folder_without_content_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no transforms/ and no connectors/ in it; set BAIKAL_HOME"):
        open_content(tmp_path)


def test_what_stands_beside_the_declarations_is_told(home: Path) -> None:
    for path in ("transforms/x.sql", "transforms/table/y.sql", "connectors/target.yaml", "connectors/source/a.yaml"):
        (home / path).parent.mkdir(exist_ok=True)
        (home / path).write_text("", encoding="utf-8")
    for path in ("transforms/own/__init__.py", "transforms/README.md", "connectors/own.py"):
        (home / path).parent.mkdir(exist_ok=True)
        (home / path).write_text("", encoding="utf-8")
    assert [str(problem) for problem in opened(home)[0].problems] == [
        "connectors/source: nothing reads this folder; in connectors stand sources and targets.yaml; did you mean "
        '"sources"?',
        "connectors/target.yaml: nothing reads this file; in connectors stand sources and targets.yaml; did you mean "
        '"targets.yaml"?',
        "transforms/table: nothing reads this folder; in transforms stand tables, views and teams.yaml; did you mean "
        '"tables"?',
        "transforms/x.sql: nothing reads this file; in transforms stand tables, views and teams.yaml; move it to "
        "transforms/tables/core_ads/x.sql, or whichever database it belongs to",
    ]


def test_an_empty_home_has_nothing_and_no_problem(tmp_path: Path) -> None:
    (tmp_path / "transforms").mkdir()
    content = open_content(tmp_path)
    assert (content.problems, content.names, list(content.targets)) == ((), (), ["laptop"])


def test_text_that_is_not_utf_8_is_told_with_its_line(home: Path) -> None:
    table(home, 1).write_bytes(b"/*\ndescription: \x93\xfa\x96{\n*/\nselect 1")
    content, _ = opened(home)
    assert str(content.problems[0]) == (
        "transforms/tables/core_many_000/table_00001.sql:2: this is not UTF-8 text; save it as UTF-8"
    )


def test_what_is_no_file_is_told(home: Path) -> None:
    folder = home / "transforms/tables/core_many_000"
    os.mkfifo(folder / "pipe.sql")
    (folder / "loop.sql").symlink_to("loop.sql")
    (folder / "broken.sql").symlink_to("nowhere.sql")
    (folder / "nested.sql").mkdir()
    (home / "transforms/views").write_text("", encoding="utf-8")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.sql")).write_text("", encoding="utf-8")
    (home / "transforms/teams.yaml").unlink()
    (home / "transforms/teams.yaml").mkdir()
    content, _ = opened(home)
    prefix = "transforms/tables/core_many_000/"
    assert [str(problem) for problem in content.problems if problem.path != "transforms/teams.yaml"] == [
        f'{prefix}?.sql: "core_many_000.?" is not the name of a table; write lower case letters, digits and '
        f"underscores",
        f"{prefix}broken.sql: this file cannot be read: No such file or directory",
        f"{prefix}loop.sql: this file cannot be read: Too many levels of symbolic links",
        f"{prefix}nested.sql: folders of tables do not nest; move its files to transforms/tables/core_many_000",
        f"{prefix}pipe.sql: this is not a file; put a file of text here",
        "transforms/views: this folder cannot be read: Not a directory",
    ]
    assert "transforms/teams.yaml: this is not a file; put a file of text here" in map(str, content.problems)


def test_a_linked_file_is_read_like_any_other(home: Path) -> None:
    moved = home / "elsewhere.sql"
    table(home, 1).rename(moved)
    table(home, 1).symlink_to(moved)
    assert opened(home)[0].problems == ()


def test_windows_line_ends_and_a_byte_order_mark_are_read(home: Path) -> None:
    file = table(home, 1)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    content, _ = opened(home)
    assert content.problems == ()
    assert content.relations[SECOND].lines["owner"] == 3


def test_a_chain_of_tables_as_long_as_it_likes_is_analysed(home: Path) -> None:
    """Quoted with spaces, so that the order cannot be guessed from the words."""
    text = (
        "/*\ndescription: D\nowner: ads\npartition: day\nkey: campaign_id\n*/\n"
        'select campaign_id, day from "core_many_000" . /* the one before */ "{above}" where day between '
        ":start and :end\n"
    )
    above = "table_00000"
    for number in range(150):
        name = f"link_{150 - number:03}"
        (home / f"transforms/tables/core_many_000/{name}.sql").write_text(text.format(above=above), encoding="utf-8")
        above = name
    content, _ = opened(home)
    assert content.problems == ()
    assert len(content.graph.upstream([TableName("core_many_000", "link_001")])) == 153
