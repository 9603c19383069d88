"""Reads text logs: access logs and those of AWS by the name of their format, any other by a pattern.

Never decides where a line's fields are: `lines.py` does, or the pattern.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.lake_names import lake_name, lake_names
from connectors.reader import Asked, Batch, Reading, Reject, no_rows
from connectors.readers.files.contents import Content
from connectors.readers.files.reading import file_reading, whole_content
from connectors.readers.json_lines import LineParser
from connectors.readers.json_shape import Misfit
from connectors.readers.jsonl.reading import line_batches
from connectors.readers.logs.formats import CLOUDTRAIL, FIRST_LINE, FORMATS, LogField, LogFormat, with_header
from connectors.readers.logs.lines import Fields, LineEnds, Mask, clean_fields
from connectors.readers.logs.values import one_value, typed
from connectors.readers.outline import broken_texts, is_utf8
from connectors.readers.pieces import Block, Parsed, Pieces, Place
from connectors.readers.words import truncates
from transforms.column import Column
from transforms.errors import DataError, SchemaChanged
from transforms.source import Source, SourceTable

_RECORDS, _BETWEEN, _END = (
    re.compile(text) for text in (r'\s*\{\s*"Records"\s*:\s*\[\s*', r"\s*,?\s*", r"\s*\]\s*\}\s*\Z")
)
_NAMES = re.compile(r"[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)+\Z")
_LONGEST_HEADER = 1 << 16
_WHOLE = "baikal_whole"


class LogReader:
    """Files under a folder, as for JSON lines."""

    def read(self, asked: Asked) -> Reading:
        """Of a snapshot every file is read when any of them changed; else the files that are not known."""
        source, table, work = asked.source, asked.table, file_reading(asked)
        contents: Iterator[Any] = work.contents()
        parser = _parser(source, table)
        if table.options.get("format") == CLOUDTRAIL:
            contents = (_Records(content) for content in contents)
        elif isinstance(parser, LogParser) and parser.form.header:
            contents = (
                _Headed(content, parser.form, f"{source.path}:{table.line}: {table.name}") for content in contents
            )
        work.reading.batches = line_batches(source, table, work, parser, contents)
        return work.reading

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Lines of a file that were rejects. Where a file names its fields, it is read for these."""
        parser = _parser(asked.source, asked.table)
        header: tuple[str, ...] = ()
        if isinstance(parser, LogParser) and parser.form.header:
            data = whole_content(asked, file)
            if data is None:
                reading.warnings.append(f"{asked.table.name}: {file} is gone, which names the fields of its rejects")
                yield Batch(no_rows(), tuple(rejects))
                return
            header = _named(data, parser.form)[0]
        for one in rejects:
            parsed = parser.parse(Block((Place(file, one.line, 1),), one.raw, header=header))
            reading.new_columns[:] = parser.new_columns()
            yield Batch(parsed.rows, tuple(parsed.rejects))


def _parser(source: Source, table: SourceTable) -> LineParser | LogParser:
    truncate, options = truncates(source, table), {**source.options, **table.options}
    if options.get("format") == CLOUDTRAIL:
        return LineParser(table.columns, {}, truncate=truncate)
    if "pattern" in options:
        return PatternParser(table.columns, str(options["pattern"]), truncate)
    return LogParser(table.columns, FORMATS[str(options["format"])], truncate)


class LogParser:
    """Blocks of lines of one format become rows. Safe to use from several threads.

    More than two would wait for one another, as would two with many small blocks: NumPy holds the interpreter.
    """

    threads, block_bytes, records = 2, 4 << 20, False

    def __init__(self, columns: Sequence[Column], form: LogFormat, truncate: bool) -> None:
        self._declared = {column.name: column for column in columns}
        self.form, self._truncate = form, truncate
        self._met: dict[str, Column] = {}

    def new_columns(self) -> list[Column]:
        """Fields that were met and that nobody declared."""
        return [column for name, column in self._met.items() if name not in self._declared]

    def parse(self, block: Block) -> Parsed:
        """The rows and rejects of a block, in the order of its lines."""
        form = with_header(self.form, block.header) if block.header else self.form
        lines = LineEnds.of(block.data, block.newlines)
        fields, clean = self.fields(lines, form)
        names = [one.name for one in form.fields] + ([form.more.name] if form.more else [])
        columns = [self._column(name, form) for name in names]
        pieces = Pieces(block)
        texts = [_without(values, form.null) for values in fields.texts]
        if form.more:
            texts[-1] = _without(texts[-1], "")
        found = [typed(values, column.type, self._truncate) for values, column in zip(texts, columns, strict=True)]
        odd = np.zeros(len(fields.lines), bool)
        for _, some in found:
            odd |= some.to_numpy(zero_copy_only=False)
        rows = pa.RecordBatch.from_arrays([values for values, _ in found], names=names)
        numbers, lone = fields.lines, np.flatnonzero(odd)
        values = [(int(numbers[row]), [text[row].as_py() for text in texts]) for row in lone.tolist()]
        if values:
            rows, numbers = rows.filter(pa.array(~odd)), numbers[~odd]
        pieces.take(rows, numbers)
        values += self._odd_lines(lines, clean, form, pieces)
        self._fit(values, columns, lines, pieces)
        return pieces.result()

    def fields(self, lines: LineEnds, form: LogFormat) -> tuple[Fields, Mask]:
        """Of the clean lines, and which those are."""
        fields, clean = clean_fields(lines, form)
        broken = broken_texts(lines.data, lines.starts)
        if broken:
            clean[broken] = False
            kept = clean[fields.lines]
            mask = pa.array(kept)
            fields = Fields(fields.lines[kept], [texts.filter(mask) for texts in fields.texts])
        return fields, clean

    def _odd_lines(
        self, lines: LineEnds, clean: Mask, form: LogFormat, pieces: Pieces
    ) -> list[tuple[int, list[str | None]]]:
        found: list[tuple[int, list[str | None]]] = []
        for number in np.flatnonzero(~clean).tolist():
            line = lines.line(number)
            if not line.strip() or (form.header.startswith("#") and line.startswith(b"#")):
                pieces.leave_out()
                continue
            match = self.matched(line, form)
            try:
                texts = [text if text is None else text.decode() for text in match] if match else None
            except UnicodeDecodeError:
                pieces.reject(number, "not UTF-8", line)
                continue
            if texts is None:
                pieces.reject(number, "not a line of this format" if is_utf8(line) else "not UTF-8", line)
            else:
                texts = [None if text == form.null else text for text in texts]
                found.append((number, texts if not form.more else [*texts[:-1], texts[-1] or None]))
        return found

    def matched(self, line: bytes, form: LogFormat) -> Sequence[bytes | None] | None:
        """The fields of a line that is not clean; None when it has others."""
        found = form.regex.match(line)
        return found.groups() if found else None

    def _fit(
        self, values: list[tuple[int, list[str | None]]], columns: list[Column], lines: LineEnds, pieces: Pieces
    ) -> None:
        """Lines one by one, as JSON objects would be."""
        kept = []
        for number, texts in values:
            line = lines.line(number)
            try:
                kept.append((number, _object(columns, texts), line))
            except Misfit as misfit:
                pieces.misfit(number, misfit, line)
        if kept:
            LineParser(columns, {}, truncate=self._truncate).fit_into(kept, pieces)

    def _column(self, name: str, form: LogFormat) -> Column:
        column = self._declared.get(name) or form.columns[name]
        self._met[name] = column
        return column


def _without(texts: pa.Array, null: str) -> pa.Array:
    nothing = pc.equal(texts, null)
    return pc.if_else(nothing, pa.scalar(None, pa.string()), texts) if pc.any(nothing).as_py() else texts


def _object(columns: Sequence[Column], texts: Sequence[str | None]) -> dict[str, Any]:
    found = {}
    for column, text in zip(columns, texts, strict=True):
        try:
            found[column.name] = one_value(text, column.type)
        except Misfit as misfit:
            misfit.column = column.name
            misfit.reason = (
                f"{column.name}: {'a value that does not fit its type' if column.personal else misfit.reason}"
            )
            raise
    return found


class PatternParser(LogParser):
    """The same by a pattern for whole lines, whose named groups are the columns, spelled as the lake does."""

    def __init__(self, columns: Sequence[Column], pattern: str, truncate: bool) -> None:
        import polars  # half a second that formats by name do not pay, and before threads begin

        self._polars = polars
        self._pattern = rf"\A(?P<{_WHOLE}>{pattern})\z"
        self._groups = {name: group for group, name in lake_names(re.compile(pattern).groupindex).items()}
        form = LogFormat(tuple(LogField(name, "string", "") for name in self._groups))
        super().__init__(columns, form, truncate)

    def fields(self, lines: LineEnds, form: LogFormat) -> tuple[Fields, Mask]:
        """By one look at all lines that are text."""
        pl = self._polars
        text = np.ones(len(lines.starts), bool)
        text[broken_texts(lines.data, lines.starts)] = False
        numbers = np.flatnonzero(text)
        try:
            found = pl.Series(lines.texts(numbers)).str.extract_groups(self._pattern).struct.unnest()
        except pl.exceptions.ComputeError as error:
            raise DataError(f"pattern: cannot be used: {error}") from error
        matched = found[_WHOLE].is_not_null()
        kept = found.filter(matched)
        groups = [kept[self._groups[one.name]] for one in form.fields]
        texts = [group.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.string()) for group in groups]
        clean = np.zeros(len(lines.starts), bool)
        clean[numbers[matched.to_numpy()]] = True
        return Fields(np.flatnonzero(clean), texts), clean

    def matched(self, line: bytes, form: LogFormat) -> Sequence[bytes | None] | None:
        """None: all lines were looked at already."""
        return None


class _Records:
    """A file of CloudTrail's as lines: one object with all records becomes a line for each."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self.name, self.day, self.header, self.cut = content.name, content.day, content.header, ""

    @property
    def raw_bytes(self) -> int:
        """Those of the file."""
        return self._content.raw_bytes

    def pieces(self) -> Iterator[bytes]:
        """The records as they were written, cut at the place where they are no JSON."""
        text = b"".join(self._content.pieces()).decode("utf-8", "replace")
        self.cut = self._content.cut
        begin = _RECORDS.match(text)
        if begin is None:
            self.cut = self.cut or "the file is no CloudTrail log: it does not begin with Records"
            return
        at, decoder = begin.end(), json.JSONDecoder()
        while not _END.match(text, at):
            try:
                _, end = decoder.raw_decode(text, at)
            except ValueError:
                self.cut = self.cut or "no JSON from here on"
                return
            yield text[at:end].replace("\n", " ").encode() + b"\n"
            at = _BETWEEN.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing too


class _Headed:
    """A file that names its fields: the lines that do are blank ones to who reads on."""

    def __init__(self, content: Content, form: LogFormat, place: str) -> None:
        self._content, self._form, self._place = content, form, place
        self.name, self.day, self.cut = content.name, content.day, ""
        self.header: tuple[str, ...] = ()

    @property
    def raw_bytes(self) -> int:
        """Those of the file."""
        return self._content.raw_bytes

    def pieces(self) -> Iterator[bytes]:
        """Raises SchemaChanged when the file does not name its fields."""
        start = b""
        following = self._content.pieces()
        for piece in following:
            start += piece
            if start.count(b"\n") > 2 or len(start) > _LONGEST_HEADER:
                break
        if start.strip():
            self.header, rest = _named(start, self._form)
            if not self.header:
                raise SchemaChanged(
                    f"{self._place}: {self.name} does not name its fields in its first lines; nothing was published; "
                    "write another format:, or a pattern:"
                )
            yield rest
            yield from following
        self.cut = self._content.cut


def _named(start: bytes, form: LogFormat) -> tuple[tuple[str, ...], bytes]:
    """The fields that the first lines of a file name, and its bytes with a blank line instead; none, if they do not."""
    lines = start.split(b"\n")
    for number, line in enumerate(lines):
        text = line.decode("utf-8", "replace").strip()
        names = text.removeprefix(form.header).split() if text.startswith(form.header) else []
        if form.header == FIRST_LINE and _NAMES.match(text):
            names = text.split()
        if names:
            lines[number] = b""
            return tuple(map(lake_name, names)), b"\n".join(lines)
        if not text.startswith("#"):
            break
    return (), start
