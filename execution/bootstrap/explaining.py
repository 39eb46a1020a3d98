"""`gtm explain`: why a score is what it is, of a person or of an account with its people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from execution.bootstrap import whom
from execution.errors import UsageError
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.directives import Program
    from execution.directives.model import Health
    from execution.engine import Connection
    from execution.health.explain import Explanation
    from execution.health.overrides import Beside

NEAR = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of an account: figures in thousandths of a point, and what costs the most, in words."""

    email: str
    name: str | None
    score: int | None
    low: int | None
    high: int | None
    band: str | None
    mrr: Decimal | None
    because: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    """What was asked about: a `person`, or an `account` with its `people`, the lowest score first. `explanation` is
    None where an account has no score of its own. `beside` is what people hold of them, which no score knows."""

    kind: str
    key: str
    name: str | None
    explanation: "Explanation | None"
    people: tuple[Person, ...] = ()
    beside: "Beside | None" = None


def explain(
    workspace: Workspace,
    who: str,
    *,
    as_of: datetime | None = None,
    since: datetime | None = None,
    score: str | None = None,
) -> Explained:
    """Take the score of a person (an e-mail) or an account (a domain, a folder, a name) apart.

    Raises UsageError where nobody or several are meant, or nothing has been scored.
    """
    from execution.directives import read_folder
    from execution.directives.locating import Places
    from execution.health import explain as explaining
    from execution.runs.session import open_session
    from execution.runs.steps import require_known

    program = open_session(workspace).program
    require_known("score", [score] if score else [], program.health)
    places = Places(read_folder(workspace.root))
    with _looked_at(workspace, program, as_of) as (con, is_recomputed):
        kind, key, name = _meant(con, program, workspace, who)
        health = _score(program, kind, score)
        moment = None if is_recomputed else as_of
        found = None
        if health is not None:
            found = explaining.explain(con, program, health, key, places, as_of=moment, since=since)
            if found is not None and is_recomputed:
                found = replace(found, notes=(*found.notes, *_of_the_past(program, health)))
        if kind == "customers" and found is None:
            raise UsageError("nothing has been scored yet", hint="run `gtm score`", code="E233")
        beside = _beside(con, kind, key, as_of, found)
        if kind == "customers":
            return Explained("person", key, name, found, beside=beside)
        return Explained("account", key, name, found, _people(con, program, key, moment), beside)


@contextmanager
def _looked_at(workspace: Workspace, program: "Program", as_of: datetime | None) -> "Iterator[tuple[Connection, bool]]":
    """The published store; or, for a moment before its history begins, one worked out for that moment."""
    from execution import engine, store
    from execution.health import looking_back

    with store.reader(workspace) as con:
        begun = None
        if store.has_table(con, "derived", "score_runs"):
            row = con.execute("SELECT min(as_of) FROM derived.score_runs").fetchone()
            begun = row[0] if row else None
        if as_of is None or begun is None or engine.naive_utc(as_of) >= begun:
            yield con, False
            return
        publication = store.current(workspace)
    file = publication.file if publication else workspace.store_file
    with looking_back.recomputed(file, program, as_of) as con:
        yield con, True


def _beside(
    con: "Connection", entity: str, key: str, as_of: datetime | None, found: "Explanation | None"
) -> "Beside | None":
    """What people hold of them, as of the moment asked about, or that of the last scoring."""
    from execution.health import overrides

    moment = as_of or (found.asked_at.replace(tzinfo=UTC) if found else None)
    if moment is None:
        row = con.execute("SELECT max(completed_at) FROM meta.sources").fetchone()
        if row is None or row[0] is None:
            return None
        moment = row[0].replace(tzinfo=UTC)
    said = overrides.beside(con, entity, key, moment)
    return None if said.is_empty else said


def _of_the_past(program: "Program", health: "Health") -> list[str]:
    from execution.health.looking_back import only_today

    notes = ["no score was recorded then; this one is worked out now, from what had happened by then"]
    if columns := only_today(program, health):
        notes.append(f"known only as of today, and so taken as it is today: {', '.join(columns)}")
    return notes


def _score(program: "Program", entity: str, name: str | None) -> "Health | None":
    from execution.health.view import primary

    if name is None:
        return primary(program, entity)
    found = program.health[name]
    if found.entity != entity:
        raise UsageError(
            f"{name} is a score of {found.entity}, not of {entity}",
            hint="name an e-mail for customers, a domain or a name for companies",
            code="E233",
        )
    return found


# --- who is meant -------------------------------------------------------------------------------


def _meant(con: "Connection", program: "Program", workspace: Workspace, who: str) -> tuple[str, str, str | None]:
    """The entity, the key and the name of whom somebody means."""
    text = who.strip()
    if "@" in text:
        return _person(con, text)
    return _account(con, program, workspace, text)


def _person(con: "Connection", text: str) -> tuple[str, str, str | None]:
    from execution.measures import Stored

    stored = Stored.read(con)
    if not stored.columns("core.customers"):
        raise UsageError("there are no customers yet", hint="run `gtm sync`", code="E224")
    name = "name" if "name" in stored.columns("core.customers") else "NULL"
    asked = text.lower()
    if stored.columns("identity.emails"):
        row = con.execute("SELECT email FROM identity.emails WHERE address IN (?, ?)", [text, asked]).fetchone()
        asked = row[0] if row and row[0] else asked
    row = con.execute(f"SELECT email, {name} FROM core.customers WHERE email = ?", [asked]).fetchone()
    if row:
        return "customers", row[0], row[1]
    near = con.execute(
        "SELECT email FROM core.customers WHERE jaro_winkler_similarity(email, ?) > 0.8 "
        "ORDER BY jaro_winkler_similarity(email, ?) DESC, email LIMIT ?",
        [asked, asked, NEAR],
    ).fetchall()
    raise _nobody("customer", text, [email for (email,) in near])


def _account(con: "Connection", program: "Program", workspace: Workspace, text: str) -> tuple[str, str, str | None]:
    found = whom.account(con, program, workspace, text)
    return _person(con, found.key) if "@" in found.key else ("companies", found.key, found.title)


def _nobody(noun: str, text: str, near: Sequence[str]) -> UsageError:
    hint = f"do you mean {', '.join(near)}?" if near else 'gtm query "select email from unified_customers" shows all'
    return UsageError(f"no {noun} is {text!r}", hint=hint, code="E224")


# --- an account's people ------------------------------------------------------------------------


def _people(con: "Connection", program: "Program", domain: str, as_of: datetime | None) -> tuple[Person, ...]:
    """Everybody of a company with their primary score, as of a moment or as it is, the lowest first."""
    from execution import engine
    from execution.health import names, states
    from execution.health.losses import losses
    from execution.health.view import primary
    from execution.measures import Stored

    stored = Stored.read(con)
    have = stored.columns("core.customers")
    health = primary(program, "customers")
    if "company_domain" not in have or health is None:
        return ()
    selected = ", ".join(name if name in have else f"NULL AS {name}" for name in ("email", "name", "mrr"))
    rows = engine.dicts(con, f"SELECT {selected} FROM core.customers WHERE company_domain = ? ORDER BY email", [domain])
    found = []
    for row in rows:
        state = states.current(con, program, health, row["email"])
        if as_of is not None and (state is None or engine.naive_utc(as_of) < state.scored_at):
            state = states.at(con, program, health, row["email"], as_of)
        if state is None:
            found.append(Person(row["email"], row["name"], None, None, None, None, row["mrr"], None))
            continue
        columns: dict[str, Any] = {
            column.strip('"'): state.parts.get(part) for part, column in names.parts(state.health).items()
        }
        lost = losses(state.health, columns | {"segment": state.segment}) if state.score is not None else []
        because = f"{lost[0].reason} (costs {lost[0].milli / 1000:.1f})" if lost else None
        found.append(
            Person(row["email"], row["name"], state.score, state.low, state.high, state.band, row["mrr"], because)
        )
    return tuple(sorted(found, key=lambda person: (person.score is None, person.score or 0, person.email)))
