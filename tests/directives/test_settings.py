"""Which accounts get a brief: what may be written, and every mistake with its place."""

import pytest

from execution.directives import load
from tests.directives.small import problems
from tests.segments.shop import texts as shop

PATH = "directives/settings.md"
LEADS = """---
kind: segment
name: leads
entity: customers
meaning: Nobody yet
when: mrr is null
---
"""


def texts(briefs: str) -> dict[str, str]:
    """The shop with settings that say this of briefs."""
    encoded = shop(leads=LEADS, settings=f"---\nkind: settings\nname: settings\nbriefs: {briefs}\n---\n")
    return {path: text.decode() for path, text in encoded.items()}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("all", ("all",)),
        ("[all]", ("all",)),
        ("leads", ("leads",)),
        ("[leads, tier.large]", ("leads", "tier.large")),
        ("[tier]", ("tier",)),
    ],
)
def test_briefs_are_segments_or_all(written: str, read: tuple[str, ...]) -> None:
    program = load({path: text.encode() for path, text in texts(written).items()}).require_valid()
    assert program.settings.briefs == read


def test_whose_settings_say_nothing_gives_everybody_one() -> None:
    assert load(shop()).require_valid().settings.briefs == ("all",)


@pytest.mark.parametrize(
    ("written", "at", "code", "message", "hint"),
    [
        ("[leeds]", 10, "E131", "no segment is named 'leeds'", "did you mean 'leads'?"),
        ("leeds", 9, "E131", "no segment is named 'leeds'", "did you mean 'leads'?"),
        ("[leads, big_deals]", 17, "E131", "the segment 'big_deals' is about deals", "customers or companies"),
        ("[tier.larg]", 10, "E131", "the segment 'tier' has no group 'larg'", "did you mean 'large'?"),
        ("[leads.large]", 10, "E131", "the segment 'leads' has no group 'large'", "write 'leads' alone"),
        ("[leads, leads]", 17, "E113", "'leads' stands twice", "once"),
        ("[leads, all]", 17, "E113", "'all' takes everybody", "write briefs: all"),
        ("[Leads]", 10, "E113", "Leads", ""),
        ("[]", 9, "E113", "", ""),
        ("3", 9, "E113", "", ""),
    ],
)
def test_a_mistake_is_told_with_its_place(written: str, at: int, code: str, message: str, hint: str) -> None:
    (problem,) = problems(texts(written))
    assert (problem.path, problem.line, problem.column, problem.code) == (PATH, 4, at, code)
    assert message in problem.message
    assert hint in problem.hint


def test_while_a_segment_does_not_hold_nothing_is_said_of_those_that_name_it() -> None:
    broken = texts("[leads]") | {"directives/leads.md": LEADS.replace("entity", "enttiy")}
    assert {problem.path for problem in problems(broken)} == {"directives/leads.md"}
