"""Recipients become people: whom a row names, who stands in, who is asked instead, and that somebody always is."""

from datetime import datetime
from typing import Any

import pytest

from execution.actions.people import Directory, Reached
from execution.directives.model import Routing, Team

DAY = datetime(2026, 6, 3, 12)  # noqa: DTZ001 - naive UTC, as the store has it

PEOPLE: dict[str, Any] = {
    "ada": {"name": "Ada Okoye", "email": "ada@us.example", "manager": "bo", "crm_owner": "7", "slack": "U0ADA"},
    "cy": {"name": "Cy Young", "email": "cy@us.example", "manager": "bo"},
    "bo": {"name": "Bo Diaz", "email": "bo@us.example", "manager": "dee"},
    "dee": {"name": "Dee Roy", "email": "dee@us.example"},
}
RECIPIENTS: dict[str, Any] = {
    "owner": {"meaning": "account owner", "columns": {"customers": ["am_email", "am"]}, "otherwise": "everybody"},
    "lonely": {"columns": {"customers": "am_email"}},
    "manager": {"manager_of": "owner"},
    "director": {"name": "dee"},
    "everybody": {"name": "success"},
}


def directory(recipients: dict[str, Any] | None = None, fallback: str | None = None, **people: object) -> Directory:
    """The team, some of whom are otherwise than above."""
    changed = {name: PEOPLE[name] | people.get(name, {}) for name in PEOPLE}
    groups = {"success": {"members": ["ada", "cy"], "slack": "S0SUCCESS", "channel": "#success"}}
    team = Team.model_validate({"kind": "team", "name": "team", "people": changed, "groups": groups})
    said = {"kind": "routing", "name": "routing", "recipients": RECIPIENTS | (recipients or {}), "fallback": fallback}
    return Directory(team, Routing.model_validate(said), "UTC")


def away(first: str, last: str, cover: str | None = None) -> dict[str, Any]:
    return {"away": [{"from": first, "until": last} | ({"cover": cover} if cover else {})]}


def reach(
    word: str,
    row: dict[str, Any] | None = None,
    at: datetime = DAY,
    *,
    recipients: dict[str, Any] | None = None,
    fallback: str | None = None,
    **people: object,
) -> Reached:
    who = directory(recipients, fallback, **people)
    return who.reach(word, "customers", {"am_email": "ada@us.example"} if row is None else row, at)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"am_email": "ada@us.example"}, "ada"),
        ({"am_email": " ADA@US.Example "}, "ada"),
        ({"am_email": "7"}, "ada"),
        ({"am_email": "Cy Young"}, "cy"),
        ({"am_email": "cy young"}, "cy"),
        ({"am_email": "cy"}, "cy"),
        ({"am_email": "success"}, "success"),
        ({"am_email": None, "am": "Bo Diaz"}, "bo"),
        ({"am_email": "stranger@x.com", "am": "Bo Diaz"}, "bo"),
        ({"am_email": "", "am": "dee@us.example"}, "dee"),
    ],
)
def test_the_first_column_that_names_somebody_of_the_team_says_who_it_is(row: dict[str, Any], name: str) -> None:
    assert reach("owner", row) == directory().told(name, "account owner")


def test_a_person_comes_with_what_a_message_needs() -> None:
    assert reach("owner") == Reached("ada", "account owner", "Ada Okoye", "ada@us.example", "U0ADA", None, "UTC")
    group = reach("everybody")
    assert (group.name, group.slack, group.channel, group.members) == (
        "success",
        "S0SUCCESS",
        "#success",
        ("ada", "cy"),
    )


def test_words_are_recipients_people_or_groups() -> None:
    assert [reach(word).name for word in ("director", "dee", "success", "manager")] == ["dee", "dee", "success", "bo"]
    assert reach("nobody") == Reached(None, "the team has nobody called nobody")


@pytest.mark.parametrize(
    ("people", "name", "why"),
    [
        ({"ada": away("2026-06-01", "2026-06-07", "cy")}, "cy", "stands in for Ada Okoye until 2026-06-07"),
        ({"ada": away("2026-06-04", "2026-06-07", "cy")}, "ada", "account owner"),
        ({"ada": away("2026-06-03", "2026-06-03", "cy")}, "cy", "stands in for Ada Okoye until 2026-06-03"),
        (
            {"ada": away("2026-06-01", "2026-06-07", "cy"), "cy": away("2026-06-01", "2026-06-09", "bo")},
            "bo",
            "stands in for Ada Okoye until 2026-06-07",
        ),
        (
            {"ada": away("2026-06-01", "2026-06-07", "cy"), "cy": away("2026-06-01", "2026-06-07", "ada")},
            "success",
            "in the place of the account owner: Ada Okoye is away until 2026-06-07",
        ),
        (
            {"ada": away("2026-06-01", "2026-06-07", "ada")},
            "success",
            "in the place of the account owner: Ada Okoye is away until 2026-06-07",
        ),
        ({"ada": {"left": "2026-06-03"}}, "success", "in the place of the account owner: Ada Okoye has left"),
        ({"ada": {"left": "2026-06-04"}}, "ada", "account owner"),
        (
            {"ada": {"left": "2026-06-01"} | away("2026-06-01", "2026-12-31", "cy")},
            "cy",
            "stands in for Ada Okoye, who has left",
        ),
    ],
)
def test_who_is_not_there_is_stood_in_for(people: dict[str, Any], name: str, why: str) -> None:
    found = reach("owner", **people)
    assert (found.name, found.why) == (name, why)


def test_without_cover_and_otherwise_the_next_above_who_is_there_is_told() -> None:
    gone = {"left": "2026-01-01"}
    assert reach("lonely", ada=gone).name == "bo"
    found = reach("lonely", ada=gone, bo=away("2026-06-01", "2026-06-09"))
    assert (found.name, found.why) == ("dee", "in the place of the lonely: Ada Okoye has left")
    circle: dict[str, Any] = {"bo": gone | {"manager": "dee"}, "dee": gone | {"manager": "bo"}}
    assert reach("lonely", ada=gone, **circle) == Reached(None, "Ada Okoye has left")


def test_the_manager_is_the_owners_own_though_the_owner_is_away() -> None:
    found = reach("manager", ada=away("2026-06-01", "2026-06-07", "dee"))
    assert (found.name, found.why) == ("bo", "manager")
    assert reach("manager", {"am_email": "dee@us.example"}) == Reached(None, "the account owner has no manager")


def test_who_is_not_of_the_team_is_said() -> None:
    found = reach("owner", {"am_email": "gone@us.example"})
    assert (found.name, found.why) == (
        "success",
        "in the place of the account owner: the team does not know gone@us.example",
    )
    assert reach("owner", {}).why == "in the place of the account owner: no account owner is known"
    assert reach("lonely", {"am_email": "gone@us.example"}) == Reached(None, "the team does not know gone@us.example")


def test_of_what_leads_to_nobody_the_fallback_hears() -> None:
    found = reach("lonely", {}, fallback="director")
    assert (found.name, found.why) == ("dee", "for want of another: no lonely is known")
    assert reach("lonely", {}, fallback="lonely").name is None


def test_recipients_that_lead_back_to_themselves_end() -> None:
    one = {"columns": {"customers": "am_email"}, "otherwise": "two"}
    two = {"columns": {"customers": "am_email"}, "otherwise": "one"}
    found = reach("one", {}, recipients={"one": one, "two": two})
    assert found.name is None
    assert "one → two → one leads back to itself" in found.why
    rounds = {"up": {"manager_of": "down"}, "down": {"manager_of": "up"}}
    assert reach("up", recipients=rounds).why == "up → down → up leads back to itself"


def test_the_day_is_that_of_where_they_live() -> None:
    people: dict[str, Any] = {"ada": away("2026-06-04", "2026-06-04", "cy") | {"time_zone": "Asia/Tokyo"}}
    assert reach("owner", at=datetime(2026, 6, 3, 14), **people).name == "ada"  # noqa: DTZ001 - 23:00 in Tokyo
    assert reach("owner", at=datetime(2026, 6, 3, 16), **people).name == "cy"  # noqa: DTZ001 - the next day there


def test_without_a_team_nobody_is_there() -> None:
    alone = Directory(None, Routing(kind="routing", name="routing"), "UTC")
    assert alone.reach("owner", "customers", {}, DAY) == Reached(None, "the team has nobody called owner")
    assert alone.told("ada", "x") == Reached(None, "the team has nobody called ada any more")
