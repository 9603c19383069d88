"""Which files of a place are of one table, by their names alone: each group with a path that means all of it.

What differs between files of a table is a day, a number, an identifier: never a word. Proposes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from transforms.file_path import FilePath

_DAY = re.compile(r"(?<!\d)\d{4}(?:(?P<sign>[-/])\d{2}(?P=sign)|\d{2})\d{2}(?!\d)")
_FOLDER_DAY = re.compile(r"(?<!\d)\d{4}(?:-?\d{2}-?\d{2}|/\d{2}/\d{2})(?!\d)")
_NUMBER = re.compile(r"\d+\Z")
_ENDING = re.compile(r"\.log(?:[.-]\d+)?(?:\.(?:gz|zst))?\Z|(?:\.[A-Za-z]\w{0,8})+\Z")
"""Of a name; logs are moved away under others, such as `access.log.1.gz`."""
_PLAIN = frozenset(("part", "data", "file", "chunk", "export", "output", "out", "batch", "run", "log"))
"""Words that say nothing of what is in a file."""


@dataclass(frozen=True)
class FileGroup:
    """`path` means all of `names`. `word` is what the table may be called; empty when nothing says so.

    `one`: it is a file that is written again and again, rather than one of many.
    """

    path: str
    word: str
    names: tuple[str, ...]
    one: bool


def file_groups(names: Iterable[str], endings: Sequence[str]) -> list[FileGroup]:
    """Groups of the files with one of these endings; of all files, when none has one.

    >>> [group.path for group in file_groups(["orders/dt=2024-05-01/a1.json.gz", "users.json", "_SUCCESS"], ["json"])]
    ['orders/dt={day}/a*.json.gz', 'users.json']
    """
    seen = [name for name in names if not any(part.startswith((".", "_", "~$")) for part in name.split("/"))]
    chosen = [name for name in seen if set(_ending(name).strip(".").lower().split(".")) & set(endings)] or seen
    groups: dict[tuple[str, str, str], list[str]] = {}
    for name in sorted(chosen):
        folder, file = _parted(name)
        ending = _ending(file)
        place, lead = _folder_form(folder), _lead(file.removesuffix(ending))
        lead = "" if "{day}" in place and _words(place) else lead  # a folder with days is one table's
        groups.setdefault((place, lead, ".log*" if ending.startswith(".log") else ending), []).append(name)
    alone = [form for form, _, _ in groups]
    return [
        _group(form, lead, ending, found, alone=alone.count(form) == 1)
        for (form, lead, ending), found in groups.items()
    ]


def _group(form: str, lead: str, ending: str, names: Sequence[str], *, alone: bool) -> FileGroup:
    leads = {_lead(file.removesuffix(_ending(file))) for _, file in map(_parted, names)}
    lead = leads.pop() if len(leads) == 1 else ""
    path = next(path for path in _paths(form, lead, ending, names) if _means(path, names))
    one = len(names) == 1 and path == names[0]
    folders = _words(form)
    word = folders[-1] if folders and (alone or lead.lower() in _PLAIN) else lead or (folders[-1] if folders else "")
    return FileGroup(path, word, tuple(names), one)


def _words(form: str) -> list[str]:
    """The folders of a form that say something."""
    return [part for part in form.split("/") if part and not re.search(r"[*{=]|^\d", part)]


def _paths(form: str, lead: str, ending: str, names: Sequence[str]) -> Iterator[str]:
    """From the narrowest on; the last one means every file of the group."""
    first = _parted(names[0])[1]
    if not re.search(r"\d", first) and "*" not in ending:
        yield form + first
    if lead and "*" in ending:
        yield form + lead + ending
    day = None if "{day}" in form else _DAY.search(first)
    before = first[: day.start()] if day else ""
    if day and not re.search(r"\d", before):
        yield f"{form}{before}{{day}}{ending}"
        yield f"{form}{before}{{day}}*{ending}"
    if day:
        yield f"{form}{lead}*{{day}}*{ending}"
    sign = first[len(lead) : len(lead) + 1]
    if lead and sign in ("-", "_", " ", "."):
        yield f"{form}{lead}{sign}*{ending}"
    yield f"{form}{lead}*{ending}"


def _means(path: str, names: Sequence[str]) -> bool:
    found = FilePath(path)
    return all(found.meaning(name) is not False for name in names)


def _parted(name: str) -> tuple[str, str]:
    folder, slash, file = name.rpartition("/")
    return folder + slash, file


def _folder_form(folder: str) -> str:
    """With `{day}` for the first day in it, and `*` for numbers."""
    day = next((found for found in _FOLDER_DAY.finditer(folder) if FilePath("{day}").meaning(found[0])), None)
    before, after = (folder[: day.start()], folder[day.end() :]) if day else (folder, "")
    parts = ("/".join(map(_part, text.split("/"))) for text in (before, after))
    return "{day}".join(parts) if day else next(parts)


def _part(part: str) -> str:
    """A folder of numbers, `42` or `hour=03`."""
    key, equals, value = part.rpartition("=")
    return f"{key}{equals}*" if _NUMBER.match(value) else part


def _lead(stem: str) -> str:
    """The words with which a name begins, when no digit is among them.

    >>> _lead("deals-may"), _lead("deals_20240501"), _lead("users1"), _lead("0001")
    ('deals-may', 'deals', 'users', '')
    """
    found = re.match(r"[^\W\d_]+(?:[-_ ]+[^\W\d_]+(?![^\W_]*\d))*", stem)
    return found[0] if found else ""


def _ending(name: str) -> str:
    found = _ENDING.search(name.rpartition("/")[2])
    return found[0] if found else ""
