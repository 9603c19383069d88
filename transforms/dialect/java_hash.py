"""The order of the keys of a Java HashMap: of the members of Trino's json_object, of maps split from a text."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.dialect.errors import NotPortable
from transforms.dialect.hashes import xxhash64
from transforms.json_text import utf16

_FIRST_SIZE, _TREE_SIZE, _LONGEST = 16, 64, 8
_WORD = 0xFFFFFFFF


def hash_order(keys: Sequence[str]) -> list[int]:
    """Where each key of the map stands among those that were put in, one after the other.

    >>> hash_order(["zeta", "alpha", "id", "name", "created_at"])
    [0, 1, 3, 4, 2]
    """
    return _order([*map(_of_text, keys)])


def slice_order(keys: Sequence[str]) -> list[int]:
    """The same where the keys are Slices, as Trino keeps a varchar.

    >>> slice_order(["z", "y", "x", "a", "bb"])
    [0, 4, 2, 3, 1]
    """
    return _order([int.from_bytes(xxhash64(key.encode())[4:]) for key in keys])


def _order(codes: Sequence[int]) -> list[int]:
    """By the place in the table, whose size grows with the keys. The upper half of a hash is mixed into the lower."""
    hashes = [code ^ (code >> 16) for code in codes]
    size = _FIRST_SIZE
    for count in range(1, len(hashes) + 1):
        chain = sum(each % size == hashes[count - 1] % size for each in hashes[:count])
        if chain > _LONGEST and size >= _TREE_SIZE:
            raise NotPortable("so many keys of one hash are not portable", "other keys")
        size *= 2 if chain > _LONGEST else 1
        size *= 2 if count > size * 3 // 4 else 1
    return sorted(range(len(hashes)), key=lambda at: hashes[at] % size)


def _of_text(key: str) -> int:
    """A text's hash in Java."""
    code, units = 0, utf16(key)
    for at in range(0, len(units), 2):
        code = (31 * code + (units[at] << 8) + units[at + 1]) & _WORD
    return code
