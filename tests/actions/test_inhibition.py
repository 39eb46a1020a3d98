"""Which alerts are silenced by which, circles among them."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from execution.actions.grouping import Alert
from execution.actions.inhibition import silenced
from execution.directives.model.routing import Inhibition

NOON = datetime(2026, 6, 3, 12)  # noqa: DTZ001 - naive UTC, as the store has it


def alert(trigger: str, severity: str = "high", account: str = "x", minutes: int = 0, name: str = "") -> Alert:
    fired_at = NOON + timedelta(minutes=minutes)
    return Alert(
        name or trigger, trigger, "customers", "k", account, "firing", severity, "", {}, None, fired_at, None, None
    )


def rules(*said: dict[str, Any]) -> list[Inhibition]:
    return [Inhibition.model_validate(each) for each in said]


def by(said: list[Inhibition], *alerts: Alert) -> dict[str, str]:
    return {name: other.alert for name, other in silenced(said, alerts).items()}


def test_an_alert_silences_those_of_its_account_by_severity_or_by_trigger() -> None:
    said = rules({"triggers": "a", "severities": ["low"]}, {"triggers": "a", "silences": "b"})
    everybody = [alert("a"), alert("b"), alert("c", "low"), alert("d"), alert("b", account="y", name="elsewhere")]
    assert by(said, *everybody) == {"b": "a", "c": "a"}


def test_no_alert_silences_its_own_trigger() -> None:
    said = rules({"triggers": "a", "severities": ["high", "low"]})
    assert by(said, alert("a", name="one"), alert("a", "low", name="two")) == {}


def test_a_silenced_alert_silences_too() -> None:
    said = rules({"triggers": "a", "silences": "b"}, {"triggers": "b", "silences": "c"})
    assert by(said, alert("a"), alert("b"), alert("c")) == {"b": "a", "c": "b"}


def test_in_a_circle_the_gravest_is_told_and_of_equals_the_oldest() -> None:
    said = rules(
        {"triggers": "a", "silences": "b"}, {"triggers": "b", "silences": "c"}, {"triggers": "c", "silences": "a"}
    )
    assert by(said, alert("a"), alert("b", "critical"), alert("c")) == {"c": "b", "a": "c"}
    assert by(said, alert("a", minutes=2), alert("b", minutes=1), alert("c", minutes=3)) == {"c": "b", "a": "c"}


def test_who_is_silenced_from_outside_a_circle_is_silenced() -> None:
    said = rules(
        {"triggers": ["a", "z"], "silences": "b"},
        {"triggers": "b", "silences": "a"},
        {"triggers": "z", "silences": "a"},
    )
    assert by(said, alert("a", "critical"), alert("b", "critical"), alert("z", "low")) == {"a": "z", "b": "z"}


names = st.sampled_from("abcdef")
rule_sets = st.lists(
    st.builds(
        lambda t, s: Inhibition.model_validate({"triggers": sorted(t), "silences": sorted(s)}),
        st.sets(names, min_size=1),
        st.sets(names, min_size=1),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(rule_sets, st.lists(st.tuples(names, st.sampled_from(["critical", "high", "low"])), min_size=1, max_size=8))
def test_on_every_account_somebody_is_told_and_nobody_is_silenced_without_a_rule(
    said: list[Inhibition], rows: list[tuple[str, str]]
) -> None:
    alerts = [alert(trigger, severity, name=f"{n}") for n, (trigger, severity) in enumerate(rows)]
    found = silenced(said, alerts)
    told = [each for each in alerts if each.alert not in found]
    assert told
    for name, other in found.items():
        one = alerts[int(name)]
        assert any(other.trigger in rule.triggers and one.trigger in rule.silences for rule in said)
        way, at = {name}, other
        while at.alert in found:  # every silence comes from somebody who is told
            assert at.alert not in way
            way.add(at.alert)
            at = found[at.alert]
    assert silenced(said, list(reversed(alerts))).keys() == found.keys()
