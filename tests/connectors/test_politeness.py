"""Seats and rates that hold over all processes of a lake, and a source that is down, which is asked once."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path

import pytest

from connectors.rate import Rate, Swap
from connectors.reachability import Reachability, Unreachable
from connectors.storage import Folder
from transforms.errors import Stopped
from transforms.source import Source

GOING = threading.Event()
SHOP, ADS = (Source(name, f"{name}.yaml", "postgres", "shop", "", name, ()) for name in ("shop", "ads"))


def lakes(folder: Path, count: int) -> list[Folder]:
    """As many processes have: each its own objects over the same files."""
    return [Folder(folder) for _ in range(count)]


def shared(lake: Folder) -> Swap:
    """A file of the lake."""
    return partial(lake.swap, "rate.json")


def test_of_all_processes_no_more_sit_than_there_are_seats(tmp_path: Path) -> None:
    one, other = (lake.seats("_sources/shop/connections", 2) for lake in lakes(tmp_path, 2))
    first, second = one.take(GOING), other.take(GOING)
    assert (one.free(), other.free()) == (None, None)
    first.give_back()
    first.give_back()
    third = other.free()
    assert third is not None
    assert one.free() is None
    threading.Timer(0.01, second.give_back).start()
    assert one.take(GOING) is not None


def test_who_waits_for_a_seat_can_be_stopped(tmp_path: Path) -> None:
    one, other = (lake.seats("s", 1) for lake in lakes(tmp_path, 2))
    held, stopped = one.take(GOING), threading.Event()
    threading.Timer(0.01, stopped.set).start()
    for seats in (one, other):
        with pytest.raises(Stopped):
            seats.take(stopped)
    held.give_back()
    assert other.free() is not None, "what was stopped holds nothing"


class Clock:
    """Time that goes on by waiting, and only then; `at` are the moments of requests."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.at: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def ask(self, rate: Rate) -> None:
        self.sleep(rate.quiet())
        rate.wait()
        self.at.append(self.now)


def test_processes_share_a_rate_and_one_alone_has_all_of_it(tmp_path: Path) -> None:
    clock = Clock()
    rates = [Rate(shared(lake), 20, clock.sleep, lambda: clock.now) for lake in lakes(tmp_path, 3)]
    for number in range(200):
        clock.ask(rates[number % 3])
    assert clock.at[-1] - clock.at[0] >= 199 / 20, "never faster than declared"
    began = len(clock.at)
    for _ in range(200):
        clock.ask(rates[0])
    assert clock.at[-1] - clock.at[began] < 1.2 * 200 / 20, "what the others had is not wasted"
    assert all(later - earlier > 0.049 for earlier, later in zip(clock.at[began:], clock.at[began + 1 :], strict=False))


def test_a_process_that_pauses_does_not_catch_up_in_a_burst(tmp_path: Path) -> None:
    clock = Clock()
    rate = Rate(shared(Folder(tmp_path)), 10, clock.sleep, lambda: clock.now)
    for _ in range(20):
        clock.ask(rate)
    clock.now += 60
    began = len(clock.at)
    for _ in range(20):
        clock.ask(rate)
    assert clock.at[-1] - clock.at[began] > 19 / 10 - 0.11


def test_a_quiet_that_one_was_asked_for_is_kept_by_all(tmp_path: Path) -> None:
    clock = Clock()
    one, other = (Rate(shared(lake), None, clock.sleep, lambda: clock.now) for lake in lakes(tmp_path, 2))
    clock.ask(other)
    clock.sleep(2)
    heard = one.hush(30)
    assert (one.quiet(heard), one.quiet(), other.quiet()) == (0, 30, 30)
    clock.sleep(30)
    assert other.quiet() == 0


@pytest.mark.parametrize("content", [b"", b"{", b'{"next": 9e15, "quiet": 9e15}'])
def test_a_file_that_is_no_use_stops_nobody(tmp_path: Path, content: bytes) -> None:
    clock = Clock()
    (tmp_path / "rate.json").write_bytes(content)
    clock.ask(Rate(shared(Folder(tmp_path)), 1, clock.sleep, lambda: clock.now))
    assert clock.at == [1_000_000.0]


def test_a_source_that_is_down_is_asked_once_and_others_go_on() -> None:
    now, asked = [0.0], list[str]()
    run = Reachability(lambda: now[0])

    def ask(source: Source, works: bool = False) -> None:
        with run.asking(source):
            asked.append(source.name)
            if not works:
                raise Unreachable(f"cannot connect to {source.name}")

    for _ in range(3):
        with pytest.raises(Unreachable, match="cannot connect to shop"):
            ask(SHOP)
    ask(ADS, works=True)
    assert asked == ["shop", "ads"]
    now[0] = 5
    with pytest.raises(Unreachable):
        ask(SHOP)
    with pytest.raises(Unreachable):
        ask(SHOP)
    assert asked == ["shop", "ads", "shop"], "after a while one looks again"
    now[0] = 10
    ask(SHOP, works=True)
    ask(SHOP, works=True)
    assert len(asked) == 5


def test_one_table_that_fails_for_itself_speaks_for_no_other() -> None:
    run = Reachability()
    with pytest.raises(ValueError, match="its own"), run.asking(SHOP):
        raise ValueError("its own")
    with run.asking(SHOP):
        began = time.monotonic()
    assert began
