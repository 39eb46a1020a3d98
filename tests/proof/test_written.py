"""What people write of a value holds where the value rounds to it, and never where that would take guessing."""

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.proof.quantities import Quantity, quantity_of
from execution.proof.written import Meaning, agreement, shown

SCORE = Meaning("0-100")
MONEY = Meaning("base currency a month", "USD")
EUROS = Meaning("the deal's currency", "EUR")
DAYS = Meaning("days")
QUERY = Meaning(currency="USD", is_declared=False)
BERLIN = Meaning("UTC", zone=ZoneInfo("Europe/Berlin"))


def utc(text: str) -> datetime:
    """A time as the store keeps it, without its zone."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("written", "value", "meaning"),
    [
        ("28.8", Decimal("28.824"), SCORE),
        ("29", Decimal("28.824"), SCORE),
        ("28.824", Decimal("28.824"), SCORE),
        ("28.8/100", Decimal("28.824"), SCORE),
        ("28.8 of 100", Decimal("28.824"), SCORE),
        ("28,8", Decimal("28.824"), SCORE),
        ("4.5 out of 5", 4.5, Meaning("1-5")),
        ("USD 1,200", Decimal(1200), MONEY),
        ("1,200", Decimal("1199.6"), MONEY),
        ("$1.2k", Decimal(1234), MONEY),
        ("1.2M USD", Decimal(1_190_000), MONEY),
        ("USD 1\u202f200", Decimal(1200), MONEY),
        ("1 200", Decimal(1200), MONEY),
        ("1'200", Decimal(1200), MONEY),
        ("1.200,50 USD", Decimal("1200.5"), MONEY),
        ("\u20ac12,000", Decimal(12000), EUROS),
        ("1.234.567", 1_234_567, DAYS),
        ("85 %", Decimal("0.85"), Meaning("0-1")),
        ("85%", 85, Meaning("percent")),
        ("85 %", 0.85, QUERY),
        ("about 15 days", 15, DAYS),
        ("2 weeks", 14, DAYS),
        ("14 customers", 14, QUERY),
        ("-5", -5, DAYS),
        ("\u22125.0", -5, DAYS),
        ("**28.8**", Decimal("28.824"), SCORE),
        ("at risk", "at_risk", Meaning()),
        ("High-Risk", "high_risk", Meaning()),
        ("a \\*b\\* &amp; c", "a *b* & c", Meaning()),
        ("hxxps[:]//x.y", "https://x.y", Meaning()),
        ("unknown", "unknown", Meaning()),
        ("not captured", None, SCORE),
        ("none so far", None, Meaning("days", null="none so far")),
        ("yes", True, Meaning("yes or no")),
        ("No", False, Meaning("yes or no")),
        ("2026-12-31", date(2026, 12, 31), Meaning()),
        ("Dec 31, 2026", date(2026, 12, 31), Meaning()),
        ("31st December 2026", date(2026, 12, 31), Meaning()),
        ("31.12.2026", date(2026, 12, 31), Meaning()),
        ("12/31/2026", date(2026, 12, 31), Meaning()),
        ("December 2026", date(2026, 12, 31), Meaning()),
        ("2026-12-01", utc("2026-11-30 23:30"), BERLIN),
        ("2026-12-01 00:30", utc("2026-11-30 23:30"), BERLIN),
        ("2026-11-30 23:30 UTC", utc("2026-11-30 23:30"), BERLIN),
        ("2026-11-30T23:30:00Z", utc("2026-11-30 23:30"), BERLIN),
        ("red, blue", ["red", "blue"], Meaning()),
    ],
)
def test_it_holds(written: str, value: object, meaning: Meaning) -> None:
    assert agreement(written, value, meaning).holds is True


@pytest.mark.parametrize(
    ("written", "value", "meaning"),
    [
        ("28.9", Decimal("28.824"), SCORE),
        ("28.82", Decimal("28.826"), SCORE),
        ("29.0", Decimal("28.824"), SCORE),
        ("28.8/10", Decimal("28.824"), SCORE),
        ("USD 28.8", Decimal("28.824"), SCORE),
        ("EUR 1,200", Decimal(1200), MONEY),
        ("EUR 1,200", Decimal(1200), QUERY),
        ("1.200", Decimal(1200), MONEY),
        ("1,200", Decimal(1201), MONEY),
        ("$1.2k", Decimal(1251), MONEY),
        ("85 %", Decimal("0.86"), Meaning("0-1")),
        ("85 %", Decimal(85), Meaning("0-1")),
        ("3 weeks", 3, DAYS),
        ("0", None, SCORE),
        ("not captured", 0, SCORE),
        ("healthy", "at_risk", Meaning()),
        ("yes", False, Meaning("yes or no")),
        ("2026-12-30", date(2026, 12, 31), Meaning()),
        ("November 2026", date(2026, 12, 31), Meaning()),
        ("2026-11-30", utc("2026-11-30 23:30"), BERLIN),
        ("5", float("nan"), SCORE),
    ],
)
def test_it_does_not_hold(written: str, value: object, meaning: Meaning) -> None:
    assert agreement(written, value, meaning).holds is False


@pytest.mark.parametrize(
    ("written", "value", "meaning"),
    [
        ("", 5, DAYS),
        ("over 5", 6, DAYS),
        ("5 to 7", 6, DAYS),
        ("3 of 7", 3, Meaning("people")),
        ("1,2,3", 6, DAYS),
        ("USD 5 EUR", 5, MONEY),
        ("3 months", 90, DAYS),
        ("85 %", 85, DAYS),
        ("maybe", True, Meaning("yes or no")),
        ("3/4/2026", date(2026, 4, 3), Meaning()),
        ("soon", date(2026, 4, 3), Meaning()),
        ("2026-13-45", date(2026, 4, 3), Meaning()),
        ("2026-04-03 10:00 Nowhere/Else", utc("2026-04-03 10:00"), BERLIN),
        ("x", [{"a": 1}], Meaning()),
    ],
)
def test_what_would_take_guessing_is_not_told(written: str, value: object, meaning: Meaning) -> None:
    verdict = agreement(written, value, meaning)
    assert verdict.holds is None
    assert verdict.reason


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=6),
    st.integers(min_value=0, max_value=6),
    st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]),
)
def test_what_is_rounded_to_any_digit_holds_and_the_next_digit_does_not(value: Decimal, digits: int, how: str) -> None:
    step = Decimal(1).scaleb(-digits)
    rounded = value.quantize(step, rounding=how)
    assert agreement(f"{rounded:,f}", value, SCORE).holds is True
    assert agreement(f"{rounded + 2 * step:,f}", value, SCORE).holds is False


@given(st.one_of(st.integers(-(10**12), 10**12), st.decimals(min_value=-(10**12), max_value=10**12, places=3)))
def test_what_is_shown_holds(value: Decimal | int) -> None:
    for meaning in (SCORE, MONEY, QUERY):
        written = shown(value, meaning)
        tolerance = 2 if meaning.currency and meaning.is_declared else 3
        assert agreement(written, round(Decimal(value), tolerance), meaning).holds is True


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    for value in (None, True, 5, Decimal("1.5"), "x", date(2026, 1, 1), utc("2026-01-01"), [1], {"a": 1}):
        assert agreement(text, value, SCORE).holds in (True, False, None)


def test_the_last_written_digit_says_how_exact_it_is() -> None:
    found = quantity_of("1.20k")
    assert isinstance(found, Quantity)
    assert (found.number, found.step) == (Decimal(1200), Decimal(10))
