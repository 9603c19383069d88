"""Writes `docs/cli.md` from the commands' own help: `python -m local_dev.cli_docs`. A test asserts it is current."""

from __future__ import annotations

from collections.abc import Iterator

import click

from connectors.home import REPOSITORY
from local_dev.cli import COMMANDS, baikal

PAGE = REPOSITORY / "docs" / "cli.md"
WIDTH = 100
INTRODUCTION = """\
# The command line

`python -m local_dev.cli_docs` writes this page from the commands' own help.

## Every command
| code | means |
|---|---|
| 0 | done |
| 1 | the content or the data is at fault: declarations, SQL, a failed check, rejects, a connection without an address |
| 2 | called wrongly: an unknown name, option, selector or target; a query of a table that was never built |
| 3 | an outside system failed: a database, the disk, the network, a folder that is not there, another run in the way |
| 130 | stopped by Ctrl-C; what was published is whole |

- `--json` prints exactly one JSON document on stdout, errors too: `{"error": {"kind", "message"}}`, and with
  `problems` beside, one for each place in files or SQL that is at fault.
  Messages and progress always go to stderr. `query --batch` and `compile --batch` print JSON lines without it.
- `BAIKAL_HOME` is the folder that holds the content (default: the repository), `BAIKAL_LAKE` the lake (default:
  `.baikal/lake` in the home), `BAIKAL_TARGET` the target (default: `laptop`; never a
  protected one), `BAIKAL_USER` the person whose tables are meant where each has their own.
- An error says where (`file:line:column:`), what is wrong, what is allowed and what to write, in a line for each fault;
  rows that show it follow, indented. `--debug` or `BAIKAL_DEBUG=1` shows where in the code an error came from.
- Warnings (`warning: ..`) leave the exit code 0: a source whose path matches no file is empty, which is no fault.
- `NO_COLOR` turns colours off.

| selector | names |
|---|---|
| `db.table`, `db.*` | one table or view, all of a database |
| `+x`, `x+` | `x` with everything that it needs, with everything that needs it |
| `source:x`, `owner:x`, `tag:x` | the raw tables of a source, whatever a team owns, whatever has a tag |
| `changed` | what differs from the main branch, by git |

## Completion of names by Tab
```sh
eval "$(_BAIKAL_COMPLETE=bash_source baikal)"    # in ~/.bashrc
eval "$(_BAIKAL_COMPLETE=zsh_source baikal)"     # in ~/.zshrc
_BAIKAL_COMPLETE=fish_source baikal | source     # in ~/.config/fish/config.fish
```
"""


def page() -> str:
    """The whole page."""
    context = click.Context(baikal, info_name="baikal", max_content_width=WIDTH, terminal_width=WIDTH)
    sections = [section for name in COMMANDS for section in _sections(context, name)]
    return "\n".join([INTRODUCTION, *sections])


def _sections(parent: click.Context, name: str) -> Iterator[str]:
    group = parent.command
    assert isinstance(group, click.Group)
    command = group.get_command(parent, name)
    assert command is not None
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        max_content_width=WIDTH,
        terminal_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    yield f"## {context.command_path}\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            yield from _sections(context, inner)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
