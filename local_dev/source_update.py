"""`baikal new source NAME --update`: the files of a source with what is new in its system, shown or written."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

from local_dev.command import Answer, Call
from local_dev.console import plural
from local_dev.diff import tell_untold
from local_dev.new_files import replace_file
from local_dev.selection import one_source


def update_source(call: Call, name: str, *, dry_run: bool) -> Answer:
    """Each file is replaced at once; with `dry_run` none is."""
    from connectors.comparison import compare, updated
    from connectors.introspect import told_lines

    source = one_source(call.content, name)
    comparison = compare(call.lake, source)
    paths = (source.path, source.schema_path)
    old = [_read(call.home / path) for path in paths]
    new = updated(comparison, *old)
    changed = [each for each in zip(paths, old, new, strict=True) if each[1] != each[2]]
    for path, before, after in changed:
        lines = unified_diff(before.splitlines(), after.splitlines(), path, path, lineterm="", n=1)
        call.console.show("\n".join(lines) if dry_run else f"wrote {path}")
        if not dry_run:
            replace_file(call.home / path, after)
    for line in told_lines(comparison.new):
        call.console.say(line)
    tell_untold(call.console, comparison.untold)
    gone = [one.name for one in comparison.differences if one.change == "gone"]
    if gone:
        call.console.say(f"{plural(len(gone), 'name')} gone from the source, and kept here: {', '.join(gone)}")
    if not changed:
        call.console.show(f"source:{name}: nothing is new")
    told = {"gone": gone, "not_compared": dict(comparison.untold), "written": bool(changed) and not dry_run}
    return Answer({"files": [path for path, *_ in changed], **told})


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""
