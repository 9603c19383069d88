"""`baikal aws`: the local AWS, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectors.home import lake_folder
from local_dev.command import Answer, Call, command
from local_dev.console import faint
from transforms.errors import OutsideError

if TYPE_CHECKING:
    from local_dev.aws.server import LocalAws

PORT = 5566
FOLDER = Path(".baikal") / "aws"
"""In the home: what the services keep."""


@command("aws")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Where it answers on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="The folder of its state; default .baikal/aws."
)
@click.option(
    "--fault",
    "faults",
    default="",
    metavar="KIND=SHARE,..",
    help="Failures of the real services: throttle=0.1,slowdown=0.05,fail=0.02,lost=0.02,latency=200ms.",
)
@click.option("--seed", type=int, help="Makes the faults repeat.")
def aws(call: Call, port: int, data: Path | None, faults: str, seed: int | None) -> Answer:
    """Serve S3, Glue and Athena on this machine, for unmodified AWS clients.

    \b
    Point a client at it by the environment:
      AWS_ENDPOINT_URL=http://127.0.0.1:5566 AWS_DEFAULT_REGION=us-east-1
      AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
    """
    from local_dev.aws.data_folder import served_alone
    from local_dev.aws.faults import read_faults  # the server's packages cost what other commands do not pay
    from local_dev.aws.server import LocalAws

    asked = read_faults(faults)
    root = data or call.home / FOLDER
    try:
        with served_alone(root) as note:
            _serve(call, LocalAws(root, asked, seed, lake_folder(call.home)), port, root, note)
    except OSError as error:
        raise OutsideError(f"cannot keep the local AWS in {root}: {error.strerror}") from error
    return Answer({"data": str(root)})


def _serve(call: Call, app: LocalAws, port: int, root: Path, note: Callable[[int], None]) -> None:
    from local_dev.aws.server import HOST, serve

    def ready(taken: int) -> None:
        note(taken)
        call.console.show(
            f"AWS_ENDPOINT_URL=http://{HOST}:{taken}  " + faint(f"S3, Glue and Athena, kept in {root}; Ctrl-C ends it")
        )

    try:
        serve(app, port, ready)
    except OSError as error:
        raise OutsideError(f"cannot listen on {HOST}:{port}: {error.strerror}; --port 0 takes a free one") from error
