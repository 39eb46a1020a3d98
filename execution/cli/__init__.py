"""The command line: a door without logic. Each verb parses, calls one function of bootstrap, and prints.

`gtm --help` has a tenth of a second, so nothing here imports a verb, the store or a client until it is called.
"""

import sys


def main() -> None:
    """The `gtm` command."""
    from execution.cli.root import run

    sys.exit(run(sys.argv[1:]))
