"""The files that the sales team exports by hand: deals (Shift_JIS, once a week) and targets (UTF-8 with a BOM)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from local_dev.sample.story import Company
from local_dev.sample.words import COMPANIES, REPS

STAGES = ("lead", "proposal", "negotiation", "won", "lost")
_CHANCE = (10, 30, 60, 100, 0)
EXPORT_EVERY_DAYS = 7
YEN, FULL_WIDTH_YEN = "\u00a5", "\uffe5"
"""Shift_JIS has only the full-width one: its half-width yen sign is read back as a backslash."""
_HEADER = ("案件番号", "会社名", "担当者", "段階", "金額", "確度", "受注予定日", "出力日", "備考")


@dataclass(frozen=True)
class Deal:
    """A deal as it stands on a day."""

    deal_id: str
    company: str
    rep: str
    stage: str
    amount_jpy: int
    percent: int
    close_on: date
    exported_on: date
    note: str


def export_days(company: Company, last: int) -> list[int]:
    """The days on which somebody exported the deals."""
    return list(range(0, last + 1, EXPORT_EVERY_DAYS))


def deals_on(company: Company, day: int) -> list[Deal]:
    """All deals that were opened until a day; a deal moves through the stages in a pace of its own."""
    deals = []
    for opened in range(-30, day + 1):
        random = company.random("deals", opened)
        for serial in range(3):
            pace, luck = int(random.integers(3, 12)), float(random.random())
            amount = int(random.lognormal(13.6, 0.9)) // 1_000 * 1_000
            buyer, rep = int(random.integers(0, len(COMPANIES))), int(random.integers(0, len(REPS)))
            step = min((day - opened) // pace, 3)
            stage = STAGES[4] if step == 3 and luck > 0.42 else STAGES[step]
            close_on = company.calendar(opened + 3 * pace)
            note = ("", "要フォロー", '先方より"再見積"依頼、来週訪問', "値引き, 10%まで")[int(luck * 40) % 4]
            number = f"D-{(opened + 30) * 3 + serial + 1:05}"
            percent = _CHANCE[STAGES.index(stage)]
            deals.append(
                Deal(number, COMPANIES[buyer], REPS[rep], stage, amount, percent, close_on, company.calendar(day), note)
            )
    return deals


def write_exports(company: Company, last: int, folder: Path) -> dict[str, int]:
    """Write every export until a day, as far as it is not there. Returns the dirty rows of all by file."""
    folder.mkdir(parents=True, exist_ok=True)
    rejects = {}
    for day in export_days(company, last):
        deals = deals_on(company, day)
        rows = [_HEADER, *(_exported(deal) for deal in deals)]
        name = f"deals_{company.calendar(day):%Y%m%d}.csv"
        if day == EXPORT_EVERY_DAYS:
            rows.append(
                ("D-99999", "(仮)", REPS[0], "lead", "未定", "10%", "未定", f"{company.calendar(day):%Y/%m/%d}", "")
            )
            rejects[name] = 1
        _export(folder / name, rows, "shift_jis")
    for quarter, months in _quarters(company, last).items():
        lines = [("month", "rep", "target_jpy")]
        lines += [(f"{month}", rep, f"{YEN}{target_of(month, rep):,}") for month in months for rep in REPS]
        _export(folder / f"targets_{quarter}.csv", lines, "utf-8-sig")
    return rejects


def target_of(month: date, rep: str) -> int:
    """What a rep should win in a month, in yen."""
    return 6_000_000 + 500_000 * (month.month % 4) + 250_000 * REPS.index(rep)


def _exported(deal: Deal) -> tuple[str, ...]:
    return (
        deal.deal_id,
        deal.company,
        deal.rep,
        deal.stage,
        f"{FULL_WIDTH_YEN}{deal.amount_jpy:,}",
        f"{deal.percent}%",
        f"{deal.close_on:%Y/%m/%d}",
        f"{deal.exported_on:%Y/%m/%d}",
        deal.note,
    )


def _export(file: Path, rows: Sequence[tuple[str, ...]], encoding: str) -> None:
    """An export that is there stays as it is: nobody exports the same day twice."""
    if not file.exists():
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        file.write_bytes(text.getvalue().encode(encoding))


def _quarters(company: Company, last: int) -> dict[str, list[date]]:
    """The months of every quarter that has begun."""
    quarters: dict[str, list[date]] = {}
    day = company.first_day.replace(month=(company.first_day.month - 1) // 3 * 3 + 1, day=1)
    while day <= company.calendar(last):
        name = f"{day.year}q{(day.month - 1) // 3 + 1}"
        for _ in range(3):
            quarters.setdefault(name, []).append(day)
            day = (day + timedelta(days=32)).replace(day=1)
    return quarters
