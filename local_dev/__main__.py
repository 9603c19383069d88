"""The entry point: Ctrl-C is answered from the first moment, while modules are still being imported.

Leaves without the interpreter's own end, which takes a tenth of a second after a build and decides nothing any more.
"""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line, and leave with its exit code."""
    try:
        from local_dev.cli import main as run

        run()
    except KeyboardInterrupt:
        code = 130
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    atexit._run_exitfuncs()
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
