"""Rules played on the store's past: what would have fired, held against the days counted one by one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from execution.directives import Program, load
from execution.errors import DataError, StoreError, UsageError
from execution.proof.simulation import Moved, Played, Simulated, simulate
from execution.workspace import Workspace
from tests.proof.test_history import DAY, events, fill, texts

SINCE, UNTIL = datetime(2026, 4, 1, 6, tzinfo=UTC), datetime(2026, 4, 21, 6, tzinfo=UTC)

QUIET = "when: days_quiet > 20"

SEGMENT = """---
kind: segment
name: silent
entity: people
meaning: They were not here for long
when: days_quiet > 20
---
"""


def rule(keys: str, name: str = "quiet") -> str:
    return f"---\nkind: trigger\nname: {name}\nentity: people\n{keys}\n---\n"


def program(**rules: str) -> Program:
    written = {name: rule(keys, name) for name, keys in rules.items()}
    return load(texts(silent=SEGMENT, **written)).require_valid()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A published store with ten months of a hundred people, which no rule was ever looked at in."""
    workspace = Workspace(tmp_path_factory.mktemp("played"))
    fill(workspace)
    return workspace


def play(kept: Workspace, since: datetime = SINCE, until: datetime = UNTIL, **rules: str) -> Simulated:
    return simulate(kept, program(**rules), since, until)


def of(kept: Workspace, keys: str) -> Played:
    (found,) = play(kept, quiet=keys).rules
    return found


def quiet_on(day: datetime) -> set[str]:
    """Who was not here for more than twenty days, counted by hand."""
    latest: dict[str, datetime] = {}
    for event in events():
        if event["kind"] == "visit" and event["occurred_at"] <= day.replace(tzinfo=None):
            latest[event["email"]] = max(latest.get(event["email"], event["occurred_at"]), event["occurred_at"])
    return {email for email, at in latest.items() if (day.date() - at.date()).days > 20}


def expected() -> tuple[dict[str, datetime], int]:
    """On which day each falls silent within the days played, and how many were so before."""
    days = [SINCE + DAY * number for number in range((UNTIL - SINCE) // DAY + 1)]
    before = quiet_on(SINCE - DAY)
    begun: dict[str, datetime] = {}
    for day in days:
        for email in quiet_on(day) - before - begun.keys():
            begun[email] = day.replace(tzinfo=None)
    return begun, len(before)


def fired(found: Played) -> dict[str, datetime]:
    return {move.key: move.at for move in found.moves if move.event == "fired"}


def test_what_would_have_fired_and_when(kept: Workspace) -> None:
    found = play(kept, quiet=QUIET + "\nseverity: high\nmessage: 'quiet for {days_quiet} days'")
    (played,) = found.rules
    begun, before = expected()
    assert len(begun) > 2
    assert fired(played) == begun
    assert (played.fired, played.rows, played.open_before) == (len(begun), len(begun), before)
    assert (played.resolved, played.open_after) == (0, len(begun) + before)
    assert (found.since, found.until, found.days) == (SINCE.replace(tzinfo=None), UNTIL.replace(tzinfo=None), 21)
    first = played.moves[0]
    assert isinstance(first, Moved)
    assert first.message.startswith("quiet for ")
    assert (played.blind, played.failure) == ((), None)


def test_who_entered_a_segment_and_whose_score_fell(kept: Workspace) -> None:
    begun, _ = expected()
    came = of(kept, "when: entered(silent)")
    assert fired(came) == begun
    assert came.resolved >= came.fired - 1, "a day later nobody enters any more"
    fell = of(kept, "when: drop(people_health, 7d) >= 20")
    assert fell.fired > 0
    assert fell.blind == ()


def test_it_has_to_have_held_before_the_first_day_too(kept: Workspace) -> None:
    begun, _ = expected()
    found = of(kept, QUIET + "\nfor: 3d")
    late = {email: at + 3 * DAY for email, at in begun.items() if at + 3 * DAY <= UNTIL.replace(tzinfo=None)}
    early = {email for email in quiet_on(SINCE - DAY) if email not in quiet_on(SINCE - 4 * DAY)}
    assert late.items() <= fired(found).items()
    assert fired(found).keys() - late.keys() == early


def test_nothing_is_written_and_the_same_days_give_the_same(kept: Workspace) -> None:
    before = kept.store_file.read_bytes()
    until = SINCE + 3 * DAY
    assert play(kept, SINCE, until, quiet=QUIET) == play(kept, SINCE, until, quiet=QUIET)
    assert kept.store_file.read_bytes() == before


def test_only_the_rules_that_are_named(kept: Workspace) -> None:
    declared = program(quiet=QUIET, other="when: days_quiet > 5")
    found = simulate(kept, declared, SINCE, SINCE + 2 * DAY, names=["other"])
    assert [each.trigger for each in found.rules] == ["other"]
    with pytest.raises(UsageError, match="no rule 'nothing'") as caught:
        simulate(kept, declared, SINCE, UNTIL, names=["nothing"])
    assert caught.value.code == "E286"


def test_what_is_not_known_of_then_is_said(kept: Workspace) -> None:
    (blind,) = play(kept, SINCE, SINCE + DAY, quiet="when: rating = 1 and days_quiet > 0").rules
    assert (blind.fired, blind.blind) == (0, ("rating",))
    declared = program(quiet="when: rating = 1 and days_quiet > 0")
    (today,) = simulate(kept, declared, SINCE, SINCE + DAY, with_today=True).rules
    assert today.open_after > 0
    assert today.blind == ()


def test_a_rule_that_fails_on_the_data_is_told(kept: Workspace) -> None:
    found = play(kept, SINCE, SINCE + DAY, quiet="when: cast(plan as integer) > 3", other=QUIET)
    broken = next(each for each in found.rules if each.trigger == "quiet")
    assert isinstance(broken.failure, DataError)
    assert next(each for each in found.rules if each.trigger == "other").open_after > 0


@pytest.mark.parametrize("until", [SINCE - DAY, SINCE + timedelta(days=1000)])
def test_there_must_be_days_and_not_too_many(kept: Workspace, until: datetime) -> None:
    with pytest.raises(UsageError) as caught:
        play(kept, SINCE, until, quiet=QUIET)
    assert caught.value.code == "E286"


def test_before_the_first_publication_there_is_no_past(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        play(Workspace(tmp_path), quiet=QUIET)
