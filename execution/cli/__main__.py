"""`python -m execution.cli`: the same as `gtm`, for where the command is not on the path."""

from execution.cli import main

if __name__ == "__main__":
    main()
