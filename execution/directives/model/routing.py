"""`kind: routing`: where alerts go, to whom, when, how many of them, and what the named actions do."""

import re
from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from execution.directives.model.segment import Condition
from execution.directives.model.shape import Directive, Duration, Name, Shape, UnfitError
from execution.directives.model.trigger import Severity

_ENV = re.compile(r"^env:[A-Za-z_][A-Za-z0-9_]*$")


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _clock(value: object) -> object:
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value)) if re.fullmatch(r"\d\d:\d\d", str(value)) else _no_clock(value)
    except ValueError:
        return _no_clock(value)


def _no_clock(value: object) -> object:
    raise UnfitError(f"'{str(value)[:20]}' is no time of day", hint="write hours and minutes, as in 08:30")


def _secret(text: str) -> str:
    if not _ENV.match(text):
        raise UnfitError("a secret stands in the file", hint="name a variable of .env, as in env:SLACK_BOT_TOKEN")
    return text


Clock = Annotated[time, BeforeValidator(_clock)]
Secret = Annotated[str, AfterValidator(_secret)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_listed)]


# --- channels ---------------------------------------------------------------------------------------


class Limit(Shape):
    """At most so many messages in so long."""

    messages: Annotated[int, Field(ge=1)]
    per: Duration


class Retry(Shape):
    """How often a message is tried in all, and how long after a failure it is tried again: `first`, and `factor` times
    longer after each further one, up to `longest`; each wait is moved by up to `jitter` of itself, so that many do not
    come back at once."""

    attempts: Annotated[int, Field(ge=1, le=100)] = 8
    first: Duration = timedelta(seconds=30)
    factor: Annotated[float, Field(ge=1, le=100)] = 3.0
    longest: Duration = timedelta(hours=6)
    jitter: Annotated[float, Field(ge=0, lt=1)] = 0.2


class _Channel(Shape):
    """`enabled` lets it send; nothing leaves the machine otherwise. `test` sends everything to that address or channel,
    marked `[TEST]`. An answer is waited for as long as `timeout` says; a run that took a message up and told nothing of
    it for `lease` is taken to have died."""

    enabled: bool = False
    rate_limit: Limit | None = None
    test: str | None = None
    retry: Retry = Retry()
    timeout: Duration = timedelta(seconds=15)
    lease: Duration = timedelta(minutes=10)


class Inbox(_Channel):
    """A Markdown file of the workspace; needs nothing."""

    type: Literal["inbox"]
    enabled: bool = True
    file: str = "reporting/pulse/inbox.md"
    keep: Annotated[int, Field(ge=1)] = 200


class Slack(_Channel):
    """Slack's Web API: threads and mentions, and with `signing_secret` buttons: whoever receives what Slack calls then
    hands it to `gtm alerts pressed`. `snooze` is how long the button of that name does."""

    type: Literal["slack"]
    token: Secret
    channel: str
    base_url: str = "https://slack.com/api"
    signing_secret: Secret | None = None
    snooze: Duration = timedelta(hours=24)


class SlackWebhook(_Channel):
    """An incoming webhook of Slack: one channel, no threads."""

    type: Literal["slack_webhook"]
    url: Secret


class Email(_Channel):
    """A mail server."""

    type: Literal["email"]
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Secret | None = None
    password: Secret | None = None
    sender: str = Field(alias="from")


class Webhook(_Channel):
    """Any receiver of JSON. With `secret` every request is signed as Standard Webhooks says (HMAC SHA-256)."""

    type: Literal["webhook"]
    url: str
    secret: Secret | None = None
    headers: dict[str, str] = {}


class Folder(_Channel):
    """A folder outside the workspace, as of a file server: finished reports are put into it, and nothing else."""

    type: Literal["folder"]
    path: str


Channel = Annotated[Inbox | Slack | SlackWebhook | Email | Webhook | Folder, Field(discriminator="type")]


# --- whom, and when ---------------------------------------------------------------------------------


class Recipient(Shape):
    """How a word like `owner` becomes a person: the first of `columns` by entity that names somebody of the team, the
    manager of another recipient, or a person or group by name. `otherwise` is who is asked where that is nobody, has
    left, or is away without cover. `meaning` is what they are told to be, as in "account owner"."""

    meaning: str = ""
    columns: dict[Name, Annotated[tuple[Name, ...], BeforeValidator(_listed)]] = {}
    manager_of: Name | None = None
    name: Name | None = None
    otherwise: Name | None = None

    @model_validator(mode="after")
    def _says_one(self) -> "Recipient":
        if sum((bool(self.columns), self.manager_of is not None, self.name is not None)) != 1:
            raise UnfitError("a recipient is one of columns:, manager_of: and name:", hint="write one of the three")
        return self


class Escalation(Shape):
    """Who is told too when an alert was not acknowledged so long after it fired."""

    after: Duration
    to: Names
    channels: Names = ()


class Level(Shape):
    """What a severity means: through which channels, how soon it is to be answered, who is told when it is not.

    `digest` names the digest that gathers it, and then it is told nowhere else.
    """

    channels: Names = ()
    respond_within: Duration | None = None
    escalate: tuple[Escalation, ...] = ()
    digest: Name | None = None


class Route(Shape):
    """Where the alerts of some triggers go. `channels` and `slack_channel` stand in the place of the severity's."""

    to: Names = ()
    channels: Names = ()
    slack_channel: str | None = None
    digest: Name | None = None
    escalate: tuple[Escalation, ...] | None = None


class Inhibition(Shape):
    """While an alert of one of the `triggers` is open, those about the same account that have one of the `severities`,
    or are of a trigger that it `silences`, are recorded and told to nobody."""

    triggers: Annotated[Names, Field(min_length=1)]
    severities: Annotated[tuple[Severity, ...], BeforeValidator(_listed)] = ()
    silences: Names = ()

    @model_validator(mode="after")
    def _silences_something(self) -> "Inhibition":
        if not self.severities and not self.silences:
            raise UnfitError("an inhibition that silences nothing", hint="write severities: or silences:")
        return self


class Quiet(Shape):
    """When people are left alone, in the recipient's time zone: what is due then waits until the end. `first` may be
    later in the day than `last`: over night."""

    first: Clock = Field(alias="from")
    last: Clock = Field(alias="until")
    weekends: bool = False
    except_: Annotated[tuple[Severity, ...], BeforeValidator(_listed)] = Field(default=("critical",), alias="except")


class Digest(Shape):
    """Alerts told together. `at` is a time of day, on `days` (by default every day), in the recipient's time zone."""

    at: Clock
    days: Annotated[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], BeforeValidator(_listed)] = ()
    channels: Names = ()
    to: Names = ()
    title: str = ""


class Approval(Shape):
    """Whose word an action waits for, and how long before it expires undone."""

    by: Annotated[Names, Field(min_length=1)]
    expires: Duration = timedelta(hours=24)


# --- what named actions do --------------------------------------------------------------------------


class _Verb(Shape):
    approval: Approval | None = None
    when: Condition | None = None


class Notify(_Verb):
    """Tell somebody, through `channels` or those of the severity or route."""

    do: Literal["notify"]
    to: Annotated[Names, Field(min_length=1)]
    channels: Names = ()


class Task(_Verb):
    """Put a task on somebody's list. `due` is one duration, or one for each severity."""

    do: Literal["task"]
    title: str
    to: Names = ("owner",)
    due: Duration | dict[Severity, Duration] = timedelta(days=1)
    note: str = ""


class FollowUp(_Verb):
    """A task that comes up `after` a while, if the alert is still open."""

    do: Literal["follow_up"]
    title: str
    after: Duration
    to: Names = ("owner",)
    note: str = ""


class SetField(_Verb):
    """Set a field that the workspace owns, of the alert's row, or with `of: deals` of the account's deals for which
    `where` holds. With `write_back` it is written to that source as well, once somebody approved."""

    do: Literal["set_field"]
    field: Name
    value: str | int | float | bool | None
    of: Literal["row", "deals"] = "row"
    where: Condition | None = None
    write_back: Name | None = None
    property: str | None = None


class AddToReport(_Verb):
    """Have the alert stand in a report's section of alerts."""

    do: Literal["add_to_report"]
    report: Name


class Play(_Verb):
    """Run a playbook: its steps become tasks and follow-ups."""

    do: Literal["playbook"]
    playbook: Name


class AgentTask(_Verb):
    """Leave a task file for an agent in `personal/<user>/inbox/`."""

    do: Literal["agent_task"]
    to: Names = ("owner",)
    prompt: str


class Post(_Verb):
    """Send the alert as JSON to a webhook channel."""

    do: Literal["post"]
    channel: Name


Deed = Annotated[Notify | Task | FollowUp | SetField | AddToReport | Play | AgentTask | Post, Field(discriminator="do")]


class Cap(Shape):
    """At most so many alerts are told in so long; the rest wait their turn, the gravest first.

    What is told of an account at once counts as one, however many hear of it; digests and the inbox, which ring for
    nobody, do not count.
    """

    alerts: Annotated[int, Field(ge=1)] = 20
    per: Duration = timedelta(hours=1)


class Review(Shape):
    """When a rule is to be looked at by its owner: `precision` is the least share of alerts that were no false
    positives, among those that people handled; `per_week` how many may fire in a week; `dead_after` how long a rule may
    have told nothing."""

    precision: Annotated[float, Field(ge=0, le=1)] | None = None
    per_week: Annotated[int, Field(ge=1)] | None = None
    dead_after: Duration | None = None


class Routing(Directive):
    """A routing directive: one per workspace.

    `account` names the column by entity that says which account a row belongs to: alerts of one account are told
    together and may silence each other; `worth` the column that says what a row is worth, where that is not `mrr`.
    `review` says when a rule is noisy or dead. `repeat` tells an alert that nobody acknowledged once more so long
    after. `fallback` is who hears of what nobody else can be reached for.
    """

    kind: Literal["routing"]
    channels: dict[Name, Channel] = {}
    recipients: dict[Name, Recipient] = {}
    severities: dict[Severity, Level] = {}
    routes: dict[Name, Route] = {}
    actions: dict[Name, Deed] = {}
    inhibit: tuple[Inhibition, ...] = ()
    quiet_hours: Quiet | None = None
    cap: Cap | None = None
    digests: dict[Name, Digest] = {}
    account: dict[Name, Name] = {}
    worth: dict[Name, Name] = {}
    review: Review | None = None
    repeat: Duration | None = None
    fallback: Name | None = None
