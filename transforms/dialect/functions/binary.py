"""Bytes and hashes."""

from __future__ import annotations

from transforms.dialect.rules import family, macro, refuse, sql

family("Bytes and hashes")

sql("to_utf8(s varchar) -> varbinary", "encode({s})")
macro(
    "from_utf8(b varbinary) -> varchar",
    "case when b is not null then coalesce(try(decode(b)), unportable('text of bytes that are not UTF-8')) end",
)
for _hash in ("md5", "sha1", "sha256"):
    sql(f"{_hash}(b varbinary) -> varbinary", f"unhex({_hash}({{b}}))")
sql("to_hex(b varbinary) -> varchar", "hex({b})")
macro(
    "from_hex(s varchar) -> varbinary",
    "case when regexp_full_match(s, '([0-9A-Fa-f]{2})*') then unhex(s) when s is not null then fail('Invalid "
    "hex character') end",
)
sql("to_base64(b varbinary) -> varchar", "to_base64({b})")
sql("from_base64(s varchar) -> varbinary", "from_base64({s})")
sql("to_base64url(b varbinary) -> varchar", "replace(replace(to_base64({b}), '+', '-'), '/', '_')")
sql("from_base64url(s varchar) -> varbinary", "from_base64(replace(replace({s}, '-', '+'), '_', '/'))")
for _name in (
    "sha512",
    "crc32",
    "xxhash64",
    "murmur3",
    "hmac_sha256",
    "hmac_md5",
    "hmac_sha1",
    "hmac_sha512",
    "spooky_hash_v2_64",
    "checksum",
):
    refuse(_name, "DuckDB has none", "md5 or sha256")
for _name in (
    *("from_base32", "to_base32"),
    *("from_ieee754_32", "from_ieee754_64", "to_ieee754_32", "to_ieee754_64"),
):
    refuse(_name, "DuckDB has none", "to_hex, from_hex, to_base64 or from_base64")
refuse("spooky_hash_v2_32", "DuckDB has none", "md5 or sha256")
