"""The order of the keys of a Java HashMap, in which Trino writes the members of a json_object."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.dialect.errors import NotPortable
from transforms.json_text import utf16

_FIRST_SIZE, _TREE_SIZE, _LONGEST = 16, 64, 8
_WORD = 0xFFFFFFFF


def hash_order(keys: Sequence[str]) -> list[int]:
    """Where each key of the map stands among those that were put in, one after the other.

    >>> hash_order(["zeta", "alpha", "id", "name", "created_at"])
    [0, 1, 3, 4, 2]
    """
    hashes = list(map(_spread, keys))
    size = _FIRST_SIZE
    for count in range(1, len(keys) + 1):
        chain = sum(each % size == hashes[count - 1] % size for each in hashes[:count])
        if chain > _LONGEST and size >= _TREE_SIZE:
            raise NotPortable("json_object with so many keys of one hash is not portable", "other keys")
        size *= 2 if chain > _LONGEST else 1
        size *= 2 if count > size * 3 // 4 else 1
    return sorted(range(len(keys)), key=lambda at: hashes[at] % size)


def _spread(key: str) -> int:
    """A text's hash of Java, its upper half mixed into the lower one."""
    code, units = 0, utf16(key)
    for at in range(0, len(units), 2):
        code = (31 * code + (units[at] << 8) + units[at + 1]) & _WORD
    return code ^ (code >> 16)
