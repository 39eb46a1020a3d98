"""The command line: a door without logic. Each verb parses, calls one function of bootstrap, and prints.

`gtm --help` has a tenth of a second, so nothing here imports a verb, the store or a client until it is called.
"""

import gc
import os
import sys


def main() -> None:
    """The `gtm` command."""
    # Starting up makes much and frees nothing, and pydantic looks through every installed package for plugins.
    gc.set_threshold(50_000)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from execution.cli.root import run

    sys.exit(run(sys.argv[1:]))
