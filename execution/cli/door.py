"""How one call of `gtm` was made, and how it answers: tables for people, one JSON envelope for everything else.

The envelope, always with these five keys:

    {"ok": true, "command": "sync", "data": {…}, "problems": [], "error": null}

`ok` is true exactly when the exit code is 0. `data` is the verb's result. `problems` are mistakes in directives:
`{"path", "line", "column", "code", "message", "hint"}`. `error` is null, or what stopped the verb:
`{"code", "message", "hint", "where"}`. Logs and progress go to stderr.
"""

import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from execution.cli.encoding import to_json
from execution.errors import DirectiveError, GtmError, Problem
from execution.workspace import Workspace, find_workspace


@dataclass
class Door:
    """One call: what was called, where, and whether a program or a person reads the answer."""

    command: str = ""
    json: bool = False
    chosen: Path | None = None

    @classmethod
    def of(cls, ctx: typer.Context) -> "Door":
        """The door of the verb that `ctx` belongs to."""
        door = ctx.obj if isinstance(ctx.obj, Door) else cls()
        door.command = ctx.command_path.removeprefix("gtm").strip()
        return door

    @property
    def workspace(self) -> Workspace:
        """Where this call works. Raises UsageError where there is no workspace."""
        return find_workspace(self.chosen)

    @property
    def is_conversation(self) -> bool:
        """Whether somebody is there to be asked."""
        return not self.json and sys.stdin.isatty() and sys.stderr.isatty()

    def show(
        self,
        data: object,
        render: Callable[[], None],
        *,
        problems: Sequence[Problem] = (),
        exit_code: int = 0,
    ) -> None:
        """Answer: `data` in the envelope, or what `render` prints. Ends the call where `exit_code` is not 0."""
        if self.json:
            self._print_envelope(data, problems=problems, ok=exit_code == 0)
        else:
            render()
        if exit_code:
            raise typer.Exit(exit_code)

    def fail(self, error: GtmError) -> int:
        """Say what stopped the call; the exit code."""
        problems = error.problems if isinstance(error, DirectiveError) else ()
        if self.json:
            said = {"code": error.code, "message": error.message, "hint": error.hint, "where": error.where}
            self._print_envelope(None, problems=problems, error=said, ok=False)
        else:
            from execution.cli.printing import note, print_error, print_problems

            print_problems(problems, note)
            print_error(error)
        return error.exit_code

    def crash(self, error: Exception) -> int:
        """Our own mistake: the traceback goes to a file, the caller hears one sentence and where that file is."""
        file = self._write_traceback(error)
        return self.fail(
            GtmError(
                f"gtm itself failed ({type(error).__name__})",
                hint=f"this is a bug; please report it with {file}",
                code="E500",
            )
        )

    def _write_traceback(self, error: Exception) -> Path:
        try:
            folder = self.workspace.logs
            folder.mkdir(parents=True, exist_ok=True)
        except (GtmError, OSError):
            folder = Path(tempfile.gettempdir())
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        file = folder / f"gtm-crash-{stamp}.log"
        file.touch(mode=0o600)
        file.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        return file

    def _print_envelope(
        self, data: object, *, ok: bool, problems: Sequence[Problem] = (), error: dict[str, str] | None = None
    ) -> None:
        envelope = {"ok": ok, "command": self.command, "data": data, "problems": list(problems), "error": error}
        sys.stdout.write(to_json(envelope) + "\n")
