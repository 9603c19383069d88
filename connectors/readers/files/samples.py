"""A sample of a table's files, kind by kind: its columns with their types, and the words that such files need.

Proposes; a file that cannot be read is told as it would be by a run.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, Protocol

from connectors.durable import outside
from connectors.file_store import FileStore, Stored
from connectors.lake_names import yaml_text
from connectors.live import LiveColumn
from connectors.readers.cells import Cells
from connectors.readers.csv.records import NO_HEADER, Dialect, Record, lettered, records
from connectors.readers.file_types import natural, takes
from connectors.readers.files.contents import BLOCK_BYTES, Content, Found, contents, opened
from connectors.readers.grid.sample import grid_sample
from connectors.readers.grid.sheet import chosen
from connectors.readers.logs.formats import CLOUDTRAIL, FORMATS
from connectors.readers.parquet import parquet_file
from connectors.readers.sampled import Sample, as_it_is, json_type, text_type, told_name
from connectors.readers.xlsx.file import XlsxFile
from transforms.lake_types import BIGINT, DATE, DOUBLE, TIMESTAMP, VARCHAR
from transforms.source import Source, SourceTable

_ROWS = 1000
"""Of each file, so many rows are looked at."""
_ENCODINGS = ("utf-8-sig", "cp932", "euc-jp")
_TOLD_HEADLESS = (
    f"its first row is nothing but numbers and dates, so header: {NO_HEADER} is written and columns are called "
    "a, b ..; write columns: {A: id, B: name} for better names, or header: 1 where the row has them"
)
_VALUES = (BIGINT, DOUBLE, DATE, TIMESTAMP)
_DELIMITERS = {",": "", "\t": "tab", ";": '";"', "|": '"|"'}
"""What may stand between cells, and how `delimiter:` says so."""


class Starts(Protocol):
    """The beginnings of what a table is made of; `options` are the words that are declared."""

    @property
    def table(self) -> SourceTable | None: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    def starts(self) -> Iterator[tuple[str, bytes]]:
        """A name and the first whole lines of each."""


@dataclass(frozen=True)
class Samples:
    """The files of a table to look at; `table` as it is declared, if it is. `sheet` is that of spreadsheets."""

    source: Source
    table: SourceTable | None
    store: FileStore
    files: Sequence[Stored]
    sheet: str = ""

    @property
    def options(self) -> Mapping[str, Any]:
        """The words that are declared."""
        return {**self.source.options, **(self.table.options if self.table else {})}

    def starts(self) -> Iterator[tuple[str, bytes]]:
        """The first whole lines of each file, or of each member of a zip file."""
        for file, raw in opened(self.store, [Found(one, None) for one in self.files]):
            for content in contents(file, raw):
                yield content.name, start_of(content)

    def whole(self) -> Iterator[tuple[str, bytes]]:
        """Each file."""
        for file, raw in opened(self.store, [Found(one, None) for one in self.files]):
            with outside(f"read {file.name}"):
                yield file.name, raw.read()


def start_of(content: Content) -> bytes:
    """The first whole lines."""
    data = b""
    for piece in content.pieces():
        data += piece
        if len(data) >= BLOCK_BYTES:
            return data[: data.rfind(b"\n") + 1] or data
    return data


def json_sample(samples: Starts) -> Sample:
    """Of objects, one a line or some."""
    sample, values = Sample(), dict[str, list[Any]]()
    for _, data in samples.starts():
        for line in data.removeprefix(BOM_UTF8).splitlines()[:_ROWS]:
            found = list(_objects(line))
            sample.rows += len(found) or bool(line.strip())
            sample.spoil(not found and bool(line.strip()), "a line is no JSON object")
            for key, item in (pair for one in found for pair in one.items()):
                if item is not None:
                    values.setdefault(key, []).append(item)
    keys: dict[str, str] = {}
    for key in values:
        keys.setdefault(told_name(key, samples.table), key)
    for name, key in keys.items():
        sample.add(name, json_type(values[key]), values[key], as_it_is)
    _add_unmet(samples, sample)
    return sample.end()


def _objects(line: bytes) -> Iterator[dict[str, Any]]:
    """The objects of a line: one, or those that Firehose puts one behind the other."""
    decoder, text = json.JSONDecoder(parse_float=Decimal), line.decode("utf-8", "replace").strip()
    while text:
        try:
            found, end = decoder.raw_decode(text)
        except ValueError:
            return
        if isinstance(found, dict):
            yield found
        text = text[end:].lstrip()


def _add_unmet(samples: Starts, sample: Sample) -> None:
    """Declared columns that the sample does not have: rare keys, of which nothing is said."""
    declared, mapping = samples.table.columns if samples.table else (), samples.options.get("columns", {})
    names = {mapping.get(one.name, one.name) for one in sample.columns}
    for one in declared:
        if one.name not in names:
            sample.add(one.name, one.type, (), as_it_is)


def csv_sample(samples: Starts) -> Sample:
    """Of lines behind a header."""
    options, sample = samples.options, Sample()
    cells = Cells.of(options)
    values: dict[str, list[str]] = {}
    dialect: Dialect | None = None
    for _, data in samples.starts():
        dialect = dialect or _dialect(data, options, sample.words)
        rows = [one for one in islice(records([data], dialect), _ROWS) if not one.fault]
        sample.rows += len(rows)
        header = _header(rows, options.get("header", sample.words.get("header") if values else None))
        if header is None:
            continue
        if samples.table is None and not values and _is_row(header, rows, cells):
            sample.words["header"] = NO_HEADER
            sample.told.append(_TOLD_HEADLESS)
            header = _header(rows, NO_HEADER) or header
        if header.line > 1 and "header" not in options:
            sample.words["header"] = str(header.line)
        names = [cell.strip() for cell in header.cells]
        for row in rows:
            if row.line > header.line and len(row.cells) == len(names):
                for name, text in zip(names, row.cells, strict=True):
                    if text.strip() and text.strip() not in cells.nulls:
                        values.setdefault(name, []).append(text)
        for name in names:
            values.setdefault(name, [])
    for key, texts in values.items():
        name = told_name(key, samples.table)
        sample.add(name, text_type(texts, cells.value), texts, cells.value)
    return sample.end()


def _dialect(data: bytes, options: Mapping[str, Any], words: dict[str, str]) -> Dialect:
    """As declared, else as it looks; `words` learn what has to be declared."""
    encoding = str(options.get("encoding") or _encoding(data))
    found: dict[str, Any] = {"encoding": encoding}
    if encoding != options.get("encoding", Dialect.encoding):
        words["encoding"] = encoding
    if "delimiter" not in options:
        lines = [line for line in data.decode(encoding, "replace").splitlines()[:20] if line.strip()]
        found["delimiter"] = max(_DELIMITERS, key=lambda sign: sum(line.count(sign) for line in lines))
        if found["delimiter"] != Dialect.delimiter:
            words["delimiter"] = _DELIMITERS[found["delimiter"]]
    return Dialect.of({**options, **found})


def _encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for encoding in _ENCODINGS:
        try:
            data.decode(encoding)
        except UnicodeDecodeError as error:
            if error.end < len(data) - 4:
                continue
        return encoding
    return "latin-1"


def _header(rows: Sequence[Record], declared: int | str | None) -> Record | None:
    """The declared line, else the first record as wide as most are: titles above are narrower."""
    if declared == NO_HEADER:
        return replace(lettered(len(rows[0].cells)), line=0) if rows else None
    if isinstance(declared, int):
        return next((row for row in rows if row.line >= declared), None)
    widths = Counter(len(row.cells) for row in rows)
    return next((row for row in rows if len(row.cells) == widths.most_common(1)[0][0]), None)


def _is_row(header: Record, rows: Sequence[Record], cells: Cells) -> bool:
    """Whether what should be names is nothing but numbers and dates, above other rows."""
    texts = [text.strip() for text in header.cells if text.strip()]
    return header is rows[0] and all(text.isdecimal() or text_type([text], cells.value) in _VALUES for text in texts)


def _parquet(samples: Samples) -> Sample:
    sample, columns = Sample(), dict[str, LiveColumn]()
    for file, raw in opened(samples.store, [Found(one, None) for one in samples.files]):
        found = parquet_file(file, raw)
        texts = next(found.iter_batches(_ROWS), None)
        for part in found.schema_arrow:
            name, type_ = told_name(part.name, samples.table), natural(part.type)
            if type_ is None:
                sample.notes.append(f"{part.name} is {part.type}, which the lake cannot hold: such files are refused")
            elif name not in columns:
                some = texts.column(part.name).to_pylist() if texts is not None and type_ == VARCHAR else []
                kept = tuple(str(one) for one in some[:200] if one)
                finer = type_ == TIMESTAMP and part.type.unit in ("us", "ns")
                columns[name] = LiveColumn(name, type_, str(part.type), partial(takes, part.type), "", finer, "", kept)
    return Sample(list(columns.values()), notes=sample.notes)


def _xlsx(samples: Samples) -> Sample:
    books = (XlsxFile(name, data) for name, data in samples.whole())
    grids = (
        book.grid(one)
        for book in books
        for one in (chosen(book.every_sheet, samples.sheet) if samples.sheet else book.filled_sheets)
    )
    sample = grid_sample(samples.source, samples.table, grids)
    sample.words = {**({"sheet": yaml_text(samples.sheet)} if samples.sheet else {}), **sample.words}
    return sample


def _logs(samples: Samples) -> Sample:
    options = samples.options
    if "pattern" in options and samples.table:
        pattern = Sample()
        _add_unmet(samples, pattern)
        return pattern
    form = options.get("format") or _log_format(samples)
    if form is None:
        return Sample()
    columns = [
        LiveColumn(
            one.name,
            one.type,
            one.type.hive,
            one.type.__eq__,
            one.description,
            finer=form == "alb" and one.type == TIMESTAMP,
            personal=one.personal,
        )
        for one in FORMATS[form].columns.values()
    ]
    return Sample(columns, {"format": form})


def _log_format(samples: Samples) -> str | None:
    """The format of most lines; None when it is none that is known by name."""
    counts: Counter[str] = Counter()
    for _, data in samples.starts():
        lines = data.splitlines()[:_ROWS]
        counts.update({CLOUDTRAIL: len(lines)} if data.lstrip().startswith(b'{"Records"') else {})
        counts["cloudfront"] += len(lines) * any(line.startswith(b"#Fields:") for line in lines[:10])
        counts["vpc_flow"] += len(lines) * (b"srcaddr" in b"".join(lines[:1]))
        for name, form in FORMATS.items():
            if not form.header:
                counts[name] += sum(bool(form.regex.match(line)) for line in lines)
    best, count = counts.most_common(1)[0] if counts else ("", 0)
    return best if count else None


SAMPLERS: Mapping[str, Callable[[Samples], Sample]] = {
    "jsonl": json_sample,
    "csv": csv_sample,
    "parquet": _parquet,
    "xlsx": _xlsx,
    "logs": _logs,
}
