"""`make deploy TARGET=..`: a target's work pool, deployments and automations on the Prefect server of the environment.

Decides nothing about what runs when: that is in prefect.yaml, and in what sources and tables say of themselves.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import click
import yaml

from connectors.content import open_content
from connectors.home import REPOSITORY, home_folder
from local_dev.checkout import require_merged
from local_dev.console import Console
from transforms.errors import BaikalError, OutsideError, UsageError, did_you_mean

PREFECT_FILE = REPOSITORY / "prefect.yaml"
ECS_FILE = REPOSITORY / "infra" / "ecs.yaml"
_VARIABLE = re.compile(r"\{\{ \$(\w+) \}\}")


def deploy(home: Path, target: str, pool: str, kind: str, *, force: bool = False) -> None:
    """Raises UsageError for an unknown target, or a protected one and a checkout that is not merged; OutsideError."""
    from prefect.exceptions import PrefectException  # seconds, after everything that may be wrong with the question

    from flows.automations import automations, establish
    from flows.ticks import build_schedules, ingest_cron

    content = open_content(home)
    if target not in content.targets:
        known = f'no target is named "{target}"; targets are {", ".join(content.targets)}'
        raise UsageError("; ".join(filter(None, (known, did_you_mean(target, content.targets)))))
    if content.targets[target].protected and not force:
        require_merged(home, target)
    variables = {
        "BAIKAL_TARGET": target,
        "BAIKAL_WORK_POOL": pool,
        "BAIKAL_INGEST_CRON": ingest_cron(content.sources.values()),
    }
    schedules = build_schedules(content.relations.values(), str(content.targets[target].timezone))
    try:
        _make_pool(pool, kind)
        _deploy_all(variables, schedules)
        establish(automations())
    except (PrefectException, OSError) as error:
        raise OutsideError(f"the Prefect server of this environment failed: {error}") from error


def _make_pool(name: str, kind: str) -> None:
    """The work pool; one that is there already gets the template of today."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.workers.process import ProcessWorker

    template = ecs_template(os.environ) if kind == "ecs" else ProcessWorker.get_default_base_job_template()
    pool = WorkPoolCreate(name=name, type=kind, base_job_template=template)
    with get_client(sync_client=True) as client:
        client.create_work_pool(pool, overwrite=True)


def ecs_template(environment: Mapping[str, str]) -> dict[str, Any]:
    """prefect-aws's own template with the defaults of infra/ecs.yaml. Raises UsageError for an unset variable."""
    from prefect_aws.workers import ECSWorker

    text = ECS_FILE.read_text(encoding="utf-8")
    missing = sorted(name for name in set(_VARIABLE.findall(text)) if not environment.get(name))
    if missing:
        raise UsageError(f"infra/ecs.yaml needs the environment variables {', '.join(missing)}; set them and try again")
    template: dict[str, Any] = ECSWorker.get_default_base_job_template()
    known = template["variables"]["properties"]
    for name, value in yaml.safe_load(_VARIABLE.sub(lambda found: environment[found[1]], text)).items():
        if name not in known:
            raise UsageError(f'infra/ecs.yaml: ECS takes no "{name}"; {did_you_mean(name, known)}')
        known[name]["default"] = value
    return template


def _deploy_all(variables: Mapping[str, str], build_schedules: Iterable[Mapping[str, Any]]) -> None:
    """What prefect.yaml says, and beside build's schedule those that tables ask for."""
    declared = yaml.safe_load(PREFECT_FILE.read_text(encoding="utf-8"))
    [build] = [one for one in declared["deployments"] if one["entrypoint"] == "flows.build.build"]
    build["schedules"] = [*build["schedules"], *build_schedules]
    with NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        yaml.safe_dump(declared, file)
        file.flush()
        words = ["deploy", "--all", "--prefect-file", file.name]
        done = subprocess.run(
            [sys.executable, "-P", "-m", "prefect", "--no-prompt", *words],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise OutsideError(f"prefect {' '.join(words)} failed:\n{done.stdout}{done.stderr}")


@click.command()
@click.argument("target")
@click.option("--pool", help="The work pool that runs them; default baikal-TARGET.")
@click.option("--kind", type=click.Choice(["process", "ecs"]), default="process", show_default=True)
@click.option("--force", is_flag=True, help="Also what the main branch does not have, to a protected target.")
def main(target: str, pool: str | None, kind: str, force: bool) -> None:
    """Bring all deployments of a target to the Prefect server that PREFECT_API_URL names."""
    console = Console()
    pool = pool or f"baikal-{target}"
    try:
        deploy(home_folder(), target, pool, kind, force=force)
    except BaikalError as error:
        console.error(str(error))
        sys.exit(error.exit_code)
    console.show(f"deployed for {target}; `prefect worker start --pool {pool}` runs them")


if __name__ == "__main__":
    main()
