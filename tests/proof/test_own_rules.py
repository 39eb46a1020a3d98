"""The page about a person's own rules shows one, and it holds as it stands there."""

import re
from pathlib import Path

from execution.directives import load, read_folder
from execution.proof import run_cases

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "personal/triggers/README.md"
PATH = "personal/triggers/my-design-partners.md"


def test_the_example_holds_as_it_stands() -> None:
    shown = re.search(r"^~~~~markdown\n(.*?)^~~~~$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert shown is not None
    program = load({**read_folder(ROOT), PATH: shown[1].encode()}).require_valid()
    assert program.triggers["my_design_partners"].path == PATH
    results = run_cases(program, [PATH])
    assert [(result.name, result.differences) for result in results if not result.holds] == []
    assert results


def test_every_shipped_rule_says_who_owns_it_what_is_wrong_with_it_and_how_it_ends() -> None:
    for name, trigger in load(read_folder(ROOT)).triggers.items():
        said = {moment["is"] for case in trigger.cases for at in case.timeline for moment in at.expect.values()}
        assert said >= {"silent", "fires", "resolves"}, (
            f"{name} has no test for {({'silent', 'fires', 'resolves'}) - said}"
        )
        assert all((trigger.owner, trigger.meaning, trigger.false_positives, trigger.message)), name


def test_the_two_rules_that_were_asked_for_by_the_letter_are_these() -> None:
    triggers = load(read_folder(ROOT)).triggers
    buying, churn = triggers["buying_signals"], triggers["churn_risk"]
    assert buying.keywords is not None
    assert buying.keywords.phrases == ("budget approved", "looking for solution")
    assert [called.action for called in buying.actions] == ["notify_ae", "create_task", "update_forecast"]
    assert churn.conditions == ("health_score < 40", "no_activity > 30")
    assert (churn.match, churn.when) == ("all", None)
    assert [called.action for called in churn.actions] == ["alert_csm", "escalate_to_manager"]
