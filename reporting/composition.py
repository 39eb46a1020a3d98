"""What the reports here share: a name, and the way from a context to Markdown."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar


class Report:
    """A report by name. Its directive says whom it is for and what it has, a `.md.j2` how that reads."""

    name: ClassVar[str]

    def generate(self, context: Mapping[str, object] | None = None) -> str:
        """The report as Markdown, from the published store.

        `context` may have `user_id` (whose it is: a name, an e-mail or a CRM's id, as the team directive knows them),
        `time_period` (`last_7_days`, `this_week`, `2026-10`, …; by default the directive's), `compare` (`previous`,
        `yoy`, `qoq`), `include_goals` (by default true), `workspace` (a folder; by default found as `gtm` finds it) and
        `as_of` (an aware datetime or ISO text; by default now). Raises GtmError as `gtm report` does, and for a key
        that is none of these.
        """
        from execution import reports, store
        from execution.bootstrap import pipeline
        from execution.directives.problems import suggest
        from execution.errors import UsageError
        from execution.runs.session import open_session
        from execution.workspace import find_workspace

        given = dict(context or {})
        for key in given:
            if key not in _KEYS:
                raise UsageError(f"a report's context has no {key!r}", hint=suggest(key, _KEYS), code="E292")
        workspace = find_workspace(Path(str(given["workspace"])) if given.get("workspace") else None)
        program = open_session(workspace).program
        wish = pipeline.wish(
            _text(given.get("user_id")),
            _text(given.get("time_period")),
            _text(given.get("compare")),
            goals=bool(given.get("include_goals", True)),
        )
        with store.reader(workspace) as con:
            return reports.compose(con, program, workspace, self.name, _moment(given.get("as_of")), wish).text


_KEYS = ("user_id", "time_period", "compare", "include_goals", "workspace", "as_of")


def _text(given: object) -> str | None:
    return None if given is None else str(given)


def _moment(given: object) -> datetime:
    if given is None:
        return datetime.now(UTC)
    moment = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
