"""The company's systems start, hold what the truth says, and stop, on a real PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from local_dev.sample.company import Company, advance, generate
from local_dev.sample.postgres import SERVER_VARIABLE, psql
from local_dev.sample.serving import serving
from local_dev.sample.truth import Truth
from transforms.errors import OutsideError, UsageError

SMALL = Company(users=300, days=8, events=4_000)
pytestmark = pytest.mark.postgres


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's folder: for root, PostgreSQL is another user, whom every new run of pytest would shut out of it.
    with TemporaryDirectory(prefix="baikal-") as made:
        generate(SMALL, Path(made))
        yield Path(made)


def ask(environment: Mapping[str, str], variable: str, sql: str) -> list[str]:
    return psql(environment[variable], sql).strip().splitlines()


def process_of(folder: Path) -> int:
    return int((folder / "postgres/postmaster.pid").read_text().splitlines()[0])


def test_the_databases_hold_what_the_truth_says(folder: Path) -> None:
    truth = Truth.load(folder / "truth.json")
    with serving(folder) as up:
        users = "select count(*), count(deleted_at), count(*) filter (where plan = 'premium') from users"
        assert ask(up, "CONTENT_DB_URL", users) == [f"{truth.users}|{truth.deleted_users}|{truth.premium_users}"]
        assert ask(up, "CONTENT_DB_URL", "select count(*) from articles") == [str(truth.articles)]
        net = "select sum(amount_jpy) from billing.transactions where status = 'settled'"
        expected = sum(Decimal(amount) for row in truth.revenue_by_day.values() for amount in row.values())
        assert ask(up, "ADS_DB_URL", net) == [str(expected)]


def test_columns_say_what_they_are(folder: Path) -> None:
    undescribed = """
        select table_name, column_name from information_schema.columns
        where table_schema in ('public', 'billing')
          and col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position) is null
    """
    with serving(folder) as up:
        assert ask(up, "CONTENT_DB_URL", undescribed) == ask(up, "ADS_DB_URL", undescribed) == []
        types = "select distinct udt_name from information_schema.columns where table_schema in ('public', 'billing')"
        found = {*ask(up, "CONTENT_DB_URL", types), *ask(up, "ADS_DB_URL", types)}
    assert {"numeric", "timestamptz", "jsonb", "_text", "uuid", "plan", "date", "bool", "int8", "int2"} <= found


def test_the_server_ends_with_the_context(folder: Path) -> None:
    with serving(folder) as up:
        assert ask(up, "ADS_DB_URL", "select 1") == ["1"]
    with pytest.raises(OutsideError, match="refused"):
        ask(up, "ADS_DB_URL", "select 1")


def test_a_second_start_loads_nothing(folder: Path) -> None:
    mark = "create table if not exists mark (); select count(*) from pg_class where relname = 'mark'"
    with serving(folder) as up:
        ask(up, "CONTENT_DB_URL", mark)
    with serving(folder) as up:
        assert ask(up, "CONTENT_DB_URL", "select count(*) from pg_class where relname = 'mark'") == ["1"]


def test_the_next_day_is_loaded(folder: Path) -> None:
    with serving(folder) as up:
        before = ask(up, "ADS_DB_URL", "select count(*) from billing.transactions")
    truth = advance(folder)
    with serving(folder) as up:
        after = ask(up, "ADS_DB_URL", "select count(*) from billing.transactions")
        assert ask(up, "CONTENT_DB_URL", "select count(*) from users") == [str(truth.users)]
    assert int(after[0]) > int(before[0])


def test_a_server_of_a_killed_process_is_taken_over(folder: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom local_dev.sample.serving import serving\n"
        "with serving(Path(sys.argv[1])):\n    print('up', flush=True)\n    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"up\n"
        left = process_of(folder)
        other.kill()
    with serving(folder) as up:
        assert process_of(folder) == left
        assert ask(up, "CONTENT_DB_URL", "select 1") == ["1"]
    with pytest.raises(OutsideError, match="refused"):
        ask(up, "CONTENT_DB_URL", "select 1")


def test_the_last_user_stops_the_server(folder: Path) -> None:
    with serving(folder) as second:
        with serving(folder) as first:
            assert first["ADS_DB_URL"] == second["ADS_DB_URL"]
        assert ask(second, "ADS_DB_URL", "select 1") == ["1"]
    with pytest.raises(OutsideError, match="refused"):
        ask(second, "ADS_DB_URL", "select 1")


def test_a_half_made_server_is_made_again(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres/PG_VERSION").write_text("18")
    with serving(folder) as up:
        assert ask(up, "ADS_DB_URL", "select 1") == ["1"]


def test_another_server_is_used_when_named(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    generate(SMALL, elsewhere)
    with serving(folder) as up, pytest.MonkeyPatch.context() as patch:
        patch.setenv(SERVER_VARIABLE, up["CONTENT_DB_URL"].replace("baikal_sample_content_db", "postgres"))
        with serving(elsewhere) as named:
            assert named["ADS_DB_URL"] == up["ADS_DB_URL"]
            assert not (elsewhere / "postgres").exists()
        assert ask(up, "CONTENT_DB_URL", "select 1") == ["1"]


def test_a_server_that_is_not_there_is_a_clear_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SERVER_VARIABLE, "postgresql://postgres@127.0.0.1:1/postgres")
    with pytest.raises(OutsideError, match="PostgreSQL says"), serving(folder):
        pass


def test_nothing_is_served_where_no_company_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="generate one first"), serving(tmp_path):
        pass
