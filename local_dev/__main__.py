"""The entry point: Ctrl-C is answered from the first moment, while modules are still being imported."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line, and leave with its exit code."""
    try:
        from local_dev.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
