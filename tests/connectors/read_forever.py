"""Reads one table again and again until a file appears; prints how often, how often torn, and the errors.

Run by test_readers.py: `python read_forever.py HOME STOP`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from shop_lake import open_shop, rows

from transforms.errors import BaikalError

QUERY = "select count(*), min(revenue_jpy), max(revenue_jpy), min(orders) from core_shop.daily"


def main(home: Path, stop: Path) -> None:
    lake = open_shop(home)
    reads, torn, errors, values = 0, 0, [], set()
    (home / f"reading-{stop.name}-{time.monotonic_ns()}").touch()
    while not stop.exists():
        try:
            (count, least, most, orders) = rows(lake, QUERY)[0]
        except BaikalError as error:
            errors.append(str(error))
            continue
        reads += 1
        torn += (count, least, orders) != (8, most, 1)
        values.add(least)
        time.sleep(0.005)
    print(json.dumps({"reads": reads, "torn": torn, "errors": errors, "values": len(values)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
