"""Bytes and hashes. Hashes that DuckDB has are its own; the others are row functions in Python."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import struct
import zlib
from collections.abc import Callable

from transforms.dialect import hashes
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import Invocation, family, macro, refuse, rule_of_call, sql

family("Bytes and hashes")

sql("to_utf8(s varchar) -> varbinary", "encode({s})")
for _hash in ("md5", "sha1", "sha256"):
    sql(f"{_hash}(b varbinary) -> varbinary", f"unhex({_hash}({{b}}))")
sql("to_hex(b varbinary) -> varchar", "hex({b})")
macro(
    "from_hex(s varchar) -> varbinary",
    "case when regexp_full_match(s, '([0-9A-Fa-f]{2})*') then unhex(s) when s is not null then fail('Invalid "
    "hex character') end",
)
sql("to_base64(b varbinary) -> varchar", "to_base64({b})")
macro(
    "from_base64(s varchar) -> varbinary",
    "case when regexp_full_match(s, '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?') "
    "then from_base64(rpad(rtrim(s, '='), cast((length(rtrim(s, '=')) + 3) // 4 * 4 as integer), '=')) "
    "else fail('Input is not in base64') end",
)
sql("to_base64url(b varbinary) -> varchar", "replace(replace(to_base64({b}), '+', '-'), '/', '_')")
macro(
    "from_base64url(s varchar) -> varbinary",
    "case when regexp_matches(s, '[+/]') then fail('Illegal base64 character') "
    "else athena_from_base64(replace(replace(s, '-', '+'), '_', '/')) end",
)
macro(
    "substr(b varbinary, i bigint) -> varbinary",
    "case when i = 0 or abs(i) > octet_length(b) then unhex(left(hex(b), cast(i * 0 as bigint))) "
    "else unhex(substr(hex(b), case when i > 0 then 2 * i - 1 else 2 * i end)) end",
    name="substr_of_bytes",
)
macro(
    "substr(b varbinary, i bigint, n bigint) -> varbinary",
    "case when i = 0 or abs(i) > octet_length(b) or n <= 0 then unhex(left(hex(b), cast(i * 0 + n * 0 as bigint))) "
    "else unhex(substr(hex(b), case when i > 0 then 2 * i - 1 else 2 * i end, "
    "2 * case when n > octet_length(b) then octet_length(b) else n end)) end",
    name="substr_of_bytes_to",
)


@rule_of_call("concat(varbinary...) -> varbinary")
def concat(call: Invocation) -> str:
    """NULL if one of them is."""
    return f"({' || '.join(call.args)})"


macro(
    "from_utf8(b varbinary) -> varchar",
    "coalesce(try(decode(b)), athena_utf8_repaired(b, chr(65533)))",
)
sql("from_utf8(b varbinary, by varchar) -> varchar", "athena_utf8_repaired({b}, {by})")
sql("from_utf8(b varbinary, code bigint) -> varchar", "athena_utf8_repaired_by({b}, {code})")


@row_by_row("utf8_repaired(blob, varchar) -> varchar")
def utf8_repaired(data: bytes, by: str) -> str:
    """from_utf8: each sequence that is no character becomes another one, or nothing."""
    if len(by) > 1:
        raise ValueError("Replacement character string must empty or a single character")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return "".join(by if size < 0 else data[at : at + size].decode() for at, size in _sequences(data))


@row_by_row("utf8_repaired_by(blob, bigint) -> varchar")
def utf8_repaired_by(data: bytes, code: int) -> str:
    """from_utf8 with a code point, of which Athena takes 32 bits; one below 0 is an error where it is needed."""
    short = (code + 2**31) % 2**32 - 2**31
    if code >= 0x110000 or 0xD800 <= short < 0xE000:
        raise ValueError("Invalid replacement character")
    if 0 <= short < 0x110000:
        return str(utf8_repaired(data, chr(short)))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError("Invalid replacement character") from error


_LENGTHS = ((0xC0, 1), (0xE0, 2), (0xF0, 3), (0xF8, 4), (0xFC, 5), (0xFE, 6))
"""Up to which first byte a sequence has how many bytes, were it one."""


def _sequences(data: bytes) -> list[tuple[int, int]]:
    """Where each character begins and its bytes; negative for what is none, as far as it looks like one."""
    found, at = list[tuple[int, int]](), 0
    while at < len(data):
        wanted = next((size for below, size in _LENGTHS if data[at] < below), 1)
        size = 1
        while size < wanted and at + size < len(data) and data[at + size] & 0xC0 == 0x80:
            size += 1
        try:
            data[at : at + size].decode()
            found.append((at, size))
        except UnicodeDecodeError:
            found.append((at, -size))
        at += size
    return found


def _bytes(name: str, one: Callable[[bytes], bytes]) -> None:
    """A function from bytes to bytes."""
    row_by_row(f"{name}(blob) -> blob")(one)
    sql(f"{name}(b varbinary) -> varbinary", f"athena_{name}({{b}})")


_bytes("sha512", lambda data: hashlib.sha512(data).digest())
_bytes("xxhash64", hashes.xxhash64)
_bytes("murmur3", hashes.murmur3)
_bytes("reverse", lambda data: data[::-1])
for _hash in ("md5", "sha1", "sha256", "sha512"):

    def _signed(data: bytes, key: bytes, how: str = _hash) -> bytes:
        if not key:
            raise ValueError("Empty key")
        return hmac.digest(key, data, how)

    row_by_row(f"hmac_{_hash}(blob, blob) -> blob")(_signed)
    sql(f"hmac_{_hash}(b varbinary, k varbinary) -> varbinary", f"athena_hmac_{_hash}({{b}}, {{k}})")

row_by_row("crc32(blob) -> bigint")(zlib.crc32)
sql("crc32(b varbinary) -> bigint", "athena_crc32({b})")


@row_by_row("pad_bytes(blob, bigint, blob, boolean) -> blob")
def pad_bytes(data: bytes, size: int, by: bytes, left: bool) -> bytes:
    """lpad and rpad; longer bytes are cut at their end."""
    if not by:
        raise ValueError("Padding bytes must not be empty")
    if not 0 <= size < 2**31:
        raise ValueError("Target length must be in the range [0..2147483647]")
    missing = max(0, size - len(data))
    padding = (by * (missing // len(by) + 1))[:missing]
    return padding + data[:size] if left else data[:size] + padding


sql("lpad(b varbinary, n bigint, p varbinary) -> varbinary", "athena_pad_bytes({b}, {n}, {p}, true)")
sql("rpad(b varbinary, n bigint, p varbinary) -> varbinary", "athena_pad_bytes({b}, {n}, {p}, false)")

_NUMBERS = {
    "ieee754_32": (">f", "real", "Input floating-point value must be exactly 4 bytes long"),
    "ieee754_64": (">d", "double", "Input floating-point value must be exactly 8 bytes long"),
}
for _name, (_form, _type, _wrong) in _NUMBERS.items():

    def _packed(value: float, form: str = _form) -> bytes:
        return struct.pack(form, math.nan if math.isnan(value) else value)

    def _unpacked(data: bytes, form: str = _form, wrong: str = _wrong) -> object:
        if len(data) != struct.calcsize(form):
            raise ValueError(wrong)
        return struct.unpack(form, data)[0]

    row_by_row(f"to_{_name}({_type}) -> blob")(_packed)
    row_by_row(f"from_{_name}(blob) -> {_type}")(_unpacked)
    _packing = f"athena_to_{_name}({{x}})"
    if _type == "real":  # the sign of a NaN is the processor's, and Athena's bytes show it
        _packing = f"case when isnan({{x}}) then unportable('the bytes of a NaN that is real') else {_packing} end"
    sql(f"to_{_name}(x {_type}) -> varbinary", _packing)
    sql(f"from_{_name}(b varbinary) -> {_type}", f"athena_from_{_name}({{b}})")


@row_by_row("to_base32(blob) -> varchar")
def to_base32(data: bytes) -> str:
    """With the padding."""
    return base64.b32encode(data).decode()


@row_by_row("from_base32(varchar) -> blob")
def from_base32(text: str) -> bytes:
    """With or without the padding."""
    plain = text.rstrip("=")
    return base64.b32decode(plain + "=" * (-len(plain) % 8))


sql("to_base32(b varbinary) -> varchar", "athena_to_base32({b})")
sql("from_base32(s varchar) -> varbinary", "athena_from_base32({s})")
for _name in ("spooky_hash_v2_32", "spooky_hash_v2_64", "checksum"):
    refuse(_name, "DuckDB has none", "md5 or sha256")
