"""One trigger directive → what it asks of a row `f`, and what it tells of it, as SQL.

Three-valued throughout: NULL is a rule of which it is not known whether it holds.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from execution.directives import changes, messages
from execution.directives.changes import Change
from execution.directives.dependencies import words
from execution.directives.facts import Fact
from execution.directives.model import Trigger
from execution.engine import ident, literal

OF_HITS = ("key", "words", "snippet", "source", "said_at")
"""What is known of a hit of keywords."""

_DECIMALS = ("DECIMAL", "DOUBLE")


KEY = ".key"
"""The column with a row's key as one text."""

NAME = "name"
"""What people call a row, where its entity has it; who has none is told by their key."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Whether the rule holds of a row, what ends its alert beside that, which of several things of the row it is about
    (None where it is about the row), and what is told. `names` are the facts that all of it takes, `calls` what it asks
    of the past, by the column that stands for the answer."""

    trigger: Trigger
    holds: str
    ends: str | None
    item: str | None
    message: str
    reason: str
    names: tuple[str, ...]
    calls: Mapping[str, Change]


def meaning(trigger: Trigger) -> str:
    """A hash of what decides whether the rule holds: a better description of it is no other rule."""
    texts = [[list(map(str, path)), text] for path, text in trigger.expressions().items()]
    keywords = trigger.keywords.model_dump(mode="json") if trigger.keywords else None
    content = [trigger.entity, trigger.match, texts, keywords, trigger.lasting.total_seconds()]
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def of_hit(name: str, number: int) -> str:
    """The column with what is known of the hit of the rule at that place among those of its entity."""
    return ident(f".{name} {number}")


def rule_of(trigger: Trigger, facts: Mapping[str, Fact], number: int) -> Rule:
    """The rule at that place, over the facts that its entity's rows have."""
    parsed = {path: changes.parse(text) for path, text in trigger.expressions().items()}
    asked = {path: _over_columns(each, number) for path, each in parsed.items()}
    said = messages.parse(trigger.message)
    names = _named(facts, parsed.values())
    told = {name.name.lower() for name in said.names}
    names += tuple(name for name in facts if name.lower() in told and name not in names)
    calls = {_column(call, number): call for each in parsed.values() for call in each.changes}
    where, ends, item = (asked.get((key,)) for key in ("where", "resolve_when", "key"))
    return Rule(
        trigger,
        _holds(trigger, [asked[path] for path in trigger.rule()], where, number),
        _ends(ends, where) if ends else None,
        f"CAST((\n{item}\n) AS VARCHAR)" if item else None,
        _message(trigger, said, facts, number),
        _reason(trigger, facts, number),
        names,
        calls,
    )


def _column(call: Change, number: int) -> str:
    """The column that stands for a call, in lower case. One that looks back as far as the rule's own last run has
    another answer in every rule."""
    return call.column.lower() if call.window is not None else f"{call.column.lower()} {number}"


def _over_columns(parsed: changes.Parsed, number: int) -> str:
    """The expression over those columns."""
    text = parsed.text
    for call in parsed.changes:
        text = text.replace(ident(call.column), ident(_column(call, number)))
    return text


def _holds(trigger: Trigger, conditions: Sequence[str], where: str | None, number: int) -> str:
    """All conditions, or one of them; keywords count as one more. Of whom the rule is not for nothing holds."""
    every = [_condition(text) for text in conditions]
    every += [f"(f.{of_hit('key', number)} IS NOT NULL)"] if trigger.keywords is not None else []
    rule = (" OR " if trigger.match == "any" else " AND ").join(every)
    return f"{_condition(where)} AND ({rule})" if where else rule


def _ends(ends: str, where: str | None) -> str:
    """What ends an alert beside that the rule does not hold: also that its row is none for the rule any more."""
    return f"{_condition(ends)} OR NOT {_condition(where)}" if where else _condition(ends)


def _condition(text: str) -> str:
    return f"CAST((\n{text}\n) AS BOOLEAN)"


def _named(facts: Mapping[str, Fact], texts: Iterable[changes.Parsed]) -> tuple[str, ...]:
    """The facts that expressions name, also in what they ask of the past, in a stable order."""
    found: set[str] = set()
    for parsed in texts:
        found |= words(parsed.text) | {call.of.partition(".")[0].lower() for call in parsed.changes}
    return tuple(name for name in facts if name.lower() in found)


# --- what is told -------------------------------------------------------------------------------


def _message(trigger: Trigger, said: messages.Message, facts: Mapping[str, Fact], number: int) -> str:
    """The message with the row's own facts in it; what is not known is nothing. Without one it is the rule's title."""
    if not trigger.message:
        return literal(trigger.title or trigger.name)
    known = {name.lower(): _as_text(f"f.{ident(name)}", fact.type) for name, fact in facts.items()}
    if NAME in known:
        known[NAME] = f"coalesce({known[NAME]}, f.{ident(KEY)})"
    if trigger.keywords is not None:
        known |= {name: f"f.{of_hit(name, number)}::VARCHAR" for name in messages.OF_KEYWORDS}

    def value(part: str | messages.Named) -> str:
        return literal(part) if isinstance(part, str) else known.get(part.name.lower(), "NULL::VARCHAR")

    parts = [
        "(" + " || ".join(map(value, part.parts)) + ")" if isinstance(part, messages.IfKnown) else value(part)
        for part in said.parts
    ]
    return "concat(" + ", ".join(parts) + ")"  # which passes over NULL, as || does not


def _as_text(value: str, kind: str) -> str:
    """A value as people write it: two digits after the point at most, no zeros at its end, no seconds."""
    text = f"CAST({value} AS VARCHAR)"
    if kind.startswith(_DECIMALS):
        text = f"CAST(round({value}, 2) AS VARCHAR)"
        return f"rtrim(regexp_replace({text}, '(\\.\\d*?)0+$', '\\1'), '.')"
    return f"strftime({value}, '%Y-%m-%d %H:%M')" if kind == "TIMESTAMP" else text


def _reason(trigger: Trigger, facts: Mapping[str, Fact], number: int) -> str:
    """What the rule names with the values that it has of the row, as JSON; what ends it is no reason for it."""
    asked = {text: changes.parse(text) for text in trigger.rule().values()}
    pairs = {name: f"f.{ident(name)}" for name in _named(facts, asked.values())}
    for text, parsed in asked.items():
        for call in parsed.changes:
            written = text[call.at : call.at + len(call.column) + 2]
            pairs[" ".join(written.split())] = f"f.{ident(_column(call, number))}"
    plain = _object(pairs)
    if trigger.keywords is None:
        return plain
    hit = _object({name: f"f.{of_hit(name, number)}" for name in OF_HITS[1:]}, as_text=False)
    there = f"f.{of_hit('key', number)} IS NOT NULL"
    return f"CASE WHEN {there} THEN {_object(pairs | {'keywords': hit})} ELSE {plain} END"


def _object(pairs: Mapping[str, str], *, as_text: bool = True) -> str:
    listed = ", ".join(f"{literal(name)}, {value}" for name, value in pairs.items())
    return f"json_object({listed})" + ("::VARCHAR" if as_text else "")
