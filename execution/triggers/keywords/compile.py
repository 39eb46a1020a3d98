"""SQL that reads texts by rules, and SQL that tells what was found of each row of an entity."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.model import Entity, Negation, Trigger
from execution.engine import ident, literal
from execution.measures.stored import Stored, key_columns
from execution.segments.history import key_sql
from execution.triggers.keywords import patterns
from execution.triggers.keywords.patterns import Rule
from execution.triggers.keywords.plain import LIGATURES, PLAIN, STYLED
from execution.triggers.keywords.signs import SPACELESS, UNSEEN

HITS = "keyword_hits"
COLUMNS = {
    "trigger": "VARCHAR", "patterns": "VARCHAR", "entity": "VARCHAR", "text": "UBIGINT", "key": "VARCHAR",
    "who": "VARCHAR", "said_at": "TIMESTAMP", "source": "VARCHAR", "words": "VARCHAR", "snippet": "VARCHAR",
}  # fmt: skip
"""A row for each rule and each text that it finds its words in."""

AROUND = 70
"""Signs of the text that a snippet has on either side of the words."""
_ROOM = 1000
"""Code points that are looked at for them."""

_MARK = "\x01"
_END = "\f"
"""Where a denial ends; white space itself, so that no pattern minds it."""


def hits_select(entity: str, texts: str, rules: Sequence[Rule], negations: Mapping[str, Negation]) -> str:
    """SELECT of a row, as in `COLUMNS`, for each rule and each of the texts that it finds its words in.

    `texts` is a SELECT as of `texts.texts_select`. All in one pass: what has no rule's words is looked at once.
    """
    look = f"SELECT * FROM ({texts}) WHERE {_any('said', patterns.worth_a_look(rules))}"
    read = f"SELECT * EXCLUDE (said), {_with_clauses(_plain('said'), negations)} AS said FROM (\n{look}\n)"
    found = ",\n".join(map(_found, rules))
    told = (
        "SELECT * EXCLUDE (said, found), unnest(found) FROM (\n"
        f"SELECT * EXCLUDE (found), unnest(list_filter([\n{found}\n], lambda x: x IS NOT NULL)) AS found FROM (\n"
        f"SELECT *, NULL AS found FROM (\n{read}\n)))"
    )
    parts = f"SELECT *, string_split(told, {literal(_MARK)}) AS parts FROM (\n{told}\n)"
    first = "list_position(list_transform(parts, lambda x, i: i % 2 = 0 AND x <> ''), true)"
    around = (
        f"SELECT *, {_words('parts[first]')} AS words, array_to_string(parts[:first - 1], '') AS before, "
        f"array_to_string(parts[first + 1:], '') AS after FROM (SELECT *, {first} AS first FROM (\n{parts}\n)) "
        "WHERE first > 0"
    )
    return (
        f"SELECT trigger, patterns, {literal(entity)} AS entity, text, key, who, said_at, source, words, "
        f"{_before('before')} || words || {_after('after')} AS snippet FROM (\n{around}\n)"
    )


def _found(rule: Rule) -> str:
    """The rule's name with the text, its hits between marks; NULL where it has none."""
    has = _any("said", rule.contains) + (f" AND NOT {_any('said', rule.unless)}" if rule.unless else "")
    between = rf"\1\4\7{_MARK}\2\5\8{_MARK}\3\6"
    told = f"regexp_replace(said, {literal(rule.told)}, {literal(between)}, 'g')"
    named = f"'trigger': {literal(rule.trigger)}, 'patterns': {literal(rule.hash)}, 'told': {told}"
    return f"CASE WHEN {has} THEN {{{named}}} END"


def _any(text: str, found: Sequence[str]) -> str:
    return f"({' OR '.join(f'regexp_matches({text}, {literal(pattern)})' for pattern in found) or 'false'})"


def _plain(text: str) -> str:
    """The text as it reads. Our own marks are none in it."""
    joined = rf"([\p{{Latin}}\p{{Greek}}\p{{Cyrillic}}])[{UNSEEN}]+"
    plain = f"nfc_normalize(regexp_replace({text}, {literal(joined)}, '\\1', 'g'))"
    for sign, letters in LIGATURES.items():
        plain = f"replace({plain}, {literal(sign)}, {literal(letters)})"
    plain = f"translate({plain}, {literal(STYLED)}, {literal(PLAIN)})"
    written = f"CASE WHEN regexp_matches({text}, {literal(patterns.ODD)}) THEN {plain} ELSE {text} END"
    return f"translate({written}, {literal(_MARK + _END)}, '  ')"


def _with_clauses(text: str, negations: Mapping[str, Negation]) -> str:
    """The text with a mark wherever a denial ends."""
    ends = patterns.clauses(negations)
    text = f"regexp_replace({text}, {literal(ends.line)}, {literal(_END + chr(92) + '1')}, 'g')"
    text = f"regexp_replace({text}, {literal(ends.after)}, {literal(chr(92) + '1' + _END)}, 'g')"
    return f"regexp_replace({text}, {literal(ends.before)}, {literal(_END + chr(92) + '1')}, 'g')"


def _folded(text: str) -> str:
    return rf"regexp_replace({text}, '[\s\p{{Z}}\p{{Cc}}]+', ' ', 'g')"


def _words(text: str) -> str:
    folded = f"trim({_folded(text)})"
    return f"CASE WHEN length({folded}) > {AROUND} THEN left_grapheme({folded}, {AROUND}) || '…' ELSE {folded} END"


def _before(text: str) -> str:
    """The end of what comes before, from a whole word on. An address has no space, so it is never cut."""
    folded = _folded(f"right({text}, {_ROOM})")
    cut = rf"'…' || ltrim(regexp_replace(right_grapheme({folded}, {AROUND}), '^[^\s{SPACELESS}]*', ''))"
    is_short = f"length({text}) <= {_ROOM} AND length_grapheme({folded}) <= {AROUND}"
    return f"CASE WHEN {is_short} THEN ltrim({folded}) ELSE {cut} END"


def _after(text: str) -> str:
    folded = _folded(f"left({text}, {_ROOM})")
    cut = rf"rtrim(regexp_replace(left_grapheme({folded}, {AROUND}), '[^\s{SPACELESS}]*$', '')) || '…'"
    is_short = f"length({text}) <= {_ROOM} AND length_grapheme({folded}) <= {AROUND}"
    return f"CASE WHEN {is_short} THEN rtrim({folded}) ELSE {cut} END"


def latest_select(program: Program, trigger: Trigger, as_of: datetime, stored: Stored) -> str:
    """SELECT of `key`, `words`, `snippet`, `source` and `said_at`: of each row of the trigger's entity the latest text
    with its words that counts as of a moment."""
    entity, keywords = program.entities[trigger.entity], trigger.keywords
    belongs = _belongs(entity, stored)
    if keywords is None or belongs is None or not stored.columns(f"derived.{HITS}"):
        return (
            "SELECT NULL::VARCHAR AS key, NULL::VARCHAR AS words, NULL::VARCHAR AS snippet, NULL::VARCHAR AS source, "
            "NULL::TIMESTAMP AS said_at WHERE false"
        )
    key, join = belongs
    at = engine.naive_utc(as_of)
    rule = patterns.rule(trigger.name, keywords, program.settings.negations)
    where = [
        f"h.trigger = {literal(trigger.name)}",
        f"h.patterns = {literal(rule.hash)}",
        f"h.said_at <= {literal(at)}",
        f"h.said_at > {literal(at - keywords.within)}",
        f"{key} IS NOT NULL",
    ]
    for column, wanted in (("source", keywords.sources), ("entity", keywords.entities)):
        if wanted:
            where.append(f"h.{column} IN ({', '.join(map(literal, wanted))})")
    return (
        f"SELECT {key} AS key, h.words, h.snippet, h.source, h.said_at\nFROM {ident('derived', HITS)} h{join}\n"
        f"WHERE {' AND '.join(where)}\n"
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY h.said_at DESC, h.entity, h.key, h.text) = 1"
    )


def _belongs(entity: Entity, stored: Stored) -> tuple[str, str] | None:
    """Which row a hit is about: its key, and the join that it takes. None where nothing says.

    A text is about the row it stands in; otherwise about who wrote it, those of that e-mail, and their company.
    """
    keys, table = key_columns(entity), ident("core", entity.name)
    if entity.texts is not None:
        return f"CASE WHEN h.entity = {literal(entity.name)} THEN h.key END", ""
    if entity.key == "email":
        return "h.who", ""
    if entity.key == "domain":
        if "company_domain" not in stored.columns("core.customers"):
            return None
        return "c.company_domain", f"\nJOIN {ident('core', 'customers')} c ON c.email = h.who"
    if "email" in stored.columns(f"core.{entity.name}"):
        return key_sql(keys, "e"), f"\nJOIN {table} e ON e.email = h.who"
    return None
