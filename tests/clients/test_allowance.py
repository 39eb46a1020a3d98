"""Each vendor's way of saying how much is left and how long to wait."""

from email.utils import formatdate

import pytest

from execution.clients.allowance import Allowance, allowance, asked_to_wait

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": "30"}, Allowance(7, 30.0)),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": str(int(NOW) + 8)}, Allowance(7, 8.0)),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": str(int(NOW + 8) * 1000)}, Allowance(7, 8.0)),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "12"}, Allowance(0, 12.0)),
        ({"x-ratelimit-remaining": "7"}, Allowance(7, None)),
        ({"x-ratelimit-remaining": "many"}, None),
        (
            {
                "x-hubspot-ratelimit-remaining": "3",
                "x-hubspot-ratelimit-max": "100",
                "x-hubspot-ratelimit-interval-milliseconds": "10000",
            },
            Allowance(3, 0.1),
        ),
    ],
    ids=[
        "nothing",
        "Calendly: seconds left",
        "Intercom: since 1970",
        "milliseconds",
        "Fathom",
        "no reset",
        "nonsense",
        "HubSpot",
    ],
)
def test_what_is_left(headers: dict[str, str], expected: Allowance | None) -> None:
    assert allowance(headers, NOW) == expected


def test_a_reset_is_measured_by_the_vendors_own_clock() -> None:
    vendor_now = NOW + 3600
    headers = {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(vendor_now) + 5),
        "date": formatdate(vendor_now, usegmt=True),
    }

    assert allowance(headers, NOW) == Allowance(0, 5.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": formatdate(NOW + 9, usegmt=True)}, 9.0),
        ({"retry-after": formatdate(NOW - 9, usegmt=True)}, 0.0),
        ({"retry-after": formatdate(NOW + 3609, usegmt=True), "date": formatdate(NOW + 3600, usegmt=True)}, 9.0),
        ({"retry-after": "7", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"}, 7.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"}, 30.0),
        ({"x-ratelimit-reset": str(int(NOW) + 4)}, 4.0),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "30"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "Mon, 99 Foo 0000 99:99:99 GMT"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_to_wait(headers, NOW) == seconds
