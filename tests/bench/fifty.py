"""Fifty rules over the customers, measures and score of `twelve`, of which about one row in a hundred has an alert."""

from execution.directives import Program, load
from tests.bench import twelve

PLACES = 10

FORMS = (
    "health_score < {low} and days_since_seen > 9{n}",
    "mrr > 8{n}0 and days_since_seen > 90 and open_tickets = 4",
    "is_delinquent and mrr > 75{n} and payment_failures_90d = {third} and days_to_renewal < 60",
    "mentioned_cancel and subscription_status = 'active' and tenure_days > 7{n}0 and mrr > 500",
    "days_to_renewal < 1{n} and health_status = 'critical' and mrr > 700",
)
"""Each stands there nine or ten times, with other thresholds."""

OTHERS = (
    "drop(health_score, 7d) >= 30",
    "entered(large_and_ill)",
    "left(large_and_ill)",
    "was(health_status, 7d) = 'healthy' and health_status = 'critical'",
)
"""And those about what became of a row."""

SEGMENT = """---
kind: segment
name: large_and_ill
entity: customers
meaning: Losing them is felt
when: mrr > 800 and days_since_seen > 80
---
"""


def conditions() -> list[str]:
    """All fifty."""
    found = [form.format(n=n, low=2 + n, third=n % 3 + 1) for n in range(PLACES) for form in FORMS]
    return [*found[: 50 - len(OTHERS)], *OTHERS]


def _rule(number: int, condition: str) -> str:
    message = "{mrr} a month, quiet for {days_since_seen} days, {health_status}"
    return f"""---
kind: trigger
name: rule_{number:02}
when: {condition}
message: "{message}"
severity: {("critical", "high", "medium", "low")[number % 4]}
cooldown: {number % 7}d
---
"""


def program() -> Program:
    """The directives of `twelve`, a segment, and fifty rules."""
    texts = {f"rule_{number:02}": _rule(number, text) for number, text in enumerate(conditions())}
    texts |= twelve.texts() | {"large_and_ill": SEGMENT}
    return load({f"directives/{name}.md": text.encode() for name, text in texts.items()}).require_valid()
