"""`kind: trigger`: when somebody has to be told of a row, how it ends, and what is then done."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from execution.directives.model.segment import Condition
from execution.directives.model.shape import Directive, Duration, Name, Shape, UnfitError

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
"""The gravest first."""

Status = Literal["experimental", "stable", "deprecated"]

ENTITY = "customers"
"""What a trigger is about that does not say."""


def _keywords(value: object) -> object:
    return {"phrases": value} if isinstance(value, list | tuple) else value


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Keywords(Shape):
    """Words in what customers wrote. `phrases` are plain words, found where they stand as whole words in any case;
    `patterns` are regular expressions (RE2). One is enough.

    `unless` are phrases beside which a hit does not count, however far apart they stand in the text; with `negation` a
    hit that is denied in the few words before it does not count either. `sources` and `entities` say whose texts are
    read (by default every entity with `texts:`), `within` how old they may be.
    """

    phrases: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    patterns: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    unless: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    sources: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()
    entities: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()
    negation: bool = True
    within: Duration = timedelta(days=30)

    @model_validator(mode="after")
    def _says_something(self) -> "Keywords":
        if not self.phrases and not self.patterns:
            raise UnfitError("keywords without a word", hint="write phrases: or patterns:")
        return self


class Called(Shape):
    """One action of a trigger: its name in `directives/policies/routing.md`, and what is otherwise than said there."""

    action: Name
    settings: dict[str, Any] = {}


def _called(value: object) -> object:
    """`notify_ae`, or `create_task: {due: 2h}`."""
    if isinstance(value, str):
        return {"action": value}
    if isinstance(value, dict) and len(value) == 1:
        ((name, settings),) = value.items()
        if settings is None or isinstance(settings, dict):
            return {"action": name, "settings": settings or {}}
    raise UnfitError(f"{value!r} is no action", hint="write a name, or name: {key: value} with what is otherwise")


class Trigger(Directive):
    """A trigger directive: a rule about each row of an entity, and the alert that it opens.

    The rule is `when`, or `conditions` of which `match` says whether all or any must hold, and `keywords`, which count
    as one more condition. It must hold for `lasting` (`for:`) before the alert fires, and the alert resolves when
    `resolve_when` holds, or without that when the rule does not. `key` tells several alerts of one row apart.
    `where` says whom the rule is for: of others nothing holds, and what was open ends.
    After it fired it does not fire again for the same row within `cooldown`.

    An `experimental` rule is evaluated and recorded, and tells nobody; one that is `deprecated` opens nothing new.
    """

    kind: Literal["trigger"]
    entity: Name = ENTITY
    meaning: str = ""
    when: Condition | None = None
    conditions: Annotated[tuple[Condition, ...], BeforeValidator(_listed)] = ()
    match: Literal["all", "any"] = "all"
    keywords: Annotated[Keywords | None, BeforeValidator(_keywords)] = None
    key: str | None = None
    where: Condition | None = None
    lasting: Duration = Field(default=timedelta(0), alias="for")
    resolve_when: Condition | None = None
    severity: Severity = "medium"
    cooldown: Duration = timedelta(0)
    message: str = ""
    route: Name | None = None
    actions: tuple[Annotated[Called, BeforeValidator(_called)], ...] = ()
    status: Status = "stable"
    tags: tuple[Name, ...] = ()
    false_positives: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()

    @model_validator(mode="after")
    def _has_a_rule(self) -> "Trigger":
        if self.when is not None and self.conditions:
            raise UnfitError("a trigger has either when: or conditions:", hint="write one of the two")
        if self.when is None and not self.conditions and self.keywords is None:
            raise UnfitError("a trigger that says nothing", hint="write when:, conditions: or keywords:")
        return self

    def rule(self) -> dict[tuple[str | int, ...], str]:
        """Every condition of the rule by its place in the frontmatter; keywords are none."""
        if self.when is not None:
            return {("when",): self.when}
        return {("conditions", number): text for number, text in enumerate(self.conditions)}

    def expressions(self) -> dict[tuple[str | int, ...], str]:
        """Every expression by its place in the frontmatter: the rule, whom it is for, how it ends, and the key."""
        found = self.rule()
        if self.where is not None:
            found["where",] = self.where
        if self.resolve_when is not None:
            found["resolve_when",] = self.resolve_when
        if self.key is not None:
            found["key",] = self.key
        return found
