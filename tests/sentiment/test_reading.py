"""Reading what customers wrote: each text once, only what they wrote, and measures that see it."""

import sys
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from execution import engine, health, sentiment, store
from execution.sentiment import lexicon
from tests.measures.stock import AS_OF, Stock

GLAD = "I love it, thank you!"
CROSS = "This is terrible and I hate it"


def wrote(number: int, text: str | None, author: str = "customer", email: str = "a@x.com") -> dict[str, Any]:
    return {
        "source": "intercom", "message_id": str(number), "conversation_id": "1", "email": email, "author": author,
        "written_at": "2026-06-20 10:00:00", "text": text,
    }  # fmt: skip


def stock(*texts: str) -> Stock:
    made = Stock()
    made.put("customers", {"email": "a@x.com"}, {"email": "b@x.com"})
    made.put("messages", *(wrote(number, text) for number, text in enumerate(texts)))
    return made


def known(made: Stock) -> dict[str, Decimal | None]:
    rows = made.rows("FROM derived.message_sentiment ORDER BY message_id")
    return {row["message_id"]: row["sentiment"] for row in rows}


def test_a_text_is_read_once_however_often_it_was_written() -> None:
    made = stock(GLAD, GLAD, CROSS)
    assert sentiment.run(made.con) == 2
    assert sentiment.run(made.con) == 0
    made.put("messages", wrote(7, CROSS, email="b@x.com"), wrote(8, "How are you?"))
    assert sentiment.run(made.con) == 1
    assert known(made) == {
        "0": Decimal("0.7901"),
        "1": Decimal("0.7901"),
        "2": Decimal("-0.7783"),
        "7": Decimal("-0.7783"),
        "8": Decimal("0.0"),
    }


def test_only_what_the_customer_wrote_is_read() -> None:
    made = stock()
    made.put(
        "messages", wrote(1, CROSS, "team"), wrote(2, CROSS, "bot"), wrote(3, None), wrote(4, "  "), wrote(5, GLAD)
    )
    assert sentiment.run(made.con) == 1
    assert list(known(made)) == ["5"]


def test_another_language_is_kept_as_unknown_and_not_read_again() -> None:
    made = stock("Guten Tag, die Rechnung ist falsch")
    assert sentiment.run(made.con) == 1
    assert sentiment.run(made.con) == 0
    assert known(made) == {"0": None}


def test_another_method_reads_everything_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = stock(GLAD, CROSS)
    sentiment.run(made.con)
    monkeypatch.setattr(lexicon, "METHOD", "another")
    assert sentiment.run(made.con) == 2
    assert made.rows("SELECT DISTINCT method FROM derived.text_sentiment") == [{"method": "another"}]


def test_a_run_that_is_killed_keeps_what_it_has_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made = stock(*(f"I like number {number}" for number in range(10)))
    monkeypatch.setattr(import_module("execution.sentiment.run"), "BATCH", 4)
    load, loads = engine.load, list[int]()

    def killed(con: engine.Connection, table: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
        loads.append(len(rows))
        if len(loads) == 3:
            raise KeyboardInterrupt
        load(con, table, columns, rows)

    monkeypatch.setattr(engine, "load", killed)
    with pytest.raises(KeyboardInterrupt):
        sentiment.run(made.con)
    assert made.one("SELECT count(*) FROM derived.text_sentiment") == (8,)
    monkeypatch.setattr(engine, "load", load)
    assert sentiment.run(made.con) == 2


def test_incremental_gives_what_reading_all_at_once_gives() -> None:
    texts = [f"{word} export number {number}" for number, word in enumerate(["bad", "I love the", "die", "the"] * 5)]
    whole, parts = stock(*texts), stock()
    sentiment.run(whole.con)
    for number, text in enumerate(texts):
        parts.put("messages", wrote(number, text))
        if number % 3 == 0:
            sentiment.run(parts.con)
    sentiment.run(parts.con)
    assert known(parts) == known(whole)
    every = "SELECT text, sentiment FROM derived.text_sentiment ORDER BY text"
    assert parts.rows(every) == whole.rows(every)


def test_nothing_is_written_or_loaded_where_nothing_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    made = stock(GLAD)
    sentiment.run(made.con)
    before = store.changes(made.con)
    for name in [name for name in sys.modules if name.startswith("vaderSentiment")]:
        monkeypatch.delitem(sys.modules, name)
    sentiment.run(made.con)
    assert store.changes(made.con) == before
    assert not any(name.startswith("vaderSentiment") for name in sys.modules)


def test_a_store_without_messages_has_nothing_to_read() -> None:
    made = Stock()
    assert sentiment.run(made.con) == 0
    assert not made.has("derived.text_sentiment")


def test_measures_and_health_see_it() -> None:
    made = stock(CROSS)
    made.con.execute("UPDATE core.customers SET csat_score = 4")
    made.score()
    rows = made.rows("SELECT support_sentiment, sentiment_90d FROM unified_customers ORDER BY email")
    assert rows[0] == {"support_sentiment": "negative", "sentiment_90d": Decimal("-0.7783")}
    assert rows[1] == {"support_sentiment": None, "sentiment_90d": None}
    parts = made.rows('SELECT "component.support" AS part FROM derived.score__customer_health ORDER BY email')
    assert parts[0]["part"] < parts[1]["part"]


def test_what_is_known_is_lent_to_a_look_back() -> None:
    made = stock(GLAD)
    sentiment.run(made.con)
    made.con.execute("ATTACH ':memory:' AS other")
    made.con.execute("USE other")
    try:
        sentiment.lend(made.con, "memory")
        assert made.one("SELECT count(*) FROM other.derived.text_sentiment") == (1,)
        sentiment.lend(made.con, "nowhere")
    finally:
        made.con.execute("USE memory")


def test_the_past_takes_the_messages_of_then() -> None:
    made = stock(GLAD)
    made.put("messages", wrote(5, CROSS) | {"written_at": "2026-06-30 11:00:00"})
    health.derive(made.con, made.program, AS_OF.replace(day=25))
    assert made.one("SELECT support_sentiment FROM unified_customers WHERE email = 'a@x.com'") == ("positive",)
    health.derive(made.con, made.program, AS_OF)
    assert made.one("SELECT support_sentiment FROM unified_customers WHERE email = 'a@x.com'") == ("neutral",)
