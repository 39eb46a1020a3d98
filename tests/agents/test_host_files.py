"""What Claude Code would pass over in silence: keys, names, tools, permissions and hooks that do not count."""

import pytest

from execution.agents import host_markdown, host_settings
from execution.errors import Problem
from tests.agents.small import COMMAND, SETTINGS, SKILL, Verbs, files, marked, places

AGENT = """\
---
name: helper
description: Helps. Use when help is wanted.
tools: Read, Grep, Bash
color: green
---
Ask `gtm status --json`.
"""
AT_SKILL, AT_COMMAND, AT_AGENT = (
    ".claude/skills/ask/SKILL.md",
    ".claude/commands/fresh.md",
    ".claude/agents/sales/helper.md",
)
AT_SETTINGS = ".claude/settings.json"


def markdown(changed: dict[str, str]) -> list[Problem]:
    return host_markdown.problems(files(changed), Verbs())


def test_files_without_a_mistake() -> None:
    assert markdown({AT_AGENT: AGENT}) == []
    assert host_settings.problems(files()) == []


MISTAKES = [
    (AT_AGENT, AGENT, "tools: Read", "§allowed-tools: Read", "did you mean 'disallowedTools'?"),
    (AT_AGENT, AGENT, "tools: Read, Grep", "tools: §Raed, Grep", "did you mean 'Read'?"),
    (AT_AGENT, AGENT, "tools: Read, Grep, Bash", "tools: [Read, §Grpe]", "did you mean 'Grep'?"),
    (AT_AGENT, AGENT, "tools: Read, Grep, Bash", "tools: §Read, AskUserQuestion", "leave it out"),
    (AT_AGENT, AGENT, "tools: Read", "§Tools: Read", "did you mean 'tools'?"),
    (AT_AGENT, AGENT, "color: green", "color: §grean", "did you mean 'green'?"),
    (AT_AGENT, AGENT, "color: green", "§max_turns: 3", "did you mean 'maxTurns'?"),
    (AT_AGENT, AGENT, "color: green", "model: §opsu", "did you mean 'opus'?"),
    (AT_AGENT, AGENT, "color: green", "background: §sometimes", "write true or false"),
    (AT_AGENT, AGENT, "name: helper", "name: §other", "call the file the same"),
    (
        AT_AGENT,
        AGENT,
        "description: Helps. Use when help is wanted.",
        f"description: §{'x' * 1025}",
        "say what it does",
    ),
    (AT_AGENT, AGENT, "`gtm status --json`", "`§gtm sttaus --json`", "see `gtm --help`"),
    (AT_SKILL, SKILL, "name: ask", "name: §asks", "name: ask, or rename the folder"),
    (AT_SKILL, SKILL, "description: Ask", "§descripton: Ask", "did you mean 'description'?"),
    (AT_SKILL, SKILL, "name: ask", "name: ask\nallowed-tools: §Raed", "did you mean 'Read'?"),
    (AT_SKILL, SKILL, "name: ask", "name: ask\nallowed-tools: §Bash(gtm", "end it with )"),
    (AT_SKILL, SKILL, "Run `gtm status --json`.", "See [more](§more.md).", "links go from the skill's own folder"),
    (AT_SKILL, SKILL, "Run `gtm status --json`.", '```sh\n§gtm query "select $x"\n```', "in single quotes"),
    (AT_SKILL, SKILL, "Run `gtm status --json`.", "```sh\n§gtm alerts\n```", ""),
    (AT_COMMAND, COMMAND, "argument-hint", "§argumenthint", "did you mean 'argument-hint'?"),
]


@pytest.mark.parametrize(("path", "before", "old", "new", "hint"), MISTAKES)
def test_mistakes_in_markdown(path: str, before: str, old: str, new: str, hint: str) -> None:
    text, line, column = marked(before, old, new)
    problems = markdown({path: text})
    assert (path, line, column) in [(each.path, each.line, each.column) for each in problems]
    assert {each.code for each in problems} <= {"E247", "E249"}
    assert any(hint in each.hint for each in problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no frontmatter\n", "an agent begins with its frontmatter"),
        ("---\nname: helper\n", "an agent begins with its frontmatter"),
        ("---\nname: [\n---\n", "not valid YAML"),
        ("---\nname: helper\n---\n", "an agent needs a description"),
        ("---\ndescription: x\n---\n", "an agent needs a name"),
        ("---\nname: 1\ndescription: x\n---\n", "an agent needs a name"),
        ("---\nname: He_lper\ndescription: x\n---\n", "'He_lper' is no name"),
    ],
)
def test_frontmatter_that_is_not_there(text: str, message: str) -> None:
    assert any(message in each.message for each in markdown({AT_AGENT: text}))


def test_two_agents_of_one_name_in_two_folders() -> None:
    (problem,) = markdown({AT_AGENT: AGENT, ".claude/agents/team/helper.md": AGENT})
    assert places([problem]) == [(".claude/agents/team/helper.md", 2, 7, "E247")]
    assert AT_AGENT in problem.hint


def test_a_command_that_a_skill_hides() -> None:
    (problem,) = markdown({".claude/commands/ask.md": COMMAND})
    assert "a skill is named 'ask' too" in problem.message


def test_a_skill_without_its_file() -> None:
    (problem,) = markdown({".claude/skills/lost/README.md": "x\n"})
    assert problem.hint == "the host reads .claude/skills/lost/SKILL.md"


def test_a_skill_that_is_a_book() -> None:
    (problem,) = markdown({AT_SKILL: SKILL + "line\n" * 500})
    assert "505 lines" in problem.message


def test_tools_of_servers_and_with_brackets_are_known() -> None:
    tools = "tools: [Read, Bash(gtm status *), mcp__crm__find, 'Agent(x, y)']"
    assert markdown({AT_AGENT: AGENT.replace("tools: Read, Grep, Bash", tools)}) == []
    text = AGENT.replace(
        "tools: Read, Grep, Bash", "tools: Agent(x, y), Read Bash(gtm status *)\ndisallowedTools: mcp__*"
    )
    assert markdown({AT_AGENT: text}) == []


# --- settings -----------------------------------------------------------------------------------

SETTINGS_MISTAKES = [
    ('"permissions": {', '§"permision": {', "did you mean 'permissions'?"),
    ('"allow": [', '§"alow": [', "did you mean 'allow'?"),
    ('"Bash(gtm status *)"', '§"Bahs(gtm status *)"', "did you mean 'Bash'?"),
    ('"Bash(gtm status *)"', '§"Bash(gtm status"', "as in Bash(git push *)"),
    ('"Bash(gtm status *)"', '§"Bash()"', "write Bash for every use of it"),
    ('"Bash(gtm status *)"', '§"Bash(gtm:* status)"', "write a blank and *"),
    ('"Bash(gtm status *)"', '§"Bash(command:gtm *)"', "write Bash(gtm *)"),
    ('"Bash(gtm status *)"', '§"*"', "write out the tool"),
    ('"Bash(gtm status *)"', "§7", "write Tool or Tool(what)"),
    ('"Edit(/data/**)"', '§"Write(/data/**)"', "write Edit(/data/**): it covers Write too"),
    ('"Edit(/data/**)"', '§"Grep(/data/**)"', "write Read(/data/**)"),
    ('"Edit(/data/**)"', '§"WebFetch(https://x.com)"', "write WebFetch(domain:example.com)"),
    ('"PostToolUse"', '§"PostToolUsed"', "did you mean 'PostToolUse'?"),
    ('"matcher": "Edit|Write"', '"matcher": §"Edit|Wrte"', "did you mean 'Write'?"),
    ('"matcher": "Edit|Write"', '§"match": "Edit"', "did you mean 'matcher'?"),
    ('"type": "command"', '"type": §"comand"', "did you mean 'command'?"),
    ('"timeout": 5', '§"timout": 5', "did you mean 'timeout'?"),
    ('"timeout": 5', '"timeout": §"5"', "as in 10"),
    ('"command": "sh .claude/hooks/run.sh"', '"command": §"sh .claude/hooks/runs.sh"', "cannot be started"),
    (
        '"command": "sh .claude/hooks/run.sh"',
        '"command": §"\\"$CLAUDE_PROJECT_DIR\\"/.claude/hooks/x.py"',
        "cannot be started",
    ),
    ('"deny": [', '"defaultMode": §"ask", "deny": [', "did you mean 'dontAsk'?"),
]


@pytest.mark.parametrize(("old", "new", "hint"), SETTINGS_MISTAKES)
def test_mistakes_in_settings(old: str, new: str, hint: str) -> None:
    text, line, column = marked(SETTINGS, old, new)
    problems = host_settings.problems(files({AT_SETTINGS: text}))
    assert places(problems) == [(AT_SETTINGS, line, column, "E248")]
    assert hint in problems[0].hint


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{\n  "permissions": {},\n}', 3, "not valid JSON"),
        ('{\n  // why\n  "permissions": {}\n}', 2, "not valid JSON"),
        ("[]", 1, "the settings are no object"),
        ('{"permissions": []}', 1, "'permissions' is no object"),
        ('{"hooks": []}', 1, "'hooks' is no object"),
        ('{"permissions": {"allow": "Bash"}}', 1, "'allow' is no list"),
        ('{"hooks": {"Stop": {}}}', 1, "this is no list of matchers"),
        ('{"hooks": {"Stop": [{}]}}', 1, "a matcher holds a list of hooks"),
        ('{"hooks": {"Stop": [{"hooks": ["x"]}]}}', 1, "is no type of hook"),
        ('{"hooks": {"Stop": [{"hooks": [{"type": "command"}]}]}}', 1, "a command hook needs a command"),
        ('{"hooks": {"PreToolUse": [{"matcher": 1, "hooks": []}]}}', 1, "a matcher is text"),
        ('{\n"model": "opus",\n"model": "opus"\n}', 3, "'model' stands twice"),
    ],
)
def test_settings_of_another_shape(text: str, line: int, message: str) -> None:
    (problem,) = host_settings.problems(files({AT_SETTINGS: text}))
    assert problem.line == line
    assert message in problem.message


def test_what_the_host_knows_and_we_do_not_is_let_be() -> None:
    text = (
        '{"somethingNew": true, "permissions": {"anotherNewKey": 1, "ask": ["PowerShell(rm *)", "Agent(model:opus)"]}}'
    )
    assert host_settings.problems(files({AT_SETTINGS: text})) == []
