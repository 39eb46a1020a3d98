"""A vendor made of lists: what it answers, how it pages and when it fails is set by the test."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from execution.clients import BaseClient, Page
from execution.clients.asking import Stats
from execution.directives import Program, load
from execution.directives.model import Source
from execution.errors import GtmError, SourceError

Record = dict[str, Any]

SETTINGS = """---
kind: settings
name: settings
internal_domains: [us.com]
free_mail_domains: [gmail.com]
role_mailboxes: [info]
---
"""

CUSTOMERS = """---
kind: entity
name: customers
key: email
rows: shared
columns:
  customer_id: {type: uuid, from: [system]}
  email: {type: text, from: [system]}
  company_domain: {type: text, from: [system]}
  name: {type: text, from: [crm, shop]}
  orders: {type: integer, from: [shop]}
  visits: {type: integer, from: [shop]}
---
"""

COMPANIES = """---
kind: entity
name: companies
key: domain
rows: shared
columns:
  domain: {type: text, from: [system]}
  name: {type: text, from: [crm]}
---
"""

EVENTS = """---
kind: entity
name: events
key: source_id
rows: owned
columns:
  source_id: {type: text, from: [shop]}
  email: {type: text, from: [shop]}
  occurred_at: {type: timestamp, from: [shop]}
---
"""

SHOP = """---
kind: source
name: shop
api: {base_url: "https://shop.example", auth: {type: none}}
streams:
  orders:
    path: /orders
    records: items
    key: id
    version: updated
    total: total
    columns:
      email: email
      name: name
      amount: {path: amount, type: integer}
      updated: {path: updated_at, type: timestamp}
  visits:
    each: orders
    reread: "updated between $as_of - interval 2 days and $as_of"
    path: "/orders/{orders.id}/visits"
    records: items
    key: id
    columns:
      at: {path: at, type: timestamp, unit: s}
---
```sql customers
select o.email, max(o.name) as name, count(distinct o.id) as orders, count(v.id) as visits
from orders o left join visits v on v.parent_key = o.id
group by o.email
```

```sql events
select v.id as source_id, o.email, v.at as occurred_at
from visits v join orders o on o.id = v.parent_key
```
"""

CRM = """---
kind: source
name: crm
api: {base_url: "https://crm.example", auth: {type: none}}
streams:
  people:
    path: /people
    params: {since: "{since:iso}"}
    records: people
    key: id
    sync: {by: cursor, column: changed, lookback: 1h}
    columns:
      email: email
      name: name
      changed: {path: changed, type: timestamp}
---
```sql customers
select email, max(name) as name from people where email is not null group by email
```
"""

TEXTS = {
    "directives/settings.md": SETTINGS,
    "directives/data-model/customers.md": CUSTOMERS,
    "directives/data-model/events.md": EVENTS,
    "directives/data-sources/shop-sync.md": SHOP,
    "directives/data-sources/crm-sync.md": CRM,
}


def program(**changed: str) -> Program:
    """The program of TEXTS, with texts replaced by the name of their directive (`shop=…`)."""
    texts = dict(TEXTS)
    for name, text in changed.items():
        texts[next((path for path in texts if name in path), f"directives/data-model/{name}.md")] = text
    return load({path: text.encode() for path, text in texts.items()}).require_valid()


@dataclass
class Vendor:
    """What one source answers. `records` by stream; children by `<stream>/<parent id>`.

    `before_page(stream, number)` may raise or change records; `asked` lists every chain asked for, with its values.
    """

    records: dict[str, list[Record]] = field(default_factory=dict)
    size: int = 2
    totals: dict[str, int] = field(default_factory=dict)
    before_page: Callable[[str, int], None] = lambda _stream, _number: None
    asked: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    bodies: dict[str, list[bytes]] = field(default_factory=dict)
    hidden: dict[str, list[Record]] = field(default_factory=dict)
    """Records that are in no list, but answer by their id."""
    leaves_out: tuple[str, ...] = ()
    since: dict[str, str] = field(default_factory=dict)
    """Streams that give only what changed since the time asked for, and the key of a record that says when it did."""

    def fail(self, stream: str, page: int, error: GtmError) -> None:
        """From now on, page `page` of `stream` fails."""

        def raise_it(name: str, number: int) -> None:
            if (name, number) == (stream, page):
                raise error

        self.before_page = raise_it


class FakeClient(BaseClient):
    """A client that asks a Vendor instead of the network."""

    def __init__(self, source: Source, vendor: Vendor) -> None:
        self._source, self._vendor = source, vendor

    @property
    def stats(self) -> Stats:
        return Stats(0, 0, 0.0, 0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def account(self) -> dict[str, str]:
        return {}

    async def slices(self, stream: str, values: Mapping[str, object]) -> tuple[str | None, ...]:  # noqa: ARG002
        return (None,)

    async def pages(
        self, stream: str, values: Mapping[str, object], *, resume: str | None = None
    ) -> AsyncIterator[Page]:
        vendor, declared = self._vendor, self._source.streams[stream]
        vendor.asked.append((stream, values))
        name, records = stream, vendor.records.get(stream, [])
        if declared.each:
            parent = values[declared.each]
            if isinstance(parent, list):
                records = [r for each in parent for r in vendor.records.get(f"{stream}/{each['key']}", [])]
            else:
                assert isinstance(parent, Mapping)
                name = f"{stream}/{parent['key']}"
                records = vendor.records.get(name, [])
        since, when = values.get("since"), vendor.since.get(stream)
        if when and isinstance(since, datetime):
            records = [record for record in records if datetime.fromisoformat(record[when]) >= since]
        bodies = vendor.bodies.get(name) or list(self._bodies(stream, records))
        for number in range(int(resume or 0), len(bodies)):
            await asyncio.sleep(0)
            vendor.before_page(stream, number)
            body = bodies[number]
            count = len(json.loads(body)[declared.records])
            following = str(number + 1) if number + 1 < len(bodies) else None
            yield Page(body, count, number, vendor.totals.get(stream), following)

    async def record(self, stream: str, id_: str, values: Mapping[str, object]) -> Page:
        """The record as it is now; no record where it is gone."""
        await asyncio.sleep(0)
        self._vendor.asked.append((stream, {**values, "id": id_}))
        self._vendor.before_page(stream, len(self._vendor.asked))
        found = [record for record in self._vendor.hidden.get(stream, []) if record["id"] == id_]
        found += [record for record in self._vendor.records.get(stream, []) if record["id"] == id_]
        body = json.dumps(found[0] if found else []).encode()
        return Page(body, len(found[:1]), 0, None, None)

    def shows_all(self, stream: str) -> bool:
        return stream not in self._vendor.leaves_out

    def _bodies(self, stream: str, records: list[Record]) -> Iterable[bytes]:
        at = self._source.streams[stream].records
        for start in range(0, len(records), self._vendor.size) or (0,):
            yield json.dumps({at: records[start : start + self._vendor.size]}).encode()


def down(where: str) -> SourceError:
    """The vendor is down."""
    return SourceError("the vendor is down", hint="try later", where=where)
