"""One run over a store, and what it says after it, in a process of its own: `python -m tests.store.following DIR 5`."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from execution import engine
from execution.workspace import Workspace
from tests.sync.conftest import NOW, World


def follow(root: Path, orders: int) -> dict[str, object]:
    """Sync the workspace at `root` from vendors who have that many orders."""
    world = World(Workspace(root), now=NOW + timedelta(days=orders))
    moment = (NOW + timedelta(days=orders)).isoformat()
    world.shop.records = {
        "orders": [
            {"id": f"o{n}", "email": f"c{n % 3}@x.com", "name": f"C{orders}", "amount": n, "updated_at": moment}
            for n in range(orders)
        ]
    }
    for n in range(orders):
        world.shop.records[f"visits/o{n}"] = [{"id": f"v{n}", "at": 1_772_000_000 + n}]
    world.crm.records = {"people": [{"id": "p1", "email": "Zoe <zoe@y.co.uk>", "name": "Zoe", "changed": moment}]}
    result = world.sync()
    assert result.exit_code == 0, result
    tables = ("raw.shop__orders", "projected.shop__customers", "core.customers", "core.events", "meta.changes")
    return {
        "version": engine.VERSION,
        "is_published": result.published is not None,
        "rows": {table: [*map(repr, world.rows(f"SELECT * FROM {table} ORDER BY ALL"))] for table in tables},
    }


if __name__ == "__main__":
    print(json.dumps(follow(Path(sys.argv[1]), int(sys.argv[2]))))  # noqa: T201 - the answer
