"""Quiet hours, digests and the cap: when what is due is told."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.actions.caps import Turn, turns
from execution.actions.digests import next_at, occasion
from execution.actions.quiet import due_at, is_quiet, wall
from execution.directives.model import Severity
from execution.directives.model.routing import Cap, Digest, Quiet

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
ZONES = (BERLIN, NEW_YORK, LORD_HOWE, "Asia/Kathmandu", "Pacific/Kiritimati", "America/St_Johns", "UTC", "Africa/Cairo")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def quiet(first: str = "20:00", last: str = "07:00", *, but: Sequence[str] = ("critical",), **more: object) -> Quiet:
    return Quiet.model_validate({"from": first, "until": last, "except": but, **more})


@pytest.mark.parametrize(
    ("moment", "zone", "expected", "more"),
    [
        ("2026-06-03T12:00:00", "UTC", "2026-06-03T12:00:00", {}),
        ("2026-06-03T19:59:59", "UTC", "2026-06-03T19:59:59", {}),
        ("2026-06-03T20:00:00", "UTC", "2026-06-04T07:00:00", {}),
        ("2026-06-03T06:59:59", "UTC", "2026-06-03T07:00:00", {}),
        ("2026-06-03T07:00:00", "UTC", "2026-06-03T07:00:00", {}),
        ("2026-06-03T18:30:00", BERLIN, "2026-06-04T05:00:00", {}),
        ("2026-06-03T23:00:00", NEW_YORK, "2026-06-03T23:00:00", {}),
        ("2026-06-05T21:00:00", "UTC", "2026-06-06T07:00:00", {}),  # Friday evening
        ("2026-06-05T21:00:00", "UTC", "2026-06-08T07:00:00", {"weekends": True}),
        ("2026-06-06T12:00:00", "UTC", "2026-06-08T07:00:00", {"weekends": True}),
        ("2026-06-07T23:59:00", "UTC", "2026-06-08T07:00:00", {"weekends": True}),
        ("2026-06-06T12:00:00", "UTC", "2026-06-08T00:00:00", {"first": "12:00", "last": "13:00", "weekends": True}),
        ("2026-06-03T12:30:00", "UTC", "2026-06-03T13:00:00", {"first": "12:00", "last": "13:00"}),
        ("2026-06-03T12:30:00", "UTC", "2026-06-03T12:30:00", {"first": "12:00", "last": "12:00"}),
        # 02:30 is left out on the night of the change: as long after it
        ("2026-03-28T23:00:00", BERLIN, "2026-03-29T01:30:00", {"last": "02:30"}),
        # 02:30 comes twice: the first counts, and whoever is between the two waits for the second
        ("2026-10-24T23:00:00", BERLIN, "2026-10-25T00:30:00", {"last": "02:30"}),
        ("2026-10-25T00:45:00", BERLIN, "2026-10-25T00:45:00", {"last": "02:30"}),
        ("2026-10-25T01:15:00", BERLIN, "2026-10-25T01:30:00", {"last": "02:30"}),
    ],
)
def test_what_comes_up_in_quiet_hours_waits_for_their_end(
    moment: str, zone: str, expected: str, more: dict[str, Any]
) -> None:
    assert due_at(at(moment), quiet(**more), zone, "high") == at(expected)


def test_some_severities_do_not_wait() -> None:
    night = at("2026-06-03T23:00:00")
    assert due_at(night, quiet(), "UTC", "critical") == night
    assert due_at(night, quiet(but=["high", "low"]), "UTC", "high") == night
    assert due_at(night, quiet(but=[]), "UTC", "critical") == at("2026-06-04T07:00:00")
    assert due_at(night, None, "UTC", "low") == night


moments = st.datetimes(at("2020-01-01T00:00:00"), at("2035-01-01T00:00:00"))
clocks = st.builds(lambda minutes: time(minutes // 60, minutes % 60), st.integers(0, 24 * 60 - 1))
quiets = st.builds(
    lambda a, b, w: Quiet.model_validate({"from": a, "until": b, "weekends": w}), clocks, clocks, st.booleans()
)


@settings(max_examples=600, deadline=None)
@given(moments, quiets, st.sampled_from(ZONES))
def test_what_is_due_is_never_in_quiet_hours_nor_before_its_time_nor_days_late(
    moment: datetime, hours: Quiet, zone: str
) -> None:
    due = due_at(moment, hours, zone, "high")
    assert moment <= due <= moment + timedelta(days=4)
    assert not is_quiet(due, hours, zone)
    assert due_at(due, hours, zone, "high") == due


@settings(max_examples=300, deadline=None)
@given(moments, quiets, st.sampled_from(ZONES))
def test_there_is_no_earlier_moment_on_the_quarter_hour(moment: datetime, hours: Quiet, zone: str) -> None:
    due = due_at(moment, hours, zone, "high")
    step = moment
    while step < due and due - moment < timedelta(days=1):
        on_gap = wall(step, zone).utcoffset() != wall(due, zone).utcoffset()
        assert is_quiet(step, hours, zone) or on_gap
        step += timedelta(minutes=15)


# --- digests ------------------------------------------------------------------------------------


def digest(clock: str = "09:00", **more: object) -> Digest:
    return Digest.model_validate({"at": clock, **more})


@pytest.mark.parametrize(
    ("moment", "zone", "more", "expected", "day"),
    [
        ("2026-06-03T08:59:00", "UTC", {}, "2026-06-03T09:00:00", date(2026, 6, 3)),
        ("2026-06-03T09:00:00", "UTC", {}, "2026-06-03T09:00:00", date(2026, 6, 3)),
        ("2026-06-03T09:00:01", "UTC", {}, "2026-06-04T09:00:00", date(2026, 6, 4)),
        ("2026-06-03T09:00:01", "UTC", {"days": "mon"}, "2026-06-08T09:00:00", date(2026, 6, 8)),
        ("2026-06-08T09:00:01", "UTC", {"days": ["mon"]}, "2026-06-15T09:00:00", date(2026, 6, 15)),
        ("2026-06-03T12:00:00", "UTC", {"days": ["wed", "thu"]}, "2026-06-04T09:00:00", date(2026, 6, 4)),
        ("2026-06-03T12:00:00", BERLIN, {}, "2026-06-04T07:00:00", date(2026, 6, 4)),
        ("2026-06-03T23:30:00", "Pacific/Kiritimati", {}, "2026-06-04T19:00:00", date(2026, 6, 5)),
        ("2026-03-28T12:00:00", BERLIN, {"clock": "02:30"}, "2026-03-29T01:30:00", date(2026, 3, 29)),
        ("2026-10-24T12:00:00", BERLIN, {"clock": "02:30"}, "2026-10-25T00:30:00", date(2026, 10, 25)),
    ],
)
def test_a_digest_is_at_its_time_where_its_reader_is(
    moment: str, zone: str, more: dict[str, Any], expected: str, day: date
) -> None:
    assert next_at(digest(**more), at(moment), zone) == (at(expected), day)


@settings(max_examples=300, deadline=None)
@given(
    moments, clocks, st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])), st.sampled_from(ZONES)
)
def test_there_is_always_a_next_digest(moment: datetime, clock: time, days: set[str], zone: str) -> None:
    found, day = next_at(Digest.model_validate({"at": clock, "days": sorted(days)}), moment, zone)
    assert moment <= found <= moment + timedelta(days=8)
    assert not days or day.strftime("%a").lower() in days


def test_a_digest_is_called_by_its_day() -> None:
    assert occasion("daily", date(2026, 3, 1)) == "digest daily 2026-03-01"


# --- the cap ------------------------------------------------------------------------------------

NOON = at("2026-06-03T12:00:00")


def turn(
    name: str, rank: int = 0, ready_at: datetime = NOON, since: datetime = NOON, severity: Severity = "high"
) -> Turn:
    return Turn(name, ready_at, (rank,), since, severity, ("UTC",))


def spread(
    cap: Cap, waiting: list[Turn], told: tuple[datetime, ...] = (), hours: Quiet | None = None
) -> dict[str, str]:
    return {name: when.strftime("%d %H:%M") for name, _zone, when in turns(cap, hours, told, waiting)}


def test_the_gravest_go_first_then_the_oldest_then_by_name() -> None:
    older = NOON - timedelta(hours=1)
    waiting = [turn("d", 1), turn("c", 1, since=older), turn("b"), turn("a")]
    assert spread(Cap(alerts=1), waiting) == {"a": "03 12:00", "b": "03 13:00", "c": "03 14:00", "d": "03 15:00"}


def test_the_overflow_goes_on_when_the_first_ones_are_long_enough_ago() -> None:
    told = (NOON - timedelta(minutes=50), NOON - timedelta(minutes=10))
    waiting = [turn(name) for name in "abc"]
    assert spread(Cap(alerts=2), waiting, told) == {"a": "03 12:10", "b": "03 12:50", "c": "03 13:10"}


def test_who_is_not_due_yet_leaves_their_turn_to_others() -> None:
    waiting = [turn("grave", ready_at=NOON + timedelta(minutes=30)), turn("small", 3)]
    assert spread(Cap(alerts=2), waiting) == {"small": "03 12:00", "grave": "03 12:30"}


def test_whose_turn_comes_at_night_waits_for_the_morning() -> None:
    evening = at("2026-06-03T19:30:00")
    waiting = [turn(name, ready_at=evening) for name in "abc"] + [turn("z", 3, evening, severity="critical")]
    expected = {"a": "03 19:30", "z": "03 20:30", "b": "04 07:00", "c": "04 08:00"}
    assert spread(Cap(alerts=1), waiting, hours=quiet()) == expected


def test_nobody_waiting_is_nothing() -> None:
    assert spread(Cap(), []) == {}


def test_readers_for_whom_it_is_night_have_a_turn_of_their_own() -> None:
    both = Turn("a", NOON, (0,), NOON, "high", ("UTC", "America/Los_Angeles", "UTC"))
    found = list(turns(Cap(alerts=1), quiet(), (), [both, turn("b", 1)]))
    four = at("2026-06-03T14:00:00")  # seven in the morning there
    assert found == [("a", "UTC", NOON), ("b", "UTC", at("2026-06-03T13:00:00")), ("a", "America/Los_Angeles", four)]


waits = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3000), st.lists(st.sampled_from(ZONES), min_size=1, max_size=3)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(waits, st.integers(1, 5), st.integers(1, 600), st.lists(st.integers(0, 300), max_size=8), st.booleans())
def test_never_more_than_the_cap_in_any_time_and_nothing_is_lost(
    rows: list[tuple[int, int, list[str]]], most: int, minutes: int, ago: list[int], is_quiet_at_night: bool
) -> None:
    per, hours = timedelta(minutes=minutes), quiet(weekends=True) if is_quiet_at_night else None
    severities = get_args(Severity)
    waiting = [
        Turn(str(n), NOON + timedelta(minutes=ready), (rank,), NOON, severities[rank], tuple(zones))
        for n, (rank, ready, zones) in enumerate(rows)
    ]
    told = [NOON - timedelta(minutes=each) for each in ago]
    listed = list(turns(Cap(alerts=most, per=per), hours, told, waiting))
    found = {(name, zone): when for name, zone, when in listed}
    assert len(listed) == len(found)
    assert found.keys() == {(each.name, zone) for each in waiting for zone in each.zones}
    for each in waiting:
        for zone in each.zones:
            when = found[each.name, zone]
            assert when >= each.ready_at
            assert due_at(when, hours, zone, each.severity) == when
    new = sorted(when for _name, when in {(name, when) for name, _zone, when in listed})
    for end in new:  # of all times of that length that have it in them, the one that ends there
        before = sum(end - per < each for each in told)
        assert sum(end - per < each <= end for each in new) + before <= max(most, before)
    assert list(turns(Cap(alerts=most, per=per), hours, told, reversed(waiting))) == listed


def test_times_are_those_of_the_store() -> None:
    assert wall(NOON, BERLIN).astimezone(UTC).replace(tzinfo=None) == NOON
