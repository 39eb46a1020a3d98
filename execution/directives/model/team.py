"""`kind: team`: who is who, who leads whom, and who is away."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from execution.directives.model.running import TimeZone
from execution.directives.model.shape import Directive, Name, Shape, UnfitError


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise UnfitError(f"'{str(value)[:20]}' is no day", hint="write it as in 2026-01-31") from None


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _address(text: str) -> str:
    name, at, domain = text.partition("@")
    if not (name and at and "." in domain) or any(sign in text for sign in " \t\r\n<>,;"):
        raise UnfitError(f"'{text[:60]}' is no e-mail address", hint="write the bare address, as in ada@example.com")
    return text.lower()


Day = Annotated[date, BeforeValidator(_day)]
Address = Annotated[str, AfterValidator(_address)]


class Away(Shape):
    """Days on which somebody is away, both included, and who stands in."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="until")
    cover: Name | None = None

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> "Away":
        if self.last < self.first:
            raise UnfitError(f"away until {self.last}, from {self.first}", hint="the last day is not before the first")
        return self


class Person(Shape):
    """One of us. `crm_owner` are the ids and names under which CRMs know them, `left` the first day they are gone."""

    name: Annotated[str, Field(min_length=1)]
    email: Address
    role: Name | None = None
    manager: Name | None = None
    slack: Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,}$")] | None = None
    crm_owner: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    time_zone: TimeZone | None = None
    left: Day | None = None
    away: tuple[Away, ...] = ()


class Group(Shape):
    """People who can be addressed together. `slack` is the id of their user group, `channel` where they read."""

    members: Annotated[tuple[Name, ...], Field(min_length=1)]
    slack: Annotated[str, Field(pattern=r"^S[A-Z0-9]{2,}$")] | None = None
    channel: str | None = None
    email: Address | None = None


class Team(Directive):
    """A team directive: people and groups by their name in all other directives."""

    kind: Literal["team"]
    people: Annotated[dict[Name, Person], Field(min_length=1)]
    groups: dict[Name, Group] = {}
