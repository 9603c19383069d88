"""Hashes that neither DuckDB nor Python has: xxHash64 and MurmurHash3 of 128 bits, both with the seed 0."""

from __future__ import annotations

import struct

_MASK = 2**64 - 1
_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F


def _turned(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (64 - bits))) & _MASK


def _round(state: int, lane: int) -> int:
    return _turned((state + lane * _P2) & _MASK, 31) * _P1 & _MASK


def xxhash64(data: bytes) -> bytes:
    """Big endian, as Athena shows it.

    >>> xxhash64(b"abc").hex()
    '44bc2cf5ad770999'
    """
    at, size, found = 0, len(data), _P5
    if size >= 32:
        states = [(_P1 + _P2) & _MASK, _P2, 0, -_P1 & _MASK]
        while at <= size - 32:
            lanes = struct.unpack_from("<4Q", data, at)
            states = [_round(state, lane) for state, lane in zip(states, lanes, strict=True)]
            at += 32
        found = sum(map(_turned, states, (1, 7, 12, 18))) & _MASK
        for state in states:
            found = ((found ^ _round(0, state)) * _P1 + _P4) & _MASK
    found = (found + size) & _MASK
    while at <= size - 8:
        found = (_turned(found ^ _round(0, int.from_bytes(data[at : at + 8], "little")), 27) * _P1 + _P4) & _MASK
        at += 8
    if size - at >= 4:
        found = (_turned(found ^ int.from_bytes(data[at : at + 4], "little") * _P1 & _MASK, 23) * _P2 + _P3) & _MASK
        at += 4
    for byte in data[at:]:
        found = _turned(found ^ byte * _P5 & _MASK, 11) * _P1 & _MASK
    found = (found ^ found >> 33) * _P2 & _MASK
    found = (found ^ found >> 29) * _P3 & _MASK
    return (found ^ found >> 32).to_bytes(8, "big")


def murmur3(data: bytes) -> bytes:
    """The x64 variant of 128 bits, in the order of bytes that Athena gives.

    >>> murmur3(b"abc").hex()
    '6778ad3f3f3f96b4522dca264174a23b'
    """
    one = other = 0
    whole = len(data) // 16 * 16
    for at in range(0, whole, 16):
        first, second = struct.unpack_from("<2Q", data, at)
        one = (_turned(one ^ _mixed(first, _C1, 31, _C2), 27) + other) * 5 + 0x52DCE729 & _MASK
        other = (_turned(other ^ _mixed(second, _C2, 33, _C1), 31) + one) * 5 + 0x38495AB5 & _MASK
    tail = data[whole:]
    other ^= _mixed(int.from_bytes(tail[8:], "little"), _C2, 33, _C1)
    one ^= _mixed(int.from_bytes(tail[:8], "little"), _C1, 31, _C2)
    one, other = one ^ len(data), other ^ len(data)
    one = (one + other) & _MASK
    one, other = _finished(one), _finished((one + other) & _MASK)
    one = (one + other) & _MASK
    return struct.pack("<2Q", one, (one + other) & _MASK)


def _mixed(value: int, by: int, bits: int, then: int) -> int:
    return _turned(value * by & _MASK, bits) * then & _MASK


def _finished(value: int) -> int:
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & _MASK
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & _MASK
    return value ^ value >> 33
