"""What keeps personal values of a source out of the lake. It is applied to rows before anything of them is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from transforms.column import Column
from transforms.fields import Fields
from transforms.lake_types import VARCHAR

Kind = Literal["hash", "mask", "drop"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_KEY = re.compile(r"[a-z_][a-z0-9_]*\Z")
_MASK = re.compile(r"all|domain|network|(first|last) [1-9]\Z")


@dataclass(frozen=True, slots=True)
class Protection:
    """Of one column.

    hash: the HMAC-SHA256 of the text under the key that the target holds as `word`, 64 hexadecimal digits: equal
    values stay equal. mask: `***` with what `word` lets through. drop: the column is not in the lake at all.
    """

    kind: Kind
    word: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.word or 'true'}"


def read_protection(fields: Fields, column: Column) -> Protection | None:
    """The protection that a column's entry in a schema file asks for, if any."""
    asked = [kind for kind in KINDS if fields.values.get(kind) not in (None, False)]
    if len(asked) > 1:
        fields.problem(asked[1], f"{column.name} has {' and '.join(f'`{kind}:`' for kind in asked)}", "one is enough")
    if not asked:
        return None
    kind = asked[0]
    if kind == "drop":
        return Protection("drop") if fields.flag("drop") else None
    if kind == "hash":
        word = fields.word("hash", "people_key", _KEY, "hash names the key: letters, digits and underscores")
    else:
        word = fields.word("mask", "last 4", _MASK, "mask is all, domain, network, first 1 to 9 or last 1 to 9")
    if column.type != VARCHAR:
        what = f"{kind} makes a text of {column.name}, which is {column.type.hive}"
        fields.problem(kind, what, write="write type: string, or drop: true instead")
    return Protection(kind, word) if word else None
