"""The type of --start and --end: a calendar day."""

from __future__ import annotations

from datetime import date
from typing import Any

import click


class _Day(click.ParamType[date]):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is not a day; write it as 2024-05-01', param, ctx)


DAY = _Day()
