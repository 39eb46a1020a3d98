"""The world: the same from the same seed, whole from any end, and a story that only goes forward."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.sandbox.world import World, moments
from execution.sandbox.world.accounts import FUTURE, Census
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.meetings import EVENT_TYPES, Meeting, existing
from execution.sandbox.world.moments import DAY, NEVER
from execution.sandbox.world.team import DOMAIN

AS_OF = moments.of(datetime(2026, 11, 2, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def world() -> World:
    return World(1, 300, AS_OF)


def meetings(world: World) -> list[Meeting]:
    return existing(world.every_meeting(), world.now)


def test_same_seed_same_world() -> None:
    one, two, other = World(7, 90, AS_OF), World(7, 90, AS_OF), World(8, 90, AS_OF)
    assert [one.person(i) for i in range(90)] == [two.person(i) for i in reversed(range(90))][::-1]
    assert list(one.every_meeting()) == list(two.every_meeting())
    assert one.person(0) != other.person(0)


def test_one_of_a_million_costs_what_the_first_does() -> None:
    person = World(1, 1_000_000, AS_OF).person(999_999)
    assert person.number == 999_999
    assert person.created <= AS_OF


@given(st.integers(0, 1000), st.integers(0, 3_000_000))
def test_people_and_accounts_agree_on_who_belongs_where(seed: int, person: int) -> None:
    census = Census(seed, 3_000_000)
    account = census.account_of(person)
    assert person in census.people_of(account)
    assert census.people_of(account).stop == census.people_of(account + 1).start


@given(st.integers(1, 1 << 40), st.lists(st.integers(1, 1 << 60), min_size=1, max_size=80))
def test_dice_stay_within_their_sides(seed: int, sides: list[int]) -> None:
    dice = Dice(seed, "test")
    assert all(0 <= dice.below(side) < side for side in sides)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 400))
def test_everybody_is_there_at_the_start(seed: int, customers: int) -> None:
    world = World(seed, customers, AS_OF)
    assert world.people() == customers
    assert all(world.person(i).created <= AS_OF for i in range(customers))
    later = [world.person(i).created for i in range(customers, customers + 12)]
    assert later == sorted(later)
    assert later[0] > AS_OF


def test_addresses_are_unique_and_reach_nobody(world: World) -> None:
    emails = [world.person(i).email for i in range(300)]
    assert len(set(emails)) == 300
    for i, email in enumerate(emails):
        domain = world.account(world.person(i).account).domain
        assert email.endswith(".example") if domain else ".demo" in email
    free = sum(world.account(world.person(i).account).domain is None for i in range(300))
    assert 10 < free < 60


def test_company_domains_are_unique(world: World) -> None:
    domains = [d for a in range(world.census.accounts) if (d := world.account(a).domain)]
    assert len(domains) == len(set(domains))


def test_accounts_take_every_course_in_order_of_time() -> None:
    world = World(1, 3000, AS_OF)
    accounts = [world.account(a) for a in range(world.census.accounts)]
    assert {account.course for account in accounts} == {"growing", "steady", "stalling", "leaving", "churned", "lead"}
    for account in accounts:
        times = [milestone.at for milestone in account.milestones]
        assert times == sorted(times)
        assert (account.at(AS_OF).mrr_cents > 0) == (account.at(AS_OF).stage == "customer")
    assert {account.at(AS_OF).stage for account in accounts} == {"lead", "trial", "customer", "churned"}


def test_meetings_have_every_outcome(world: World) -> None:
    held = meetings(world)
    now = world.now
    bookings = [booking for meeting in held for _, booking in meeting.booked_by(now)]
    assert sum(meeting.start > now for meeting in held) > 10
    assert any(booking.is_no_show_at(now) for booking in bookings)
    assert any(booking.moved_to is not None and booking.is_canceled_at(now) for booking in bookings)
    assert any(booking.is_canceled_at(now) and booking.moved_to is None for booking in bookings)
    assert any(len(meeting.bookings) > 2 for meeting in held)
    assert any(booking.email.endswith(DOMAIN) for booking in bookings)
    assert any("+calls@" in booking.email for booking in bookings)
    assert any(booking.email != booking.email.lower() for booking in bookings)
    questions = {question for booking in bookings for question, _ in booking.answers}
    assert {"What is your offer?", "Who is your ICP?", "What is the LTV of a client?"} <= questions


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_meeting_is_a_story_in_order(seed: int) -> None:
    world = World(seed, 200, AS_OF)
    for meeting in meetings(world):
        for booking in meeting.bookings:
            assert booking.booked_at < meeting.start
            assert moments.weekday(meeting.start) < 5
            assert booking.booked_at < booking.canceled_at
            assert booking.canceled_at is NEVER or booking.canceled_at < meeting.start
            assert booking.no_show_at == NEVER or booking.no_show_at > meeting.start
            if booking.person is not None:
                assert world.person(booking.person).created <= booking.booked_at


def test_reschedules_point_at_each_other(world: World) -> None:
    moved = [(meeting, booking) for meeting in meetings(world) for booking in meeting.bookings if booking.moved_to]
    assert moved
    for meeting, booking in moved:
        assert booking.moved_to is not None
        other = world.meeting(booking.moved_to)
        assert other is not None
        assert other.bookings[0].moved_from == meeting.ref
        assert other.bookings[0].booked_at == booking.canceled_at


def test_churned_accounts_meet_no_more(world: World) -> None:
    for meeting in meetings(world):
        booking = meeting.bookings[-1]
        if booking.person is not None and not EVENT_TYPES[meeting.event_type].for_many and booking.moved_from is None:
            churned = world.account(world.person(booking.person).account).churned_at
            assert meeting.start < churned + 5 * DAY


def test_moving_on_only_adds_to_the_story() -> None:
    world = World(3, 150, AS_OF)
    before = {meeting.ref: meeting.updated_by(world.now) for meeting in meetings(world)}
    people = world.people()
    world.now = AS_OF + 30 * DAY
    after = {meeting.ref: meeting.updated_by(world.now) for meeting in meetings(world)}
    assert before.keys() < after.keys()
    assert all(after[ref] >= updated for ref, updated in before.items())
    assert any(after[ref] > updated for ref, updated in before.items())
    assert world.people() > people


def test_late_no_show_marks_do_not_touch_the_event() -> None:
    world = World(1, 300, AS_OF)
    late = [
        (meeting, number, booking)
        for meeting in meetings(world)
        for number, booking in enumerate(meeting.bookings)
        if meeting.start + DAY < booking.no_show_at < NEVER and len(meeting.bookings) == 1
    ]
    assert late
    meeting, _, booking = late[0]
    assert meeting.updated_by(booking.no_show_at - 1) == meeting.updated_by(booking.no_show_at)
    assert booking.updated_by(booking.no_show_at) == booking.no_show_at
    assert not booking.is_no_show_at(booking.no_show_at - 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02T12:00:00.000000Z", AS_OF),
        ("2026-11-02T13:00:00+01:00", AS_OF),
        ("2026-11-02 12:00:00", AS_OF),
        ("2026-11-02", None),
        ("soon", None),
        ("2026-13-02T12:00:00Z", None),
    ],
)
def test_times_are_read_as_utc(text: str, expected: int | None) -> None:
    assert moments.parse(text) == expected


@given(st.integers(0, 4_000_000_000_000_000))
def test_times_are_written_as_they_are_read(moment: int) -> None:
    assert moments.parse(moments.iso_us(moment)) == moment
    assert moments.day(moment) == moments.iso_ms(moment)[:10]


def test_an_empty_world_has_only_us() -> None:
    world = World(1, 0, AS_OF)
    assert world.people() == 0
    assert all(booking.person is None for meeting in meetings(world) for booking in meeting.bookings)


def test_the_story_ends_where_it_says() -> None:
    world = World(1, 30, AS_OF)
    last = world.accounts_to_come() - 1
    assert world.account(last).started < AS_OF + FUTURE <= world.account(last + 1).started
