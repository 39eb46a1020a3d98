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
    # duckdb imports pandas at every parameter, to know its missing values: half a second where it is installed, and
    # where it is not a look through every folder of the path that takes as long as a small query.
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
    from execution.cli.root import run

    code = run(sys.argv[1:])
    gc.freeze()  # Ending looks through everything once more for garbage: a tenth of what `gtm status` takes.
    sys.exit(code)
