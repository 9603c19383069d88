"""The app's and the ad server's logs as gzipped JSON lines in dated folders, with the dirt that real logs have.

Dirty lines are always extra ones: without them the events are complete.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from local_dev.sample.story import EXPERIMENT, LATEST_DAYS, Company, Ints
from local_dev.sample.traffic import (
    EVENTS,
    SLOTS,
    Activity,
    AdClicks,
    Conversions,
    Impressions,
    Traffic,
    variants_on,
)
from local_dev.sample.words import MODEL_SHARES, MODELS, SEARCHES

DIRT = ("cut_json", "wrong_type", "invalid_utf8", "not_an_object", "long_line")
LONG_LINE_BYTES = 10_000_000
LINES_A_FILE = 100_000
_CLEAN_ENOUGH = 250
"""At most one line in so many is dirty, so that every day stays under the sources' `rejects:`."""
_CONVERSIONS = ("signup", "purchase", "install")


@dataclass(frozen=True)
class Written:
    """What was written for one day of one table: lines and dirty lines by file, below the sample's folder."""

    lines: Mapping[str, int]
    rejects: Mapping[str, int]


def write_day(company: Company, day: int, traffic: Traffic, folder: Path, folders: Iterable[int]) -> Written:
    """Write what happened on a day into the folders (day numbers) in which it arrives; others are left out."""
    lines: dict[str, int] = {}
    rejects: dict[str, int] = {}
    tables = (
        ("app_logs/activity", traffic.activity.arrivals, _activity_lines(company, day, traffic.activity)),
        ("ad_logs/impressions", traffic.impressions.arrivals, _impression_lines(traffic.impressions)),
        ("ad_logs/clicks", traffic.clicks.arrivals, _click_lines(traffic.clicks)),
        ("ad_logs/conversions", traffic.conversions.arrivals, _conversion_lines(company, day, traffic.conversions)),
    )
    for table, arrivals, (heads, tails) in tables:
        for arrival in range(day, day + LATEST_DAYS + 1):
            if arrival not in folders:
                continue
            chosen = np.flatnonzero(arrivals.day == arrival)
            chosen = chosen[np.argsort(arrivals.received[chosen], kind="stable")]
            rows = arrivals.row[chosen].tolist()
            received = _times(arrivals.received[chosen])
            texts = [f'{heads[row]}{time}Z"{tails[row]}' for row, time in zip(rows, received, strict=True)]
            dirt = list(_dirt(company, table, day, len(texts))) if arrival == day else []
            for name, part in _parts(company, table, day, arrival, texts):
                file = f"{table}/dt={company.calendar(arrival)}/{name}"
                extra, dirt = dirt, []
                _write(folder / file, part, extra)
                lines[file] = len(part)
                if extra:
                    rejects[file] = len(extra)
    return Written(lines, rejects)


def _parts(company: Company, table: str, day: int, arrival: int, texts: list[str]) -> Iterator[tuple[str, list[str]]]:
    """File names with their lines. Some files are empty, as collectors leave them behind when nothing came."""
    if arrival == day:
        for number, start in enumerate(range(0, max(len(texts), 1), LINES_A_FILE)):
            yield f"part-{number:02}.jsonl.gz", texts[start : start + LINES_A_FILE]
        if day % 5 == 2 and table.endswith("activity"):
            yield "part-99.jsonl.gz", []
    elif texts:
        yield f"late-{company.calendar(day):%m%d}.jsonl.gz", texts


def _write(path: Path, lines: list[str], dirt: list[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "\n".join(lines).encode()
    for number, line in enumerate(dirt):
        # Whole lines: dirt goes after a line end, in the middle or at the end of the file.
        place = body.find(b"\n", len(body) * (number + 1) // (len(dirt) + 1)) + 1
        body = body[:place] + line + b"\n" + body[place:] if place else body + b"\n" + line
    if body and not body.endswith(b"\n"):
        body += b"\n"
    # A file that the collector opened for nothing is not even a gzip one.
    path.write_bytes(b"" if path.name.startswith("part-99") else gzip.compress(body, compresslevel=1, mtime=0))


def _dirt(company: Company, table: str, day: int, lines: int) -> Iterator[bytes]:
    """A dirty line a day in turn of the kinds, a few more where there are many lines; the long line comes once."""
    if lines < _CLEAN_ENOUGH:
        return
    kinds = DIRT[: 5 if table.endswith("activity") else 3]
    turn = day % len(kinds)
    if kinds[turn] == "long_line" and day >= 2 * len(kinds):
        turn = 0
    yield _dirty_line(kinds[turn], table, day, 0)
    for number in range(1, min(40, lines // 8_000)):
        yield _dirty_line(kinds[number % 3], table, day, number)


def _dirty_line(kind: str, table: str, day: int, number: int) -> bytes:
    head = f'{{"event_id":"bad-{day}-{number}","user_id":'
    if kind == "cut_json":
        return f'{head}17,"occurred_at":"2024-04-0'.encode()
    if kind == "wrong_type":
        return f'{head}"user-17","occurred_at":"yesterday","received_at":[]}}'.encode()
    if kind == "invalid_utf8":
        return f'{head}17,"occurred_at":"'.encode() + "東京".encode()[:4] + b'\xff\xfe"}'
    if kind == "not_an_object":
        return f'"collector restarted on day {day}"'.encode()
    return f'{head}17,"occurred_at":"'.encode() + b"a" * LONG_LINE_BYTES


def _times(times: Ints) -> list[str]:
    """ISO 8601 without a zone, in milliseconds."""
    texts: list[str] = np.datetime_as_string(times.astype("datetime64[ms]")).tolist()
    return texts


Lines = tuple[list[str], list[str]]
"""Each event's line up to its time of arrival, and the rest: a duplicate differs in that time only."""


def _activity_lines(company: Company, day: int, rows: Activity) -> Lines:
    devices = [
        json.dumps({"platform": platform, "model": model, "app_version": version}, separators=(",", ":"))
        for platform, model in (MODELS[number] for number, share in enumerate(MODEL_SHARES) for _ in range(share))
        for version in ("5.1.0", f"5.{2 + day // 10}.0")
    ]
    experiments = ["[]", *(f'[{{"name":"{EXPERIMENT}","variant":"{name}"}}]' for name in ("control", "treatment"))]
    network: tuple[str, ...] = ("", "", "")
    if day >= company.drift:
        network = tuple(f',"network":{{"type":"{kind}","mbps":{mbps}}}' for kind, mbps in _NETWORKS)
    variant = (variants_on(company, day, rows.user) + 1).tolist()
    heads = [
        f'{{"event_id":"{number:016x}","event":"{EVENTS[event]}","user_id":{user},"occurred_at":"{time}Z","received_at":"'
        for number, event, user, time in zip(
            rows.event_id.tolist(), rows.event.tolist(), rows.user.tolist(), _times(rows.occurred), strict=True
        )
    ]
    tails = [
        f',"device":{devices[user * 7 % len(devices)]}{extra},"experiments":{experiments[side]}'
        f',"ip":"10.{user >> 16 & 255}.{user >> 8 & 255}.{user & 255}"{network[user % 3]}}}'
        for user, extra, side in zip(rows.user.tolist(), _activity_details(rows), variant, strict=True)
    ]
    return heads, tails


_NETWORKS = (("wifi", 85.5), ("5g", 120), ("4g", 12.25))


def _activity_details(rows: Activity) -> list[str]:
    """The fields that only some kinds of events have."""
    searches = [json.dumps(text, ensure_ascii=number % 2 == 1) for number, text in enumerate(SEARCHES)]
    details = []
    for event, article, read_ms, query, feed in zip(
        rows.event.tolist(), rows.article.tolist(), rows.read_ms.tolist(), rows.query.tolist(), rows.feed.tolist(),
        strict=True,
    ):  # fmt: skip
        if event == 0:
            details.append("")
        elif event == 1:
            details.append(f',"shown_article_ids":{feed}')
        elif event == 3:
            details.append(f',"article_id":{article},"read_ms":{read_ms}')
        elif event == 5:
            details.append(f',"query":{searches[query % len(searches)]}')
        else:
            details.append(f',"article_id":{article}')
    return details


def _impression_lines(rows: Impressions) -> Lines:
    heads = [
        f'{{"event_id":"{number:016x}","user_id":{user},"occurred_at":"{time}Z","received_at":"'
        for number, user, time in zip(rows.event_id.tolist(), rows.user.tolist(), _times(rows.occurred), strict=True)
    ]
    tails = [
        f',"campaign_id":{campaign},"creative_id":{creative},"article_id":{article or "null"},"slot":"{SLOTS[slot]}"'
        f',"auction":{{"bidders":{bidders},"price_jpy":{price:.4f},"floor_jpy":{price * 0.6:.4f}}},"viewable_ms":{ms}}}'
        for campaign, creative, article, slot, bidders, price, ms in zip(
            rows.campaign.tolist(),
            rows.creative.tolist(),
            rows.article.tolist(),
            rows.slot.tolist(),
            rows.bidders.tolist(),
            rows.price_jpy.tolist(),
            rows.viewable_ms.tolist(),
            strict=True,
        )
    ]
    return heads, tails


def _click_lines(rows: AdClicks) -> Lines:
    heads = [
        f'{{"event_id":"{number:016x}","impression_id":"{impression:016x}","user_id":{user},"occurred_at":"{time}Z"'
        ',"received_at":"'
        for number, impression, user, time in zip(
            rows.event_id.tolist(), rows.impression.tolist(), rows.user.tolist(), _times(rows.occurred), strict=True
        )
    ]
    tails = [
        f',"campaign_id":{campaign},"creative_id":{creative},"valid":{"true" if valid else "false"}}}'
        for campaign, creative, valid in zip(
            rows.campaign.tolist(), rows.creative.tolist(), rows.valid.tolist(), strict=True
        )
    ]
    return heads, tails


def _conversion_lines(company: Company, day: int, rows: Conversions) -> Lines:
    heads = [
        f'{{"event_id":"{number:016x}","click_id":"{click:016x}","user_id":{user},"occurred_at":"{time}Z","received_at":"'
        for number, click, user, time in zip(
            rows.event_id.tolist(), rows.click.tolist(), rows.user.tolist(), _times(rows.occurred), strict=True
        )
    ]
    random = company.random("carts", day)
    tails = []
    for campaign, kind, value, items in zip(
        rows.campaign.tolist(), rows.kind.tolist(), rows.value.tolist(), rows.items.tolist(), strict=True
    ):
        cart = [
            {"sku": f"SKU-{random.integers(1, 500):04}", "quantity": int(random.integers(1, 4)), "price_jpy": price}
            for price in _prices(value, items)
        ]
        tails.append(
            f',"campaign_id":{campaign},"kind":"{_CONVERSIONS[kind]}","value_jpy":{value / 100:.2f}'
            f',"items":{json.dumps(cart, separators=(",", ":"))}}}'
        )
    return heads, tails


def _prices(value: int, items: int) -> list[float]:
    """The value (hundredths of a yen), spread over the lines of the cart."""
    return [round(value / 100 / items, 2)] * items if items else []
