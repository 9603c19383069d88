"""What a generator of `connectors/sources/<source>.py` is given: the API, which part is asked for, what to remember.

It asks through this and yields rows; landing, rejects, protection and publishing are as for every other source.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
"""Names of columns, or of what `columns:` maps to them, with values as JSON has them, dates, times and Decimals."""
Generator = Callable[["Api"], Iterator[Row]]


@dataclass(frozen=True)
class Api:
    """One reading of one table.

    `since` is the value of the cursor to ask from on, a margin before the last one, or the first of the days that are
    restated; None when everything is asked for. Rows that are known already may come again: they are left out.
    `until` is the company's today. `now` has the company's zone. `state` is what the generator put there in the last
    reading that was published; it must be JSON. `columns` are those of the schema file.
    """

    table: str
    since: Any
    until: date
    now: datetime
    columns: tuple[str, ...]
    state: dict[str, Any]
    _send: Callable[[str, Mapping[str, Any], bool], bytes] = field(repr=False)
    _secret: Callable[[str], str] = field(repr=False)

    def get(self, path: str, **parameters: object) -> Any:
        """What the API answers at a path below its address: JSON, whose numbers with a point are Decimals.

        Logs in as the source declares, waits and tries again as for every table. Raises OutsideError.
        """
        return _loaded(self.get_bytes(path, **parameters))

    def get_bytes(self, path: str, **parameters: object) -> bytes:
        """The same for answers that are no JSON."""
        return self._send(path, {name: str(value) for name, value in parameters.items()}, False)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a POST with this JSON. It may be sent more than once."""
        return _loaded(self._send(path, body, True))

    def secret(self, name: str) -> str:
        """What the target holds under a name of its `secrets:`. It is struck from messages."""
        return self._secret(name)


def _loaded(answer: bytes) -> Any:
    return json.loads(answer, parse_float=Decimal)
