"""Records rendered once: whatever was rendered before, a page is the one that a fresh sandbox would give."""

from collections.abc import Mapping
from typing import Any

import pytest

from execution.sandbox import Options, server
from execution.sandbox.server import build
from tests.sandbox.walking import Walker

SMALL = Options(customers=60, speed=0)


def changes_of(walker: Walker) -> list[Mapping[str, Any]]:
    """Edits of things that there are."""
    subscriptions = walker.ask("stripe", "GET", "/v1/subscriptions?status=active")["data"]
    contacts = walker.ask("intercom", "GET", "/contacts")["data"]
    people = walker.ask("hubspot", "GET", "/crm/v3/objects/contacts")["results"]
    companies = walker.ask("hubspot", "GET", "/crm/v3/objects/companies")["results"]
    return [
        {"change": "delete_customer", "customer": subscriptions[0]["customer"]},
        {"change": "churn", "customer": subscriptions[1]["customer"]},
        {"change": "stop_paying", "customer": subscriptions[2]["customer"]},
        {"change": "say", "contact": contacts[0]["id"], "body": "Hello", "messages": 3, "rating": 2},
        {"change": "forget", "contact": contacts[1]["id"]},
        {"change": "contact", "id": people[0]["id"], "properties": {"city": "Elsewhere"}},
        {"change": "archive", "id": people[1]["id"]},
        {"change": "merge", "id": people[2]["id"], "into": people[0]["id"]},
        {"change": "contact", "object": "companies", "id": companies[0]["id"], "properties": {"name": "Other"}},
    ]


@pytest.mark.parametrize("days", [3, 150])
def test_nothing_rendered_is_shown_when_it_is_out_of_date(days: int) -> None:
    read, fresh = Walker(build(SMALL)), Walker(build(SMALL))
    read.everything()
    for step in ([], changes_of(read), []):
        read.advance(days / 3, *step)
        fresh.advance(days / 3, *step)
        pages = read.everything()
    assert fresh.everything() == pages


def test_rendering_ahead_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = Walker(build(SMALL))
    monkeypatch.setattr(server, "_AHEAD", range(60, 61))
    ahead = Walker(build(SMALL))
    assert ahead.everything() == lazy.everything()
    lazy.advance(20)
    ahead.advance(20)
    assert ahead.everything() == lazy.everything()


def test_what_is_rendered_ahead_is_not_rendered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    walker = Walker(build(Options(customers=server._AHEAD.start, speed=0, vendors=("stripe", "intercom", "calendly"))))

    def never(*_: object) -> bytes:
        raise AssertionError("rendered when it was asked for")

    monkeypatch.setattr("execution.sandbox.stripe.objects.Objects.render", never)
    monkeypatch.setattr("execution.sandbox.intercom.listings.contact", never)
    monkeypatch.setattr("execution.sandbox.intercom.listings.conversation", never)
    monkeypatch.setattr("execution.sandbox.calendly.listings.event", never)
    for resource in ("customers", "subscriptions", "invoices", "charges", "events"):
        assert walker.ask("stripe", "GET", f"/v1/{resource}?limit=100")["data"]
    assert walker.ask("intercom", "GET", "/contacts?per_page=150")["data"]
    assert walker.ask("intercom", "GET", "/conversations?per_page=150")["conversations"]
    ours = walker.ask("calendly", "GET", "/users/me")["resource"]["current_organization"]
    assert walker.ask("calendly", "GET", f"/scheduled_events?organization={ours}&count=100")["collection"]
