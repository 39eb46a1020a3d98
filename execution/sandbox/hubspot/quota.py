"""HubSpot's limits: per day, per ten seconds, and a stricter one for search that tells nobody how much is left."""

from execution.sandbox.exchange import Header, Reply
from execution.sandbox.hubspot.errors import too_many
from execution.sandbox.limits import Allowance, Window, scaled

PER_DAY, PER_TEN_SECONDS, SEARCHES_PER_SECOND = 250_000, 100, 5


class Quota:
    """One private app's limits, at `speed` times the true rate."""

    def __init__(self, speed: float) -> None:
        self._daily = Window(scaled(PER_DAY, speed), 86_400)
        self._rolling = Window(scaled(PER_TEN_SECONDS, speed), 10)
        self._search = Window(scaled(SEARCHES_PER_SECOND, speed), 1)

    def take(self, *, is_search: bool) -> tuple[list[Header], Reply | None]:
        """The headers of the answer, and the answer itself where the request is one too many."""
        window, policy = (self._search, "SECONDLY") if is_search else (self._rolling, "TEN_SECONDLY_ROLLING")
        allowance = window.take()
        if not allowance.granted:
            return [], too_many(policy, [] if is_search else _headers(allowance, None))
        daily = self._daily.take()
        if not daily.granted:
            return [], too_many("DAILY", [] if is_search else _headers(allowance, daily))
        return [] if is_search else _headers(allowance, daily), None


def _headers(rolling: Allowance, daily: Allowance | None) -> list[Header]:
    headers = [
        (b"x-hubspot-ratelimit-max", b"%d" % rolling.limit),
        (b"x-hubspot-ratelimit-remaining", b"%d" % rolling.remaining),
        (b"x-hubspot-ratelimit-interval-milliseconds", b"10000"),
    ]
    if daily is not None:
        headers += [
            (b"x-hubspot-ratelimit-daily", b"%d" % daily.limit),
            (b"x-hubspot-ratelimit-daily-remaining", b"%d" % daily.remaining),
        ]
    return headers
