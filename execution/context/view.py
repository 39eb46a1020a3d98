"""What a template sees: the account with all that follows from its facts, and the ways to write a figure.

Everything is worked out when a template first asks for it, and once for all tiers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from execution.context import accounts, risks, steps, wording
from execution.context.changes import Change, changes
from execution.context.conversations import CUSTOMER, Conversation, conversations
from execution.context.facts import Account, Alert, Happening, Head, Listed, Person
from execution.context.fitting import Sheet
from execution.context.risks import Risk
from execution.context.scored import Part, Scores
from execution.context.stakeholders import Relations, relations
from execution.context.steps import Step
from execution.context.wording import Place
from execution.directives import Program
from execution.directives.model import Tier
from execution.files.managed import AS_OF
from execution.files.quoting import Markdown, code, inline

WORKSPACE = "workspace"
"""The source that is what people write."""


@dataclass(frozen=True, slots=True)
class SourceRead:
    """An enabled source, when it was last read whole, and whether that is longer ago than its freshness allows."""

    name: str
    title: str
    at: datetime | None
    state: str


@dataclass(frozen=True)
class Ground:
    """What is the same for all accounts of a run. `reported` are the kinds of rows and of events that any source of the
    store reports at all."""

    program: Program
    place: Place
    sources: tuple[SourceRead, ...]
    reported: frozenset[str]
    blank: SimpleNamespace
    """The columns of companies that templates name, of an account that is none."""

    @cached_property
    def scores(self) -> Scores:
        return Scores(self.program)

    @cached_property
    def meanings(self) -> Mapping[str, str]:
        """What the columns of a company mean that are facts of its account."""
        entity = self.program.entities.get("companies")
        of_head = {field.name for field in fields(Head)} & accounts.COLUMNS["companies"].keys()
        columns = entity.columns if entity else {}
        return {name: columns[name].meaning or name for name in columns if name in of_head and columns[name].sources}

    @cached_property
    def why(self) -> Mapping[str, str]:
        """Why such a column may be unknown: who could tell, and whether they are connected."""
        entity = self.program.entities["companies"]
        return {name: self._why(entity.columns[name].sources) for name in self.meanings}

    def _why(self, givers: Sequence[str]) -> str:
        read = {source.name: source.title for source in self.sources if source.at is not None}
        asked = [read[name] for name in givers if name in read and name != WORKSPACE]
        told = (
            f"{' and '.join(asked)} {'does' if len(asked) == 1 else 'do'} not say"
            if asked
            else "no connected source reports it"
        )
        return f"{told}; write it into account.md" if WORKSPACE in givers else told

    def person(self, user: str | None) -> str | None:
        """Somebody of the team by name."""
        people = self.program.team.people if self.program.team else {}
        return people[user].name if user in people else user

    def _read(self) -> Markdown:
        """When the sources were read, as the one line that may be another without the file being another."""
        read = [
            f"{inline(source.title)} {wording.moment(self.place, source.at)}" for source in self.sources if source.at
        ]
        begin = f"{AS_OF}{wording.moment(self.place, self.place.as_of)}"
        return Markdown(f"{begin} the sources had been read: {'; '.join(read) or 'none'}.")

    def values(self, account: "View", tier: Tier, sheet: Sheet) -> dict[str, Any]:
        """Everything that a template names."""
        return {
            **self._words,
            "account": account,
            "company": account.head.row or self.blank,
            "tier": tier,
            "file": lambda name: code(f"customers/{account.folder}/{name}"),
            "cut": sheet.cut,
            "more": sheet.more,
        }

    @cached_property
    def _words(self) -> Mapping[str, Any]:
        """What does not depend on the account."""
        program, place, settings = self.program, self.place, self.program.settings
        triggers, segments = program.triggers, program.segments
        titles = {source.name: source.title for source in self.sources}
        return {
            "as_of": Markdown(f"{AS_OF}{wording.moment(place, place.as_of)}, when a fact in this block last changed."),
            "as_of_sources": self._read(),
            "sources": self.sources,
            "recent": settings.recent.days,
            "lately": settings.lately.days,
            "day": lambda at: wording.day(place, at),
            "moment": lambda at: wording.moment(place, at),
            "money": lambda amount, currency=place.currency: wording.money(amount, currency),
            "points": lambda value: None if value is None else Markdown(wording.points(value)),
            "percent": lambda share: None if share is None else Markdown(f"{share:.0%}"),
            "count": wording.count,
            "known_of": wording.known_of,
            "standing": wording.standing,
            "held": wording.held,
            "person_of": self.person,
            "title_of": lambda name: (triggers[name].title if name in triggers else "") or wording.phrase(name),
            "meaning_of": lambda name: segments[name].meaning if name in segments else None,
            "source_of": lambda name: titles.get(name, name),
            "reports": lambda kind: kind in self.reported,
        }


_OF_HEAD = frozenset(name for name in dir(Head) if not name.startswith("_"))


class View:
    """One account as a template sees it: its facts and those of its head by their names, and what follows from them."""

    def __init__(self, account: Account, ground: Ground) -> None:
        self._account = account
        self._ground = ground

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the fact is
        account = self.__dict__["_account"]
        return getattr(account.head if name in _OF_HEAD else account, name)

    @property
    def head(self) -> Head:
        return self._account.head

    @property
    def folder(self) -> str:
        return self._account.folder

    @cached_property
    def relations(self) -> Relations:
        return relations(self._account, self._ground.program.settings.roles)

    @cached_property
    def conversations(self) -> Listed[Conversation]:
        found = conversations(self._account)
        return Listed(found, max(len(found), self._talks))

    @property
    def _talks(self) -> int:
        return sum(event.kind == "conversation" for event in self._account.interactions)

    @cached_property
    def risks(self) -> tuple[Risk, ...]:
        return risks.risks(self._account, self.relations)

    @cached_property
    def signals(self) -> list[tuple[str, Any]]:
        return risks.signals(self._account)

    @cached_property
    def steps(self) -> list[Step]:
        return steps.now(self._account, self.conversations.rows, self._ground.person)

    @cached_property
    def coming(self) -> list[Step]:
        return steps.coming(self._account, self.relations)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        return changes(self._account, self._ground.place.currency)

    @cached_property
    def changed_lately(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.is_lately)

    @cached_property
    def all_alerts(self) -> tuple[Alert, ...]:
        """Those that are open, then those that are over."""
        return (*self._account.alerts, *self._account.past_alerts)

    @cached_property
    def changed_before(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.is_lately)

    @cached_property
    def recent(self) -> Listed[Happening]:
        rows = tuple(event for event in self._account.interactions if event.is_recent)
        return Listed(rows, rows[0].recent_total if rows else 0)

    @cached_property
    def lately(self) -> Listed[Happening]:
        rows = tuple(event for event in self._account.interactions if event.is_lately)
        return Listed(rows, rows[0].lately_total if rows else 0)

    @cached_property
    def earlier(self) -> Listed[Happening]:
        rows = tuple(event for event in self._account.interactions if not event.is_lately)
        return Listed(rows, rows[0].total - rows[0].lately_total if rows else 0)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        found = self._account.parts
        return self._ground.scores.parts(found[0]) if found else ()

    @cached_property
    def words(self) -> list[str]:
        """What people there told us: their answers, then why they called things off; each line says who."""
        said = [f"{p.called}, {about}: {text}" for p in self._account.people for about, text in p.words]
        happened: Iterable[Happening] = (*self.recent, *self._account.upcoming)
        told = [e for e in happened if e.detail and (e.kind != "conversation" or not self.conversations)]
        return said + [f"{e.called}, {e.kind} {e.at:%Y-%m-%d}: {e.detail}" for e in told]

    @cached_property
    def last_words(self) -> list[str]:
        """The last thing that each of their conversations has of them, the latest first."""
        found = []
        for talk in self.conversations:
            said = next((each for each in reversed(talk.messages) if each.author == CUSTOMER and each.text), None)
            if said:
                found.append(f"{talk.called}, {said.at:%Y-%m-%d}: {said.text}")
        return found

    def role_of(self, person: Person) -> str | None:
        """What somebody is there: the parts they play, what they do, or what the CRM takes them for."""
        parts = self._parts_by_email.get(person.email)
        return "; ".join(filter(None, [parts, person.job_title])) or wording.phrase(person.customer_type)

    @cached_property
    def _parts_by_email(self) -> dict[str, str]:
        found = self.relations.stakeholders
        return {each.email: ", ".join(each.roles) or each.written or "" for each in found if each.email}

    @cached_property
    def health(self) -> Markdown:
        """Where the account stands as a whole, how far that can be relied on, and where its weakest person does."""
        head = self.head
        found = head.standing or head.weakest
        if found is None:
            return inline(None)
        parts: list[str] = [wording.standing(found)]
        if found.band and found.low < found.high:
            parts.append(f"between {wording.points(found.low)} and {wording.points(found.high)} once all is known")
        parts.append(f"{found.coverage:.0%} of the weight known")
        if found.churn_risk is not None:
            parts.append(f"churn risk {wording.points(found.churn_risk)}")
        if head.people_count > 1:
            parts.append(self._of_people())
        return wording.sentence(parts)

    def _of_people(self) -> str:
        """How the weakest of several people stands, where the line before speaks of the account as a whole."""
        head, weakest = self.head, self.head.weakest
        enough = f"{head.people_count} people, of whom {head.people_with_band} have enough data"
        if head.standing is None or weakest is None:
            return f"the lowest of {enough}"
        who = next((person.called for person in self._account.people if person.email == weakest.of), weakest.of)
        return f"the lowest of {enough}: {inline(who)}, {wording.standing(weakest)}"

    @cached_property
    def missing(self) -> list[tuple[str, str]]:
        """What is not known of the account, and why: columns of its company, then parts of its score."""
        head, ground = self.head, self._ground
        found = [
            (meaning, ground.why[name]) for name, meaning in ground.meanings.items() if getattr(head, name) is None
        ]
        return found + [
            (f"{part.label}, a part of the score", f"it needs: {part.why}") for part in self.parts if part.why
        ]

    @property
    def query(self) -> str:
        """The question that gives the figures behind a file."""
        head = self.head
        column, key = ("company_domain", head.domain) if head.domain else ("email", head.account)
        return f"gtm query \"select * from unified_customers where {column} = '{key.replace(chr(39), chr(39) * 2)}'\""


def zone_of(program: Program, as_of: datetime) -> Place:
    """Where and when a run writes."""
    settings = program.settings
    return Place(ZoneInfo(settings.time_zone), settings.base_currency, as_of)
