"""URLs as Java's URI reads them: anything that it would not accept gives NULL."""

from __future__ import annotations

from urllib.parse import unquote

from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import family, helper, macro
from transforms.dialect.types import text

family("URLs")

_CHARS = r"[A-Za-z0-9_.!~*'();:@&=+$,\-\x{80}-\x{10ffff}]|%[0-9A-Fa-f]{2}"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.\-]*:"
_SERVER = rf"//({_CHARS}|\[[0-9A-Fa-f:.]+\])*"
_URI = rf"({_SCHEME}({_SERVER})?|{_SERVER})?({_CHARS}|/)*(\?({_CHARS}|[/?\[\]])*)?(#({_CHARS}|[/?])*)?"
_NOT_URI = rf"^{_SCHEME}(//)?$|^:|^[^/?#]*[^/?#A-Za-z0-9+.\-:][^/?#]*:"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
_TOP_LABEL = r"[A-Za-z](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
_NUMBERS = r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+"
_HOST = rf"^(?:[^@]*@)?(\[[^\]]*\]|(?:{_LABEL}\.)*{_TOP_LABEL}\.?|{_NUMBERS})(?::([0-9]*))?$"


@row_by_row("uri_repaired(varchar) -> varchar")
def uri_repaired(encoded: str) -> str:
    """What is encoded but no UTF-8 becomes U+FFFD."""
    return unquote(encoded, errors="replace")


helper("uri_text(s)", "coalesce(try(url_decode(s)), athena_uri_repaired(s))")
helper("url_ok(u)", f"regexp_full_match(u, {text(_URI)}) and not regexp_matches(u, {text(_NOT_URI)})")
helper("url_part(u, n)", r"regexp_extract(u, '^(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?', n)")
helper("url_server(u)", f"regexp_extract(athena_url_part(u, 4), {text(_HOST)}, 1)")
macro("url_extract_protocol(u varchar) -> varchar", "case when athena_url_ok(u) then athena_url_part(u, 2) end")
macro("url_extract_host(u varchar) -> varchar", "case when athena_url_ok(u) then athena_url_server(u) end")
macro(
    "url_extract_port(u varchar) -> bigint",
    "case when athena_url_ok(u) and athena_url_server(u) <> '' then try_cast(regexp_extract(athena_url_part(u, "
    "4), ':([0-9]+)$', 1) as bigint) end",
)
macro(
    "url_extract_path(u varchar) -> varchar",
    "case when athena_url_ok(u) then case when athena_url_part(u, 1) <> '' and not "
    "starts_with(athena_url_part(u, 5), '/') and athena_url_part(u, 3) = '' then '' else "
    "athena_uri_text(athena_url_part(u, 5)) end end",
)
macro(
    "url_extract_query(u varchar) -> varchar",
    "case when athena_url_ok(u) then athena_uri_text(athena_url_part(u, 7)) end",
)
macro(
    "url_extract_fragment(u varchar) -> varchar",
    "case when athena_url_ok(u) then athena_uri_text(athena_url_part(u, 9)) end",
)
helper(
    "url_value(s)",
    "case when contains(s, '=') then athena_uri_text(replace(substr(s, strpos(s, '=') + 1), '+', ' ')) when s is "
    "not null then '' end",
)
macro(
    "url_extract_parameter(u varchar, p varchar) -> varchar",
    "case when athena_url_ok(u) and athena_url_part(u, 6) <> '' then "
    "athena_url_value(list_filter(string_split(athena_url_part(u, 7), '&'), "
    "lambda e: athena_uri_text(split_part(e, '=', 1)) = p)[1]) end",
)
macro(
    "url_encode(s varchar) -> varchar",
    "replace(replace(replace(url_encode(s), '%20', '+'), '%2A', '*'), '~', '%7E')",
)
macro(
    "url_decode(s varchar) -> varchar",
    "case when not contains(s, '%') then replace(s, '+', ' ') when regexp_full_match(s, '([^%]|%[0-9A-Fa-f]{2})*') "
    "then athena_uri_text(replace(s, '+', ' ')) when s is not null then fail('Illegal % in an encoded text') end",
)
