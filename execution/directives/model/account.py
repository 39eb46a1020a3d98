"""What people and agents may say of an account in the frontmatter of its `account.md`."""

import re
from datetime import date
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from execution.directives.model.shape import Shape, UnfitError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DOMAIN = re.compile(r"[^\s@/:.]+(\.[^\s@/:.]+)+")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def _day(written: object) -> object:
    if isinstance(written, date):
        return written
    try:
        if isinstance(written, str) and _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise UnfitError(f"{str(written)[:40]!r} is not a day", hint="write it as 2026-12-31")


def _said(written: object) -> object:
    if isinstance(written, str) and not written.strip():
        raise UnfitError("an empty value says nothing", hint="say it in words, or take the key out")
    return written


def _address(written: object) -> object:
    if isinstance(written, str) and not _EMAIL.fullmatch(written):
        raise UnfitError(f"{written[:60]!r} is not an e-mail", hint="write it as name@example.com")
    return written


def _account(written: object) -> object:
    if isinstance(written, str) and not (_DOMAIN.fullmatch(written) or _EMAIL.fullmatch(written)):
        hint = "write the company's domain, as in acme.com; for somebody with a free-mail address, the e-mail"
        raise UnfitError(f"{written[:60]!r} is no account", hint=hint)
    return written


def _number(written: object, least: int, most: int, *, is_whole: bool) -> object:
    hint = f"write a {'whole ' if is_whole else ''}number from {least} to {most}"
    kinds = (int,) if is_whole else (int, float)
    if isinstance(written, bool) or not isinstance(written, kinds):
        raise UnfitError(f"{str(written)[:40]!r} is not a {'whole ' if is_whole else ''}number", hint=hint)
    if not least <= written <= most:
        raise UnfitError(f"{written} is not between {least} and {most}", hint=hint)
    return written


def _health(written: object) -> object:
    return None if written is None else _number(written, 0, 100, is_whole=False)


def _feeling(written: object) -> object:
    return _number(written, 1, 5, is_whole=True)


Day = Annotated[date, BeforeValidator(_day)]
Said = Annotated[str, BeforeValidator(_said)]
Address = Annotated[str, BeforeValidator(_address)]


class HealthOverride(Shape):
    """What a person holds the health to be, beside the computed one, from the day `since` (by default when it was first
    read) until the day `expires` begins (UTC)."""

    score: Annotated[float | None, BeforeValidator(_health)] = None
    band: Said | None = None
    reason: Said
    author: Said
    since: Day | None = None
    expires: Day

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.score is None) == (self.band is None):
            found = "neither score nor band" if self.score is None else "both score and band"
            raise UnfitError(f"the override has {found}", hint="write one of the two: score: 0 to 100, or band:")
        if self.since is not None and self.since >= self.expires:
            raise UnfitError(f"it ends on {self.expires} and begins on {self.since}", hint="since: is the earlier")
        return self


class Sentiment(Shape):
    """How the account feels to the one who looks after it, from 1 (bad) to 5 (very good)."""

    score: Annotated[int, BeforeValidator(_feeling)]
    by: Said
    on: Day
    note: str = ""


class Stakeholder(Shape):
    """Somebody who counts there. `role` is the team's word for what they are to the deal: champion, blocker …"""

    email: Address | None = None
    name: Said | None = None
    role: Said
    title: str | None = None
    note: str = ""

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if self.email is None and self.name is None:
            raise UnfitError("a stakeholder has neither name nor email", hint="say who it is")
        return self


class Account(Shape):
    """The frontmatter of `customers/<account>/account.md`. All but `account` may be left out; one that is `new` counts
    though no source has it yet."""

    account: Annotated[str, BeforeValidator(_account)]
    new: Annotated[bool, Field(strict=True)] = False
    name: Said | None = None
    owner: Said | None = None
    owner_email: Address | None = None
    stage: Said | None = None
    renewal_date: Day | None = None
    industry: Said | None = None
    country: Said | None = None
    tags: tuple[Said, ...] = ()
    stakeholders: tuple[Stakeholder, ...] = ()
    health_override: HealthOverride | None = None
    sentiment: Sentiment | None = None


FORMS: dict[str, type[Shape]] = {"account": Account}
"""The forms that the frontmatter of a source's files may be held to."""
