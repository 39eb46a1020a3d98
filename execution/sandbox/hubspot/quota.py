"""HubSpot's limits: per day, in any ten seconds, and a stricter one for search that tells nobody how much is left.

Answers also say how many requests are left of a second, a tenth of the ten seconds'; that limit is enforced no more.
"""

from execution.sandbox.exchange import Header, Reply
from execution.sandbox.hubspot.errors import too_many
from execution.sandbox.limits import Allowance, Rolling, Window, scaled

PER_DAY, PER_TEN_SECONDS, SEARCHES_PER_SECOND = 250_000, 100, 5


class Quota:
    """One private app's limits at `speed` times the true rate, 0 for none; `per_day` holds whatever the speed."""

    def __init__(self, speed: float, per_day: int | None) -> None:
        self._daily = Window(scaled(PER_DAY, speed) if per_day is None else per_day, 86_400)
        self._rolling = Rolling(scaled(PER_TEN_SECONDS, speed), 10)
        self._second = Window(scaled(PER_TEN_SECONDS // 10, speed), 1)
        self._search = Window(scaled(SEARCHES_PER_SECOND, speed), 1)

    def take(self, *, is_search: bool) -> tuple[list[Header], Reply | None]:
        """The headers of the answer, and the answer itself where the request is one too many."""
        allowance = self._search.take() if is_search else self._rolling.take()
        daily = self._daily.take() if allowance.granted else None
        headers = [] if is_search else self._headers(allowance, daily)
        if daily is None:
            return [], too_many("SECONDLY" if is_search else "TEN_SECONDLY_ROLLING", headers)
        return headers, None if daily.granted else too_many("DAILY", headers)

    def _headers(self, rolling: Allowance, daily: Allowance | None) -> list[Header]:
        second = self._second.take()
        told = {
            b"max": rolling.limit,
            b"remaining": rolling.remaining,
            b"interval-milliseconds": 10_000,
            b"secondly": second.limit,
            b"secondly-remaining": second.remaining,
        }
        if daily is not None:
            told |= {b"daily": daily.limit, b"daily-remaining": daily.remaining}
        return [(b"x-hubspot-ratelimit-%b" % name, b"%d" % value) for name, value in told.items()]
