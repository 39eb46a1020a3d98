"""What people hold of an account, beside its computed health: an override until it expires, and how it feels to them.

Nothing here is mixed into a score. It is read from what `account.md` says (source `workspace`), as of a moment; how an
override came and went is told by the records that the source has read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from execution import engine, store
from execution.engine import ident
from execution.measures.stored import Stored

_COLUMNS = (
    "stated_score", "stated_band", "stated_reason", "stated_author", "stated_expires", "stated_sentiment",
    "stated_sentiment_by", "stated_sentiment_on",
)  # fmt: skip
_WRITTEN = "workspace__overrides"
_ACCOUNTS = "workspace__accounts"


@dataclass(frozen=True, slots=True)
class Override:
    """What somebody put in the place of the computed health: a `score` (0 to 100) or a `band`, until `expires` begins
    (UTC). `first_seen` is when it was first read, None where that is not known."""

    account: str
    score: Decimal | None
    band: str | None
    reason: str
    author: str
    expires: date
    first_seen: datetime | None = None

    def is_in_force(self, as_of: datetime) -> bool:
        return engine.naive_utc(as_of) < datetime.combine(self.expires, time())


@dataclass(frozen=True, slots=True)
class Feeling:
    """How an account feels to the one who looks after it: `score` from 1 to 5, who says so, and when they said it."""

    account: str
    score: int
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Past:
    """An override as it was written: read first at `first_seen`, and gone (None: still there) from `gone` on. `since`
    is the day from which its author says that it holds."""

    first_seen: datetime
    gone: datetime | None
    score: Decimal | None
    band: str | None
    reason: str
    author: str
    expires: date
    since: date | None = None

    @property
    def began(self) -> datetime:
        """From when on it counts: nobody held what was only written later, unless they say so."""
        return datetime.combine(self.since, time()) if self.since else self.first_seen

    def is_there(self, as_of: datetime) -> bool:
        """Whether it was written down at a moment."""
        moment = engine.naive_utc(as_of)
        return self.began <= moment and (self.gone is None or moment < self.gone)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a score: the override in force, or the one that `expired`, the feeling, and the overrides
    there had been by then, the newest first."""

    override: Override | None = None
    expired: Override | None = None
    feeling: Feeling | None = None
    history: tuple[Past, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == Beside()


@dataclass(frozen=True, slots=True)
class Standing:
    """Overrides of all accounts, as of a moment: those in force, and those that ran out and are still written down."""

    in_force: tuple[Override, ...] = ()
    expired: tuple[Override, ...] = ()


def beside(con: engine.Connection, entity: str, key: str, as_of: datetime) -> Beside:
    """What people hold of a company, or of a person: what is said of them, else of their company."""
    row = _row(con, entity, key)
    account = key
    if row is None and entity == "customers" and (company := _company_of(con, key)):
        row, account = _row(con, "companies", company), company
    history = _history(con, account)
    override = _override(account, row, history, as_of)
    feeling = _feeling(account, row, as_of) if row is not None else None
    history = _known_by(history, as_of)
    if override is None:
        return Beside(None, None, feeling, history)
    is_in_force = override.is_in_force(as_of)
    return Beside(override if is_in_force else None, None if is_in_force else override, feeling, history)


def standing(con: engine.Connection, as_of: datetime, stored: Stored | None = None) -> Standing:
    """Every override that is written down, those that expire first before the others. `stored` is what the store has,
    where that is at hand."""
    found: list[Override] = []
    stored = Stored.read(con) if stored is None else stored
    for entity, key in (("companies", "domain"), ("customers", "email")):
        if _has_columns(stored, entity):
            rows = engine.dicts(
                con,
                f"SELECT {key} AS account, {', '.join(_COLUMNS)} FROM {ident('core', entity)} "
                f"WHERE stated_expires IS NOT NULL ORDER BY stated_expires, {key}",
            )
            said = ((row["account"], row, _history(con, row["account"])) for row in rows)
            found += [one for each in said if (one := _override(*each, as_of))]
    in_order = sorted(found, key=lambda one: (one.expires, one.account))
    return Standing(
        tuple(one for one in in_order if one.is_in_force(as_of)),
        tuple(one for one in in_order if not one.is_in_force(as_of)),
    )


def _has_columns(stored: Stored, entity: str) -> bool:
    return set(_COLUMNS) <= set(stored.columns(f"core.{entity}"))


def _row(con: engine.Connection, entity: str, key: str) -> Mapping[str, Any] | None:
    """What is said of somebody; None where nothing is."""
    if not _has_columns(Stored.read(con), entity):
        return None
    name = "domain" if entity == "companies" else "email"
    rows = engine.dicts(
        con,
        f"SELECT {', '.join(_COLUMNS)} FROM {ident('core', entity)} WHERE {name} = ? "
        "AND (stated_reason IS NOT NULL OR stated_sentiment IS NOT NULL)",
        [key],
    )
    return rows[0] if rows else None


def _company_of(con: engine.Connection, email: str) -> str | None:
    if "company_domain" not in Stored.read(con).columns("core.customers"):
        return None
    row = con.execute("SELECT company_domain FROM core.customers WHERE email = ?", [email]).fetchone()
    return row[0] if row else None


def _override(account: str, row: Mapping[str, Any] | None, history: Sequence[Past], as_of: datetime) -> Override | None:
    """What was written down at a moment: as the records tell, where they tell anything; nobody held then what was only
    written later. Where they do not, what the row says."""
    if history:
        then = next((past for past in history if past.is_there(as_of)), None)
        if then is None:
            return None
        return Override(account, then.score, then.band, then.reason, then.author, then.expires, then.first_seen)
    if row is None or row["stated_reason"] is None or row["stated_expires"] is None:
        return None
    said = (row["stated_score"], row["stated_band"], row["stated_reason"], row["stated_author"], row["stated_expires"])
    return Override(account, *said)


def _known_by(history: Sequence[Past], as_of: datetime) -> tuple[Past, ...]:
    """The overrides that had been read by a moment; those that went later were still there."""
    moment = engine.naive_utc(as_of)
    read = (past for past in history if past.began <= moment)
    return tuple(replace(past, gone=None) if past.gone and past.gone > moment else past for past in read)


def _feeling(account: str, row: Mapping[str, Any], as_of: datetime) -> Feeling | None:
    on = row["stated_sentiment_on"]
    if row["stated_sentiment"] is None or on is None or as_of < datetime.combine(on, time(), UTC):
        return None
    return Feeling(account, row["stated_sentiment"], row["stated_sentiment_by"], on)


def _history(con: engine.Connection, account: str) -> tuple[Past, ...]:
    """Every override that was ever read of an account, the newest first."""
    if not all(store.has_table(con, "raw", table) for table in (_WRITTEN, _ACCOUNTS)):
        return ()
    since = "o.since" if "since" in engine.columns(con, f"FROM raw.{_WRITTEN}") else "NULL"
    rows = con.execute(
        f"SELECT o.first_seen, CASE WHEN o.deleted THEN o.last_changed END, o.score, o.band, o.reason, o.author, "
        f"o.expires, {since} FROM raw.{_WRITTEN} o WHERE o.path IN (SELECT path FROM raw.{_ACCOUNTS} WHERE key = ?) "
        "ORDER BY o.first_seen DESC, o.key",
        [account],
    ).fetchall()
    return tuple(Past(*row) for row in rows)
