"""Log formats that are known by name: the fields of a line, how each is written, its type and what it says.

Pure lists, from the documentation of who writes them. Never parses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

from transforms.column import Column
from transforms.lake_types import Type

Form = Literal["plain", "quoted", "bracketed"]
_REGEX: Mapping[Form, str] = {
    "plain": r'([^ "]*)',
    "quoted": r'"((?:[^"\\]|\\.)*)"',
    "bracketed": r'\[([^ "]* [^ "]*)\]',
}
ACCESS_TIME = "%d/%b/%Y:%H:%M:%S %z"


@dataclass(frozen=True)
class LogField:
    """One field of a line. A quoted one may have blanks in it, a bracketed one has one."""

    name: str
    type: str
    description: str
    form: Form = "plain"
    personal: bool = False

    @property
    def column(self) -> Column:
        """As the lake has it."""
        return Column(self.name, Type.parse(self.type), self.description, self.personal)


@dataclass(frozen=True)
class LogFormat:
    """Fields with one `delimiter` between them.

    `header`: each file names its fields itself, and `fields` are those whose types are known. `more`: a field for
    whatever follows them. A field of `null` has no value.
    """

    fields: tuple[LogField, ...]
    delimiter: str = " "
    header: str = ""
    more: LogField | None = None
    null: str = "-"
    columns: Mapping[str, Column] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        every = (*self.fields, *([self.more] if self.more else []))
        object.__setattr__(self, "columns", {one.name: one.column for one in every if one.name})

    @cached_property
    def regex(self) -> re.Pattern[bytes]:
        """A whole line with a group for each field, and for `more`."""
        parts = [f"([^{self.delimiter}]*)" if self.header else _REGEX[one.form] for one in self.fields]
        more = f"(?:{self.delimiter}(.*))?" if self.more else ""
        return re.compile((self.delimiter.join(parts) + more + r"\Z").encode(), re.DOTALL)


@lru_cache(maxsize=64)
def with_header(form: LogFormat, names: tuple[str, ...]) -> LogFormat:
    """The same for a file that names these fields."""
    known = {one.name: one for one in form.fields}
    fields = tuple(known.get(name, LogField(name, "string", "")) for name in names)
    return LogFormat(fields, form.delimiter, form.header, None, form.null)


def _fields(text: str) -> tuple[LogField, ...]:
    """A line each: name, type, description; the name as a log has it: `"name"`, `[name]`. `name!` is personal."""
    found = []
    for line in text.strip().splitlines():
        name, type_, description = line.split(None, 2)
        form: Form = "quoted" if name.startswith('"') else "bracketed" if name.startswith("[") else "plain"
        found.append(LogField(name.strip('"[]!'), type_, description, form, "!" in name))
    return tuple(found)


_ACCESS = _fields("""
remote_addr! string Address of the client
ident string What the client's identd says; hardly ever there
remote_user! string Name of the user who signed in
[time_local] timestamp When the request was done, UTC
"request" string Method, path and protocol as the client sent them; quotes and control letters escaped
status int Status of the answer
body_bytes_sent bigint Bytes of the answer without its headers
"http_referer" string The page that led here, as the client says
"http_user_agent" string What the client says it is
""")
_ALB = _fields("""
type string Kind of request: http, https, h2, grpcs, ws, wss
time timestamp When the load balancer answered, UTC
elb string Name of the load balancer
client! string Address and port of the client
target string Address and port of the target that got the request
request_processing_time double Seconds until the request was sent to the target; -1 when it was not
target_processing_time double Seconds until the target began to answer; -1 when it did not
response_processing_time double Seconds until the answer was sent to the client; -1 when it was not
elb_status_code int Status that the load balancer answered with
target_status_code int Status that the target answered with
received_bytes bigint Size of the request
sent_bytes bigint Size of the answer
"request" string Method, URL and protocol
"user_agent" string What the client says it is
ssl_cipher string Cipher of a HTTPS listener
ssl_protocol string Protocol of a HTTPS listener
target_group_arn string Target group
"trace_id" string Content of the header X-Amzn-Trace-Id
"domain_name" string Domain that the client named by SNI
"chosen_cert_arn" string Certificate that the client got
matched_rule_priority int Priority of the rule that applied; -1 for an error
request_creation_time timestamp When the request came, UTC
"actions_executed" string What was done, with commas between
"redirect_url" string Where the client was sent
"error_reason" string Why it failed
"target_list" string Addresses and ports of all targets, with blanks between
"target_status_code_list" string Their statuses, with blanks between
"classification" string Acceptable, Ambiguous or Severe
"classification_reason" string Why it is classified so
""")
_CLOUDFRONT = _fields("""
date date Day of the event, UTC
time string Time of day, UTC
x_edge_location string Edge location that answered
sc_bytes bigint Bytes sent to the viewer
c_ip! string Address of the viewer
cs_method string Method of the request
cs_host string Domain of the distribution
cs_uri_stem string Path, URL-encoded
sc_status int Status of the answer; 000 when the viewer went away
cs_referer string The page that led here, URL-encoded
cs_user_agent string What the viewer says it is, URL-encoded
cs_uri_query string Query, URL-encoded
cs_cookie! string Cookies, URL-encoded
x_edge_result_type string Hit, RefreshHit, Miss, LimitExceeded, CapacityExceeded, Error or Redirect
x_edge_request_id string Number of the request
x_host_header string Host that the viewer asked for
cs_protocol string http, https, ws or wss
cs_bytes bigint Bytes that the viewer sent
time_taken double Seconds until the last byte was sent
x_forwarded_for! string Address of the viewer behind a proxy
ssl_protocol string Protocol of TLS
ssl_cipher string Cipher of TLS
x_edge_response_result_type string The result as it was just before it was sent
cs_protocol_version string Version of HTTP
fle_status string State of field-level encryption
fle_encrypted_fields int Fields that were encrypted
c_port int Port of the viewer
time_to_first_byte double Seconds until the first byte was sent
x_edge_detailed_result_type string The result, more exactly
sc_content_type string Type of the answer
sc_content_len bigint Length of the answer as its header says
sc_range_start bigint Where a range begins
sc_range_end bigint Where a range ends
""")
_VPC_FLOW = _fields("""
version int Version of the record
account_id string AWS account
interface_id string Network interface
srcaddr! string Address that sent
dstaddr! string Address that received
srcport int Port that sent
dstport int Port that received
protocol int IANA number of the protocol: 6 is TCP, 17 UDP
packets bigint Packets of the flow
bytes bigint Bytes of the flow
start bigint When the first packet came, seconds since 1970
end bigint When the last packet came, seconds since 1970
action string ACCEPT or REJECT
log_status string OK, NODATA or SKIPDATA
vpc_id string VPC
subnet_id string Subnet
instance_id string Instance
tcp_flags int Bits of the flags: 2 is SYN, 18 SYN-ACK, 1 FIN, 4 RST
type string IPv4, IPv6 or EFA
pkt_srcaddr! string Address in the packet that sent
pkt_dstaddr! string Address in the packet that received
region string Region
az_id string Availability zone
sublocation_type string Wavelength, outpost or localzone
sublocation_id string Which one
pkt_src_aws_service string AWS service that sent
pkt_dst_aws_service string AWS service that received
flow_direction string ingress or egress
traffic_path int How egress leaves the VPC
reject_reason string Why it was refused
""")
_CLOUDTRAIL = _fields("""
eventversion string Version of the record
eventtime timestamp When it was asked for, UTC
eventsource string Service
eventname string What was asked for
eventtype string Kind of event, such as AwsApiCall
eventcategory string Management, Data or Insight
eventid string Number of the event
requestid string Number of the request
awsregion string Region
sourceipaddress! string Address that asked
useragent string What asked
useridentity! string Who asked, as JSON
requestparameters string What was asked for, as JSON
responseelements string What was answered, as JSON
errorcode string Why it failed
errormessage string The same in words
resources string What was touched, as JSON
readonly boolean Whether nothing could change
managementevent boolean Whether it is an event of management
recipientaccountid string Account that got the event
additionaleventdata string More, as JSON
""")
CLOUDTRAIL = "cloudtrail"
FIRST_LINE = "first line"
FORMATS: Mapping[str, LogFormat] = {
    "nginx": LogFormat(_ACCESS),
    "apache": LogFormat(_ACCESS),
    "alb": LogFormat(_ALB, more=LogField("more", "string", "What follows, such as the number of the connection")),
    "cloudfront": LogFormat(_CLOUDFRONT, "\t", header="#Fields:"),
    "vpc_flow": LogFormat(_VPC_FLOW, header=FIRST_LINE),
    CLOUDTRAIL: LogFormat(_CLOUDTRAIL),
}
"""`header` is what the line begins with that names the fields, or FIRST_LINE."""
