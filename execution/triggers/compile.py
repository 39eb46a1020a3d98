"""All rules of one entity → one SELECT over its rows with what is known of them: a column says of each rule whether it
holds, and only rows come out of which something has to be said."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from execution.directives import Program, changes
from execution.directives.facts import Fact
from execution.directives.model import Trigger
from execution.engine import ident, literal
from execution.measures.relation import facts_select
from execution.measures.stored import Stored, key_columns
from execution.segments.history import key_sql
from execution.segments.standing import MRR
from execution.triggers.moved import moved
from execution.triggers.past import Past
from execution.triggers.rules import KEY, OF_HITS, Rule, of_hit, rule_of

Hits = Callable[[Program, Trigger, datetime, Stored], str]
"""What gives the SELECT of a rule's hits in texts: `key`, `words`, `snippet`, `source`, `said_at`."""


_HOLDS, _ENDS, _ITEM = ".holds {}", ".ends {}", ".item {}"
"""The columns with the answers of the rule at that place."""


@dataclass(frozen=True, slots=True)
class Fused:
    """The rules of an entity over one `relation`, which has a row for each of its rows; `account` and `worth` are SQL
    over it."""

    rules: tuple[Rule, ...]
    relation: str
    account: str
    worth: str

    def candidates(self, watched: str | None = None) -> str:
        """SELECT of the rows for which some rule holds that may open an alert, and of those whose key is among the
        `watched` (a SELECT of them), with every rule's answers."""
        answers = []
        for number, rule in enumerate(self.rules):
            each = ((_HOLDS, rule.holds), (_ENDS, rule.ends), (_ITEM, rule.item))
            answers += [f"({sql}) AS {ident(column.format(number))}" for column, sql in each if sql is not None]
        wanted = [f"({rule.holds})" for rule in self.rules if rule.trigger.status != "deprecated"]
        wanted += [f"f.{ident(KEY)} IN ({watched})"] if watched else []
        return f"SELECT f.*, {', '.join(answers)}\nFROM (\n{self.relation}\n) f\nWHERE {' OR '.join(wanted) or 'false'}"

    def looked(self, candidates: str, watched: str) -> str:
        """SELECT of a row for each rule and row of which something has to be said: the rule's answers, and what is
        told. `watched` is a relation of the `trigger` and `key` of what is known already.

        Where it is not known which thing of the row a rule is about, nothing is known of the rule.
        """
        return "\nUNION ALL ".join(
            self._of_rule(number, rule, candidates, watched) for number, rule in enumerate(self.rules)
        )

    def _of_rule(self, number: int, rule: Rule, candidates: str, watched: str) -> str:
        name, key = literal(rule.trigger.name), f"f.{ident(KEY)}"
        holds = f"f.{ident(_HOLDS.format(number))}"
        ends = f"f.{ident(_ENDS.format(number))}" if rule.ends else "NULL::BOOLEAN"
        item = "''"
        if rule.item:
            item = f"f.{ident(_ITEM.format(number))}"
            holds, ends = (f"CASE WHEN {item} IS NOT NULL THEN {answer} END" for answer in (holds, ends))
        return (
            f"SELECT {name} AS trigger, {key} AS key, {item} AS item, {holds} AS holds, {ends} AS ends, "
            f"{self.account} AS account, {self.worth} AS worth, {rule.message} AS message, {rule.reason} AS reason "
            f"FROM {candidates} f WHERE {holds} OR {key} IN (SELECT key FROM {watched} WHERE trigger = {name})"
        )


def fuse(
    program: Program, entity_name: str, triggers: Sequence[Trigger], known: Past, stored: Stored, hits: Hits
) -> Fused:
    """The rules of one entity as of a moment. The one parameter of their SQL, if named, is `$as_of`."""
    entity, facts = program.entities[entity_name], program.facts(entity_name)
    key = _as_text(key_sql(key_columns(entity), "e"))
    rules = tuple(rule_of(trigger, facts, number) for number, trigger in enumerate(triggers))
    account = program.routing.account.get(entity_name)
    account = account if account in facts else None
    worth = next((name for name in (program.routing.worth.get(entity_name, MRR),) if name in facts), None)
    names = dict.fromkeys(name for rule in rules for name in rule.names)
    names |= dict.fromkeys(name for name in (account, worth) if name)
    columns, joins = _of_calls(program, facts, rules, known, key)
    for number, rule in enumerate(rules):
        if rule.trigger.keywords is not None:
            sql = hits(program, rule.trigger, known.as_of, stored)
            joins.append(f"LEFT JOIN (\n{sql}\n) k{number} ON k{number}.key = {key}")
            columns += [f"k{number}.{name} AS {of_hit(name, number)}" for name in OF_HITS]
    selected = ", ".join(["e.*", f"{key} AS {ident(KEY)}", *columns])
    rows = facts_select(program, entity, list(names), stored)
    return Fused(
        rules,
        "\n".join([f"SELECT {selected}\nFROM (\n{rows}\n) e", *joins]),
        f"coalesce({_as_text(f'f.{ident(account)}')}, f.{ident(KEY)})" if account else f"f.{ident(KEY)}",
        f"CAST(f.{ident(worth)} AS DECIMAL(18,4))" if worth else "NULL::DECIMAL(18,4)",
    )


def _as_text(value: str) -> str:
    return f"CAST({value} AS VARCHAR)"


def _of_calls(
    program: Program, facts: Mapping[str, Fact], rules: Iterable[Rule], known: Past, key: str
) -> tuple[list[str], list[str]]:
    """The columns that stand for what rules ask of the past, and the joins that give them, each once."""
    columns: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for rule in rules:
        for column, call in rule.calls.items():
            found = moved(program, facts, call, known, rule.trigger.name)
            alias = aliases.setdefault(found.relation, f"m{len(aliases)}") if found.relation else ""
            columns.setdefault(column, f"{found.value.format(m=alias)} AS {ident(column)}")
    joins = [f"LEFT JOIN (\n{relation}\n) {alias} ON {alias}.key = {key}" for relation, alias in aliases.items()]
    return list(columns.values()), joins


def scores_and_segments(program: Program, triggers: Iterable[Trigger]) -> tuple[frozenset[str], frozenset[str]]:
    """The scores and the segments whose past some rule asks about."""
    steps = {
        fact.step
        for trigger in triggers
        for text in trigger.expressions().values()
        for call in changes.parse(text).changes
        for name, fact in program.facts(trigger.entity).items()
        if fact.step is not None and name.lower() == call.of.partition(".")[0].lower()
    }
    scores = frozenset(step.name for step in steps if step.kind == "health")
    return scores, frozenset(step.name for step in steps if step.kind == "segment")
