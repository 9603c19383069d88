"""Bits of whole numbers, their digits in other bases, and their bytes."""

from __future__ import annotations

from transforms.dialect.rules import Invocation, family, helper, macro, rule_of_call, sql

family("Numbers")

_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}

sql("bitwise_and(a bigint, b bigint) -> bigint", "({a} & {b})")
sql("bitwise_or(a bigint, b bigint) -> bigint", "({a} | {b})")
sql("bitwise_xor(a bigint, b bigint) -> bigint", "xor({a}, {b})")
sql("bitwise_not(a bigint) -> bigint", "(~{a})")
helper("low_bits(x, bits)", "(cast(x as hugeint) & ((cast(1 as hugeint) << bits) - 1))")
helper(
    "signed(x, bits)",
    "case when x >= cast(1 as hugeint) << (bits - 1) then x - (cast(1 as hugeint) << bits) else x end",
)
helper(
    "shifted_left(x, n, bits)",
    "athena_signed(case when n >= bits then x * 0 "
    "else athena_low_bits(cast(x as hugeint) * (cast(1 as hugeint) << (n & 63)), bits) end, bits)",
)
helper(
    "shifted_right(x, n, bits)",
    "athena_signed(case when n >= bits then x * 0 else athena_low_bits(x, bits) >> (n & 63) end, bits)",
)
helper("shifted_down(x, n, bits)", "(x >> case when n >= bits then 63 else n & 63 end)")
_SHIFTS = {
    "bitwise_left_shift": "shifted_left",
    "bitwise_right_shift": "shifted_right",
    "bitwise_right_shift_arithmetic": "shifted_down",
}


@rule_of_call(*(f"{name}(whole, integer) -> whole" for name in _SHIFTS))
def shift(call: Invocation) -> str:
    """Bits that leave the type are lost; a distance below 0 counts modulo 64, as Java has it."""
    value, distance = call.args
    kind = call.type.name
    shifted = f"athena_{_SHIFTS[call.name]}(cast({value} as bigint), cast({distance} as bigint), {_BITS[kind]})"
    return f"cast({shifted} as {kind})"


macro(
    "bit_count(x bigint, bits bigint) -> bigint",
    "case when bits < 2 or bits > 64 then fail('Bits specified in bit_count must be between 2 and 64') "
    "when x + (cast(1 as hugeint) << cast(bits - 1 as integer)) < 0 "
    "or x >= cast(1 as hugeint) << cast(bits - 1 as integer) "
    "then fail('Number must be representable with the bits specified') "
    "when x < 0 then cast(bit_count(x) as bigint) - 64 + bits else cast(bit_count(x) as bigint) end",
)
_TOO_LONG = "to_base(x, 2) of the smallest bigint, which is longer than Athena says: an error if it is constant,"
macro(
    "to_base(x bigint, radix bigint) -> varchar",
    "case when radix < 2 or radix > 36 then fail('Radix must be between 2 and 36') "
    "when x >= 0 then lower(to_base(x, cast(radix as integer))) "
    f"when radix = 2 and x = -9223372036854775807 - 1 then unportable('{_TOO_LONG}') "
    "when x + radix > 0 then '-' || lower(to_base(abs(x), cast(radix as integer))) else '-' || lower("
    "to_base(abs(x // radix), cast(radix as integer)) || to_base(abs(x % radix), cast(radix as integer))) end",
)
helper("digit_of(c)", "strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1")
macro(
    "from_base(s varchar, radix bigint) -> bigint",
    "case when radix < 2 or radix > 36 then fail('Radix must be between 2 and 36') "
    "when not regexp_full_match(s, '[+-]?[0-9A-Za-z]+') then fail('Not a valid number in this base') "
    "else cast(list_reduce(list_transform(string_split(ltrim(lower(s), '+-'), ''), lambda c: "
    "case when athena_digit_of(c) < radix then cast(athena_digit_of(c) as hugeint) "
    "else fail('Not a valid number in this base') end), "
    "lambda a, d: case when a > 9223372036854775808 then a else a * radix + d end) "
    "* case when starts_with(s, '-') then -1 else 1 end as bigint) end",
)
for _width, _kind in {32: "integer", 64: "bigint"}.items():
    _mask = f"& {2**_width - 1}" if _width < 64 else ""
    sql(f"to_big_endian_{_width}(x {_kind}) -> varbinary", f"unhex(printf('%0{_width // 4}x', {{x}} {_mask}))")
    macro(
        f"from_big_endian_{_width}(b varbinary) -> {_kind}",
        f"case when octet_length(b) <> {_width // 8} then fail('expected {_width // 8}-byte input') "
        f"else cast(athena_signed(cast(try_cast('0x' || hex(b) as ubigint) as hugeint), {_width}) as {_kind}) end",
    )
