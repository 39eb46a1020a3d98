"""Which columns a text takes without naming them."""

import pytest

from execution.directives.dependencies import takes_whole_rows

TABLES = ("events", "customers")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from events",
        "select e.* from events e",
        "select count(distinct *) from events",
        "from events",
        "select email, (from events) from customers",
        "select columns('x') from events",
        "select a.email from events a natural join customers",
        "select email, to_json(e) as j from events e group by all",
        "select email, max(events) from events group by email",
        "select c from customers as c",
        "select hash(c) from events e, customers c where e.email = c.email",
        'select min(e) from "events" e',
        "SELECT count(E) FROM Events AS e",
    ],
)
def test_whole_rows_are_seen(sql: str) -> None:
    assert takes_whole_rows(sql, TABLES)


@pytest.mark.parametrize(
    "sql",
    [
        "select email, count(*) as n from events group by email",
        "select e.email, max(e.title) from events e join customers c on c.email = e.email group by 1",
        "select events.email from events where events.kind is not null order by events.email",
        "select e.email from events as e left join customers using (email)",
        "select email -- to_json(e)\nfrom events e",
        "select count(*) filter (where e.kind = 'e') from customers c, events e where c.email = e.email group by all",
    ],
)
def test_named_columns_are_no_whole_rows(sql: str) -> None:
    assert not takes_whole_rows(sql, TABLES)
