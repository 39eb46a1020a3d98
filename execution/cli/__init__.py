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

    code = run(sys.argv[1:])
    gc.freeze()  # Ending looks through everything once more for garbage: a tenth of what `gtm status` takes.
    sys.exit(code)
