"""Running: what is noted of subscriptions, what is told anew, and what stops a run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from execution import revenue, store
from execution.directives.model import Churn
from execution.errors import GtmError
from execution.revenue import ledger
from tests.revenue.book import AS_OF, Book, program, sub

NEW = ("2026-01-10", "new", Decimal(100))


def test_a_run_with_nothing_new_writes_nothing() -> None:
    book = Book()
    book.put("subscriptions", sub("s1"))
    assert book.run() == revenue.Kept(seen=1, accounts=1, ledger=1, churned=0)
    before = store.changes(book.con)
    assert book.run(AS_OF + timedelta(days=1)) == revenue.Kept(seen=0, accounts=0, ledger=1, churned=0)
    assert store.changes(book.con) == before


def test_only_the_accounts_that_changed_are_told_anew() -> None:
    book = Book()
    book.put("subscriptions", sub("s1"), sub("s2", "b@y.com"), sub("s3", "c@y.com"))
    book.run()
    book.put(
        "subscriptions",
        sub("s1"), sub("s2", "b@y.com", yearly_amount=2400, changed_at="2026-06-20"), sub("s3", "c@y.com"),
    )  # fmt: skip
    assert book.run() == revenue.Kept(seen=1, accounts=1, ledger=6, churned=0)
    assert book.moves("companies", "y.com") == [
        ("2026-01-10", "new", Decimal(200)), ("2026-06-20", "expansion", Decimal(100)),
    ]  # fmt: skip


def test_a_look_back_changes_nothing() -> None:
    book = Book()
    book.put("subscriptions", sub("s1"))
    book.run()
    before = book.ledger()
    book.run(datetime(2026, 2, 1, tzinfo=UTC))
    assert book.ledger() == before


def test_other_definitions_tell_the_whole_past_anew() -> None:
    book = Book()
    book.put("subscriptions", sub("s1", status="trialing", trial_ends_at="2026-12-01"))
    book.run()
    assert book.moves() == []
    book.program = program(counts=("trialing", "active"))
    book.run()
    assert book.moves() == [NEW]


def test_a_subscription_that_is_gone_left_when_its_source_was_read() -> None:
    book = Book()
    book.put("subscriptions", sub("s1"), sub("s2", "b@y.com"))
    book.run()
    book.put("subscriptions", sub("s2", "b@y.com"))
    book.con.execute("INSERT INTO meta.sources VALUES ('stripe', TIMESTAMP '2026-06-25 06:00:00')")
    book.run()
    assert book.moves(key="a@x.com") == [NEW, ("2026-06-25", "churn", Decimal(-100))]
    assert book.rows("SELECT status, reason FROM derived.churn_events WHERE key = 'a@x.com'") == [("gone", None)]
    book.put("subscriptions", sub("s1", changed_at="2026-06-28"), sub("s2", "b@y.com"))
    book.run()
    assert book.moves(key="a@x.com")[-1] == ("2026-06-28", "reactivation", Decimal(100))


def test_a_source_that_says_nothing_at_all_loses_nobody() -> None:
    book = Book()
    book.put("subscriptions", sub("s1"))
    book.run()
    book.put("subscriptions")
    assert book.run().seen == 0
    assert book.moves() == [NEW]


def test_another_mapping_corrects_and_what_really_ended_still_did() -> None:
    book = Book()
    book.put("subscriptions", sub("s1"), sub("s2", "b@y.com"))
    book.run()
    source = book.program.sources["stripe"]
    blocks = tuple(replace(block, text=f"{block.text}\n-- otherwise") for block in source.blocks)
    remapped = source.model_copy(update={"blocks": blocks})
    book.program = replace(book.program, sources={**book.program.sources, "stripe": remapped})
    book.put(
        "subscriptions",
        sub("s1", yearly_amount=600, changed_at="2026-06-20"),
        sub("s2", "b@y.com", status="canceled", ended_at="2026-06-10", changed_at="2026-06-20"),
    )
    book.run()
    assert book.moves(key="a@x.com") == [NEW, ("2026-06-20", "correction", Decimal(-50))]
    assert book.moves(key="b@y.com") == [NEW, ("2026-06-10", "churn", Decimal(-100))]
    book.put(
        "subscriptions",
        sub("s1", yearly_amount=1200, changed_at="2026-06-25"),
        sub("s2", "b@y.com", status="canceled", ended_at="2026-06-10", changed_at="2026-06-20"),
    )
    book.run()
    assert book.moves(key="a@x.com")[-1] == ("2026-06-25", "expansion", Decimal(50))


def test_the_first_source_that_knows_a_customer_counts() -> None:
    book = Book()
    book.put(
        "subscriptions",
        sub("s1"), sub("s1", source="intercom", yearly_amount=1300), sub("s2", "b@y.com", source="intercom"),
        sub("s3", "c@z.com", source="another"), sub("s4", "c@z.com", source="zuora"),
    )  # fmt: skip
    book.run()
    assert book.rows("SELECT customer, source FROM derived.mrr_steps ORDER BY 1") == [
        ("a@x.com", "stripe"), ("b@y.com", "intercom"), ("c@z.com", "another"),
    ]  # fmt: skip


def test_the_team_does_not_count_and_who_has_no_address_does() -> None:
    book = Book()
    settings = book.program.settings.model_copy(update={"internal_domains": ("US.com",)})
    book.program = replace(book.program, settings=settings)
    book.put("subscriptions", sub("s1", "me@us.com"), sub("s2", None), sub("s3", None, payer=None))
    book.run()
    assert book.rows("SELECT customer, account FROM derived.mrr_steps ORDER BY 1") == [
        ("stripe:cus_s2", "stripe:cus_s2"), ("stripe:s3", "stripe:s3"),
    ]  # fmt: skip


def test_another_address_takes_its_history_along() -> None:
    book = Book()
    book.put("subscriptions", sub("s1", "old@x.com"))
    book.run()
    book.put("subscriptions", sub("s1", "new@y.com", changed_at="2026-06-20"))
    book.run()
    assert book.moves(key="old@x.com") == []
    assert book.moves(key="new@y.com") == [NEW]
    assert book.moves("companies", "x.com") == []
    book.put("subscriptions", sub("s1", None, changed_at="2026-06-21", status="canceled", ended_at="2026-06-21"))
    book.run()
    assert book.moves(key="new@y.com") == [NEW, ("2026-06-21", "churn", Decimal(-100))]


def test_another_currency_is_two_lines_and_one_movement() -> None:
    book = Book(program(("EUR", "1.1")))
    book.put("subscriptions", sub("s1"))
    book.run()
    book.put("subscriptions", sub("s1", currency="EUR", changed_at="2026-06-20"))
    book.run()
    assert book.moves()[-1] == ("2026-06-20", "expansion", Decimal(10))
    lines = book.rows(
        "SELECT currency, change, mrr_after FROM derived.mrr_ledger WHERE entity = 'customers' AND day = '2026-06-20' "
        "ORDER BY 1"
    )
    assert lines == [("EUR", Decimal(100), Decimal(100)), ("USD", Decimal(-100), Decimal(0))]


def test_who_comes_back_after_long_is_new_where_the_directive_says_so() -> None:
    lives = (
        sub("s1", status="canceled", started_at="2023-01-01", ended_at="2023-03-01"),
        sub("s2", started_at="2026-01-10"),
    )
    for again, kind in ((None, "reactivation"), (timedelta(days=730), "new"), (timedelta(days=3000), "reactivation")):
        book = Book(program(new_again_after=again))
        book.put("subscriptions", *lives)
        book.run()
        assert book.moves()[-1] == ("2026-01-10", kind, Decimal(100))


def test_movements_that_do_not_add_up_stop_the_run_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book()
    book.put("subscriptions", sub("s1"))
    book.run()
    before = book.ledger()
    monkeypatch.setattr(ledger, "DELTAS", ledger.DELTAS.replace("AS change,", "+ 0.01 AS change,", 1))
    book.put("subscriptions", sub("s1", yearly_amount=600, changed_at="2026-06-20"))
    with pytest.raises(GtmError, match=r"'a@x.com' \(customers\) come to 0.02.* USD more than") as raised:
        book.run()
    assert raised.value.code == "E370"
    assert book.ledger() == before
    monkeypatch.undo()
    book.run()
    assert book.moves()[-1] == ("2026-06-20", "contraction", Decimal(-50))


@pytest.mark.parametrize(
    ("churn", "said"),
    [
        (Churn(type="reason", win_back="true"), "the type of a churn came out as 'no_use' for 'a@x.com'"),
        (Churn(type="null", win_back="cast(reason as boolean)"), "the rules of churn failed: Conversion Error"),
    ],
)
def test_rules_of_churn_that_do_not_hold_are_told_exactly(churn: Churn, said: str) -> None:
    book = Book(program(churn=churn))
    book.put("subscriptions", sub("s1", status="canceled", ended_at="2026-05-01", cancel_reason="no_use"))
    with pytest.raises(GtmError, match=said) as raised:
        book.run()
    assert raised.value.code == "E371"
    assert raised.value.where == "directives/revenue/recurring-revenue.md"


def test_without_a_directive_or_a_source_there_is_no_revenue_and_no_error() -> None:
    book = Book()
    book.con.execute("DROP TABLE core.subscriptions")
    book.con.execute("DROP TABLE core.subscription_changes")
    book.con.execute("DROP TABLE core.events")
    assert book.run() == revenue.Kept()
    assert book.ledger() == []
    book.program = replace(book.program, revenue={})
    assert book.run() == revenue.Kept()


def test_quantities_and_currencies_that_are_missing_lose_nobody() -> None:
    book = Book()
    book.put("subscriptions", sub("s1", currency=None, quantity=None, started_at=None))
    book.run()
    assert book.rows("SELECT currency, kind, change, change_base, customers FROM derived.mrr_ledger") == [
        ("XXX", "new", Decimal(100), None, 1)
    ]
