"""What may not be published: readers keep the last good publication until it is mended, or let through."""

from datetime import timedelta

import pytest

from execution import engine, quality, store
from execution.directives import Program
from execution.store import holding
from execution.workspace import Workspace
from tests.measures.stock import AS_OF

from .test_points import QUALITY, small

BLOCKING = QUALITY.replace(
    "checks:\n",
    "checks:\n"
    "  stay: {dimension: anomaly, entity: people, blocking: true, at_most: 50%, meaning: They stay, remedy: Mend it}\n"
    "  named: {dimension: validity, entity: people, holds: name is not null, blocking: true, at_most: 1, meaning: m, "
    "remedy: r}\n",
)


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("ws"))


def publish(workspace: Workspace, *names: str | None, known: Program | None = None, anyway: bool = False) -> list[str]:
    """Make these the people, judge them, and publish if that may be; the checks against it."""
    with store.writer(workspace, then_publish=True) as con:
        with store.change(con):
            con.execute("CREATE OR REPLACE TABLE core.people (email VARCHAR, name VARCHAR, plan VARCHAR)")
            for number, name in enumerate(names):
                con.execute("INSERT INTO core.people VALUES (?, ?, NULL)", [f"p{number}@x.com", name])
        against = quality.gate(con, known or small(BLOCKING), AS_OF, anyway=anyway)
    return [reason.check for reason in against]


def readers_see(workspace: Workspace) -> int:
    with store.reader(workspace) as con:
        return int((con.execute("SELECT count(*) FROM core.people").fetchone() or (0,))[0])


def test_half_may_go_and_more_may_not(workspace: Workspace) -> None:
    assert publish(workspace, *"abcdef") == []
    assert publish(workspace, *"abc") == []
    assert readers_see(workspace) == 3
    assert publish(workspace, "a") == ["stay"]
    assert readers_see(workspace) == 3
    told = holding.told(workspace)
    assert told is not None
    assert (told.publication, told.reasons[0].failing, told.reasons[0].of) == (2, 2, 3)
    assert told.reasons[0].examples == ("3 at the last publication, 1 now",)


def test_it_is_measured_against_what_readers_have_however_often_it_is_tried(workspace: Workspace) -> None:
    publish(workspace, *"abcdef")
    for names in ("ab", "ab", "a"):
        assert publish(workspace, *names) == ["stay"]
    since = holding.told(workspace)
    assert publish(workspace, *"abcd") == []
    assert (readers_see(workspace), holding.told(workspace)) == (4, None)
    assert since is not None
    assert since.since == AS_OF


def test_what_is_held_back_stays_in_the_store(workspace: Workspace) -> None:
    publish(workspace, *"abcdef")
    publish(workspace, "z")
    with store.writer(workspace, then_publish=True) as con:
        assert con.execute("SELECT name FROM core.people").fetchall() == [("z",)]
    assert readers_see(workspace) == 6, "nobody publishes what is held back, whoever closes the store"


def test_it_may_be_published_anyway_and_is_the_measure_from_then_on(workspace: Workspace) -> None:
    publish(workspace, *"abcdef")
    assert publish(workspace, "a") == ["stay"]
    assert publish(workspace, "a", anyway=True) == ["stay"]
    assert (readers_see(workspace), holding.told(workspace)) == (1, None)
    assert publish(workspace, "b") == []


def test_a_changed_directive_sets_it_free(workspace: Workspace) -> None:
    publish(workspace, *"abcdef")
    assert publish(workspace, "a") == ["stay"]
    assert publish(workspace, "a", known=small(BLOCKING.replace("at_most: 50%", "at_most: 90%"))) == []
    assert readers_see(workspace) == 1


def test_every_check_that_blocks_is_named(workspace: Workspace) -> None:
    publish(workspace, *"abcdef")
    assert publish(workspace, None, None) == ["stay", "named"]
    told = holding.told(workspace)
    assert told is not None
    assert [(each.check, each.examples) for each in told.reasons if each.check == "named"] == [
        ("named", ("p0@x.com", "p1@x.com"))
    ]


def test_a_first_publication_can_be_refused_too(workspace: Workspace) -> None:
    assert publish(workspace, None, None) == ["named"]
    told = holding.told(workspace)
    assert (told is not None and told.publication, store.current(workspace)) == (None, None)


def test_without_a_directive_everything_is_published(workspace: Workspace) -> None:
    publish(workspace, *"abcdef")
    assert publish(workspace, known=small(QUALITY)) == []
    assert readers_see(workspace) == 0


def test_since_when_is_kept_while_it_is_held(workspace: Workspace) -> None:
    publish(workspace, *"abcdef")
    publish(workspace, "a")
    with store.writer(workspace) as con:
        quality.gate(con, small(BLOCKING), AS_OF + timedelta(days=1))
        found = holding.reasons(con)
    assert found is not None
    assert found[0] == engine.naive_utc(AS_OF)
