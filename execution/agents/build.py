"""Definitions → the files that Claude Code reads as agents. Pure, and the same every time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from execution.agents.commands import calls, placeholders_in
from execution.agents.definitions import Agent, Command, Definitions, Tool
from execution.agents.files import AGENTS
from execution.files.managed import hash_of

READING = ("Read", "Grep", "Glob", "Bash")
WRITING = ("Write", "Edit")


@dataclass(frozen=True, slots=True)
class Built:
    """One agent's file: where it belongs, whose it is, its frontmatter with the lines of ---, and the rest."""

    path: str
    name: str
    frontmatter: str
    body: str

    @property
    def facts(self) -> str:
        """The hash of all of it: what is on disk is what was written exactly where it has the same."""
        return hash_of(f"{self.frontmatter}\n{self.body}")


def build(found: Definitions) -> tuple[Built, ...]:
    """The file of every agent whose tools are all defined, in order of their paths."""
    whole = (agent for agent in found.agents if agent.area in found.areas and set(agent.says.tools) <= set(found.tools))
    built = (
        Built(f"{AGENTS}{agent.area}/{agent.name}.md", agent.name, _frontmatter(agent, found), _body(agent, found))
        for agent in whole
    )
    return tuple(sorted(built, key=lambda each: each.path))


def _frontmatter(agent: Agent, found: Definitions) -> str:
    says = agent.says
    tools = (*READING, *WRITING) if says.writes else READING
    keys: dict[str, object] = {
        "name": agent.name,
        "description": _quoted(_description(agent)),
        "tools": ", ".join(tools),
        "model": says.model,
        "color": says.color or found.areas[agent.area].color,
        "skills": f"[{', '.join(says.skills)}]" if says.skills else None,
    }
    lines = (f"{key}: {value}" for key, value in keys.items() if value is not None)
    return "\n".join(["---", *lines, "---", ""])


def _description(agent: Agent) -> str:
    """What it is for and when it is asked: all that the host goes by when it chooses an agent."""
    when = f" Use when {agent.says.when.rstrip('.')}." if agent.says.when else ""
    return f"{_sentence(agent.says.purpose)}{when}"


def _quoted(text: str) -> str:
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _sentence(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}."


def _body(agent: Agent, found: Definitions) -> str:
    says = agent.says
    parts = [
        f"# {agent.title}",
        f"{found.areas[agent.area].category}. Defined in `{agent.path}`; what you write below this block stays.",
        f"**Your purpose.** {_sentence(says.purpose)}",
        f"**What you give back.** {_sentence(says.output)}",
        _listed("Duties", says.duties),
        _numbered("How you work", _steps(agent, found)),
        "\n\n".join(["## What you can ask", *_tools(agent, found)]),
        _listed("Output format", says.format, numbered=True),
        _listed("Quality control", says.quality),
        found.rules.strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _steps(agent: Agent, found: Definitions) -> Iterator[str]:
    """The agent's own steps, or else each of its tools in turn; before and after them those of every agent."""
    for name in found.first:
        yield f"`{name}`: {_lowered(found.tools[name].answers)}" if name in found.tools else name
    yield from agent.says.steps or (f"`{name}`: {_lowered(found.tools[name].answers)}" for name in agent.says.tools)
    for name in found.last:
        yield f"`{name}`: {_lowered(found.tools[name].answers)}" if name in found.tools else name


def _lowered(text: str) -> str:
    """The text as it goes on after a colon; a word in capitals or a name stays."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _tools(agent: Agent, found: Definitions) -> Iterator[str]:
    names = dict.fromkeys((*found.first, *agent.says.tools, *found.last))
    for name in names:
        if name in found.tools:
            yield _tool(name, found.tools[name])
    used = {word for name in names if name in found.tools for word in _capitals(found.tools[name])}
    if meanings := [(word, about) for word, about in found.placeholders.items() if word in used]:
        lines = [f"- `{word}` is {about.meaning}, as in `{about.example}`." for word, about in meanings]
        yield "\n".join(["Words in capitals stand for values:", "", *lines])


def _capitals(tool: Tool) -> set[str]:
    return {word for command in tool.commands for words in calls(command.run) for word in placeholders_in(words)}


def _tool(name: str, tool: Tool) -> str:
    parts = [f"### {name}", _sentence(tool.answers)]
    if tool.commands:
        parts.append("\n".join(["```sh", *(line for command in tool.commands for line in _lines(command)), "```"]))
    if tool.reads:
        parts.append(f"Read {', '.join(f'`{path}`' for path in tool.reads)}.")
    if tool.cites:
        parts.append(f"Cite it as {_sentence(tool.cites)}")
    parts.append(f"Where nothing connected has that, say: {_sentence(tool.missing)}")
    return "\n\n".join(parts)


def _lines(command: Command) -> Iterator[str]:
    """What a command tells, as a comment, and the command."""
    effect = "" if command.effect == "reads" else f" ({command.effect})"
    yield f"# {' '.join(command.tells.split())}{effect}"
    yield " ".join(command.run.split("\n")).strip()


def _listed(title: str, items: tuple[str, ...], *, numbered: bool = False) -> str:
    return _numbered(title, items) if numbered else _section(title, [f"- {_sentence(item)}" for item in items])


def _numbered(title: str, items: Iterator[str] | tuple[str, ...]) -> str:
    return _section(title, [f"{number}. {_sentence(item)}" for number, item in enumerate(items, 1)])


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"## {title}", "", *lines]) if lines else ""
