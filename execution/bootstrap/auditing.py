"""`gtm doctor`: the workspace as a whole, and the fixes that are safe."""

import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from execution.directives import Program, read_folder
from execution.directives.model import Audit
from execution.errors import DirectiveError, GtmError, Problem, StoreError, UsageError
from execution.runs.checked import program_of
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.agents.commands import Commands
    from execution.audit import Report
    from execution.audit.facts import Facts, Published, SourceState, Unknown
    from execution.audit.fixing import Done, Fix

_POLICY = "directives/policies/audit.md"


@dataclass(frozen=True, slots=True)
class Audited:
    """The report (as it is after the fixes), what is planned to be fixed, and what was."""

    report: "Report"
    planned: "tuple[Fix, ...]"
    done: "tuple[Done, ...]" = ()

    @property
    def exit_code(self) -> int:
        has_failed = any(each.error for each in self.done)
        return int(self.report.has_errors or has_failed)


def doctor(
    workspace: Workspace,
    *,
    fix: bool = False,
    dry_run: bool = False,
    now: datetime | None = None,
    commands: "Commands | None" = None,
) -> Audited:
    """Audit a workspace; with `fix` what is safe is done first, unless it is only to be shown (`dry_run`).

    `commands` are those of the command line, which Claude Code's files are held against; without them these are not
    checked.

    Raises UsageError where no directive says what is audited.
    """
    from execution.audit import audit
    from execution.audit.fixing import apply, planned

    moment = now or datetime.now(UTC)
    facts = gather(workspace, moment, commands)
    report = audit(facts)
    fixes = planned(facts, report)
    if not fix or dry_run or not fixes:
        return Audited(report, fixes)
    done = apply(workspace, fixes)
    after = gather(workspace, moment, commands)
    report = audit(after)
    return Audited(report, planned(after, report), done)


def gather(workspace: Workspace, now: datetime, commands: "Commands | None" = None) -> "Facts":
    """Everything that the checks look at."""
    from execution import engine
    from execution.audit import history, reading
    from execution.audit.facts import Facts
    from execution.audit.secrets import Detector

    program = _program(workspace)
    policy = _policy(program)
    tree = reading.walk(workspace.root)
    pages = {page.path: page for page in reading.pages(workspace.root, tree.files)}
    ignored = reading.ignored_lines(workspace.root)
    files = history.committable(workspace.root)
    looked_into = files if files is not None else _not_ignored(tree.files, ignored)
    experimental = (each.path for each in program.triggers.values() if each.status == "experimental")
    return Facts(
        policy=policy,
        program=program,
        now=now,
        files=frozenset(tree.files),
        folders=frozenset(tree.folders),
        pages=tuple(pages.values()),
        accounts=tuple(reading.account_folders(workspace.root, tree, pages)),
        ignored=ignored,
        env_mode=reading.env_mode(workspace),
        leftovers=tuple(reading.leftovers(workspace, tree)),
        free_bytes=shutil.disk_usage(workspace.root).free,
        versions={"python": platform.python_version(), "duckdb": engine.VERSION},
        git=history.read(workspace.root, experimental),
        leaks=tuple(reading.leaks(workspace.root, looked_into, Detector(policy.secrets))),
        published=_published(workspace),
        briefs_from=_briefs_from(workspace),
        sources=_sources(workspace, program, now),
        unscheduled=_unscheduled(workspace, program),
        claude=_claude(workspace, commands),
    )


def _program(workspace: Workspace) -> Program:
    """The program, whatever is wrong with it: that is among the findings. Raises DirectiveError for files that cannot
    be read."""
    return program_of(workspace, read_folder(workspace.root))


def _policy(program: Program) -> Audit:
    if program.audit is not None:
        return program.audit
    wrong = [problem for problem in program.problems if problem.path == _POLICY]
    if wrong:
        raise DirectiveError(tuple(wrong))
    raise UsageError(
        "no directive says what is audited", hint=f"`gtm init .` writes {_POLICY} where it is missing", code="E212"
    )


def _not_ignored(files: set[str], ignored: tuple[str, ...]) -> list[str]:
    """Without git: what it would take, as far as the plain lines of .gitignore say."""
    has_accounts = "/customers/*/" not in ignored
    kept = ("customers/templates/", "customers/workflows/")
    return [
        file
        for file in files
        if file != ".env" and (has_accounts or not file.startswith("customers/") or file.startswith(kept))
    ]


def _published(workspace: Workspace) -> "Published | Unknown":
    from execution import store
    from execution.audit.facts import Published, Unknown
    from execution.store.publishing import made_at

    try:
        publication = store.current(workspace)
        if publication is None:
            return Unknown("nothing is published yet")
        backups = [file.stat().st_mtime for file in (workspace.data / "backups").glob("*.duckdb")]
        return Published(
            workspace.store_file.stat().st_size if workspace.store_file.exists() else 0,
            publication.number,
            made_at(publication),
            datetime.fromtimestamp(max(backups), UTC) if backups else None,
            _known_accounts(workspace),
        )
    except (StoreError, OSError, ValueError) as error:
        return Unknown(f"the published store cannot be read: {error}")


def _known_accounts(workspace: Workspace) -> frozenset[str]:
    """Every domain and address that an account may be named by."""
    from execution import store

    columns = {"companies": ("domain",), "customers": ("email", "company_domain")}
    with store.reader(workspace) as con:
        have = store.Stored.read(con)
        selects = [
            f"SELECT {column} FROM core.{table}"
            for table, names in columns.items()
            for column in names
            if column in have.columns(f"core.{table}")
        ]
        rows = con.execute(" UNION ".join(selects)).fetchall() if selects else []
    return frozenset(row[0] for row in rows if row[0])


def _briefs_from(workspace: Workspace) -> "int | Unknown":
    """The publication that the briefs were last written from; 0 where the journal knows of none."""
    from execution.store import journal

    entry: Mapping[str, object] = next(journal.entries(workspace, "context"), {})
    number = entry.get("publication")
    return number if isinstance(number, int) else 0


def _sources(workspace: Workspace, program: Program, now: datetime) -> "tuple[SourceState, ...] | Unknown":
    from execution.audit.facts import SourceState, Unknown
    from execution.runs.connection import missing
    from execution.runs.freshness import last_reads
    from execution.settings import load_environment

    try:
        environment = load_environment(workspace)
        read = last_reads(workspace, program.sources)
    except (OSError, ValueError) as error:
        return Unknown(f"the journal or .env cannot be read: {error}")
    found = []
    for name, source in sorted(program.sources.items()):
        if source.enabled:
            absent = missing(source, environment, workspace.root)
            at = read.get(name)
            is_late = at is not None and source.freshness is not None and now - at > source.freshness.error
            found.append(SourceState(name, source.path, absent, is_late and not absent, at))
    return tuple(found)


def _unscheduled(workspace: Workspace, program: Program) -> "tuple[str, ...] | Unknown":
    """Enabled schedules that are not in the user's crontab."""
    from execution.audit.facts import Unknown
    from execution.runs import crontab

    try:
        installed = crontab.read_crontab()
    except (GtmError, OSError) as error:
        return Unknown(error.message if isinstance(error, GtmError) else str(error))
    wanted = sorted(name for name, schedule in program.schedules.items() if schedule.enabled)
    return tuple(name for name in wanted if crontab.command(workspace, name) not in installed)


def _claude(workspace: Workspace, commands: "Commands | None") -> "tuple[Problem, ...] | Unknown":
    """What is wrong with what Claude Code reads; where the workspace has nothing for it, nothing is."""
    from execution.audit.facts import Unknown
    from execution.bootstrap import agents

    if commands is None:
        return Unknown("it was not said which commands there are")
    return agents.check(workspace, commands).problems
