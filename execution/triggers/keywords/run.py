"""Read what customers wrote, every text once by each rule, and keep what was found in `derived.keyword_hits`.

`derived.keyword_texts__<entity>` has a number for every text that was read: of its row's key and hash, so a text that
changed is another one. A run numbers the texts, which does not read them, and reads those it does not know; where no
source changed since, not even that. A rule that changed reads all of them, alone. Hits go with their text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Entity, Keywords, Settings
from execution.engine import Connection, ident, literal
from execution.measures.work import Work, working
from execution.triggers.keywords import patterns, texts
from execution.triggers.keywords.compile import COLUMNS, HITS, hits_select
from execution.triggers.keywords.patterns import Rule

_RULE, _TEXTS = "keywords of ", "texts of "
"""Under which name the state of a rule and of an entity's texts is kept among the store's steps."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one text."""

    words: str
    snippet: str


@dataclass(frozen=True, slots=True)
class _Texts:
    """An entity's texts and how they stand to those that were read: `unread` (None: all of them) and `gone` ones, and
    what they are made from, for the next run."""

    entity: Entity
    state: str
    unread: int | None = 0
    gone: int = 0
    between: tuple[datetime, datetime] | None = None

    @property
    def known(self) -> str:
        return ident("derived", f"keyword_texts__{self.entity.name}")

    @property
    def new(self) -> str:
        return ident("temp", f"unread_{self.entity.name}")


def refresh(con: Connection, program: Program, as_of: datetime, work: Work | None = None) -> int:
    """Bring `derived.keyword_hits` up to the texts and the rules there are; how many texts were read.

    `con` has the store as its current database and no open transaction. Raises DataError where a pattern or the
    condition of an entity's `texts` fails.
    """
    rules = rules_of(program)
    with working(con, work) as work:
        state = store.all_made_from(con)
        if not rules and not any(step.startswith((_RULE, _TEXTS)) for step in state):
            return 0
        readable = texts.entities(program, work.stored) if rules else {}
        hint = "mend the patterns of the trigger, or the condition under texts:"
        try:
            with engine.on_data("reading keywords failed", hint=hint, code="E367"):
                found = [_look(work, program, entity, state) for entity in readable.values()]
                return _keep(work, program, rules, found, state, as_of)
        finally:
            for name in readable:
                con.execute(f"DROP TABLE IF EXISTS {ident('temp', f'unread_{name}')}")


def rules_of(program: Program) -> Mapping[str, Rule]:
    """The rules of all triggers that have keywords."""
    negations = program.settings.negations
    return {
        name: patterns.rule(name, trigger.keywords, negations)
        for name, trigger in sorted(program.triggers.items())
        if trigger.keywords is not None
    }


def find(con: Connection, settings: Settings, keywords: Keywords, text: str) -> Found | None:
    """What keywords find in one text, as they would in the store. Raises DataError for a pattern that is none."""
    rule = patterns.rule("asked", keywords, settings.negations)
    said = (
        "SELECT 0::UBIGINT AS text, NULL::TIMESTAMP AS changed_at, '' AS key, '' AS who, NULL::TIMESTAMP AS said_at, "
        "'' AS source, $said::VARCHAR AS said"
    )
    with engine.on_data("reading keywords failed", hint="mend the pattern", code="E367"):
        sql = hits_select("", said, [rule], settings.negations)
        row = con.execute(f"SELECT words, snippet FROM ({sql})", {"said": text}).fetchone()
    return Found(*row) if row else None


def _look(work: Work, program: Program, entity: Entity, state: Mapping[str, str]) -> _Texts:
    """Number an entity's texts, unless nothing happened to them, and put those not read into a temporary table."""
    made_from = texts.made_from(program, entity, state)
    how = texts.fingerprint(entity, work.stored)
    found = _Texts(entity, f"{how}:{made_from or ''}")
    before = state.get(_TEXTS + entity.name, "")
    if before.split(":")[0] != how or not work.stored.columns(f"derived.keyword_texts__{entity.name}"):
        return _Texts(entity, found.state, unread=None)
    if made_from is not None and before == found.state:
        return found
    numbered = texts.texts_select(entity, work.stored, with_text=False)
    work.con.execute(
        f"CREATE OR REPLACE TEMP TABLE {ident(f'unread_{entity.name}')} AS SELECT text, changed_at FROM ({numbered}) "
        f"WHERE text NOT IN (SELECT text FROM {found.known})"
    )
    row = work.con.execute(
        f"SELECT count(*), min(changed_at), max(changed_at), (SELECT count(*) FROM {found.known}), "
        f"(SELECT count(*) FROM ({numbered})) FROM {found.new}"
    ).fetchone()
    unread, first, last, known, now = row or (0, None, None, 0, 0)
    between = (first, last) if first is not None else None
    return _Texts(entity, found.state, unread, known + unread - now, between)


def _keep(
    work: Work,
    program: Program,
    rules: Mapping[str, Rule],
    found: Sequence[_Texts],
    state: Mapping[str, str],
    as_of: datetime,
) -> int:
    """Bring hits and numbers up to date in one transaction, if there is anything to do."""
    changed = {name for name, rule in rules.items() if state.get(_RULE + name) != rule.hash}
    wanted = {_RULE + name: rules[name].hash for name in rules} | {
        _TEXTS + each.entity.name: each.state for each in found
    }
    kept = {step: made for step, made in state.items() if step.startswith((_RULE, _TEXTS))}
    if wanted == kept and all(each.unread == 0 and each.gone == 0 for each in found):
        return 0
    con = work.con
    with work.change():
        _make_table(work)
        _forget(work, rules, found, kept)
        read = 0
        for each in found:
            read += _read(work, program, rules, changed, each)
        for step in kept.keys() - wanted.keys():
            con.execute("DELETE FROM meta.steps WHERE step = ?", [step])
        for step, made in wanted.items():
            if kept.get(step) != made:
                store.record_made(con, step, made, engine.naive_utc(as_of))
    return read


def _make_table(work: Work) -> None:
    if work.stored.columns(f"derived.{HITS}") != COLUMNS:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        work.con.execute(f"CREATE OR REPLACE TABLE {ident('derived', HITS)} ({columns})")
        work.reshaped()


def _forget(work: Work, rules: Mapping[str, Rule], found: Sequence[_Texts], kept: Mapping[str, str]) -> None:
    """Take out the hits of rules that are others now, of texts that are gone, and of entities that have none."""
    con, hits = work.con, ident("derived", HITS)
    current = ", ".join(literal(f"{name} {rule.hash}") for name, rule in rules.items()) or "''"
    con.execute(f"DELETE FROM {hits} WHERE trigger || ' ' || patterns NOT IN ({current})")
    whole = [each.entity.name for each in found if each.unread is not None]
    con.execute(f"DELETE FROM {hits} WHERE entity NOT IN ({', '.join(map(literal, whole)) or literal('')})")
    for each in found:
        if each.gone:
            there = f"SELECT text FROM ({texts.texts_select(each.entity, work.stored, with_text=False)})"
            con.execute(f"DELETE FROM {each.known} WHERE text NOT IN ({there})")
            con.execute(f"DELETE FROM {hits} WHERE entity = {literal(each.entity.name)} AND text NOT IN ({there})")
    for step in kept:
        name = step.removeprefix(_TEXTS)
        if step.startswith(_TEXTS) and name not in {each.entity.name for each in found}:
            con.execute(f"DROP TABLE IF EXISTS {ident('derived', f'keyword_texts__{name}')}")
            work.reshaped()


def _read(work: Work, program: Program, rules: Mapping[str, Rule], changed: set[str], each: _Texts) -> int:
    """Read an entity's texts: those that are new by every rule, all of them by a rule that changed; how many."""
    everything = texts.texts_select(each.entity, work.stored)
    numbered = texts.texts_select(each.entity, work.stored, with_text=False)
    if each.unread is None:
        _insert(work, program, each.entity, everything, list(rules.values()))
        work.con.execute(f"CREATE OR REPLACE TABLE {each.known} AS SELECT text FROM ({numbered})")
        work.reshaped()
        return engine.count(work.con, f"FROM {each.known}")
    if changed:
        _insert(work, program, each.entity, everything, [rules[name] for name in sorted(changed)])
    if each.unread:
        unread = f"SELECT * FROM ({everything}) WHERE text IN (SELECT text FROM {each.new})"
        if each.between is not None:  # whole row groups of older texts are passed over by it
            first, last = map(literal, each.between)
            unread += f" AND changed_at BETWEEN {first} AND {last}"
        _insert(work, program, each.entity, unread, [rule for name, rule in rules.items() if name not in changed])
        work.con.execute(f"INSERT INTO {each.known} SELECT text FROM {each.new}")
    return engine.count(work.con, f"FROM {each.known}") if changed else each.unread


def _insert(work: Work, program: Program, entity: Entity, select: str, rules: Sequence[Rule]) -> None:
    if rules:
        sql = hits_select(entity.name, select, rules, program.settings.negations)
        work.con.execute(f"INSERT INTO {ident('derived', HITS)} BY NAME {sql}")
