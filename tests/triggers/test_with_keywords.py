"""Rules that look for words, beside conditions or alone: from the text to the alert."""

import json
from datetime import timedelta

from execution import triggers
from tests.measures.stock import Stock

from .mailbox import DAY, message, on, program, stock

RULE = """\
---
kind: trigger
name: leaving
keywords: [cancel, switch]
{more}
message: "{{words}}: {{snippet}}"
cooldown: 3d
---
"""


def look(made: Stock, day: float) -> triggers.Evaluated:
    return triggers.run(made.con, made.program, on(day))


def said(number: int, text: str, day: float, email: str = "a@x.com") -> dict[str, object]:
    return message(number, text, email=email, written_at=(on(day) + timedelta(hours=-1)).replace(tzinfo=None))


def test_words_alone_open_an_alert_with_what_was_said_and_age_ends_it() -> None:
    made = stock(program(leaving=RULE.format(more="")), [said(1, "We want to cancel soon", 0)])
    assert look(made, 0).of("leaving").fired == 1
    (alert,) = made.rows("FROM ops.alerts")
    assert (alert["key"], alert["message"]) == ("a@x.com", "cancel: We want to cancel soon")
    assert json.loads(alert["reason"]) == {
        "keywords": {
            "words": "cancel", "snippet": "We want to cancel soon", "source": "shop", "said_at": "2026-05-31 23:00:00",
        }
    }  # fmt: skip
    made.put("messages", said(2, "Or shall we switch?", 1))
    look(made, 1)
    (alert,) = made.rows("FROM ops.alerts")
    assert alert["message"] == "switch: Or shall we switch?", "the latest is told, in the same alert"
    assert look(made, 32).of("leaving").resolved == 1


def test_words_count_as_one_condition_among_others() -> None:
    both = program(leaving=RULE.format(more="when: company_domain = 'x.com'"))
    either = program(leaving=RULE.format(more="when: company_domain = 'y.com'\nmatch: any"))
    texts = [said(1, "cancel it", 0), said(2, "cancel it", 0, "c@y.com")]
    made = stock(both, texts)
    look(made, 0)
    assert [row["key"] for row in made.rows("FROM ops.alerts ORDER BY key")] == ["a@x.com"]
    made = stock(either, texts[:1])
    look(made, 0)
    rows = made.rows("FROM ops.alerts ORDER BY key")
    quotes = [(row["key"], "keywords" in json.loads(row["reason"])) for row in rows]
    assert quotes == [("a@x.com", True), ("c@y.com", False)]
    assert rows[1]["message"] == ": ", "there is nothing to quote"


def test_a_rule_rests_on_the_sources_of_its_texts() -> None:
    given = program(leaving=RULE.format(more=""), other=RULE.format(more="").replace("leaving", "other"))
    found = triggers.run(stock(given, []).con, given, DAY, stale={"shop": "silent"})
    assert found.of("leaving").verdict == "known", "no directive says that the shop feeds messages"


def test_words_that_are_said_elsewhere_open_nothing() -> None:
    made = stock(program(leaving=RULE.format(more="")), [said(1, "cancellation policy", 0)])
    assert look(made, 0).of("leaving").open == 0
