"""What the reports here share: a name, and the way from a context to Markdown."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar


class Report:
    """A report by name. Its directive says whom it is for and what it has, its `.md.j2` how that reads."""

    name: ClassVar[str]

    def generate(self, context: Mapping[str, object] | None = None) -> str:
        """The report as Markdown, from the published store.

        `context` may have `workspace` (a folder; by default found as `gtm` finds it) and `as_of` (an aware datetime or
        ISO text; by default now). Raises GtmError as `gtm report` does.
        """
        from execution import directives, reports, store
        from execution.workspace import find_workspace

        given = dict(context or {})
        workspace = find_workspace(Path(str(given["workspace"])) if given.get("workspace") else None)
        program = directives.load(directives.read_folder(workspace.root)).require_valid()
        with store.reader(workspace) as con:
            return reports.render(con, program, workspace, self.name, _moment(given.get("as_of")))


def _moment(given: object) -> datetime:
    if given is None:
        return datetime.now(UTC)
    moment = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
