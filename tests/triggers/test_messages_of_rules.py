"""What an alert says of a row of which not everything is known."""

from tests.triggers.yard import Yard, program, rule


def test_what_is_not_known_falls_away_with_the_words_about_it() -> None:
    yard = Yard(program(rule("quiet", when="quiet > 30", message="{name}[ of {domain}] is quiet[; {mrr} a month]")))
    yard.put("customers", email="a@x.com", name="Ada", quiet=40, mrr=300)
    yard.put("customers", email="b@x.com", name="Bob", domain="x.com", quiet=40)
    yard.look(0)
    assert [alert["message"] for alert in yard.alerts()] == ["Ada is quiet; 300 a month", "Bob of x.com is quiet"]
