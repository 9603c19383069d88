"""Which tables a selector names: `db.table`, `db.*`, `+x`, `x+`, `source:x`, `owner:x`, `tag:x`, `changed`.

Decides by the declarations alone; what git thinks has changed is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from transforms.content import Content
from transforms.errors import UsageError, did_you_mean
from transforms.fields import listed
from transforms.names import TableName

_FACETS = ("source", "owner", "tag")


def select(content: Content, selectors: Iterable[str], *, changed: Collection[str] = ()) -> tuple[TableName, ...]:
    """The names of all selectors together, in dependency order; everything when there are no selectors.

    `changed` are paths relative to the home. Raises UsageError for a selector that names nothing.
    """
    selectors = tuple(selectors)
    if not selectors:
        return content.names
    names: set[TableName] = set()
    for selector in selectors:
        names |= _select(content, selector, changed)
    return content.graph.sort(names)


def _select(content: Content, selector: str, changed: Collection[str]) -> set[TableName]:
    core = selector.removeprefix("+").removesuffix("+")
    if not core:
        raise UsageError(f'"{selector}" names nothing; write +database.table for a table with all that it needs')
    found = _named(content, core, changed)
    names = set(found)
    if selector.startswith("+"):
        names |= content.graph.upstream(found)
    if selector.endswith("+"):
        names |= content.graph.downstream(found)
    return {name for name in names if name in content.raw or name in content.relations}


def _named(content: Content, core: str, changed: Collection[str]) -> set[TableName]:
    if core == "changed":
        return _changed(content, set(changed))
    facet, colon, value = core.partition(":")
    if colon:
        return _facet(content, facet, value)
    database, dot, table = core.partition(".")
    if dot and table == "*":
        return _database(content, database)
    known = {str(name): name for name in content.names}
    if core in known:
        return {known[core]}
    databases = {name.database for name in content.names}
    if core in databases:
        raise UsageError(f'"{core}" is a database; write {core}.* for all of its tables')
    tables = sorted(str(name) for name in content.names if name.table == core)
    if tables:
        raise UsageError(f'"{core}" is not a whole name; write {listed(tables, "or")}')
    hint = did_you_mean(core, (*known, *sorted(databases), "changed"))
    forms = "a selector is database.table, database.*, source:x, owner:x, tag:x or changed"
    raise UsageError("; ".join(filter(None, (f'no table or view is named "{core}"', forms, hint))))


def _database(content: Content, database: str) -> set[TableName]:
    names = {name for name in content.names if name.database == database}
    if names:
        return names
    databases = sorted({name.database for name in content.names})
    raise _unknown("database", database, databases)


def _facet(content: Content, facet: str, value: str) -> set[TableName]:
    if facet not in _FACETS:
        hint = did_you_mean(facet, _FACETS)
        raise UsageError(
            f'nothing is selected by "{facet}:"; write source:x, owner:x or tag:x' + (f"; {hint}" * bool(hint))
        )
    if facet == "source":
        if value not in content.sources:
            raise _unknown(facet, value, content.sources)
        return {table.name for table in content.sources[value].tables}
    relations = content.relations.values()
    if facet == "tag":
        names = {relation.name for relation in relations if value in relation.tags}
        if not names:
            raise _unknown(facet, value, sorted({tag for relation in relations for tag in relation.tags}))
        return names
    names = {relation.name for relation in relations if relation.owner == value}
    names |= {table.name for source in content.sources.values() if source.owner == value for table in source.tables}
    if not names and value not in content.teams:
        raise _unknown(facet, value, content.teams)
    return names


def _changed(content: Content, paths: set[str]) -> set[TableName]:
    """The names of which a file changed: relation, test, check, source or schema."""
    return {name for name in content.names if not paths.isdisjoint(content.paths(name))}


def _unknown(noun: str, value: str, known: Collection[str]) -> UsageError:
    parts = [f'no {noun} is named "{value}"', f"there are {listed(known)}" if known else "", did_you_mean(value, known)]
    return UsageError("; ".join(filter(None, parts)))
