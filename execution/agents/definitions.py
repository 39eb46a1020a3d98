"""The definitions in `workspace-setup/agents/`: agents by name, the tools they may name, areas, the rules for all.

An agent needs three keys, as in

    deal-progression-agent:
      purpose: Identify next best actions for deal advancement
      tools: [crm_query, pipeline_analysis, competitor_check]
      output: Prioritized action recommendations

and has its area from its file's name. Every other key is there to say more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from execution.agents import host
from execution.agents.files import AREAS_FILE, DEFINITIONS, RULES_FILE, TOOLS_FILE, Files
from execution.directives.document import Document
from execution.directives.model.shape import NAME, Shape
from execution.directives.places import Text
from execution.directives.validation import held_to
from execution.directives.yaml_text import read_yaml
from execution.errors import Problem

WRONG = "E246"

_Text = Annotated[str, Field(min_length=1)]
_Tool = Annotated[str, Field(pattern=NAME)]
_Color = Literal["red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"]


class AgentKeys(Shape):
    """What may be said of an agent. `when` goes on from "Use when"; `steps` may name commands, `format` the parts of
    what it gives back in their order, `quality` what it makes sure of before it does. `writes` lets it write files."""

    purpose: _Text
    tools: Annotated[tuple[_Tool, ...], Field(min_length=1)]
    output: _Text
    area: str | None = None
    color: _Color | None = None
    model: _Text | None = None
    when: str = ""
    duties: tuple[_Text, ...] = ()
    steps: tuple[_Text, ...] = ()
    format: tuple[_Text, ...] = ()
    quality: tuple[_Text, ...] = ()
    skills: tuple[_Text, ...] = ()
    writes: bool = False


class Command(Shape):
    """One command of a tool: how it is called, what that tells, and what calling it does besides reading."""

    run: _Text
    tells: Annotated[_Text, Field(alias="for")]
    effect: Literal["reads", "writes files", "asks a vendor"] = "reads"


class ToolKeys(Shape):
    """What a tool's name stands for: commands, or files to read; and what is said where nothing has that data."""

    answers: _Text
    commands: tuple[Command, ...] = ()
    reads: tuple[_Text, ...] = ()
    missing: _Text
    cites: str = ""


class Placeholder(Shape):
    """A word in capitals that stands for a value in commands."""

    meaning: _Text
    example: _Text


class ToolsFile(Shape):
    """`tools.yaml`: placeholders, the tools of every agent (before all else, and at the end), and all tools."""

    placeholders: dict[str, Placeholder] = {}
    first: tuple[_Tool, ...] = ()
    last: tuple[_Tool, ...] = ()
    tools: Annotated[dict[_Tool, ToolKeys], Field(min_length=1)]


class Area(Shape):
    """A folder of agents: the category it stands for and its colour."""

    category: _Text
    color: _Color | None = None


Tool = ToolKeys
"""A tool by its name in `Definitions.tools`."""


@dataclass(frozen=True)
class Agent:
    """One agent: its name, its area, what is said of it, and where."""

    name: str
    area: str
    says: AgentKeys
    document: Document = field(repr=False, compare=False)

    @property
    def path(self) -> str:
        """Where it is defined."""
        return self.document.path

    @property
    def title(self) -> str:
        return self.name.replace("-", " ").capitalize()


@dataclass(frozen=True)
class Definitions:
    """Everything that agents are built from. What could not be read is left out, and told beside it."""

    agents: tuple[Agent, ...] = ()
    tools: Mapping[str, Tool] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    placeholders: Mapping[str, Placeholder] = field(default_factory=dict)
    areas: Mapping[str, Area] = field(default_factory=dict)
    rules: str = ""
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)


def read(files: Files) -> tuple[Definitions, list[Problem]]:
    """The definitions of a workspace and every mistake of their form. Never raises."""
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for text in files.below(DEFINITIONS, ".yaml", ".yml"):
        document, wrong = _document(text)
        problems += wrong
        if document is not None:
            documents[text.path] = document
    tools = _tools(documents.get(TOOLS_FILE), problems)
    areas = _areas(documents.get(AREAS_FILE), problems)
    agents = tuple(_agents(documents, problems))
    rules = files.texts.get(RULES_FILE)
    found = Definitions(
        agents,
        tools.tools if tools else {},
        tools.first if tools else (),
        tools.last if tools else (),
        tools.placeholders if tools else {},
        areas,
        rules.content if rules else "",
        documents,
    )
    if agents and TOOLS_FILE not in files.texts:
        hint = "`gtm init` puts it back, with what ships"
        problems.append(Problem(TOOLS_FILE, 1, 1, WRONG, "there is no file that says what the agents' tools are", hint))
    return found, problems


def _document(text: Text) -> tuple[Document | None, list[Problem]]:
    marked = read_yaml(text, 0, len(text.content))
    if marked.problems or marked.data is None:
        return None, marked.problems
    if not isinstance(marked.data, dict):
        return None, [text.problem(0, WRONG, "this is no mapping of names", "begin with a name and a colon")]
    return Document(text, marked.data, marked.marks), []


def _tools(document: Document | None, problems: list[Problem]) -> ToolsFile | None:
    if document is None:
        return None
    wrong = held_to(document, ToolsFile)
    problems += wrong
    return None if wrong else ToolsFile.model_validate(document.data)


def _areas(document: Document | None, problems: list[Problem]) -> dict[str, Area]:
    if document is None:
        return {}
    read = ((part, name, _held(part, Area, problems)) for name, part in _parts(document))
    return {name: area for _, name, area in read if area is not None}


def _agents(documents: Mapping[str, Document], problems: list[Problem]) -> Iterator[Agent]:
    where: dict[str, Document] = {}
    for path, document in documents.items():
        if path in (TOOLS_FILE, AREAS_FILE):
            continue
        for name, part in _parts(document):
            if not host.NAME.fullmatch(name) or len(name) > host.LONGEST_NAME:
                hint = "write small letters, digits and hyphens, as in health-monitor"
                problems.append(document.problem(WRONG, f"'{name}' is no name of an agent", hint, name))
                continue
            says = _held(part, AgentKeys, problems)
            if name in where:
                hint = f"it is defined in {where[name].path} already; give one of them another name"
                problems.append(document.problem(WRONG, f"a second agent named '{name}'", hint, name))
            elif says is not None:
                where[name] = document
                yield Agent(name, says.area or path.rpartition("/")[2].rpartition(".")[0], says, part)


_Keys = TypeVar("_Keys", bound=Shape)


def _held(part: Document, model: type[_Keys], problems: list[Problem]) -> _Keys | None:
    if not isinstance(part.data, dict):
        problems.append(part.problem("E113", "this is not a mapping (key: value)", "write its keys below it"))
        return None
    wrong = held_to(part, model)
    problems += wrong
    return None if wrong else model.model_validate(part.data)


def _parts(document: Document) -> Iterator[tuple[str, Document]]:
    """Each of a document's entries as a document of its own, at the same places."""
    for name, data in document.data.items():
        marks = {path[1:]: mark for path, mark in document.marks.items() if path[:1] == (name,)}
        yield name, Document(document.text, data, marks)
