"""How a sandbox is set up, and what a program needs in its environment to meet it instead of the vendors."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from execution.errors import UsageError

CALENDLY_TOKEN = "sandbox-calendly-owner"  # noqa: S105 - opens nothing but a sandbox
CALENDLY_MEMBER_TOKEN = "sandbox-calendly-member"  # noqa: S105
HUBSPOT_TOKEN = "sandbox-hubspot"  # noqa: S105
HUBSPOT_UNSCOPED_TOKEN = "sandbox-hubspot-unscoped"  # noqa: S105
INTERCOM_TOKEN = "sandbox-intercom"  # noqa: S105
STRIPE_API_KEY = "sandbox-stripe"

VENDORS: Mapping[str, tuple[str, str]] = {
    "calendly": ("CALENDLY_TOKEN", CALENDLY_TOKEN),
    "hubspot": ("HUBSPOT_TOKEN", HUBSPOT_TOKEN),
    "intercom": ("INTERCOM_TOKEN", INTERCOM_TOKEN),
    "stripe": ("STRIPE_API_KEY", STRIPE_API_KEY),
}
"""Each vendor's credential: the variable that directives name, and its value here."""

SLACK_TOKEN = "xoxb-sandbox"  # noqa: S105
SLACK_UNSCOPED_TOKEN = "xoxb-sandbox-unscoped"  # noqa: S105
RECEIVERS: Mapping[str, tuple[str, str]] = {"slack": ("SLACK_BOT_TOKEN", SLACK_TOKEN)}
"""Those that nothing is read from, but told to; they are there where `vendors` names them."""

MOST_CUSTOMERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """A sandbox. The same seed, customers and as_of make the same world, whatever the rest.

    customers          people at `as_of`, three to an account
    as_of              the moment the world is shown at, aware; POST /_sandbox/advance moves it on
    speed              multiplies the vendors' rate limits; 0 lifts them
    latency_ms         how long every answer takes at least
    faults             as POST /_sandbox/faults takes them, in force from the start
    search_lag_s       HubSpot: how long a change stays unseen by search, as with the real index
    contact_lag_s      Intercom: how long a new contact stays unseen by search
    drift_s            how much of the world's time goes by with every answer, so that lists change while they are read
    associations_page  HubSpot: how many associations of one record come at once
    daily_limit        HubSpot: how many requests a day, whatever the speed; None for the vendor's own at that speed
    render_ahead       HubSpot: property sets whose pages are rendered before the sandbox counts as started
    port               0 for any free one
    max_seconds        after which the sandbox ends whatever happens
    """

    seed: int = 1
    customers: int = 60
    as_of: datetime = datetime(2026, 11, 2, 12, tzinfo=UTC)
    vendors: tuple[str, ...] = tuple(VENDORS)
    speed: float = 1.0
    latency_ms: float = 0.0
    faults: Sequence[Mapping[str, Any]] = ()
    search_lag_s: float = 0.0
    contact_lag_s: float = 0.0
    drift_s: float = 0.0
    associations_page: int = 500
    daily_limit: int | None = None
    render_ahead: tuple[tuple[str, ...], ...] = field(default=())
    port: int = 0
    max_seconds: float = 900.0

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise UsageError(f"sandbox option {problem}", hint="see `python -m execution.sandbox --help`", code="E260")

    def to_json(self) -> str:
        """The options as one line, for a child process."""
        import msgspec

        return msgspec.json.encode(asdict(self)).decode()


def from_json(text: str) -> Options:
    """Options from JSON. Raises UsageError where a name or a type is wrong."""
    import msgspec

    try:
        return msgspec.json.decode(text, type=Options)
    except msgspec.ValidationError as error:
        raise UsageError(f"sandbox options: {error}", code="E260") from error
    except msgspec.DecodeError as error:
        raise UsageError("sandbox options are no JSON", hint=str(error), code="E260") from error


def environment(options: Options, url: str) -> dict[str, str]:
    """The variables that send a program's calls to the sandbox at `url`: base URLs and credentials."""
    variables = {}
    for vendor in options.vendors:
        name, token = (VENDORS | RECEIVERS)[vendor]  # type: ignore[operator]
        variables[f"GTM_{vendor.upper()}__BASE_URL"] = f"{url}/{vendor}"
        variables[name] = token
    return variables


def _problem(options: Options) -> str | None:
    known = (*VENDORS, *RECEIVERS)
    unknown = [vendor for vendor in options.vendors if vendor not in known]
    if unknown:
        return f"vendors: there is no {unknown[0]!r}, only {', '.join(known)}"
    if not 0 <= options.customers <= MOST_CUSTOMERS:
        return f"customers: {options.customers} is not within 0 and {MOST_CUSTOMERS:,}"
    if options.as_of.tzinfo is None:
        return "as_of: the time has no zone"
    if min(options.speed, options.latency_ms, options.search_lag_s, options.contact_lag_s, options.drift_s) < 0:
        return "speed, latency_ms, search_lag_s, contact_lag_s, drift_s: none of them can be negative"
    if options.associations_page < 1 or (options.daily_limit is not None and options.daily_limit < 1):
        return "associations_page, daily_limit: must be at least 1"
    if not options.max_seconds > 0:
        return "max_seconds: must be more than 0"
    return None if 0 <= options.port <= 65_535 else f"port: there is no port {options.port}"
