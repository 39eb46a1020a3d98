"""The settings as a row, and their rates as rows: what money is converted with, by projections and the ledger.

One row per currency and time it is declared for, the base currency itself among them at 1. `is_last` marks the rate
that recurring revenue is stated at, past and present: at one rate, no rate that changes is ever growth or loss. What
was paid is worth what it was on its own day: `since <= day and day < until`.
"""

from itertools import pairwise

from execution.directives.model import Settings
from execution.directives.schema import SETTINGS
from execution.engine import ident, literal

_FOREVER = "infinity"


def settings_select(settings: Settings) -> str:
    """SELECT of the one row of `schema.SETTINGS`."""
    return "SELECT " + ", ".join(f"{literal(getattr(settings, name))} AS {ident(name)}" for name in SETTINGS)


def rates_select(settings: Settings) -> str:
    """SELECT of the columns of `schema.RATES`."""
    rows = [_row(settings.base_currency, "-infinity", _FOREVER, "1", is_last=True)]
    for code in sorted(settings.rates):
        rates = settings.rates[code]
        begins = ["-infinity" if rate.since is None else rate.since.isoformat() for rate in rates]
        spans = pairwise([*begins, _FOREVER])
        rows += [
            _row(code, since, until, str(rate.rate), is_last=until == _FOREVER)
            for rate, (since, until) in zip(rates, spans, strict=True)
        ]
    columns = ("currency", "since::DATE", "until::DATE", "rate::DECIMAL(28,10)", "is_last")
    selected = ", ".join(f"{each} AS {each.partition('::')[0]}" for each in columns)
    return f"SELECT {selected} FROM (VALUES {', '.join(rows)}) r(currency, since, until, rate, is_last)"


def _row(currency: str, since: str, until: str, rate: str, *, is_last: bool) -> str:
    return f"({', '.join(literal(value) for value in (currency, since, until, rate, is_last))})"
