"""A proposal is a diff of the directive's own text: it changes what it means to change, wherever that stands."""

import subprocess
from pathlib import Path

import pytest

from execution.directives import Texts, load
from execution.errors import GtmError
from execution.proof.learning import Change
from execution.proof.proposal import propose
from tests.proof.churners import ENTITY, HEALTH, SOURCE

CHANGES = (
    Change("tenure", 30, 41, ("case", "  when tenure_months < 12 then 0", "  else 100", "end")),
    Change("contract", 30, 29, ("case", "  when contract = 'it''s \"odd\"' then 0", "  else 100", "end")),
    Change("internet", 20, 20),
    Change("payment", 10, 5, ("case when pays_by_check then 0 else 100 end",)),
    Change("charge", 10, 5),
)


def texts(health: str = HEALTH, **more: str) -> Texts:
    written = {"directives/entity.md": ENTITY, "directives/health.md": health, "directives/source.md": SOURCE}
    return {path: text.encode() for path, text in {**written, **more}.items()}


def proposal(written: Texts, changes: tuple[Change, ...] = CHANGES) -> tuple[str, tuple[str, ...]]:
    program = load(written).require_valid()
    made = propose(written, program, program.health["telco_health"], changes)
    return made.diff, made.broken_tests


def applied(root: Path, written: Texts, diff: str) -> dict[str, bytes]:
    """The texts after `git apply`."""
    for path, content in written.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)  # noqa: S607
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=root, check=True)  # noqa: S607
    return {path: (root / path).read_bytes() for path in written}


def components(written: Texts) -> dict[str, tuple[float, str]]:
    score = load(written).require_valid().health["telco_health"]
    return {name: (each.weight, " ".join(each.score.split())) for name, each in score.components.items()}


def test_values_are_changed_and_nothing_else(tmp_path: Path) -> None:
    written = texts()
    diff, _ = proposal(written)
    after = applied(tmp_path, written, diff)
    before = components(written)
    assert components(after) == before | {
        "tenure": (41, "case when tenure_months < 12 then 0 else 100 end"),
        "contract": (29, "case when contract = 'it''s \"odd\"' then 0 else 100 end"),
        "payment": (5, "case when pays_by_check then 0 else 100 end"),
        "charge": (5, before["charge"][1]),
    }
    changed = [line for line in diff.splitlines() if line.startswith(("+", "-"))]
    assert "-version: 3" in changed
    assert "+version: 4" in changed
    assert not any("internet" in line for line in changed)


def test_a_value_between_braces_stays_on_its_line(tmp_path: Path) -> None:
    diff, _ = proposal(texts())
    assert (
        "+  contract: {weight: 29, needs: [contract], "
        """score: "case when contract = 'it''s \\"odd\\"' then 0 else 100 end"}"""
    ) in diff.splitlines()


def test_an_overlay_is_changed_where_it_says_the_value(tmp_path: Path) -> None:
    overlay = "---\nextends: telco_health\nkind: health\ncomponents:\n  tenure: {weight: 33}\n---\n"
    written = texts(**{"directives/local/ours.md": overlay})
    changes = (Change("tenure", 33, 41, CHANGES[0].score), *CHANGES[1:])
    diff, _ = proposal(written, changes)
    after = applied(tmp_path, written, diff)
    assert b"tenure: {weight: 41}" in after["directives/local/ours.md"]
    assert b"    weight: 30\n    needs: [tenure_months]\n    score: >-\n      case\n" in after["directives/health.md"]
    assert components(after)["tenure"] == (41, "case when tenure_months < 12 then 0 else 100 end")


@pytest.mark.parametrize("how", ["windows", "no end of line"])
def test_odd_ends_of_lines_stay_as_they_are(tmp_path: Path, how: str) -> None:
    text = HEALTH.replace("\n", "\r\n") if how == "windows" else HEALTH.rstrip("\n").partition("# How")[0].rstrip("\n")
    written = texts(text)
    diff, _ = proposal(written)
    after = applied(tmp_path, written, diff)["directives/health.md"]
    if how == "windows":
        assert after.count(b"\r\n") == after.count(b"\n")
    else:
        assert after.endswith(b"---")
    assert components({**written, "directives/health.md": after})["tenure"][0] == 41


def test_tests_that_expect_other_scores_are_named() -> None:
    cases = """
```yaml tests
- name: a month old
  given: {subscribers: [{subscriber: a, tenure_months: 1}]}
  expect: {subscribers: [{subscriber: a, telco_health: 20}]}
- name: nothing known
  given: {subscribers: [{subscriber: a}]}
  expect: {subscribers: [{subscriber: a, telco_health: null}]}
```
"""
    _, broken = proposal(texts(HEALTH + cases))
    assert broken == ("a month old",)


def test_a_proposal_that_would_not_hold_is_never_made() -> None:
    """Points that name no fact: our own mistake, told as one."""
    written = texts()
    program = load(written).require_valid()
    wrong = (Change("tenure", 30, 41, ("case when nowhere < 1 then 0 end",)), *CHANGES[1:])
    with pytest.raises(GtmError, match="does not hold"):
        propose(written, program, program.health["telco_health"], wrong)
