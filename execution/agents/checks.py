"""The definitions held together: names that nothing defines, and commands that `gtm` does not have."""

import shlex
from collections.abc import Iterator, Mapping

from execution.agents import commands as written
from execution.agents.commands import UNKNOWN, Commands
from execution.agents.definitions import WRONG, Agent, Definitions, Tool
from execution.agents.files import AREAS_FILE, RULES_FILE, SKILLS, TOOLS_FILE, Files
from execution.directives.document import Document
from execution.directives.problems import suggest
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem


def checked(found: Definitions, files: Files, commands: Commands) -> list[Problem]:
    """Every name in the definitions that nothing defines, and every command that `gtm` does not have."""
    problems: list[Problem] = []
    for agent in found.agents:
        problems += _agent(agent, found, _skills(files))
    if (document := found.documents.get(TOOLS_FILE)) is not None:
        for place in ("first", "last"):
            problems += _unknown(document, (place,), getattr(found, place), found.tools, "tool")
        for name, tool in found.tools.items():
            problems += _tool(document, name, tool, found, commands)
    if rules := files.texts.get(RULES_FILE):
        problems += written.problems_of(rules, commands)
    return problems


def _skills(files: Files) -> frozenset[str]:
    ending = "/SKILL.md"
    return frozenset(
        path.removeprefix(SKILLS).removesuffix(ending)
        for path in files.names
        if path.startswith(SKILLS) and ending in path
    )


def _agent(agent: Agent, found: Definitions, skills: frozenset[str]) -> Iterator[Problem]:
    areas = found.documents[AREAS_FILE].data if AREAS_FILE in found.documents else {}
    if agent.area not in areas:
        hint = suggest(agent.area, areas, otherwise=f"{AREAS_FILE} lists them")
        is_said = agent.says.area is not None
        yield agent.document.problem(WRONG, f"there is no area '{agent.area}'", hint, "area", value=is_said)
    yield from _unknown(agent.document, ("skills",), agent.says.skills, skills, "skill")
    if found.tools:  # without them that is the mistake, and told once
        yield from _unknown(agent.document, ("tools",), agent.says.tools, found.tools, "tool")
        yield from _mentions(agent, found)


def _mentions(agent: Agent, found: Definitions) -> Iterator[Problem]:
    """Tools that sentences name and nothing defines."""
    for place in ("duties", "steps", "quality"):
        for number, text in enumerate(getattr(agent.says, place)):
            for name in set(_named_tools(text)) - set(found.tools):
                hint = suggest(name, found.tools)
                yield agent.document.problem(WRONG, f"there is no tool '{name}'", hint, place, number, value=True)


def _named_tools(text: str) -> Iterator[str]:
    """Tools that a sentence names, in backticks as in tools.yaml: small letters with an underscore."""
    for span in text.split("`")[1::2]:
        if "_" in span and span.isidentifier() and span.islower():
            yield span


def _unknown(
    document: Document, path: KeyPath, names: tuple[str, ...], known: Mapping[str, object] | frozenset[str], noun: str
) -> Iterator[Problem]:
    for number, name in enumerate(names):
        if name not in known:
            otherwise = f"define it in {TOOLS_FILE}" if noun == "tool" else f"make {SKILLS}{name}/SKILL.md"
            hint = suggest(name, known, otherwise=otherwise)
            yield document.problem(WRONG, f"there is no {noun} '{name}'", hint, *path, number, value=True)
        elif name in names[:number]:
            yield document.problem(WRONG, f"'{name}' is listed twice", "leave one out", *path, number, value=True)


def _tool(document: Document, name: str, tool: Tool, found: Definitions, commands: Commands) -> Iterator[Problem]:
    if not tool.commands and not tool.reads:
        hint = "add commands:, or reads: with the files that answer it"
        yield document.problem(WRONG, f"the tool '{name}' stands for nothing", hint, "tools", name)
    for number, command in enumerate(tool.commands):
        place: KeyPath = ("tools", name, "commands", number, "run")
        if (flaw := _form(command.run)) is not None:
            yield document.problem(
                WRONG, flaw, "one call of gtm with --json, and nothing around it", *place, value=True
            )
            continue
        if taken := written.taken_by_the_shell(command.run):
            said = f"the shell takes {taken} out of double quotes"
            yield document.problem(UNKNOWN, said, written.IN_SINGLE_QUOTES, *place, value=True)
        words = shlex.split(command.run)[1:]
        for capital in sorted(set(written.placeholders_in(words)) - set(found.placeholders)):
            hint = suggest(capital, found.placeholders, otherwise="say under placeholders: what it stands for")
            yield document.problem(WRONG, f"nothing says what {capital} stands for", hint, *place, value=True)
        values = {each: about.example for each, about in found.placeholders.items()}
        wrong = commands.flaw(written.filled(words, values), is_whole=True)
        if wrong is not None:
            yield document.problem(UNKNOWN, wrong.message, wrong.hint, *place, value=True)


def _form(run: str) -> str | None:
    """Why a command is not one call of `gtm` whose answer a program can read; None where it is."""
    try:
        words = shlex.split(run)
    except ValueError:
        return "a quote is never closed"
    if len(list(written.calls(run))) != 1 or words[0] != "gtm" or list(written.calls(run)) != [words[1:]]:
        return "this is not one call of gtm"
    return None if "--json" in words else "its answer is for people, not for a program"
