"""Reading the store's texts: each once, whatever is added, edited or deleted, and whichever rules change."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Negation
from execution.errors import DataError
from execution.store import Stored
from execution.triggers import keywords
from execution.triggers.keywords import run
from execution.triggers.keywords.compile import hits_select
from execution.triggers.keywords.patterns import Rule
from execution.workspace import Workspace
from tests.measures.stock import Stock
from tests.sync.conftest import World
from tests.triggers.mailbox import DAY, MESSAGES, hits, message, on, program, stock, trigger

pytestmark = pytest.mark.timeout(600)  # a failure is made small before it is shown

LEAVE = trigger("leave", phrases=["cancel*", "refund"], unless=["our meeting"])


def _all_hits(box: Stock) -> list[dict[str, Any]]:
    return box.rows("SELECT * EXCLUDE (text) FROM derived.keyword_hits ORDER BY ALL")


def test_the_latest_text_with_its_words_is_told_of_each_customer() -> None:
    box = stock(
        program(leave=LEAVE),
        [
            message(1, "I want to cancel"),
            message(2, "Give me a REFUND", written_at=engine.naive_utc(on(-1))),
            message(3, "we do not want to cancel", email="b@x.com"),
            message(4, "cancel", email="c@y.com", author="team"),
        ],
    )
    assert keywords.refresh(box.con, box.program, DAY) == 3
    assert hits(box, "leave") == [
        {
            "key": "a@x.com",
            "words": "cancel",
            "snippet": "I want to cancel",
            "source": "shop",
            "said_at": engine.naive_utc(DAY),
        }
    ]
    assert hits(box, "leave", on(-0.5))[0]["words"] == "REFUND"


def test_words_are_read_in_every_column_but_not_across_two() -> None:
    box = stock(
        program(leave=trigger("leave", phrases=["cancel now", "refund"])),
        [
            message(1, "it all", subject="Refund"),
            message(2, "now", subject="cancel", email="b@x.com"),
            message(3, None, subject="refund", email="c@y.com"),
        ],
    )
    keywords.refresh(box.con, box.program, DAY)
    assert [hit["snippet"] for hit in hits(box, "leave")] == ["Refund it all", "refund"]


@pytest.mark.parametrize(("days", "counts"), [(-30, False), (-29.9, True), (0, True), (0.001, False)])
def test_a_text_counts_while_it_is_young_enough(days: float, counts: bool) -> None:
    box = stock(program(leave=LEAVE), [message(1, "cancel", written_at=engine.naive_utc(on(days)))])
    keywords.refresh(box.con, box.program, DAY)
    assert bool(hits(box, "leave")) is counts


def test_only_the_texts_of_the_named_sources_and_entities_count() -> None:
    given = program(
        desk=trigger("desk", phrases=["cancel"], sources=["desk"]),
        other=trigger("other", phrases=["cancel"], entities=["customers"]),
        messages_only=trigger("messages_only", phrases=["cancel"], entities=["messages"], within="1d"),
    )
    box = stock(given, [message(1, "cancel"), message(2, "cancel", source="desk", email="b@x.com")])
    keywords.refresh(box.con, given, DAY)
    assert [hit["key"] for hit in hits(box, "desk")] == ["b@x.com"]
    assert hits(box, "other") == []
    assert [hit["key"] for hit in hits(box, "messages_only")] == ["a@x.com", "b@x.com"]


def test_a_hit_belongs_to_the_customer_their_company_their_deals_or_the_row_itself() -> None:
    entities = ["customers", "companies", "deals", "messages", "orders"]
    given = program(**{f"of_{name}": trigger(f"of_{name}", name, phrases=["cancel"]) for name in entities})
    box = stock(given, [message(1, "cancel"), message(2, "please cancel", email="c@y.com")])
    box.put("deals", {"source": "crm", "deal_id": "d1", "email": "a@x.com"}, {"source": "crm", "deal_id": "d2"})
    keywords.refresh(box.con, given, DAY)
    keys = {name: [hit["key"] for hit in hits(box, f"of_{name}")] for name in entities}
    assert keys == {
        "customers": ["a@x.com", "c@y.com"],
        "companies": ["x.com", "y.com"],
        "deals": ["crm/d1"],
        "messages": ["shop/m1", "shop/m2"],
        "orders": [],
    }


def test_nothing_is_found_before_anything_was_read_and_without_texts() -> None:
    box = stock(program(leave=LEAVE), [message(1, "cancel")])
    assert hits(box, "leave") == []
    empty = Stock(program(leave=LEAVE))
    assert keywords.refresh(empty.con, empty.program, DAY) == 0
    assert hits(empty, "leave") == []
    assert empty.rows("DESCRIBE FROM (" + _sql(empty, "leave") + ")")[-1]["column_type"] == "TIMESTAMP"


def _sql(box: Stock, name: str) -> str:
    about = box.program.triggers[name]
    return keywords.hits(box.program, about, DAY, Stored.read(box.con))


def test_a_text_is_read_once() -> None:
    box = stock(program(leave=LEAVE), [message(1, "cancel"), message(2, "hello")])
    assert keywords.refresh(box.con, box.program, DAY) == 2
    before = box.one("SELECT count FROM meta.changes")
    assert keywords.refresh(box.con, box.program, on(1)) == 0
    assert box.one("SELECT count FROM meta.changes") == before
    box.put("messages", message(3, "refund"))
    assert keywords.refresh(box.con, box.program, on(1)) == 1


def test_a_changed_rule_reads_all_texts_and_the_others_read_none(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"leave": LEAVE, "buy": trigger("buy", phrases=["quote"])}
    box = stock(program(**both), [message(1, "cancel, or send a quote"), message(2, "an offer")])
    keywords.refresh(box.con, box.program, DAY)
    box.program = program(**both | {"buy": trigger("buy", phrases=["offer"])})
    assert hits(box, "buy") == [], "what the former rule found is none of the new one's"
    read: list[list[str]] = []

    def noted(entity: str, texts: str, rules: Sequence[Rule], negations: Mapping[str, Negation]) -> str:
        read.append([each.trigger for each in rules])
        return hits_select(entity, texts, rules, negations)

    monkeypatch.setattr(run, "hits_select", noted)
    assert keywords.refresh(box.con, box.program, DAY) == 2
    assert read == [["buy"]]
    assert [hit["words"] for hit in _all_hits(box)] == ["offer", "cancel"]


def test_how_old_a_text_may_be_and_whose_it_is_read_nothing_anew() -> None:
    box = stock(program(leave=LEAVE), [message(1, "cancel", written_at=engine.naive_utc(on(-40)))])
    keywords.refresh(box.con, box.program, DAY)
    box.program = program(
        leave=trigger("leave", phrases=["cancel*", "refund"], unless=["our meeting"], within="60d", sources=["shop"])
    )
    assert keywords.refresh(box.con, box.program, DAY) == 0
    assert len(hits(box, "leave")) == 1


def test_what_is_taken_away_takes_its_hits_along() -> None:
    box = stock(program(leave=LEAVE, buy=trigger("buy", phrases=["cancel"])), [message(1, "cancel")])
    keywords.refresh(box.con, box.program, DAY)
    box.program = program(leave=LEAVE)
    keywords.refresh(box.con, box.program, DAY)
    assert [hit["trigger"] for hit in _all_hits(box)] == ["leave"]
    box.program = program(leave=LEAVE, messages=MESSAGES.replace("texts:", "#texts:"))
    keywords.refresh(box.con, box.program, DAY)
    assert _all_hits(box) == []
    assert not box.has("derived.keyword_texts__messages")
    box.program = program()
    keywords.refresh(box.con, box.program, DAY)
    assert box.rows("SELECT step FROM meta.steps") == []


def test_texts_that_are_said_otherwise_are_all_read_anew() -> None:
    box = stock(program(leave=LEAVE), [message(1, "cancel", author="team")])
    keywords.refresh(box.con, box.program, DAY)
    assert _all_hits(box) == []
    box.program = program(leave=LEAVE, messages=MESSAGES.replace("'customer'", "'team'"))
    assert keywords.refresh(box.con, box.program, DAY) == 1
    assert len(_all_hits(box)) == 1


def test_a_sync_with_new_letters_has_those_read_and_one_without_none(tmp_path: Path) -> None:
    world = World(Workspace(tmp_path), program(leave=LEAVE, source=_SOURCE))
    folder = tmp_path / "imports"
    folder.mkdir()

    def synced(*letters: str) -> int:
        body = "".join(f"{number},a@x.com,{text},2026-03-01T10:00:00Z\n" for number, text in enumerate(letters))
        (folder / "letters.csv").write_text("id,email,said,at\n" + body, encoding="utf-8")
        assert [each.status for each in world.sync("shop").sources] == ["ok"]
        with store.writer(world.workspace) as con:
            return keywords.refresh(con, world.program, world.now)

    many = ["hello"] * 50
    assert synced("cancel", *many) == 51
    assert synced("cancel", *many) == 0
    assert synced("cancel", *many, "a refund") == 1
    assert synced("do not cancel", *many, "a refund") == 1
    assert synced(*many) == 1
    with store.writer(world.workspace) as con:
        assert "row_hash" in Stored.read(con).columns("core.messages")
        assert engine.count(con, "FROM derived.keyword_texts__messages") == 50
        assert engine.count(con, "FROM derived.keyword_hits") == 0


def test_where_no_source_changed_not_even_the_rows_are_looked_at() -> None:
    given = stock(program(leave=LEAVE, source=_SOURCE), [message(1, "cancel")])
    given.con.execute("INSERT INTO meta.steps VALUES ('project shop', 'x', now()::TIMESTAMP)")
    assert keywords.refresh(given.con, given.program, DAY) == 1
    given.put("messages", message(2, "cancel"))
    assert keywords.refresh(given.con, given.program, DAY) == 0
    given.con.execute("UPDATE meta.steps SET made_from = 'y' WHERE step = 'project shop'")
    assert keywords.refresh(given.con, given.program, DAY) == 1


def test_a_condition_that_fails_on_the_data_is_told_and_changes_nothing() -> None:
    given = program(leave=LEAVE)
    box = stock(given, [message(1, "cancel")])
    keywords.refresh(box.con, given, DAY)
    before = _all_hits(box)
    box.program = program(leave=LEAVE, messages=MESSAGES.replace("author = 'customer'", "cast(author as integer) = 1"))
    with pytest.raises(DataError) as raised:
        keywords.refresh(box.con, box.program, DAY)
    assert raised.value.code == "E367"
    assert _all_hits(box) == before


_SOURCE = """\
---
kind: source
name: shop
files: {folder: imports}
streams:
  letters: {path: "letters*.csv", key: id, columns: {email: email, said: said, written: {path: at, type: timestamp}}}
---
```sql messages
select key as message_id, email, 'customer' as author, written as written_at, said as text from letters
```
"""

TEXTS = st.sampled_from(
    ["cancel", "do not cancel", "refund me", "cancel our meeting", "hello", "Cancelled\0", "a refund, or I cancel", ""]
)
RULES = st.sampled_from(
    [
        ("leave", {"phrases": ["cancel*", "refund"], "unless": ["our meeting"]}),
        ("leave", {"phrases": ["cancel"], "negation": False}),
        ("leave", None),
        ("money", {"patterns": ["refund( me)?"]}),
        ("money", {"phrases": ["hello"], "within": "5d"}),
        ("money", None),
    ]
)


class Mailbox(RuleBasedStateMachine):
    """Messages come, change and go, rules too, and a clock that also goes back stamps them: what was read bit by bit is
    what reading all of it gives."""

    @initialize(hashed=st.booleans())
    def begin(self, hashed: bool) -> None:
        self.said: dict[str, dict[str, Any]] = {"leave": {"phrases": ["cancel*"]}}
        self.store = stock(self._program(), [])
        self.clock = DAY
        if hashed:
            self.store.con.execute("ALTER TABLE core.messages ADD COLUMN row_hash UBIGINT")
            self.store.con.execute("ALTER TABLE core.messages ADD COLUMN changed_at TIMESTAMP")
        self.hashed = hashed

    def _program(self) -> Program:
        return program(**{name: trigger(name, **words) for name, words in self.said.items()})

    @rule(number=st.integers(1, 6), text=TEXTS, days=st.integers(-3, 3))
    def write(self, number: int, text: str, days: int) -> None:
        self.clock += timedelta(days=days)
        self.store.con.execute("DELETE FROM core.messages WHERE message_id = ?", [f"m{number}"])
        self.store.put("messages", message(number, text))
        if self.hashed:
            self.store.con.execute(
                "UPDATE core.messages SET changed_at = ?, row_hash = hash(text, author) WHERE message_id = ?",
                [engine.naive_utc(self.clock), f"m{number}"],
            )

    @rule(number=st.integers(1, 6))
    def delete(self, number: int) -> None:
        self.store.con.execute("DELETE FROM core.messages WHERE message_id = ?", [f"m{number}"])

    @rule(change=RULES)
    def change_a_rule(self, change: tuple[str, dict[str, Any] | None]) -> None:
        name, words = change
        self.said = {each: given for each, given in self.said.items() if each != name}
        if words is not None:
            self.said[name] = words
        self.store.program = self._program()

    @invariant()
    def it_is_as_if_all_were_read_now(self) -> None:
        keywords.refresh(self.store.con, self.store.program, self.clock)
        rows = self.store.rows("SELECT source, message_id, email, author, written_at, text FROM core.messages")
        anew = stock(self.store.program, rows)
        keywords.refresh(anew.con, anew.program, self.clock)
        assert self._found(self.store) == self._found(anew)

    def _found(self, box: Stock) -> list[dict[str, Any]]:
        return _all_hits(box) if box.has("derived.keyword_hits") else []

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.con.close()


Mailbox.TestCase.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
TestMailbox = Mailbox.TestCase
