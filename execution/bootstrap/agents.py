"""`gtm agents`, and what `gtm check` says of agents, skills, slash commands, settings and hooks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from execution.errors import Problem
from execution.files import cache
from execution.runs.checked import code_of
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.agents.commands import Commands
    from execution.agents.definitions import Definitions
    from execution.agents.files import Files
    from execution.agents.standing import Standing
    from execution.agents.write import Done

_KEPT = 8
"""States of the files that are known to hold."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One agent: what it is for, what it may ask, and how its file stands."""

    name: str
    area: str
    category: str
    purpose: str
    tools: tuple[str, ...]
    output: str
    defined_in: str
    file: str
    state: str


@dataclass(frozen=True, slots=True)
class Checked:
    """How many agents are defined, how many files stand, and everything wrong with either: mistakes, and what is not
    as its definition has it."""

    agents: int
    tools: int
    files: dict[str, str]
    mistakes: tuple[Problem, ...] = field(repr=False)
    differences: tuple[Problem, ...] = field(repr=False)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (*self.mistakes, *self.differences)

    @property
    def exit_code(self) -> int:
        return 2 if self.mistakes else int(bool(self.differences))


def problems(workspace: Workspace, commands: "Commands") -> tuple[Problem, ...]:
    """Every mistake in the definitions and in `.claude/`. Where nothing changed since they held, nothing is read as
    YAML again."""
    from execution.agents import files

    found = files.read_files(workspace.root)
    if not found.names:
        return ()
    folder = workspace.cache / "agents"
    known = folder / f"{_fingerprint(found)}.txt"
    if not found.problems and cache.read(known) is not None:
        return ()
    mistakes = _mistakes(found, commands)[1]
    if not mistakes:
        cache.write(known, "")
        cache.prune(folder, _KEPT)
    return mistakes


def names(workspace: Workspace) -> frozenset[str]:
    """Every file that is looked at."""
    from execution.agents import files

    return files.read_files(workspace.root).names


def check(workspace: Workspace, commands: "Commands") -> Checked:
    """Everything wrong with the definitions, `.claude/`, and what is built of the one in the other."""
    from execution.agents.standing import problems_of

    found, mistakes, standing = _looked_at(workspace, commands)
    states = {each.path: each.state.value for each in standing}
    return Checked(len(found.agents), len(found.tools), states, mistakes, tuple(problems_of(standing)))


def build(workspace: Workspace, commands: "Commands") -> "Done":
    """Write the agents' files. Raises DirectiveError where a definition does not hold; nothing is written then."""
    from execution.agents.files import DEFINITIONS
    from execution.agents.write import apply
    from execution.errors import DirectiveError

    _, mistakes, standing = _looked_at(workspace, commands)
    if wrong := tuple(problem for problem in mistakes if problem.path.startswith(DEFINITIONS)):
        raise DirectiveError(wrong)
    return apply(workspace.root, standing)


def listed(workspace: Workspace, commands: "Commands", area: str | None = None) -> tuple[Listed, ...]:
    """Every agent that is defined, of one area where one is named. Raises UsageError for another."""
    from execution.agents.files import AGENTS
    from execution.directives.problems import suggest
    from execution.errors import UsageError

    found, _, standing = _looked_at(workspace, commands)
    if area is not None and area not in found.areas:
        raise UsageError(f"there is no area {area!r}", hint=suggest(area, found.areas), code="E212")
    states = {each.path: each.state.value for each in standing}
    return tuple(
        Listed(
            agent.name,
            agent.area,
            found.areas[agent.area].category if agent.area in found.areas else "",
            agent.says.purpose,
            agent.says.tools,
            agent.says.output,
            agent.path,
            path := f"{AGENTS}{agent.area}/{agent.name}.md",
            states.get(path, "not built"),
        )
        for agent in sorted(found.agents, key=lambda agent: (agent.area, agent.name))
        if area in (None, agent.area)
    )


def _looked_at(
    workspace: Workspace, commands: "Commands"
) -> "tuple[Definitions, tuple[Problem, ...], Sequence[Standing]]":
    from execution.agents import build, files, standing

    read = files.read_files(workspace.root)
    found, mistakes = _mistakes(read, commands)
    return found, mistakes, standing.compare(build.build(found), read)


def _mistakes(files: "Files", commands: "Commands") -> "tuple[Definitions, tuple[Problem, ...]]":
    from execution.agents import checks, definitions, host_markdown, host_settings

    found, wrong = definitions.read(files)
    wrong += checks.checked(found, files, commands)
    wrong += host_markdown.problems(files, commands)
    wrong += host_settings.problems(files)
    return found, tuple(sorted({*files.problems, *wrong}))


def _fingerprint(files: "Files") -> str:
    digest = sha256(code_of("agents", "cli", "directives").encode())
    for name in sorted(files.names):
        digest.update(f"\0{name}".encode())
        if name in files.texts:
            digest.update(sha256(files.texts[name].content.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()
