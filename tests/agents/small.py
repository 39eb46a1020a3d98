"""A small workspace as texts, without a mistake, and a command line that knows three verbs. `§` marks a place."""

from collections.abc import Mapping, Sequence

from execution.agents.commands import Flaw
from execution.agents.files import Files
from execution.directives.places import Text
from execution.errors import Problem

TOOLS = """\
placeholders:
  EMAIL: {meaning: one person's e-mail, example: jane@acme.com}
first: [store_status]
tools:
  store_status:
    answers: How fresh every source is
    commands:
      - {run: gtm status --json, for: The state of every source}
    missing: not known
  crm_query:
    answers: What the CRM says
    commands:
      - run: gtm query 'select * from core.deals where email = $who' --param who=EMAIL --json
        for: Their deals
    cites: "[EUR 12,000](gtm:deals/hubspot:123/amount)"
    missing: not captured, because no CRM is connected
  toolkit:
    answers: What the team has written
    reads: [sales-toolkit/*.md]
    missing: nothing is written
"""
AREAS = """\
sales:
  category: Sales Support
  color: green
"""
SALES = """\
deal-watcher:
  purpose: Watch deals
  tools: [crm_query, toolkit]
  output: What to do next
  when: a deal is due.
  duties: [Look at each deal]
  steps: ["`crm_query` first"]
  quality: [Every action has its reason]
"""
SKILL = """\
---
name: ask
description: Ask the store. Use when a figure is wanted.
---
Run `gtm status --json`.
"""
COMMAND = """\
---
description: How fresh it all is
argument-hint: "[source]"
---
`gtm status --json`
"""
SETTINGS = """\
{
  "permissions": {
    "allow": ["Bash(gtm status *)"],
    "deny": ["Read(//**/.env)", "Edit(/data/**)", "mcp__*"]
  },
  "hooks": {
    "PostToolUse": [
      {"matcher": "Edit|Write", "hooks": [{"type": "command", "command": "sh .claude/hooks/run.sh", "timeout": 5}]}
    ]
  }
}
"""
TEXTS = {
    "workspace-setup/agents/tools.yaml": TOOLS,
    "workspace-setup/agents/areas.yaml": AREAS,
    "workspace-setup/agents/sales.yaml": SALES,
    "workspace-setup/agents/standing-rules.md": "## What holds\n\nFigures come from `gtm status --json`.\n",
    ".claude/skills/ask/SKILL.md": SKILL,
    ".claude/commands/fresh.md": COMMAND,
    ".claude/settings.json": SETTINGS,
}
NAMES = (".claude/hooks/run.sh",)


class Verbs:
    """A command line with `status`, `query` and `alerts list`, whose only options are these."""

    OPTIONS = frozenset({"--json", "--param"})

    def flaw(self, words: Sequence[str], *, is_whole: bool) -> Flaw | None:
        verbs = [word for word in words if not word.startswith("-")]
        if not verbs or verbs[0] not in ("status", "query", "alerts"):
            return Flaw(f"there is no verb {verbs[:1]}", "see `gtm --help`")
        if verbs[0] == "alerts" and verbs[1:2] != ["list"] and is_whole:
            return Flaw("a verb is missing")
        unknown = [word for word in words if word.startswith("-") and word not in self.OPTIONS]
        return Flaw(f"no such option: {unknown[0]}") if unknown else None


def files(changed: Mapping[str, str] | None = None, *, without: Sequence[str] = ()) -> Files:
    """The small workspace with some texts in another's place."""
    texts = {path: text for path, text in {**TEXTS, **(changed or {})}.items() if path not in without}
    return Files({path: Text(path, text) for path, text in texts.items()}, frozenset({*texts, *NAMES}))


def marked(before: str, old: str, new: str) -> tuple[str, int, int]:
    """A text with `new` in the place of `old`, without its `§`, and the line and column where that stood."""
    assert before.count(old) == 1, old
    text = before.replace(old, new)
    assert text.count("§") == 1
    at = text.index("§")
    return text.replace("§", ""), text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1


def places(problems: Sequence[Problem]) -> list[tuple[str, int, int, str]]:
    return [(each.path, each.line, each.column, each.code) for each in problems]
