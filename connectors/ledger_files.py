"""Where the ledger is: a small file a run in a folder a month, and beside them a file of a day's runs that have ended.

A day's file only saves requests: whoever reads many runs writes it, and the runs' own files stay. A run that is not in
it is read by itself, so two who write it at once, or one who cannot, lose nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, timedelta

from connectors.lake import Lake
from transforms.errors import OutsideError
from transforms.ledger import KEPT, Record, joined

AT_ONCE = 16
"""Files read at the same time from a bucket."""
FEW = 32
"""So many runs of today or yesterday are read one by one; of older days none that have ended."""
SETTLED = timedelta(hours=1)
"""After its end nothing is written of a run any more."""


def records(lake: Lake, since: date) -> list[Record]:
    """What the runs that began on that day (of UTC) or later have left, oldest first. Raises OutsideError."""
    storage, now = lake.storage, lake.now()
    listed = {
        file
        for folder in folders_since(since, now.date())
        for file in storage.notes_in(folder)
        if begun_on_or_after(file, since)
    }
    days = sorted(file for file in listed if _is_of_day(file))
    with ThreadPoolExecutor(AT_ONCE if storage.shared else 1) as threads:

        def read(files: Iterable[str]) -> Mapping[str, bytes]:
            files = list(files)
            return {
                file: content or b"" for file, content in zip(files, threads.map(storage.noted, files), strict=True)
            }

        known = {file: _records_of_day(content) for file, content in read(days).items()}
        ended = {record.run.run for found in known.values() for record in found}
        others = [file for file in listed.difference(days) if run_of(file) not in ended]
        pieces = []
        for content in read(sorted(others, key=lambda file: (len(file), file))).values():
            with suppress(ValueError):  # not ours, or of another version of the platform
                pieces.append(Record.read(content))
    alone = joined(pieces)
    _keep_days(lake.storage.note, now, known, alone)
    return joined([*(record for found in known.values() for record in found), *alone])


def forget(lake: Lake) -> int:
    """Removes what is older than the ledger is kept; returns how many files. Stops looking at a year without any."""
    last = lake.now().date() - KEPT
    removed, empty = 0, 0
    while empty < 12:
        (folder,) = folders_since(last, last)
        old = [file for file in lake.storage.notes_in(folder) if not begun_on_or_after(file, lake.now().date() - KEPT)]
        for file in old:
            lake.storage.unnote(file)
        removed, empty = removed + len(old), 0 if old else empty + 1
        last = last.replace(day=1) - timedelta(days=1)
    return removed


def _keep_days(
    note: Callable[[str, bytes], None], now: datetime, known: Mapping[str, Collection[Record]], alone: Iterable[Record]
) -> None:
    """Writes the days' files anew into which runs belong that were read one by one."""
    new: dict[str, list[Record]] = {}
    for record in alone:
        if record.run.finished and record.run.finished <= now - SETTLED:
            new.setdefault(day_file(record.run.run), []).append(record)
    for file, found in new.items():
        if len(found) >= FEW or not begun_on_or_after(file, now.date() - timedelta(days=1)):
            with suppress(OutsideError):  # of somebody who may only read
                note(file, json.dumps([one.to_json() for one in (*known.get(file, ()), *found)]).encode())


def _records_of_day(content: bytes) -> list[Record]:
    """None of a file that is not ours, or of another version of the platform."""
    try:
        return [Record.from_json(one) for one in json.loads(content)]
    except (ValueError, TypeError):
        return []


def file_of(run: str, number: int = 1) -> str:
    """Where a run's entries are: in a folder a month, which the run's own name begins with; a long run has several.

    >>> file_of("20240501T063000-1f2e3d4c"), file_of("20240501T063000-1f2e3d4c", 2)
    ('_runs/2024-05/20240501T063000-1f2e3d4c.json', '_runs/2024-05/20240501T063000-1f2e3d4c-2.json')
    """
    return f"{_folder_of(run[:6])}/{run}{'' if number == 1 else f'-{number}'}.json"


def day_file(run: str) -> str:
    """The file of the ended runs of a run's day.

    >>> day_file("20240501T063000-1f2e3d4c")
    '_runs/2024-05/20240501.json'
    """
    return f"{_folder_of(run[:6])}/{run[:8]}.json"


def folders_since(first: date, last: date) -> list[str]:
    """The folders of all months from one day to another."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [_folder_of(f"{month // 12:04}{month % 12 + 1:02}") for month in months]


def run_of(file: str) -> str:
    """The run whose file it is; of a day's file the day.

    >>> run_of("_runs/2024-05/20240501T063000-1f2e3d4c-2.json"), run_of("_runs/2024-05/20240501.json")
    ('20240501T063000-1f2e3d4c', '20240501')
    """
    return "-".join(file.rpartition("/")[2].removesuffix(".json").split("-")[:2])


def begun_on_or_after(file: str, day: date) -> bool:
    """Whether a file's run began on that day of UTC or later, by its name."""
    return file.rpartition("/")[2][:8] >= f"{day:%Y%m%d}"


def _is_of_day(file: str) -> bool:
    return "T" not in run_of(file)


def _folder_of(month: str) -> str:
    """The folder of a month's runs, `202405`."""
    return f"_runs/{month[:4]}-{month[4:6]}"
