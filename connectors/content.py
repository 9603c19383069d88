"""Opens a home: reads every declaration, analyses every relation, collects all problems of all files.

Only what changed since the last command is parsed and analysed; the SQL parser is imported when something did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from connectors.content_cache import ContentCache
from connectors.content_files import ContentFile, ContentFiles
from connectors.preset_files import preset_words, presets
from connectors.readers import words
from transforms.analyses import Analyses, Analyze, KnownAnalysis, QueryKind
from transforms.analysis import Analysis
from transforms.column import Column
from transforms.content import CheckQuery, Content
from transforms.errors import Problem, UsageError, did_you_mean
from transforms.fields import described, listed
from transforms.header import read_header, read_relation
from transforms.layout import (
    HOME_FOLDERS,
    RELATION_FOLDERS,
    SCHEMA_SUFFIX,
    SOURCE_FOLDER,
    Place,
    outside_of_database,
    outside_of_declarations,
    relation_place,
    source_place,
)
from transforms.names import TableName
from transforms.preset import with_preset
from transforms.reader_words import ReaderWords
from transforms.relation import Kind, Relation
from transforms.rules import problems_of
from transforms.source import Source
from transforms.source_file import read_source
from transforms.target import TARGETS_FILE, default_targets, read_targets
from transforms.teams import TEAMS_FILE, read_teams
from transforms.yaml_file import Document, read_yaml

T = TypeVar("T")
READER_WORDS = ReaderWords(words.SOURCE_WORDS, words.TABLE_WORDS, words.CHOICES)


def compiler_analysis(
    text: str, schema: Mapping[TableName, tuple[Column, ...]], path: str, partition: str | None, kind: QueryKind
) -> Analysis:
    """The compiler's analysis; its import costs more than everything else when nothing changed."""
    from transforms.compile import analyze

    return analyze(text, schema, path=path, partition=partition, kind=kind)


def open_content(home: Path, *, analyze: Analyze = compiler_analysis) -> Content:
    """The content of a home, with every problem in it. Raises UsageError for a folder that is no home."""
    if not home.is_dir():
        raise UsageError(f"{home} is not a folder; BAIKAL_HOME must name the folder that holds the content")
    if not any((home / folder).is_dir() for folder in HOME_FOLDERS):
        what = f"{home} has no content: there is no transforms/ and no connectors/ in it"
        raise UsageError(f"{what}; set BAIKAL_HOME to the folder that holds them")
    return _Opening(home, analyze).content()


class _Opening:
    """One reading of a home."""

    def __init__(self, home: Path, analyze: Analyze) -> None:
        self.home = home
        self.analyze = analyze
        self.cache = ContentCache(home)
        self.files = ContentFiles(home, self.cache.files)
        self.problems: list[Problem] = []
        self.relations: dict[TableName, Relation] = {}
        self.tests: dict[TableName, str] = {}
        self.texts: dict[TableName, str] = {}
        self.checks: list[ContentFile] = []
        self.unclear: set[str] = set()
        self.missing: set[str] = set()

    def content(self) -> Content:
        """Read, analyse, judge, remember."""
        teams = self._declared(TEAMS_FILE, read_teams) or {}
        targets = self._declared(TARGETS_FILE, read_targets) or default_targets()
        sources = self._sources()
        self._strays()
        for folder, kind in RELATION_FOLDERS.items():
            self._databases(folder, kind)
        raw = {table.name: source.raw_columns(table) for source in sources.values() for table in source.tables}
        schema = Analyses(raw, self.relations, self.texts, self.cache.analyses, self.analyze)
        made, queries = schema.all(), self._queries(schema)
        content = Content(
            home=self.home,
            sources=sources,
            relations=self.relations,
            teams=teams,
            targets=targets,
            analyses={name: known.analysis for name, known in made.items()},
            tests=self.tests,
            unclear=frozenset(self.unclear),
            check_queries={
                file.path: CheckQuery(file.path, file.text, queries[file.path].analysis) for file in self.checks
            },
        )
        if self.files.changed or schema.again:
            self.cache.save(self.files.to_json(), made, queries)
        faulty = {problem.path for problem in self.problems}
        between = [problem for problem in problems_of(content) if problem.line or problem.path not in faulty]
        between = [
            replace(problem, what=f"this file is missing: {problem.what}") if problem.path in self.missing else problem
            for problem in between
        ]
        return content.with_problems([*self.files.problems, *self.problems, *between])

    def _document(self, path: str) -> Document | None:
        file = self.files.file(path, read_yaml)
        return file.document if file else None

    def _declared(self, path: str, read: Callable[[Document], tuple[T, list[Problem]]]) -> T | None:
        document = self._document(path)
        if document is None:
            self.missing.add(path)
            return None
        declared, problems = read(document)
        self.problems += problems
        return declared

    def _strays(self) -> None:
        """What stands beside the declarations and looks like one: a misspelt folder must not be passed over."""
        for folder in HOME_FOLDERS:
            for path, is_folder, _ in self.files.folder(folder):
                is_code = is_folder and (self.home / path / "__init__.py").exists()
                if problem := outside_of_declarations(path, is_folder, is_code):
                    self.problems.append(problem)

    def _sources(self) -> Mapping[str, Source]:
        places: dict[str, Place] = {}
        for path, is_folder, _ in self.files.folder(SOURCE_FOLDER):
            place = source_place(path, is_folder)
            if isinstance(place, Problem):
                self.problems.append(place)
            else:
                places[path] = place
        sources = {}
        for path, place in places.items():
            if place.meaning == "schema" and (beside := f"{SOURCE_FOLDER}/{place.stem}.yaml") not in places:
                what = "this schema has no source"
                self.problems.append(Problem(path, 0, 0, what, write=f"write {beside}, or remove the schema"))
            if place.meaning == "code" and (beside := f"{SOURCE_FOLDER}/{place.stem}.yaml") not in places:
                what = "these generators have no source"
                self.problems.append(Problem(path, 0, 0, what, write=f"write {beside}, or remove the file"))
            if place.meaning == "source" and (document := self._document(path)) is not None:
                schema = self._document(f"{SOURCE_FOLDER}/{place.stem}{SCHEMA_SUFFIX}")
                source, problems = read_source(place.stem, self._preset(document), schema, READER_WORDS)
                problems += self._generators(source, places) if source else []
                self.problems += problems
                if any(problem.severity == "error" for problem in problems):
                    self.unclear.add(place.stem)
                if source is not None:
                    sources[place.stem] = source
        return sources

    def _preset(self, document: Document) -> Document:
        """With the words of its preset, which is the platform's."""
        name = document.value.get("preset") if isinstance(document.value, dict) else None
        if name is None:
            return document
        known = presets()
        if name not in known:
            hint = did_you_mean(str(name), known)
            what, line = f"there is no preset {described(name)}", document.line("preset")
            self.problems.append(Problem(document.path, line, 0, what, f"presets are {listed(known)}", hint))
            return document
        return with_preset(document, preset_words(name))

    def _generators(self, source: Source, places: Mapping[str, Place]) -> list[Problem]:
        beside = f"{SOURCE_FOLDER}/{source.name}.py"
        if beside not in places and not any(table.options.get("python") for table in source.tables):
            return []
        from transforms.generator_file import problems_of_generators  # few sources have one

        file = self.files.file(beside, _no_document)
        problems = list(file.document.problems) if file else []
        return problems or list(problems_of_generators(source, file.text if file else None))

    def _databases(self, folder: str, kind: Kind) -> None:
        for path, is_folder, _ in self.files.folder(folder):
            if not is_folder:
                if problem := outside_of_database(path):
                    self.problems.append(problem)
                continue
            for inner, is_inner_folder, signature in self.files.folder(path):
                place = relation_place(inner, is_inner_folder)
                if isinstance(place, Problem):
                    self.problems.append(place)
                elif place.name and place.meaning == "test":
                    self.tests[place.name] = inner
                elif place.meaning in ("relation", "check"):
                    parse = read_header if place.meaning == "relation" else _no_document
                    file = self.files.file(inner, parse, signature)
                    if file and place.name:
                        self._relation(place.name, kind, file)
                    elif file:
                        self.checks.append(file)

    def _relation(self, name: TableName, kind: Kind, file: ContentFile) -> None:
        relation, problems = read_relation(name, kind, file.text, file.document)
        self.problems += problems
        self.relations[name] = relation
        self.texts[name] = file.digest

    def _queries(self, schema: Analyses) -> Mapping[str, KnownAnalysis]:
        known = self.cache.queries
        for file in self.checks:
            self.problems += file.document.problems
        return {
            file.path: schema.query(file.path, file.text, file.digest, known.get(file.path)) for file in self.checks
        }


def _no_document(text: str, path: str) -> Document:
    """Queries of checks have no header."""
    return Document(path, None)
