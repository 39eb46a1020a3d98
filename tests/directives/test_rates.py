"""Exchange rates in the settings: what they become, and every way in which one cannot be."""

from datetime import date
from decimal import Decimal

import pytest

from execution import engine
from execution.directives import load
from execution.directives.model import Rate
from execution.directives.schema import RATES
from execution.sync.rates import rates_select
from tests.directives.small import problems, texts

PATH = "directives/settings.md"


def settings(rates: str) -> dict[str, str]:
    """The small program with settings that have these rates; `rates` is one line of YAML."""
    return {**texts(), PATH: f"---\nkind: settings\nname: settings\nbase_currency: USD\nrates:\n  {rates}\n---\n"}


def read(rates: str) -> dict[str, tuple[Rate, ...]]:
    program = load({path: text.encode() for path, text in settings(rates).items()}).require_valid()
    return program.settings.rates


def test_a_rate_counts_always_or_from_a_day_on() -> None:
    assert read("EUR: 1.08") == {"EUR": (Rate(None, Decimal("1.08")),)}
    assert read("JPY: {2026-07-01: 0.0071, 2026-01-01: '0.0067'}") == {
        "JPY": (Rate(date(2026, 1, 1), Decimal("0.0067")), Rate(date(2026, 7, 1), Decimal("0.0071")))
    }


@pytest.mark.parametrize(
    ("rates", "column", "said"),
    [
        ("eur: 1.08", 3, "'eur' is no currency"),
        ("EURO: 1.08", 3, "'EURO' is no currency"),
        ("ÄÖÜ: 1.08", 3, "'ÄÖÜ' is no currency"),
        ("EUR: -1.08", 8, "the rate, -1.08, is no number above 0"),
        ("EUR: 0", 8, "the rate, 0, is no number above 0"),
        ("EUR: much", 8, "the rate, 'much', is no number"),
        ("EUR: true", 8, "the rate, True, is no number above 0"),
        ("EUR: [1.08]", 8, "the rate, '[1.08]', is no number"),
        ("EUR: {}", 8, "no rate is written here"),
        ("EUR: {2026-02-30: 1.08}", 8, "'2026-02-30' is no day"),
        ("EUR: {2026-02: 1.08}", 8, "'2026-02' is no day"),
        ("EUR: {2026-02-01: 0}", 8, "the rate from 2026-02-01 on, 0, is no number above 0"),
        ("EUR: 1.01234567891", 8, "the rate, 1.01234567891, is too long"),
        ("EUR: 100000000", 8, "the rate, 100000000, is too long"),
        ("USD: 1", 3, "USD is the base currency, which is always worth 1"),
    ],
)
def test_a_rate_that_cannot_be_is_told_with_its_place(rates: str, column: int, said: str) -> None:
    (problem,) = problems(settings(rates))
    assert (problem.path, problem.line, problem.column, problem.code) == (PATH, 6, column, "E113")
    assert problem.message == said
    assert problem.hint


def test_paying_statuses_are_not_the_settings_to_write() -> None:
    (problem,) = problems({**texts(), PATH: "---\nkind: settings\nname: settings\npaying_statuses: [active]\n---\n"})
    assert (problem.line, problem.code) == (4, "E111")


def test_rates_are_rows_with_their_span_of_days() -> None:
    program = load({path: text.encode() for path, text in settings("EUR: {2026-01-01: 1.05, 2026-07-01: 1.1}").items()})
    con = engine.memory()
    sql = rates_select(program.settings)
    assert engine.columns(con, sql) == RATES
    rows = con.execute(f"SELECT currency, since::VARCHAR, until::VARCHAR, rate, is_last FROM ({sql}) ORDER BY ALL")
    assert rows.fetchall() == [
        ("EUR", "2026-01-01", "2026-07-01", Decimal("1.05"), False),
        ("EUR", "2026-07-01", "infinity", Decimal("1.1"), True),
        ("USD", "-infinity", "infinity", Decimal(1), True),
    ]
    before = f"FROM ({sql}) WHERE currency = 'EUR' AND since <= DATE '2025-12-31'"
    assert con.execute(before).fetchall() == []
