"""Directives that change between runs, and vendors whose records come, go and come back: what test_rebuild draws on."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from execution.directives import Program
from tests.sync.vendor import COMPANIES, CRM, CUSTOMERS, EVENTS, SETTINGS, SHOP, Record, program

AS_IT_IS, IN_MONEY = "as it is", "in money"


_CUSTOMERS = CUSTOMERS.replace(
    "  orders:", "  spent: {type: integer, from: [shop]}\n  replaced: {type: text, from: [shop]}\n  orders:"
)
_SHOP = SHOP.replace("2 days", "1 hour").replace(
    "      name: name\n", "      name: name\n      nick: nick\n      replaces: replaces\n"
)
_CRM = (
    CRM.replace("    key: id\n", "    key: id\n    deleted: archived\n").replace(
        "      name: name\n", "      name: name\n      website: website\n      winner: winner\n"
    )
    + """
```sql companies
select lower(website) as domain, max(name) as name from people where website is not null group by 1
```
"""
)
_BY_EMAIL = "select email, max(name) as name from people where email is not null group by email"
_COUNT = "count(distinct o.id) as orders"
_VISITS = "count(v.id) as visits"
_FROM = "from orders o left join visits v on v.parent_key = o.id"


def _shop_saying(block: str) -> str:
    """The shop with another customers block."""
    before, _, rest = _SHOP.partition("```sql customers\n")
    return f"{before}```sql customers\n{block}\n```{rest.partition('```')[2]}"


_OF_OTHER_ROWS = {
    "a share of all": _SHOP.replace(_COUNT, "(select count(*) from orders) - count(distinct o.id) as orders"),
    "a rank": _shop_saying(
        "with counted as (select email, count(*) as n from orders where email is not null group by email)\n"
        "select email, rank() over (order by n desc) as orders from counted"
    ),
    "the latest": _shop_saying(
        "select email, name, amount as orders from orders where email is not null\n"
        "qualify row_number() over (partition by email order by updated desc, key desc) = 1"
    ),
    "replaced by another": _shop_saying(
        "select email, count(*) as orders from orders where key not in\n"
        "(select replaces from orders where replaces is not null) group by email"
    ),
    "what it replaces": _shop_saying(
        "select o.email, max(p.name) as name, max(p.email) as replaced, count(*) as orders\n"
        "from orders o left join orders p on p.id = o.replaces group by o.email"
    ),
    "for whom it replaces": _shop_saying(
        "select coalesce(p.email, o.email) as email, max(o.name) as name, count(*) as orders\n"
        "from orders o left join orders p on p.id = o.replaces group by 1"
    ),
    "two tables on end": _shop_saying(
        "select email, max(name) as name, count(*) as orders from (select email, name from orders\n"
        "union all select p.email, o.nick from orders o join orders p on p.id = o.replaces) group by email"
    ),
}
OF_OTHER_ROWS = frozenset({*_OF_OTHER_ROWS, "but for losers", "named by the winner"})
"""Where what is said of one depends on records of others."""

VARIANTS: Mapping[str, Mapping[str, str]] = {
    "shop": {
        AS_IT_IS: _SHOP,
        "another expression": _SHOP.replace(_COUNT, "count(distinct o.id) * 10 as orders"),
        "a column more": _SHOP.replace(_COUNT, f"{_COUNT}, sum(o.amount) as spent"),
        "a column less": _SHOP.replace("max(o.name) as name, ", ""),
        "another order of columns": _SHOP.replace(f"{_COUNT}, {_VISITS}", f"{_VISITS}, {_COUNT}"),
        "another mapping": _SHOP.replace("name: name", "name: nick").replace("type: integer", "type: text"),
        "no events": _SHOP.partition("```sql events")[0],
        "no visits": _SHOP.partition("  visits:\n")[0]
        + "---\n```sql customers\nselect email, count(*) as orders from orders group by email\n```\n",
        "fewer events": _SHOP.replace("o.id = v.parent_key\n```", "o.id = v.parent_key where o.amount > 1\n```"),
        "events under another key": _SHOP.replace("select v.id as source_id", "select v.id || o.id as source_id"),
        IN_MONEY: _shop_saying(
            "select o.email, max(o.name || ' ' || s.base_currency) as name, max((o.amount * r.rate)::bigint) as spent\n"
            "from orders o cross join settings s left join rates r on r.currency = 'GBP' and r.is_last group by o.email"
        ),
        "by steps": _shop_saying(
            "select email, n as orders from counted\n```\n"
            "```sql step named\nselect email from orders where amount > 1\n```\n"
            "```sql step counted\nselect email, count(*) as n from named group by email"
        ),
        **_OF_OTHER_ROWS,
    },
    "crm": {
        AS_IT_IS: _CRM,
        "another expression": _CRM.replace(_BY_EMAIL, _BY_EMAIL.replace("max", "min")),
        "a column less": _CRM.replace(_BY_EMAIL, _BY_EMAIL.replace("max(name) as name", "1 as visits")),
        "another mapping": _CRM.replace("name: name", "name: alias"),
        "another key": _CRM.replace("key: id", "key: code"),
        "no companies": _CRM.partition("```sql companies")[0],
        "two rows for a key": _CRM.replace(_BY_EMAIL, "select email, name from people where email is not null"),
        "but for losers": _CRM.replace(
            _BY_EMAIL,
            "select email, max(name) as name from people where email is not null\n"
            "and key not in (select key from people where winner is not null) group by email",
        ),
        "named by the winner": _CRM.replace(
            _BY_EMAIL,
            "select p.email, max(coalesce(w.name, p.name)) as name from people p\n"
            "left join people w on w.key = p.winner where p.email is not null group by p.email",
        ),
    },
    "customers": {
        AS_IT_IS: _CUSTOMERS,
        "another precedence": _CUSTOMERS.replace("[crm, shop]", "[shop, crm]"),
        "fewer columns": CUSTOMERS,
        "another type": _CUSTOMERS.replace("orders: {type: integer", "orders: {type: decimal"),
    },
    "companies": {
        AS_IT_IS: COMPANIES,
        "a column more": COMPANIES.replace("  name:", "  size: {type: text, from: [crm]}\n  name:"),
    },
    "events": {
        AS_IT_IS: EVENTS,
        "a column more": EVENTS.replace("  email:", "  title: {type: text, from: [shop]}\n  email:"),
    },
    "settings": {
        AS_IT_IS: SETTINGS,
        "another own domain": SETTINGS.replace("us.com", "x.com"),
        "another free mail": SETTINGS.replace("[gmail.com]", "[y.com]"),
        "no role mailboxes": SETTINGS.replace("role_mailboxes: [info]", "role_mailboxes: []"),
        "a rate": SETTINGS.replace("internal_domains", "rates: {GBP: 2}\ninternal_domains"),
        "another rate": SETTINGS.replace("internal_domains", "rates: {GBP: 3}\ninternal_domains"),
        "another currency": SETTINGS.replace("internal_domains", "base_currency: EUR\ninternal_domains"),
    },
}  # fmt: skip
"""Directive → what it may say → its text."""

BASE = frozenset((name, AS_IT_IS) for name in VARIANTS)


@cache
def program_of(said: frozenset[tuple[str, str]], disabled: frozenset[str]) -> Program:
    """The program whose directives say what `said` names. Raises DirectiveError where they do not agree."""
    made = program(**{name: VARIANTS[name][variant] for name, variant in said})
    sources = {
        name: source.model_copy(update={"enabled": name not in disabled}) for name, source in made.sources.items()
    }
    return dataclasses.replace(made, sources=sources)


@dataclass
class Books:
    """What both vendors have, by id: orders with their visits, and people, those archived among them."""

    orders: dict[str, Record] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    people: dict[str, Record] = field(default_factory=dict)
    _canceled: dict[str, Record] = field(default_factory=dict)

    def of(self, source: str) -> dict[str, list[Record]]:
        """One vendor's records as they are now, by stream."""
        if source == "crm":
            return {"people": [dict(record) for record in self.people.values()]}
        children = {
            f"visits/{order}": [{"id": f"{order}v{n}", "at": 1_770_000_000 + n} for n in range(self.visits[order])]
            for order in self.orders
        }
        return {"orders": [dict(record) for record in self.orders.values()], **children}

    def order(self, id_: str, facts: Record, at: str) -> None:
        """An order comes, changes, or comes back."""
        self.orders[id_] = {"id": id_, "nick": "Nick", **facts, "updated_at": at}
        self.visits.setdefault(id_, 1)

    def cancel(self, id_: str) -> None:
        """An order is in no list any more."""
        if id_ in self.orders:
            self._canceled[id_] = self.orders.pop(id_)

    def restore(self) -> None:
        """Canceled orders are there again as they were."""
        self.orders = self._canceled | self.orders
        self._canceled = {}

    def visit(self, id_: str, count: int, at: str) -> None:
        """An order has that many visits from now on, which changes the order too."""
        self.visits[id_] = count
        for orders in (self.orders, self._canceled):
            if id_ in orders:
                orders[id_]["updated_at"] = at

    def person(self, id_: str, facts: Record, at: str) -> None:
        """A person comes, changes, or comes back."""
        self.people[id_] = {"id": id_, "code": f"c{id_}", "alias": "Ali", "archived": False, **facts, "changed": at}

    def archive(self, id_: str, at: str) -> None:
        """A person is a tombstone from now on."""
        if id_ in self.people:
            self.people[id_] |= {"archived": True, "changed": at}

    def move(self, old: str, new: str, at: str) -> None:
        """Everybody at one domain is at another from now on."""
        for record in (*self.orders.values(), *self.people.values()):
            if str(record["email"]).endswith(old):
                when = "changed" if "changed" in record else "updated_at"
                record |= {"email": record["email"].removesuffix(old) + new, when: at}
