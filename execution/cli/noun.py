"""What every verb's Typer application has in common, and the options that several verbs share."""

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import typer

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="The moment to look from: 2026-01-31 or 2026-01-31T12:00Z."),
]
LockTimeout = Annotated[
    float, typer.Option("--lock-timeout", metavar="SECONDS", min=0, help="How long to wait for another writer.")
]
PublishAnyway = Annotated[
    bool,
    typer.Option("--publish-anyway", help="Publish even where a check of quality that blocks fails; it is journaled."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Directives = Annotated[list[Path] | None, typer.Argument(metavar="[PATHS]...", help="Directives, or folders of them.")]


class Size(Enum):
    """How long a context file may be."""

    COMPACT = "compact"
    STANDARD = "standard"
    EXTENDED = "extended"

    @property
    def tier(self) -> Literal["compact", "standard", "extended"]:
        """The same as the settings call it."""
        tier: Literal["compact", "standard", "extended"] = self.value
        return tier


def application(shown: str = "") -> typer.Typer:
    """A Typer application with plain help (rich's costs 50 ms); of several verbs where it has a callback, whose help
    then ends in the examples `shown`."""
    return typer.Typer(
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        epilog=examples(shown) if shown else None,
    )


def examples(lines: str) -> str:
    """The end of a verb's help: one example per line, as it is typed."""
    return "\b\nExamples:\n" + "\n".join(f"  {line.strip()}" for line in lines.strip().splitlines())
