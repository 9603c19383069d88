"""`make bench`: a table of every figure beside its bar, and the same as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from connectors.home import REPOSITORY
from local_dev.bench import api_pages, declarations, files, ingestion, local_aws, mariadb, publishing, river, startup
from local_dev.bench.measure import Figure

FOLDER = REPOSITORY / ".baikal" / "bench"


@click.command()
@click.option("--events", default=5_000_000, show_default=True, help="Events of the sample company.")
@click.option("--rows", default=5_000_000, show_default=True, help="Rows and lines to ingest.")
@click.option("--only", multiple=True, help="A part; may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), default=FOLDER / "figures.json", help="Where the JSON goes.")
def main(events: int, rows: int, only: tuple[str, ...], out: Path) -> None:
    """Measure the platform beside plain baselines, in one run. Times are of a whole process each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Callable[[], Iterator[Figure]]] = {
        "startup": startup.figures,
        "declarations": lambda: declarations.figures(FOLDER),
        "publishing": lambda: publishing.figures(FOLDER),
        "api": lambda: api_pages.figures(FOLDER),
        "ingestion": lambda: ingestion.figures(FOLDER, rows),
        "mariadb": lambda: mariadb.figures(FOLDER, rows * 2 // 5),
        "files": lambda: files.figures(FOLDER, rows),
        "aws": lambda: local_aws.figures(FOLDER, events),
        "river": lambda: river.figures(FOLDER, events),
    }
    if unknown := set(only) - set(parts):
        raise click.UsageError(f"no part {', '.join(sorted(unknown))}; parts are {', '.join(parts)}")
    figures: list[Figure] = []
    for name in only or parts:
        for figure in parts[name]():
            figures.append(figure)
            _show(figure)
    out.write_text(json.dumps([figure.to_json() for figure in figures], indent=1) + "\n")
    click.echo(f"written to {out}", err=True)
    sys.exit(0 if all(figure.met is not False for figure in figures) else 1)


def _show(figure: Figure) -> None:
    bar = "" if figure.bar is None else f"at most {figure.bar:g}"
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    click.echo(f"{figure.what:<56} {figure.value:>9.2f} {figure.unit:<6} {bar:<14} {verdict:<7} {figure.beside}")


if __name__ == "__main__":
    main()
