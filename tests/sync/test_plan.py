"""Which sources and streams a run reads, and in what order."""

import pytest

from execution.errors import UsageError
from execution.sync.plan import Options, chosen, in_order, streams_wanted

from .conftest import World
from .vendor import CRM, program

WAITING = CRM.replace("name: crm\n", "name: crm\nafter: [shop]\n")


def test_a_stream_brings_its_parents_along_and_nothing_else(world: World) -> None:
    shop = world.program.sources["shop"]
    assert streams_wanted(shop, Options()) == ("orders", "visits")
    assert streams_wanted(shop, Options(streams=("visits",))) == ("orders", "visits")
    assert streams_wanted(shop, Options(streams=("orders",))) == ("orders",)
    assert streams_wanted(shop, Options(streams=("people",))) == ()


@pytest.mark.parametrize("asked", [("visits",), ("orders",)])
def test_what_is_planned_is_what_a_run_reads(world: World, asked: tuple[str, ...]) -> None:
    world.shop.records = {"orders": []}
    (result,) = world.sync("shop", streams=asked).sources
    assert tuple(each.stream for each in result.streams) == streams_wanted(
        world.program.sources["shop"], Options(streams=asked)
    )


def test_sources_come_after_those_they_wait_for() -> None:
    waiting = program(crm=WAITING)
    assert [source.name for source in in_order(chosen(waiting, []))] == ["shop", "crm"]
    assert [source.name for source in in_order(chosen(waiting, ["crm"]))] == ["crm"], "shop is not in this run"
    assert [source.name for source in in_order(chosen(program(), []))] == ["crm", "shop"], "else by name"


def test_only_what_is_there_and_enabled_is_chosen() -> None:
    with pytest.raises(UsageError, match="no source 'shpo'") as unknown:
        chosen(program(), ["shpo"])
    assert (unknown.value.code, "crm, shop" in unknown.value.hint) == ("E210", True)
    with pytest.raises(UsageError, match="crm is disabled") as disabled:
        chosen(program(crm=CRM.replace("name: crm\n", "name: crm\nenabled: false\n")), ["crm"])
    assert disabled.value.code == "E211"
