"""`gtm check` and `gtm test`: do the directives hold, and do they do what their own tests say."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from execution.bootstrap import agents, checking_templates
from execution.directives import Program, Texts, read_folder, read_git
from execution.errors import Problem, UsageError
from execution.runs.checked import program_of
from execution.runs.connection import unset
from execution.settings import Environment, load_environment
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.agents.commands import Commands
    from execution.proof import CaseResult


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked: directives by kind, their common hash, the problems found, and in which texts."""

    of: str
    directives: dict[str, int]
    hash: str
    problems: tuple[Problem, ...]

    @property
    def exit_code(self) -> int:
        return 2 if self.problems else 0


def check(
    workspace: Workspace,
    paths: Sequence[Path] = (),
    *,
    version: str | None = None,
    commands: "Commands | None" = None,
) -> Checked:
    """Every problem of the directives, those in `paths` (files or folders) only where some are given; and of what
    agents read, where the `commands` are known that it may name.

    `version` (`git:REF`) checks the directives of a git ref instead of the files. Raises UsageError for another
    version, and for a path without anything to check.
    """
    ref = _ref(version)
    texts = read_git(workspace.root, ref) if ref else read_folder(workspace.root)
    program = program_of(workspace, texts)
    found = [*program.problems, *_unset(program, texts, load_environment(workspace))]
    names = set(texts)
    for others, wrong in _beside(workspace, program, commands) if ref is None else ():
        names |= {*others}
        found += wrong
    wanted = chosen(workspace, names, paths)
    problems = tuple(sorted(problem for problem in found if not paths or problem.path in wanted))
    return Checked(version or "files", _counts(program), program.hash, problems)


def _unset(program: Program, texts: Texts, environment: Environment) -> list[Problem]:
    """Channels that are enabled and could send nothing here, for want of a variable."""
    absent = {name: unset(channel, environment) for name, channel in program.routing.channels.items()}
    if not any(absent.values()):
        return []
    from execution.directives.locating import Places

    places = Places(texts)
    found = []
    for name, variables in absent.items():
        for key, variable in variables.items():
            message = f"{variable} is not set, and the channel '{name}' is enabled"
            hint = f"put {variable}=… into .env or the environment, or write enabled: false"
            found.append(places.problem(program.routing, "E192", message, hint, "channels", name, key))
    return found


def _beside(
    workspace: Workspace, program: Program, commands: "Commands | None"
) -> Iterator[tuple[Iterable[str], Iterable[Problem]]]:
    """The other files that are checked, and what is wrong with them. While the directives do not hold, nobody knows
    what templates and people's files may name."""
    from execution.bootstrap import drafts, written

    if not program.problems:
        yield checking_templates.FILES, checking_templates.problems(workspace, program)
        yield (), drafts.problems(workspace, program)
        yield written.problems_of(workspace, program)
    if commands is not None:
        yield agents.names(workspace), agents.problems(workspace, commands)


def _ref(version: str | None) -> str | None:
    if version is None:
        return None
    if not version.startswith("git:") or version == "git:":
        raise UsageError(
            f"--as {version}: only a git ref can be checked instead", hint="as in --as git:HEAD", code="E222"
        )
    return version.removeprefix("git:")


def chosen(workspace: Workspace, texts: Collection[str], paths: Sequence[Path]) -> frozenset[str]:
    """Those of some files that `paths` (absolute, or relative to the current folder or the workspace) name."""
    found: set[str] = set()
    for path in paths:
        named = {text for text in texts if any(_is_in(workspace.root / text, at) for at in _places(workspace, path))}
        if not named:
            raise UsageError(
                f"{path} is no directive and holds none", hint="see `gtm check` without a path", code="E222"
            )
        found |= named
    return frozenset(found)


def _places(workspace: Workspace, path: Path) -> tuple[Path, ...]:
    return (path.resolve(), (workspace.root / path).resolve())


def _is_in(file: Path, place: Path) -> bool:
    return file.resolve() == place or place in file.resolve().parents


def _counts(program: Program) -> dict[str, int]:
    return {
        "sources": len(program.sources),
        "entities": len(program.entities),
        "measures": len(program.measures),
        "segments": len(program.segments) - len(program.journeys),
        "journeys": len(program.journeys),
        "health": len(program.health),
        "triggers": len(program.triggers),
        "playbooks": len(program.playbooks),
        "reports": len(program.reports),
        "schedules": len(program.schedules),
    }


@dataclass(frozen=True, slots=True)
class Tested:
    """The results of the directives' own tests, in file order."""

    cases: "tuple[CaseResult, ...]"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The cases that do not hold."""
        return tuple(case.as_problem() for case in self.cases if not case.holds)

    @property
    def exit_code(self) -> int:
        return int(bool(self.problems))


def run_tests(workspace: Workspace, paths: Sequence[Path] = (), *, kind: str | None = None) -> Tested:
    """Run every test of the directives, those in `paths` or of a kind only where one is given, on an in-memory store.

    Raises DirectiveError for directives that do not hold, UsageError for a path without directives.
    """
    from execution.proof import run_cases

    texts = read_folder(workspace.root)
    program = program_of(workspace, texts).require_valid()
    wanted = chosen(workspace, texts, paths)
    if kind is not None:
        wanted = frozenset(
            each.path for each in program.directives() if each.kind == kind and (not paths or each.path in wanted)
        )
        if not wanted:
            return Tested(())
    return Tested(tuple(run_cases(program, sorted(wanted))))
