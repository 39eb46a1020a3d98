"""What must be worked out before what: measures, segments and scores depend on the names that their SQL uses.

Names are taken from the text without understanding it: a word that is also the name of a fact counts as a use of it.
That can only make a step wait for one more.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from execution.directives.facts import Fact, Step, facts_of, own_facts
from execution.directives.model import Entity, Health, Measures, Quality, Segment

KeyPath = tuple[str | int, ...]
"""A place in a directive's frontmatter."""

UNIFIED = "unified_"
"""`unified_customers` is the rows of `customers` with everything known of them."""

_PASSED_OVER = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_WORD = re.compile(r'"((?:[^"]|"")*)"|(\w+)(?!\w*\s*\()')
_WHOLE_ROWS = re.compile(
    r"(?:\b(?:select|distinct|all)|[,.])\s*\*|\bcolumns\s*\(|\bnatural\b|(?:^|\()\s*from\b", re.IGNORECASE
)

_READ = (
    r'(?:\b(?:from|join)\s|,)\s*"?\b{table}\b"?(?!\s*[.(])(?:\s+(?:as\s+)?(?!(?:on|using|where|group|order|join|left|right'
    r"|inner|full|cross|semi|anti|asof|positional|limit|qualify|having|union|window|except|intersect|select)\b)(\w+))?"
)
"""A table where it is read, and the alias that it gets there."""

_TEXTS = 4096
"""How many texts are remembered: every check asks the same of them."""


@lru_cache(maxsize=_TEXTS)
def words(sql: str) -> frozenset[str]:
    """Every name in a text, in lower case; what stands in quotes of text, in comments or before a parenthesis is
    none."""
    plain = _PASSED_OVER.sub(" ", sql)
    return frozenset((quoted or plain_word).lower() for quoted, plain_word in _WORD.findall(plain))


def takes_whole_rows(sql: str, tables: Iterable[str] = ()) -> bool:
    """Whether a text takes columns that it does not name: as `select *` does, or by the name of one of the `tables`,
    or its alias, in the place of a value (`to_json(e)`).

    A column that has an alias for its name counts as that too: the answer is yes once too often rather than once too
    seldom.
    """
    return _takes_whole_rows(sql, tuple(tables))


@lru_cache(maxsize=_TEXTS)
def _takes_whole_rows(sql: str, tables: tuple[str, ...]) -> bool:
    plain = _PASSED_OVER.sub(" ", sql)
    return bool(_WHOLE_ROWS.search(plain)) or any(_is_a_value(table, plain) for table in tables)


def _is_a_value(table: str, plain: str) -> bool:
    """Whether a table, or an alias of it, is named elsewhere than where it is read or before a dot."""
    read = re.compile(_READ.format(table=re.escape(table)), re.IGNORECASE)
    names = {table, *read.findall(plain)} - {""}
    rest = read.sub(" ", plain)
    return any(re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", rest, re.IGNORECASE) for name in names)


@dataclass(frozen=True, slots=True)
class Use:
    """One step's use of what another gives: where it stands in the user's directive (`block` counts its SQL blocks),
    and by which name."""

    user: Step
    used: Step
    directive: str
    path: KeyPath = ()
    block: int | None = None
    word: str = ""


def uses(
    entities: Mapping[str, Entity],
    measures: Iterable[Measures],
    segments: Iterable[Segment],
    scores: Iterable[Health],
    quality: Iterable[Quality] = (),
) -> list[Use]:
    """Every use of one step by another, in a stable order; a step's use of itself is there too."""
    measures, segments, scores, quality = list(measures), list(segments), list(scores), list(quality)
    facts = {name: facts_of(entity, measures, segments, scores, quality) for name, entity in entities.items()}
    found: list[Use] = []
    for directive in sorted(measures, key=lambda each: each.name):
        found += _of_measures(directive, facts)
    for rules in quality:
        for entity in rules.entities():
            found += _of_quality(rules, entity, facts.get(entity, {}))
    for segment in sorted(segments, key=lambda each: each.name):
        step = Step("segment", segment.name)
        for path, text in segment.conditions().items():
            found += _of_text(step, segment.name, path, text, facts.get(segment.entity, {}))
    for score in sorted(scores, key=lambda each: each.name):
        found += _of_score(score, facts.get(score.entity, {}))
    return found


def _of_measures(directive: Measures, facts: Mapping[str, Mapping[str, Fact]]) -> Iterator[Use]:
    step = Step("measures", directive.entity)
    for number, block in enumerate(directive.blocks):
        others = {entity: known for entity, known in facts.items() if entity != directive.entity}
        for entity, names in read_of(block.text, directive.measures, others).items():
            for word in names:
                if (fact := facts[entity][word]).step is not None:
                    yield Use(step, fact.step, directive.name, block=number, word=word)


def read_of(sql: str, asked: Iterable[str], facts: Mapping[str, Mapping[str, Fact]]) -> dict[str, list[str]]:
    """Which facts of which `unified_<entity>` a SQL block reads: all where it takes whole rows.

    `asked` are the columns that are taken from what the block yields.
    """
    named = words(sql)
    whole = takes_whole_rows(sql, [f"{UNIFIED}{entity}" for entity in facts])
    wanted = named | {name.lower() for name in asked}
    return {
        entity: [name for name in known if whole or name.lower() in wanted]
        for entity, known in facts.items()
        if f"{UNIFIED}{entity}" in named
    }


def _of_quality(quality: Quality, entity: str, facts: Mapping[str, Fact]) -> Iterator[Use]:
    step = Step("quality", entity)
    texts: dict[KeyPath, str] = {path: f'"{column}"' for path, column in quality.columns(entity).items()}
    texts |= {path: condition for path, condition in quality.conditions(entity).items()}  # noqa: C416 - other keys
    for path, text in texts.items():
        yield from _of_text(step, quality.name, path, text, facts)


def _of_text(step: Step, directive: str, path: KeyPath, text: str, facts: Mapping[str, Fact]) -> Iterator[Use]:
    named = words(text)
    for name, fact in facts.items():
        if name.lower() in named and fact.step is not None:
            yield Use(step, fact.step, directive, path, word=name)


def _of_score(score: Health, facts: Mapping[str, Fact]) -> Iterator[Use]:
    """Actions and potential are found when the score is known, so there its own figures are no use of it."""
    step, own = Step("health", score.name), own_facts(score, facts)
    others = {name: fact for name, fact in facts.items() if name not in own}
    for path, text in before(score).items():
        yield from _of_text(step, score.name, path, text, facts)
    for path, text in after(score).items():
        yield from _of_text(step, score.name, path, text, others)


def before(score: Health) -> dict[KeyPath, str]:
    """Every text of a score that is about the row alone, by its place in the frontmatter."""
    found: dict[KeyPath, str] = {("where",): score.where} if score.where is not None else {}
    for name, component in score.components.items():
        found[("components", name, "score")] = component.score
        found |= {("components", name, "needs", n): f'"{need}"' for n, need in enumerate(component.needs)}
    for name, penalty in score.penalties.items():
        found[("penalties", name, "when")] = penalty.when
        found[("penalties", name, "points")] = penalty.points
    found |= {("signals", name, "when"): signal.when for name, signal in score.signals.items()}
    return found | {("segments", name): f'"{name.partition(".")[0]}"' for name in score.segments}


def after(score: Health) -> dict[KeyPath, str]:
    """Every text of a score that may also name its own figures, by its place in the frontmatter."""
    found: dict[KeyPath, str] = {("expansion", name, "when"): rule.when for name, rule in score.expansion.items()}
    return found | {("actions", number, "when"): action.when for number, action in enumerate(score.actions)}


def in_order(steps: Iterable[Step], used: Iterable[Use]) -> tuple[list[Step], list[Step]]:
    """The steps in an order in which each comes after those it uses, and those for which there is none."""
    known, used = set(steps), list(used)
    waiting = {step: {use.used for use in used if use.user == step and use.used in known} for step in known}
    ordered: list[Step] = []
    while ready := sorted((step for step, needs in waiting.items() if not needs), key=_rank):
        ordered.append(ready[0])
        del waiting[ready[0]]
        for needs in waiting.values():
            needs.discard(ready[0])
    return ordered, sorted(waiting, key=_rank)


def _rank(step: Step) -> tuple[int, str]:
    return ("measures", "quality", "segment", "health").index(step.kind), step.name


def circle(uses_: Iterable[Use], start: Step) -> list[Use] | None:
    """The shortest way from a step back to itself, or None."""
    by_user: dict[Step, list[Use]] = {}
    for use in uses_:
        by_user.setdefault(use.user, []).append(use)
    ways: list[list[Use]] = [[use] for use in by_user.get(start, ())]
    seen = {start}
    for way in ways:
        here = way[-1].used
        if here == start:
            return way
        if here not in seen:
            seen.add(here)
            ways += [[*way, use] for use in by_user.get(here, ())]
    return None
