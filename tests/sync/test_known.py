"""What the publication and the journal tell before a run."""

from datetime import timedelta

from execution import store
from execution.sync.estimate import Due, Known
from execution.sync.known import known, last_reads
from execution.sync.plan import Options, StreamState, plan_stream, streams_in_order
from execution.sync.state import parents_to_read, stream_states
from tests.sync.conftest import NOW, World
from tests.sync.vendor import SHOP, program

PAGED = SHOP.replace(
    '    path: "/orders/{orders.id}/visits"\n',
    '    path: "/orders/{orders.id}/visits"\n    params: {limit: 2}\n    paginate: {cursor: next, param: after}\n',
)


def found(
    world: World, source: str, *, later: timedelta = timedelta(0), is_remembered: bool = True
) -> dict[str, Known]:
    """What is known of a source so long after its last sync."""
    declared, now = world.program.sources[source], world.now + later
    with store.reader(world.workspace) as con:
        states = stream_states(con, declared)
        plans = [
            plan_stream(declared, name, states.get(name, StreamState()), now, Options())
            for name in streams_in_order(declared)
        ]
        return known(con, declared, plans, last_reads(world.workspace) if is_remembered else {}, now)


def orders(number: int) -> list[dict[str, object]]:
    """Orders o0, o1, …, each a day older than the one before."""
    return [
        {"id": f"o{age}", "email": "a@x.com", "updated_at": (NOW - timedelta(days=age)).isoformat()}
        for age in range(number)
    ]


def test_parents_are_due_for_a_reason(world: World) -> None:
    world.shop.records = {"orders": orders(5), "visits/o1": [{"id": f"v{n}", "at": n} for n in range(5)]}
    world.program = program(shop=PAGED)
    world.sync("shop")
    due = found(world, "shop")["visits"].due
    assert due
    assert (due.parents, due.unread, due.reread, due.refresh) == (2, 0, 2, 0), "o0 and o1 are less than two days old"
    assert due.requests == 4, "o0 has no visits, and o1 three pages of them"
    assert due.first
    assert due.first["id"] == "o0"
    assert found(world, "shop", later=timedelta(days=3))["visits"].due == Due(0, 0, 0, 0, 0)
    with store.reader(world.workspace) as con:
        assert len(parents_to_read(con, world.program.sources["shop"], "visits", world.now)) == 2


def test_a_cursors_window_and_what_changed_lately_are_counted(world: World) -> None:
    times = [timedelta(hours=hours) for hours in (0.5, 3, 9, 30)]
    world.crm.records = {
        "people": [
            {"id": f"p{n}", "email": "a@x.com", "changed": (world.now - age).isoformat()} for n, age in enumerate(times)
        ]
    }
    world.sync("crm")
    people = found(world, "crm", later=timedelta(hours=10))["people"]
    assert (people.within, people.moment) == (1, "changed"), "the cursor goes an hour back from the newest"
    assert people.lately == 3, "in the ten hours before the last sync"
    assert people.last
    assert (people.last.at, people.last.pages) == (world.now, 2)
    forgotten = found(world, "crm", later=timedelta(hours=10), is_remembered=False)["people"]
    assert (forgotten.within, forgotten.lately, forgotten.last) == (1, None, None)


def test_what_another_directive_decoded_tells_nothing(world: World) -> None:
    world.shop.records = {"orders": orders(3)}
    world.sync("shop")
    world.program = program(shop=SHOP.replace("      amount: {path: amount, type: integer}\n", ""))
    changed = found(world, "shop")
    assert not changed["orders"].is_stored
    assert changed["visits"].due is None


def test_what_a_feed_names_is_counted(world: World) -> None:
    feed = SHOP.replace(
        "streams:\n",
        """streams:
  news:
    path: /news
    records: items
    key: id
    sync: {by: window, lookback: 1h, backfill: 30d}
    columns: {about: about, at: {path: at, type: timestamp}}
  coupons:
    path: /coupons
    records: items
    key: id
    sync: {by: feed, feed: news, id: about, where: "about <> 'nothing'", path: "/coupons/{id}", keeps: 30d}
    columns: {name: name}
""",
    )
    world.program = program(shop=feed)
    world.sync("shop")
    ages = {"c1": 1, "c2": 2, "c3": 40, "nothing": 1}
    world.shop.records["news"] = [
        {"id": f"n{about}", "about": about, "at": (world.now - timedelta(hours=hours)).isoformat()}
        for about, hours in ages.items()
    ]
    world.shop.hidden = {"coupons": [{"id": "c1", "name": "one"}, {"id": "c3", "name": "three"}]}
    assert found(world, "shop")["coupons"].named == 0
    world.sync("shop", streams=("news",))
    named = found(world, "shop", later=timedelta(hours=10))
    assert (named["coupons"].named, named["coupons"].lately) == (3, 2), "asked for on its own, news is not followed"
    world.sync("shop")
    assert found(world, "shop")["coupons"].named == 0
