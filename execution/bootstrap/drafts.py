"""`gtm draft`: which drafts there are, and one of them, filled with what is known of an account."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from execution.bootstrap import whom
from execution.bootstrap.published import published
from execution.errors import Problem, UsageError
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.directives import Program
    from execution.drafts.facts import Known, Values
    from execution.drafts.run import Draft
    from execution.engine import Connection


@dataclass(frozen=True, slots=True)
class Listed:
    """One kind of draft: where its template is, and what it is for."""

    kind: str
    template: str
    about: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft, and the file it was written to, as a path from the workspace where it is there."""

    draft: "Draft"
    file: str | None


def kinds(workspace: Workspace) -> tuple[Listed, ...]:
    """Every kind of draft, by name."""
    from execution.drafts.kinds import kinds as known

    return tuple(Listed(kind.name, kind.path, kind.about) for kind in known(workspace).values())


def problems(workspace: Workspace, program: "Program") -> tuple[Problem, ...]:
    """Everything wrong with the templates of the workspace's drafts."""
    from execution.drafts import environment
    from execution.drafts.kinds import kinds as known

    own = [kind for kind in known(workspace).values() if kind.file.is_relative_to(workspace.root)]
    return tuple(environment.problems(own, program))


def draft(workspace: Workspace, kind: str, account: str, to: str | None = None) -> "Draft":
    """A draft from the published store, as of when it was last scored.

    Raises UsageError for a kind or an account that is not there, DirectiveError for a template that does not hold.
    """
    from execution.drafts import facts, run
    from execution.drafts.kinds import kind_of

    chosen = kind_of(workspace, kind)
    with published(workspace) as (con, program):
        key = whom.account(con, program, workspace, account).key
        as_of = _scored_at(con)
        known = facts.read(con, program, key, as_of)
        return run.draft(program, chosen, known, _addressee(known, to), as_of)


def save(workspace: Workspace, made: "Draft") -> str:
    """Write it into the account's folder, `drafts/<day>_<kind>.md`; its path. Raises UsageError where it is there."""
    from execution.context import slugs
    from execution.context.places import taken
    from execution.drafts import facts
    from execution.files.writing import write_new

    with published(workspace) as (con, program):
        names = facts.accounts(con, program)
        folder = slugs.assign(names, taken(workspace, names))[made.account]
    file = workspace.customers / folder / "drafts" / f"{made.as_of:%Y-%m-%d}_{made.kind}.md"
    shown = file.relative_to(workspace.root).as_posix()
    if not write_new(workspace.root, file, made.text):
        raise UsageError(f"{shown} is there already", hint="rename it, or write another with --out FILE", code="E257")
    return shown


def write(made: "Draft", file: Path) -> str:
    """Write it to a file that is not there yet; its path. Raises UsageError where it is, or its folder is not."""
    if file.exists() or not file.parent.is_dir():
        what = f"{file} is there already" if file.exists() else f"there is no folder {file.parent}"
        raise UsageError(what, hint="a draft never replaces a file; name another", code="E257")
    file.write_text(made.text, encoding="utf-8")
    return str(file)


def _addressee(known: "Known", to: str | None) -> "Values":
    """Whom it is written to: who is named, or the first of its people; nobody where none is known."""
    by_address = {str(each["email"]): each for each in known.people}
    if to is None:
        return known.people[0] if known.people else {}
    names = {address: str(each.get("name") or address) for address, each in by_address.items()}
    return by_address[whom.meant(to, names, "person there")]


def _scored_at(con: "Connection") -> datetime:
    """The moment that what is known is of: so a draft of one store is the same whenever it is made."""
    from execution.store import has_table

    row = (
        con.execute("SELECT max(as_of) FROM derived.moments").fetchone()
        if has_table(con, "derived", "moments")
        else None
    )
    return row[0].replace(tzinfo=UTC) if row and row[0] else datetime.now(UTC)
