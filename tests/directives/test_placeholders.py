"""Placeholders in requests."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from execution.directives.placeholders import Placeholder, placeholders, render
from execution.errors import UsageError

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
VALUES = {
    "account": {"organization": "https://x/1", "nothing": None},
    "events": {"uri": "https://api.x/e/1", "n": 7, "at": NOW, "day": date(2026, 3, 1), "yes": True},
    "since": None,
    "until": NOW.astimezone(timezone(timedelta(hours=2))),
    "now": NOW,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("{account.organization}", "https://x/1"),
        ("{events.uri}/invitees", "https://api.x/e/1/invitees"),
        ("n={events.n}&{events.yes}", "n=7&true"),
        ("{events.at} {events.day}", "2026-03-01T12:30:15.250000Z 2026-03-01"),
        ("{now}", "2026-03-01T12:30:15.250000Z"),
        ("{until:iso}", "2026-03-01T12:30:15.250000Z"),
        ("{now:s} {now:ms} {now:date}", "1772368215 1772368215250 2026-03-01"),
        ("{now+365d:date} {now-1h:iso}", "2027-03-01 2026-03-01T11:30:15.250000Z"),
        ("{since:iso}", None),
        ("after {since:s}", None),
        ("{account.nothing}", None),
        ("{{now}} {{}}", "{now} {}"),
    ],
)
def test_rendering(text: str, expected: str | None) -> None:
    assert render(text, VALUES) == expected


def test_what_a_text_names_can_be_looked_at_without_values() -> None:
    assert placeholders("/{events.uri}?t={now-90m:s}") == (
        Placeholder("events", "uri", 1),
        Placeholder("now", None, 16, -timedelta(minutes=90), "s"),
    )


@pytest.mark.parametrize(
    "text", ["{", "}", "{}", "{x", "{a b}", "{now:minutes}", "{now+3}", "{now+3x}", "{events.uri:iso}", "{a.b.c}"]
)
def test_what_is_no_placeholder_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"placeholder|stands alone|format|duration"):
        placeholders(text)


@pytest.mark.parametrize("text", ["{account.other}", "{people.id}", "{events.nothing}"])
def test_a_name_without_any_value_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="has no value in this request"):
        render(text, VALUES)
