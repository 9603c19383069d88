"""A local AWS as its command starts it, and clients that know nothing of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config


@dataclass(frozen=True)
class RunningAws:
    """`data` holds a folder for each bucket."""

    url: str
    data: Path
    process: subprocess.Popen[str]

    def client(self, service: str, **config: Any) -> Any:
        """A client that tries once."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}, **config),
        )


@contextmanager
def running_aws(data: Path, *options: str) -> Iterator[RunningAws]:
    """`baikal aws`, ended by its own process id; the laptop's lake is in the folder `.lake`."""
    command = [
        sys.executable,
        "-c",
        "from local_dev.cli import main; main()",
        "aws",
        "--port",
        "0",
        "--data",
        str(data),
    ]
    env = {**os.environ, "BAIKAL_LAKE": str(data / ".lake")}
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout
        url = process.stdout.readline().split()[0].removeprefix("AWS_ENDPOINT_URL=")
        try:
            yield RunningAws(url, data, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
