"""The Markdown files of `.claude/`: agents, skills and slash commands, held to what the host reads in them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from execution.agents import host
from execution.agents.commands import Commands, problems_of
from execution.agents.files import AGENTS, COMMANDS, SKILLS, Files
from execution.directives.document import Document
from execution.directives.frontmatter import read_frontmatter
from execution.directives.places import Text
from execution.directives.problems import suggest
from execution.errors import Problem

WRONG = "E247"

_TOOL_KEYS = ("tools", "disallowedTools", "allowed-tools", "disallowed-tools")
_SEPARATED = re.compile(r"[,\s]+(?![^()]*\))")
_BOOLEANS = ("disable-model-invocation", "user-invocable", "background", "omitClaudeMd")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of file is called, the keys it may have and those it must have."""

    noun: str
    keys: tuple[str, ...]
    needs: tuple[str, ...]


_AGENT = _Kind("an agent", host.AGENT_KEYS, ("name", "description"))
_SKILL = _Kind("a skill", host.SKILL_KEYS, ("name", "description"))
_COMMAND = _Kind("a slash command", host.SKILL_KEYS, ("description",))


def problems(files: Files, commands: Commands) -> list[Problem]:
    """Everything in the Markdown files that the host would pass over without a word, or that cannot be done."""
    found: list[Problem] = []
    names: dict[str, str] = {}
    for text in files.below(AGENTS, ".md"):
        document = _document(text, _AGENT, found)
        if document is not None:
            found += _agent(document, names)
        found += problems_of(text, commands)
    for text in files.below(SKILLS, ".md"):
        if text.path.endswith("/SKILL.md") and (document := _document(text, _SKILL, found)) is not None:
            found += _skill(document, files)
        found += problems_of(text, commands)
    for text in files.below(COMMANDS, ".md"):
        if (document := _document(text, _COMMAND, found)) is not None:
            found += _command(document, files)
        found += problems_of(text, commands)
    return [*found, *_misplaced(files)]


def _document(text: Text, kind: _Kind, found: list[Problem]) -> Document | None:
    """The file's frontmatter, held to its kind; None where it has none that can be read."""
    marked, _ = read_frontmatter(text)
    if marked.problems or not isinstance(marked.data, dict):
        first = marked.problems[0] if marked.problems else Problem(text.path, 1, 1, WRONG, "there is no frontmatter")
        message = first.message if first.code != "E110" else f"{kind.noun} begins with its frontmatter"
        hint = (
            first.hint if first.code != "E110" else f"the first line is ---, then {kind.needs[0]}: and so on, then ---"
        )
        found.append(Problem(text.path, first.line, first.column, WRONG, message, hint))
        return None
    document = Document(text, marked.data, marked.marks)
    for key in document.data:
        if key not in kind.keys:
            said = f"{kind.noun} has no key '{key}': the host passes over it"
            found.append(document.problem(WRONG, said, _meant(key, kind.keys), key))
    for key in kind.needs:
        if not isinstance(document.data.get(key), str) or not document.data[key].strip():
            said = f"{kind.noun} needs a {key}"
            found.append(document.problem(WRONG, said, f"add {key}: to its frontmatter", key, value=True))
    found += _values(document)
    return document


def _meant(key: str, keys: Sequence[str]) -> str:
    """The key that was meant; the host has them in several spellings, so those count as one."""
    plain = {_plain(each): each for each in keys}
    return f"did you mean '{plain[_plain(key)]}'?" if _plain(key) in plain else suggest(key, keys)


def _plain(key: str) -> str:
    return key.replace("-", "").replace("_", "").lower()


def _values(document: Document) -> Iterator[Problem]:
    """Keys whose values the host would not understand."""
    for key, choices in host.CHOICES.items():
        value = document.data.get(key)
        if value is not None and value not in choices:
            yield document.problem(WRONG, f"'{value}' is no {key}", suggest(str(value), choices), key, value=True)
    for key in _BOOLEANS:
        value = document.data.get(key)
        if value is not None and not isinstance(value, bool):
            yield document.problem(WRONG, f"'{value}' is not true or false", "write true or false", key, value=True)
    model = document.data.get("model")
    if model is not None and model not in host.MODELS and not str(model).startswith("claude-"):
        hint = suggest(str(model), host.MODELS)
        yield document.problem(WRONG, f"'{model}' is no model", hint, "model", value=True)
    description = document.data.get("description")
    if isinstance(description, str) and len(description) > host.LONGEST_DESCRIPTION:
        said = f"the description has {len(description):,} characters, and is cut off after {host.LONGEST_DESCRIPTION:,}"
        yield document.problem(WRONG, said, "say what it does and when, and the rest below", "description", value=True)
    for key in _TOOL_KEYS:
        yield from _tools(document, key)


def _tools(document: Document, key: str) -> Iterator[Problem]:
    for tool, number in listed(document.data.get(key)):
        name = tool.partition("(")[0]
        place = (key,) if number is None else (key, number)
        if not host.is_tool(name) and "*" not in name:
            yield document.problem(WRONG, f"there is no tool '{name}'", suggest(name, host.TOOLS), *place, value=True)
        elif key == "tools" and name in host.NOT_IN_AGENTS:
            said = f"an agent never gets the tool '{name}'"
            yield document.problem(WRONG, said, "leave it out", *place, value=True)
        elif "(" in tool and not tool.endswith(")"):
            yield document.problem(WRONG, f"'{tool}' is never closed", "end it with )", *place, value=True)


def listed(value: object) -> Iterator[tuple[str, int | None]]:
    """Tools of a list, or of a text with commas or blanks between them, with their number in the list."""
    if isinstance(value, str):
        yield from ((tool, None) for tool in _SEPARATED.split(value.strip()) if tool)
    elif isinstance(value, list):
        yield from ((str(tool), number) for number, tool in enumerate(value))


def _agent(document: Document, names: dict[str, str]) -> Iterator[Problem]:
    name = document.data.get("name")
    stem = document.path.rpartition("/")[2].removesuffix(".md")
    if not isinstance(name, str):
        return
    yield from _name(document, name)
    if name != stem:
        hint = "the host goes by the name; call the file the same, so that people find it"
        yield document.problem(WRONG, f"the file is called {stem}.md, the agent '{name}'", hint, "name", value=True)
    if name in names:
        hint = f"the other is {names[name]}; the host takes one of them, and does not say which"
        yield document.problem(WRONG, f"a second agent named '{name}'", hint, "name", value=True)
    names.setdefault(name, document.path)


def _name(document: Document, name: str) -> Iterator[Problem]:
    if not host.NAME.fullmatch(name) or len(name) > host.LONGEST_NAME:
        hint = f"small letters, digits and hyphens, {host.LONGEST_NAME} of them at most"
        yield document.problem(WRONG, f"'{name}' is no name", hint, "name", value=True)


def _skill(document: Document, files: Files) -> Iterator[Problem]:
    folder = document.path.removeprefix(SKILLS).removesuffix("/SKILL.md")
    name = document.data.get("name")
    if isinstance(name, str):
        yield from _name(document, name)
        if name != folder:
            hint = f"name: {folder}, or rename the folder"
            yield document.problem(WRONG, f"the folder is '{folder}', the skill '{name}'", hint, "name", value=True)
    lines = document.text.content.count("\n")
    if lines > host.LONGEST_SKILL:
        hint = "move what is seldom needed into files beside it, and say when to read them"
        yield document.text.problem(
            0, WRONG, f"the skill has {lines} lines, and should have {host.LONGEST_SKILL}", hint
        )
    yield from _links(document.text, files)


_LINK = re.compile(r"\]\((?!\w+:|/|#)([^)\s#]+)")


def _links(text: Text, files: Files) -> Iterator[Problem]:
    """Files beside a skill that it names and that are not there."""
    folder = text.path.rpartition("/")[0]
    for link in _LINK.finditer(text.content):
        if not link[1].startswith("../") and f"{folder}/{link[1]}" not in files.names:
            hint = "links go from the skill's own folder"
            yield text.problem(link.start(1), WRONG, f"there is no file {folder}/{link[1]}", hint)


def _command(document: Document, files: Files) -> Iterator[Problem]:
    name = document.path.rpartition("/")[2].removesuffix(".md")
    if f"{SKILLS}{name}/SKILL.md" in files.names:
        hint = "rename one of them"
        yield document.text.problem(0, WRONG, f"a skill is named '{name}' too, and the host takes that", hint)


def _misplaced(files: Files) -> Iterator[Problem]:
    """Files that stand where the host does not look."""
    folders: Mapping[str, str] = {
        path.removeprefix(SKILLS).partition("/")[0]: path for path in files.names if path.startswith(SKILLS)
    }
    for folder, path in sorted(folders.items()):
        if f"{SKILLS}{folder}/SKILL.md" not in files.names:
            hint = f"the host reads {SKILLS}{folder.removesuffix('.md')}/SKILL.md"
            yield Problem(path, 1, 1, WRONG, "this is no skill: there is no SKILL.md", hint)
