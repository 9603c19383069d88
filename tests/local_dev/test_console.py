"""What is printed where: results, messages, tables of text, progress."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from local_dev.console import Console, good
from local_dev.text_table import MAX_WIDTH, text_table, width


def test_a_long_cell_is_cut_at_what_a_terminal_shows() -> None:
    cell = text_table(["text"], [["東京" * 100]]).splitlines()[-1]
    assert cell.endswith("…")
    assert MAX_WIDTH - 2 <= width(cell) <= MAX_WIDTH
    assert text_table(["text"], [["two\nlines"], [None], [True]]).splitlines()[2:] == ["two lines", "", "true"]


def test_results_go_to_stdout_and_all_else_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.show("result")
    console.say("on the way")
    console.error("first\nsecond")
    console.document({"not": "asked for"})
    out, err = capsys.readouterr()
    assert (out, err) == ("result\n", "on the way\nerror: first\nsecond\n")


def test_with_json_stdout_has_the_document_alone(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json=True)
    console.show(good("result"))
    console.table(["a"], [[1]])
    console.document({"city": "東京"})
    assert capsys.readouterr().out == '{"city": "東京"}\n'


def test_progress_is_plain_lines_when_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with Console().progress("run", 3) as progress:
        progress.started("a")
        progress.advanced("a", "10 rows")
        progress.finished("a", "a is built")
        progress.finished("b", "")
    assert capsys.readouterr().err == "a is built\n"


WATCHED = """
import sys, time
from local_dev.console import Console
with Console().progress("run", 3) as progress:
    progress.finished("fresh", "")
    assert "rich" not in sys.modules
    progress.started("slow")
    time.sleep(0.4)
    progress.advanced("slow", "1,200 rows")
    time.sleep(0.4)
    assert "rich" in sys.modules
    progress.finished("slow", "slow is built")
"""


@pytest.mark.river
def test_a_person_at_a_terminal_sees_a_bar_once_the_work_takes_time() -> None:
    leader, follower = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    done = subprocess.run([sys.executable, "-c", WATCHED], stderr=follower, env=env)
    os.close(follower)
    shown = os.read(leader, 100_000).decode()
    os.close(leader)
    assert done.returncode == 0, shown
    assert "slow (1,200 rows)" in shown
    assert "2/3" in shown
    assert "slow is built" in shown


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_no_color_is_honoured(no_color: str, coloured: bool) -> None:
    leader, follower = pty.openpty()
    code = "from local_dev.console import Console; Console().error('x')"
    env = {**os.environ, "TERM": "xterm", "NO_COLOR": no_color}
    subprocess.run([sys.executable, "-c", code], stderr=follower, env=env, check=True)
    os.close(follower)
    shown = os.read(leader, 1000)
    os.close(leader)
    assert (b"\x1b[" in shown) == coloured
