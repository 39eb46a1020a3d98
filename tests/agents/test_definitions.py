"""Mistakes in the definitions: each is found at its place, with a hint that says what to write."""

import pytest

from execution.agents import checks, definitions
from execution.errors import Problem
from tests.agents.small import AREAS, SALES, TOOLS, Verbs, files, marked, places

AT = "workspace-setup/agents/"


def found(changed: dict[str, str] | None = None, **more: tuple[str, ...]) -> list[Problem]:
    texts = files(changed, **more)
    read, problems = definitions.read(texts)
    return problems + checks.checked(read, texts, Verbs())


def test_the_small_workspace_has_no_mistake() -> None:
    assert found() == []


AGENT = [
    ("  purpose: Watch", "  §porpose: Watch", "E111", "did you mean 'purpose'?"),
    ("  output: What to do next\n", "", "E112", "add output:"),
    ("deal-watcher:", "§Deal_Watcher:", "E246", "small letters, digits and hyphens"),
    ("[crm_query, toolkit]", "[§crm_qery, toolkit]", "E246", "did you mean 'crm_query'?"),
    ("[crm_query, toolkit]", "[crm_query, §crm_query]", "E246", "leave one out"),
    ("[crm_query, toolkit]", "§[]", "E113", ""),
    ('["`crm_query` first"]', '[§"`crm_qery` first"]', "E246", "did you mean 'crm_query'?"),
    ("  when: a deal is due.", "  area: §sails", "E246", "did you mean 'sales'?"),
    ("  when: a deal is due.", "  skills: [§aks]", "E246", "did you mean 'ask'?"),
    ("  when: a deal is due.", "  color: §violet", "E113", ""),
    ("  when: a deal is due.", "  writes: §maybe", "E113", ""),
    ("deal-watcher:\n", "§other: text\ndeal-watcher:\n", "E113", "write its keys below it"),
    ("  when: a deal is due.", "  when: §&x y", "E116", "quote text that begins with & or *"),
    ("  when: a deal is due.", "  §purpose: again", "E115", "it is on line 2 already"),
]


@pytest.mark.parametrize(("old", "new", "code", "hint"), AGENT)
def test_of_an_agent(old: str, new: str, code: str, hint: str) -> None:
    text, line, column = marked(SALES, old, new) if "§" in new else (SALES.replace(old, new), 1, 1)
    (problem,) = found({f"{AT}sales.yaml": text})
    assert (problem.path, problem.line, problem.column, problem.code) == (f"{AT}sales.yaml", line, column, code)
    assert hint in problem.hint


TOOL = [
    ("answers: What the CRM says", "§answer: What the CRM says", "E111", "did you mean 'answers'?"),
    ("first: [store_status]", "first: [§store_state]", "E246", "did you mean 'store_status'?"),
    ("gtm status --json", "§gtm status", "E246", "one call of gtm with --json"),
    ("gtm status --json", "§cat x && gtm status --json", "E246", "nothing around it"),
    ("gtm status --json", '§gtm status --json "', "E246", "nothing around it"),
    ("gtm status --json", "§gtm stats --json", "E249", "see `gtm --help`"),
    ("gtm status --json", "§gtm status --josn --json", "E249", ""),
    ("gtm status --json", "§gtm status WHO --json", "E246", "say under placeholders: what it stands for"),
    (
        "gtm query 'select * from core.deals where email = $who' --",
        '§gtm query "select $who" --',
        "E249",
        "in single quotes",
    ),
    ("    reads: [sales-toolkit/*.md]\n", "", "E246", "add commands:, or reads:"),
]


@pytest.mark.parametrize(("old", "new", "code", "hint"), TOOL)
def test_of_a_tool(old: str, new: str, code: str, hint: str) -> None:
    text, line, column = marked(TOOLS, old, new) if "§" in new else (TOOLS.replace(old, new), 17, 3)
    (problem,) = found({f"{AT}tools.yaml": text})
    assert (problem.path, problem.line, problem.column, problem.code) == (f"{AT}tools.yaml", line, column, code)
    assert hint in problem.hint


def test_two_agents_of_one_name() -> None:
    (problem,) = found({f"{AT}zebra.yaml": SALES.replace("  output", "  area: sales\n  output")})
    assert (problem.path, problem.line, problem.code) == (f"{AT}zebra.yaml", 1, "E246")
    assert f"it is defined in {AT}sales.yaml already" in problem.hint


def test_a_file_that_is_no_area() -> None:
    (problem,) = found({f"{AT}marketing.yaml": "a:\n  purpose: x\n  tools: [toolkit]\n  output: y\n"})
    assert (problem.line, problem.code, problem.message) == (1, "E246", "there is no area 'marketing'")


def test_all_mistakes_at_once() -> None:
    text = (
        SALES.replace("purpose", "porpose").replace("toolkit", "tool_kit") + "b: {purpose: x, tools: [y], output: z}\n"
    )
    assert len(found({f"{AT}sales.yaml": text, f"{AT}areas.yaml": AREAS.replace("color", "colour")})) >= 3


def test_without_tools_nothing_can_be_built() -> None:
    problems = found(without=(f"{AT}tools.yaml",))
    assert (f"{AT}tools.yaml", 1, 1, "E246") in places(problems)


def test_commands_in_the_rules_are_checked_too() -> None:
    (problem,) = found({f"{AT}standing-rules.md": "Ask.\n\nRun `gtm stats`.\n"})
    assert places([problem]) == [(f"{AT}standing-rules.md", 3, 6, "E249")]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a", ": :", "\t", "a: {b", "{a: 1}", "a: [1, 2]\nb: null\n"])
def test_nothing_raises(text: str) -> None:
    for name in ("tools", "areas", "sales"):
        found({f"{AT}{name}.yaml": text})
