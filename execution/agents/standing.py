"""How the agents' files stand beside what would be written now. Pure: texts in, findings out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from execution.agents.build import Built
from execution.agents.files import AGENTS, Files
from execution.directives.places import Text
from execution.errors import Problem
from execution.files import managed

NAME = "agent"
"""The name in the markers of an agent's block."""
NOT_AS_BUILT = "E446"


class State(StrEnum):
    """How one agent's file stands."""

    current = "current"
    missing = "missing"
    stale = "stale"
    edited = "edited"
    taken = "taken"
    orphaned = "orphaned"


@dataclass(frozen=True, slots=True)
class Standing:
    """One agent's file: how it stands, what should be there (nothing for an orphan), the text that is there, where
    that is if somewhere else, and what people wrote below the block."""

    path: str
    state: State
    built: Built | None = None
    text: str | None = None
    found_at: str | None = None
    own: str = ""
    problem: Problem | None = None

    @property
    def is_writable(self) -> bool:
        """Whether it can be brought up to date without anybody's words being lost."""
        is_bare = self.state is State.orphaned and not self.own.strip()
        return self.state in (State.missing, State.stale) or is_bare


@dataclass(frozen=True, slots=True)
class _Ours:
    """A file that `gtm agents build` wrote, taken apart; `is_untouched` means frontmatter and block alike."""

    text: Text
    block: managed.Managed
    is_untouched: bool


def compare(built: Sequence[Built], files: Files) -> tuple[Standing, ...]:
    """Every agent that should be there and every file of ours that should not, in order of their paths."""
    ours, broken = _ours(files)
    by_name = {each.block.key: path for path, each in ours.items()}
    wanted = {each.path: each for each in built}
    found = [_one(each, ours, by_name, broken, files) for each in built]
    kept = {each.found_at or each.path for each in found}
    found += [_orphan(ours[path]) for path in ours if path not in kept]
    found += [Standing(path, State.edited, problem=why) for path, why in broken.items() if path not in wanted]
    return tuple(sorted(found, key=lambda each: each.path))


def assembled(built: Built, own: str) -> str:
    """The file as it is written: frontmatter, the block between its markers, what people wrote below it."""
    return built.frontmatter + managed.wrap(NAME, built.name, built.facts, built.body) + own


def _ours(files: Files) -> tuple[dict[str, _Ours], dict[str, Problem]]:
    found: dict[str, _Ours] = {}
    broken: dict[str, Problem] = {}
    for text in files.below(AGENTS, ".md"):
        try:
            block = managed.parse(text.content, NAME)
        except managed.Broken as why:
            hint = "mend the markers, or delete the file and run `gtm agents build`"
            broken[text.path] = Problem(text.path, why.line, 1, NOT_AS_BUILT, why.reason, hint)
            continue
        if block is not None:
            is_whole = managed.hash_of(f"{block.before}\n{block.block}") == block.facts
            found[text.path] = _Ours(text, block, is_untouched=block.is_untouched and is_whole)
    return found, broken


def _one(
    built: Built,
    ours: Mapping[str, _Ours],
    by_name: Mapping[str, str],
    broken: Mapping[str, Problem],
    files: Files,
) -> Standing:
    if built.path in broken:
        return Standing(built.path, State.edited, built, files.texts[built.path].content, problem=broken[built.path])
    at = built.path if built.path in ours else by_name.get(built.name)
    if built.path not in ours and built.path in files.names:
        return _taken(built, files.texts.get(built.path))
    if at is None:
        return Standing(built.path, State.missing, built, problem=_not_yet(built, "it was never built"))
    found = ours[at]
    if not found.is_untouched:
        return Standing(
            built.path, State.edited, built, found.text.content, _elsewhere(at, built), problem=_edited(found)
        )
    if at == built.path and found.block.facts == built.facts:
        return Standing(built.path, State.current, built, found.text.content, own=found.block.after)
    why = "its definition says something else by now" if at == built.path else f"it stands in {at} still"
    stale = _not_yet(built, why)
    return Standing(built.path, State.stale, built, found.text.content, _elsewhere(at, built), found.block.after, stale)


def _taken(built: Built, text: Text | None) -> Standing:
    """Something of somebody else's stands where the file would."""
    said = "the file cannot be read; it was kept"
    if text is not None:
        said = f"an agent of your own stands where '{built.name}' would be written"
    hint = "rename one of them, or move its text into the definition"
    problem = Problem(built.path, 1, 1, NOT_AS_BUILT, said, hint)
    return Standing(built.path, State.taken, built, text.content if text else None, problem=problem)


def _elsewhere(at: str, built: Built) -> str | None:
    return None if at == built.path else at


def _not_yet(built: Built, why: str) -> Problem:
    return Problem(built.path, 1, 1, NOT_AS_BUILT, why, "run `gtm agents build`")


def _edited(found: _Ours) -> Problem:
    line = 1 if found.block.is_untouched else found.block.before.count("\n") + 1
    what = "the frontmatter" if found.block.is_untouched else "the generated block"
    hint = "say it in the definition or below the end marker, delete the file, and run `gtm agents build`"
    return Problem(found.text.path, line, 1, NOT_AS_BUILT, f"{what} was edited; it was kept", hint)


def _orphan(found: _Ours) -> Standing:
    path = found.text.path
    if not found.is_untouched:
        return Standing(path, State.edited, text=found.text.content, problem=_edited(found))
    hint = (
        "`gtm agents build` removes it"
        if not found.block.after.strip()
        else "it has words of yours: delete it yourself"
    )
    problem = Problem(path, 1, 1, NOT_AS_BUILT, f"nothing defines '{found.block.key}' any more", hint)
    return Standing(path, State.orphaned, text=found.text.content, own=found.block.after, problem=problem)


def problems_of(standing: Sequence[Standing]) -> Iterator[Problem]:
    """What is not as its definition has it."""
    for each in standing:
        if each.problem is not None:
            yield each.problem
