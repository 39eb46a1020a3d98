"""`where:` says whom a rule is for: of others nothing holds, and what was open ends."""

from tests.triggers.yard import Yard, program, rule


def test_only_those_whom_the_rule_is_for_are_told_of_and_no_reason_is_made_of_it() -> None:
    yard = Yard(program(rule("quiet", when="quiet > 30", where="plan <> 'free'")))
    yard.put("customers", email="pays@x.com", plan="pro", quiet=40)
    yard.put("customers", email="free@x.com", plan="free", quiet=40)
    yard.put("customers", email="unknown@x.com", quiet=40)
    yard.look(0)
    assert [(alert["key"], alert["reason"]) for alert in yard.alerts()] == [("pays@x.com", '{"quiet":40}')]


def test_any_of_several_conditions_is_still_only_for_them() -> None:
    yard = Yard(program(rule("odd", conditions=["quiet > 30", "mrr < 10"], match="any", where="plan = 'pro'")))
    yard.put("customers", email="a@x.com", plan="pro", quiet=40, mrr=500)
    yard.put("customers", email="b@x.com", plan="pro", quiet=1, mrr=5)
    yard.put("customers", email="c@x.com", plan="free", quiet=40, mrr=5)
    yard.look(0)
    assert [alert["key"] for alert in yard.alerts()] == ["a@x.com", "b@x.com"]


def test_who_is_none_of_them_any_more_has_no_open_alert_even_where_another_end_is_said() -> None:
    yard = Yard(program(rule("quiet", when="quiet > 30", where="plan = 'pro'", resolve_when="quiet < 7")))
    yard.put("customers", email="a@x.com", plan="pro", quiet=40)
    yard.put("customers", email="b@x.com", plan="pro", quiet=40)
    yard.look(0)
    yard.put("customers", email="a@x.com", plan="free", quiet=40)
    yard.put("customers", email="b@x.com", quiet=40)
    yard.look(1)
    assert [(alert["key"], alert["state"]) for alert in yard.alerts()] == [
        ("a@x.com", "resolved"),
        ("b@x.com", "firing"),
    ]
