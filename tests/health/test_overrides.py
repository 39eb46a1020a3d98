"""What people hold of accounts stands beside the score, in force until it expires, and its history stays."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from execution import engine
from execution.health import overrides

STATED = (
    "stated_score DECIMAL(18, 4), stated_band VARCHAR, stated_reason VARCHAR, stated_author VARCHAR, "
    "stated_expires DATE, stated_sentiment BIGINT, stated_sentiment_by VARCHAR, stated_sentiment_on DATE"
)
JULY = datetime(2026, 7, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def con() -> Iterator[engine.Connection]:
    with engine.memory() as con:
        con.execute("CREATE SCHEMA core; CREATE SCHEMA raw")
        con.execute(f"CREATE TABLE core.companies (domain VARCHAR, {STATED})")
        con.execute(f"CREATE TABLE core.customers (email VARCHAR, company_domain VARCHAR, {STATED})")
        con.execute("CREATE TABLE raw.workspace__accounts (key VARCHAR, path VARCHAR)")
        con.execute(
            "CREATE TABLE raw.workspace__overrides (key VARCHAR, path VARCHAR, first_seen TIMESTAMP, last_changed "
            "TIMESTAMP, deleted BOOLEAN, score DECIMAL(18, 4), band VARCHAR, reason VARCHAR, author VARCHAR, "
            "expires DATE)"
        )
        con.execute(
            "INSERT INTO core.companies VALUES ('a.com', NULL, 'at_risk', 'Silent', 'Ann', '2026-07-02', 2, 'Ann', "
            "'2026-07-01'), ('b.com', 20, NULL, 'Angry', 'Bob', '2026-07-01', NULL, NULL, NULL), "
            "('c.com', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
        )
        con.execute(
            "INSERT INTO core.customers VALUES ('x@a.com', 'a.com', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "
            "('y@gmail.com', NULL, 90, NULL, 'Friend', 'Bob', '2027-01-01', NULL, NULL, NULL), "
            "('z@c.com', 'c.com', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
        )
        yield con


@pytest.mark.parametrize(
    ("moment", "is_in_force"),
    [
        (datetime(2026, 7, 1, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 7, 2, tzinfo=UTC), False),
        (datetime(2027, 1, 1, tzinfo=UTC), False),
    ],
)
def test_an_override_holds_until_the_day_it_expires_begins(
    con: engine.Connection, moment: datetime, is_in_force: bool
) -> None:
    found = overrides.beside(con, "companies", "a.com", moment)
    assert (found.override is not None, found.expired is not None) == (is_in_force, not is_in_force)
    held = found.override or found.expired
    assert held == overrides.Override("a.com", None, "at_risk", "Silent", "Ann", date(2026, 7, 2))


def test_a_person_has_what_is_said_of_them_or_else_of_their_company(con: engine.Connection) -> None:
    of_company = overrides.beside(con, "customers", "x@a.com", JULY)
    assert of_company.override is not None
    assert of_company.override.account == "a.com"
    own = overrides.beside(con, "customers", "y@gmail.com", JULY).override
    assert own is not None
    assert (own.account, own.score, own.band) == ("y@gmail.com", Decimal(90), None)
    assert overrides.beside(con, "customers", "z@c.com", JULY).is_empty
    assert overrides.beside(con, "customers", "nobody@x.com", JULY).is_empty


def test_a_sentiment_is_known_from_the_day_it_was_said(con: engine.Connection) -> None:
    assert overrides.beside(con, "companies", "a.com", JULY).feeling == overrides.Feeling(
        "a.com", 2, "Ann", date(2026, 7, 1)
    )
    assert overrides.beside(con, "companies", "a.com", datetime(2026, 6, 30, tzinfo=UTC)).feeling is None


def test_all_that_hold_and_all_that_ran_out(con: engine.Connection) -> None:
    found = overrides.standing(con, JULY)
    assert [each.account for each in found.in_force] == ["a.com", "y@gmail.com"]
    assert [(each.account, each.expires) for each in found.expired] == [("b.com", date(2026, 7, 1))]


def test_the_history_tells_when_each_was_first_read_and_when_it_went(con: engine.Connection) -> None:
    con.execute("INSERT INTO raw.workspace__accounts VALUES ('a.com', 'customers/a/account.md')")
    con.execute(
        "INSERT INTO raw.workspace__overrides VALUES "
        "('1', 'customers/a/account.md', '2026-05-01', '2026-06-01', true, 10, NULL, 'Old', 'Bob', '2026-12-31'), "
        "('2', 'customers/a/account.md', '2026-06-01', '2026-06-01', false, NULL, 'at_risk', 'Silent', 'Ann', "
        "'2026-07-02'), "
        "('3', 'customers/other/account.md', '2026-06-01', '2026-06-01', false, 1, NULL, 'No', 'No', '2026-07-02')"
    )
    found = overrides.beside(con, "companies", "a.com", JULY)
    assert found.override is not None
    assert found.override.first_seen == JUNE
    assert [(past.reason, past.gone) for past in found.history] == [("Silent", None), ("Old", JUNE)]

    then = overrides.beside(con, "companies", "a.com", datetime(2026, 5, 15, tzinfo=UTC))
    assert then.override is not None, "the one that was in force then, and not the one that is written today"
    assert (then.override.reason, then.override.score) == ("Old", Decimal(10))
    assert [(past.reason, past.gone) for past in then.history] == [("Old", None)]

    before = datetime(2026, 4, 30, tzinfo=UTC)
    nothing = overrides.beside(con, "companies", "a.com", before)
    assert (nothing.override, nothing.expired, nothing.history) == (None, None, ()), "it was only written later"
    assert "a.com" not in {each.account for each in overrides.standing(con, before).in_force}
    assert "a.com" in {each.account for each in overrides.standing(con, JULY).in_force}


def test_an_override_holds_from_the_day_its_author_says(con: engine.Connection) -> None:
    con.execute("ALTER TABLE raw.workspace__overrides ADD COLUMN since DATE")
    con.execute("INSERT INTO raw.workspace__accounts VALUES ('a.com', 'customers/a/account.md')")
    con.execute(
        "INSERT INTO raw.workspace__overrides VALUES ('2', 'customers/a/account.md', '2026-06-20', '2026-06-20', "
        "false, NULL, 'at_risk', 'Silent', 'Ann', '2026-07-02', '2026-06-10')"
    )
    moments = (datetime(2026, 6, day, tzinfo=UTC) for day in (9, 10, 20))
    held = [overrides.beside(con, "companies", "a.com", moment).override is not None for moment in moments]
    assert held == [False, True, True]


def test_a_store_that_knows_no_overrides_has_none() -> None:
    with engine.memory() as con:
        con.execute("CREATE SCHEMA core")
        con.execute("CREATE TABLE core.companies (domain VARCHAR)")
        assert overrides.standing(con, JULY) == overrides.Standing()
        assert overrides.beside(con, "companies", "a.com", JULY).is_empty
